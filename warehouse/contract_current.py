"""The tables kept ready beside the lake's history (current.py): part of the contract, and never the truth."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contract import INSTANT, REPORT_VERSION

#: One row per report, as its newest version says, withdrawn ones too. Kept beside the history (current.py) and never
#: the truth: it follows from report_version, and what is left out here is found there by report_id and version.
REPORT = pa.schema(
    [
        *(
            REPORT_VERSION.field(name)
            for name in (
                "report_id", "version", "change_kind", "source_id", "owner_org", "observation_type", "counts_as",
                "category", "severity_default", "occurred_from", "occurred_until", "occurred_precision", "reported_at",
                "published_at", "first_seen_at", "ingested_at", "place_id", "place_text", "place_type", "publicness",
                "area_id", "municipality_code", "county_code", "latitude", "longitude", "location_precision",
                "location_method", "action_taken", "police_informed", "quantity", "status", "closed_at",
                "is_person_sensitive", "tlp", "dq_flags",
            )
        ),
        pa.field("local_day", pa.date32()),
        pa.field("local_hour", pa.int32()),
        pa.field("local_weekday", pa.int32()),
    ]
)  # fmt: skip

#: Sums over the reports of REPORT that stand, by local day: every count that is held against a year is a sum of these.
REPORT_DAY = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("local_day", pa.date32(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("counts_as", pa.string(), nullable=False),
        pa.field("severity_default", pa.int8(), nullable=False),
        pa.field("area_id", pa.string()),
        pa.field("municipality_code", pa.string()),
        pa.field("report_count", pa.int32(), nullable=False),
    ]
)

#: Sums over REPORT, a part of its file each: what a morning must know of all years. ahead_event_at names the event
#: where it was told of before it was to happen: such a report is counted among the newest only when its time has come.
REPORT_TOTAL = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("first_seen_months", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("area_id", pa.string()),
        pa.field("open_place_id", pa.string()),
        pa.field("tlp", pa.string(), nullable=False),
        pa.field("is_standing", pa.bool_(), nullable=False),
        pa.field("ahead_event_at", INSTANT),
        pa.field("report_count", pa.int32(), nullable=False),
        pa.field("first_event_at", INSTANT),
        pa.field("last_event_at", INSTANT),
        pa.field("last_ingested_at", INSTANT, nullable=False),
    ]
)

#: The tables kept ready beside the history, by name; report_key is no table but sorted numbers (report_keys.py).
CURRENT_TABLES: dict[str, pa.Schema] = {
    "report": REPORT,
    "report_day": REPORT_DAY,
    "report_total": REPORT_TOTAL,
}
REPORT_KEY = "report_key"
