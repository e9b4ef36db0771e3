"""The columns a connector may deliver, and the tables the lake keeps.

This is the allow-list: a field leaves the landing zone only if it is named here. Each column's unit and
meaning stands once, in ``columns.csv`` beside this file; a test holds the two together.

Times are UTC instants in microseconds. Lists are comma-joined, sorted text, so that any reader of Parquet
can use them. Unknown is NULL.
"""

from __future__ import annotations

import pyarrow as pa

#: Raised when a column is added, removed or changes meaning; written into the manifest.
CONTRACT_VERSION = 2

INSTANT = pa.timestamp("us", tz="UTC")

#: What the connectors deliver: one row per record seen in a delivery.
OBSERVATION = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("source_key", pa.string(), nullable=False),
        pa.field("report_id", pa.string(), nullable=False),
        pa.field("owner_org", pa.string(), nullable=False),
        pa.field("delivery_sha256", pa.string(), nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("ingested_at", INSTANT, nullable=False),
        pa.field("record_number", pa.int32(), nullable=False),
        pa.field("observation", pa.string(), nullable=False),
        pa.field("source_hash", pa.int64(), nullable=False),
        pa.field("field_names", pa.string(), nullable=False),
        pa.field("field_fingerprints", pa.binary(), nullable=False),
        pa.field("occurred_from", INSTANT),
        pa.field("occurred_until", INSTANT),
        pa.field("occurred_precision", pa.string(), nullable=False),
        pa.field("occurred_is_ambiguous", pa.bool_(), nullable=False),
        pa.field("reported_at", INSTANT),
        pa.field("published_at", INSTANT),
        pa.field("category", pa.string(), nullable=False),
        pa.field("category_source", pa.string()),
        pa.field("observation_type", pa.string(), nullable=False),
        pa.field("counts_as", pa.string(), nullable=False),
        pa.field("severity_default", pa.int8(), nullable=False),
        pa.field("place_id", pa.string()),
        pa.field("place_text", pa.string()),
        pa.field("place_type", pa.string()),
        pa.field("publicness", pa.string()),
        pa.field("area_id", pa.string()),
        pa.field("municipality_code", pa.string()),
        pa.field("county_code", pa.string()),
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
        pa.field("location_precision", pa.string(), nullable=False),
        pa.field("location_method", pa.string(), nullable=False),
        pa.field("note_public", pa.string()),
        pa.field("action_taken", pa.string()),
        pa.field("police_informed", pa.bool_()),
        pa.field("quantity", pa.int32()),
        pa.field("status", pa.string()),
        pa.field("closed_at", INSTANT),
        pa.field("pii_flags", pa.string(), nullable=False),
        pa.field("is_person_sensitive", pa.bool_(), nullable=False),
        pa.field("tlp", pa.string(), nullable=False),
        pa.field("dq_flags", pa.string(), nullable=False),
        pa.field("retain_until", pa.date32(), nullable=False),
    ]
)

#: What an observation takes from the delivery it stood in, and from its place there; the rest is what the record says.
OF_DELIVERY = ("source_id", "owner_org", "delivery_sha256", "run_id", "ingested_at", "tlp", "retain_until")
OF_SIGHTING = ("record_number", "observation")

#: One row per thing said: a feed says most things many times over, and each is worked out once.
CONTENT = pa.schema([field for field in OBSERVATION if field.name not in (*OF_DELIVERY, *OF_SIGHTING)])

#: One row per delivery that was accepted, in the order sightings name them.
DELIVERED = pa.schema([field for field in OBSERVATION if field.name in OF_DELIVERY])

#: One row per record seen: which content, in which delivery (rows counted from 0), and as what: 0 seen, 1 withdrawn (by
#: the feed's silence about it), 2 cancelled (by its word).
SIGHTING = pa.schema(
    [
        pa.field("content", pa.int32(), nullable=False),
        pa.field("delivery", pa.int32(), nullable=False),
        pa.field("record_number", pa.int32(), nullable=False),
        pa.field("observed_as", pa.int8(), nullable=False),
    ]
)
SEEN, WITHDRAWN, CANCELLED = 0, 1, 2
OBSERVATION_WORDS = ("seen", "withdrawn", "cancelled")

#: One row per report version: an observation that differed from the one before it, and what it was.
#: The note stands in a table of its own, so that a withdrawn text can be erased without touching history.
REPORT_VERSION = pa.schema(
    [field for field in OBSERVATION if field.name != "note_public"]
    + [
        pa.field("version", pa.int32(), nullable=False),
        pa.field("change_kind", pa.string(), nullable=False),
        pa.field("changed_fields", pa.string(), nullable=False),
        pa.field("first_seen_at", INSTANT, nullable=False),
    ]
)

NOTE = pa.schema(
    [
        pa.field("report_id", pa.string(), nullable=False),
        pa.field("version", pa.int32(), nullable=False),
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("ingested_at", INSTANT, nullable=False),
        pa.field("note_public", pa.string()),
        pa.field("is_erased", pa.bool_(), nullable=False),
    ]
)

#: One row per refused record, or one for a whole delivery in quarantine (then record_number is NULL).
REJECT = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("delivery_sha256", pa.string(), nullable=False),
        pa.field("ingested_at", INSTANT, nullable=False),
        pa.field("record_number", pa.int32()),
        pa.field("record_count", pa.int32(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("field", pa.string()),
        pa.field("detail", pa.string()),
    ]
)

#: One row per thing noticed in a delivery that did not stop a record: a new field, an unmapped word.
NOTICE = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("delivery_sha256", pa.string(), nullable=False),
        pa.field("ingested_at", INSTANT, nullable=False),
        pa.field("notice", pa.string(), nullable=False),
        pa.field("field", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("record_count", pa.int32(), nullable=False),
        pa.field("first_record_number", pa.int32()),
    ]
)

#: One row per delivery that was read: what became of its records. seen = accepted + rejected + duplicate.
DELIVERY = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("delivery_sha256", pa.string(), nullable=False),
        pa.field("ingested_at", INSTANT, nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("disposition", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("seen_count", pa.int32(), nullable=False),
        pa.field("accepted_count", pa.int32(), nullable=False),
        pa.field("rejected_count", pa.int32(), nullable=False),
        pa.field("duplicate_count", pa.int32(), nullable=False),
        pa.field("covers_from", INSTANT),
        pa.field("covers_until", INSTANT),
        pa.field("newest_event_at", INSTANT),
    ]
)

#: One row when a report's presence in its source's window changes (leaving at the tail is not a deletion).
PRESENCE = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("report_id", pa.string(), nullable=False),
        pa.field("delivery_sha256", pa.string(), nullable=False),
        pa.field("ingested_at", INSTANT, nullable=False),
        pa.field("presence", pa.string(), nullable=False),
        pa.field("last_seen_at", INSTANT),
    ]
)

#: What every row of a register says of itself, whatever the register: an entry's version, as a report's.
_ENTRY = [
    pa.field("entry_id", pa.string(), nullable=False),
    pa.field("source_id", pa.string(), nullable=False),
    pa.field("source_key", pa.string(), nullable=False),
    pa.field("owner_org", pa.string(), nullable=False),
    pa.field("delivery_sha256", pa.string(), nullable=False),
    pa.field("run_id", pa.string(), nullable=False),
    pa.field("ingested_at", INSTANT, nullable=False),
    pa.field("record_number", pa.int32(), nullable=False),
    pa.field("pii_flags", pa.string(), nullable=False),
    pa.field("dq_flags", pa.string(), nullable=False),
    pa.field("tlp", pa.string(), nullable=False),
    pa.field("retain_until", pa.date32(), nullable=False),
]
_ENTRY_VERSION = [
    pa.field("version", pa.int32(), nullable=False),
    pa.field("change_kind", pa.string(), nullable=False),
    pa.field("changed_fields", pa.string(), nullable=False),
    pa.field("first_seen_at", INSTANT, nullable=False),
]
_TEXT, _DAY, _COUNT = pa.string(), pa.date32(), pa.int32()

#: The registers, and what an entry of each may say. Person-free: who does a thing is an organisation or a role of the
#: municipality's own list (``*_id``), and a text has passed the second wall. Clock times are local, HH:MM.
REGISTER_COLUMNS: dict[str, tuple[tuple[str, pa.DataType], ...]] = {
    "insats": (
        ("problem", _TEXT), ("insats_type", _TEXT), ("category", _TEXT), ("place_id", _TEXT), ("area_id", _TEXT),
        ("focus_area", _TEXT), ("owner_id", _TEXT), ("decided_day", _DAY), ("start_day", _DAY), ("stop_day", _DAY),
        ("weekdays", _TEXT), ("clock_from", _TEXT), ("clock_until", _TEXT), ("dose_unit", _TEXT),
        ("planned_dose", _COUNT), ("done_dose", _COUNT), ("goal", _TEXT), ("indicator", _TEXT),
        ("insats_status", _TEXT), ("outcome", _TEXT),
    ),
    "planned_event": (
        ("title", _TEXT), ("event_type", _TEXT), ("place_id", _TEXT), ("area_id", _TEXT), ("start_day", _DAY),
        ("stop_day", _DAY), ("clock_from", _TEXT), ("clock_until", _TEXT), ("visitor_count", _COUNT),
        ("owner_id", _TEXT), ("plan_status", _TEXT),
    ),
    "school_holiday": (("title", _TEXT), ("start_day", _DAY), ("stop_day", _DAY)),
    "resource": (
        ("owner_id", _TEXT), ("resource_type", _TEXT), ("unit_count", _COUNT), ("place_id", _TEXT), ("area_id", _TEXT),
        ("start_day", _DAY), ("stop_day", _DAY), ("weekdays", _TEXT), ("clock_from", _TEXT), ("clock_until", _TEXT),
    ),
    "safety_walk": (
        ("walk_day", _DAY), ("place_id", _TEXT), ("area_id", _TEXT), ("category", _TEXT), ("finding", _TEXT),
        ("measure", _TEXT), ("owner_id", _TEXT), ("due_day", _DAY), ("measure_status", _TEXT),
    ),
    "assessment": (
        ("assessment_type", _TEXT), ("area_id", _TEXT), ("question", _TEXT), ("owner_id", _TEXT), ("asked_id", _TEXT),
        ("due_day", _DAY), ("question_status", _TEXT), ("set_status", _TEXT), ("reason_text", _TEXT),
        ("start_day", _DAY), ("stop_day", _DAY),
    ),
    # What is out: told whole by every answer, so that one that is no more told has ended or was cancelled.
    "weather_warning": (
        ("event_code", _TEXT), ("event_sv", _TEXT), ("event_en", _TEXT), ("warning_level", _TEXT),
        ("warned_area_sv", _TEXT), ("warned_area_en", _TEXT), ("reach", _TEXT), ("area_ids", _TEXT),
        ("warned_from", INSTANT), ("warned_until", INSTANT), ("published_at", INSTANT), ("is_test", pa.bool_()),
    ),
    "public_alert": (
        ("incident_key", _TEXT), ("message_type", _TEXT), ("alert_status", _TEXT), ("alert_severity", _TEXT),
        ("alert_topic", _TEXT), ("alert_advice", _TEXT), ("warned_area_sv", _TEXT), ("reach", _TEXT),
        ("area_codes", _TEXT), ("sent_at", INSTANT), ("expires_at", INSTANT), ("refers_to", _TEXT),
    ),
}  # fmt: skip


def register_said(register: str) -> pa.Schema:
    """What a connector delivers of one register: a row per entry told."""
    return pa.schema([*_ENTRY, *(pa.field(*column) for column in REGISTER_COLUMNS[register])])


#: What the lake keeps of each: one row per entry version, an entry told that differed from the one before it.
REGISTERS: dict[str, pa.Schema] = {
    name: pa.schema([*register_said(name), *_ENTRY_VERSION]) for name in REGISTER_COLUMNS
}

#: The lake's tables by name.
LAKE_TABLES: dict[str, pa.Schema] = {
    "report_version": REPORT_VERSION,
    "note": NOTE,
    "reject": REJECT,
    "notice": NOTICE,
    "delivery": DELIVERY,
    "presence": PRESENCE,
    **REGISTERS,
}

#: The words a column may hold. A value outside its list is a fault in the connector, not in the delivery.
ALLOWED: dict[str, frozenset[str]] = {
    # seen: a record says so; cancelled: a record says it never was, or is no more; withdrawn: no record says so any
    # more, which the connector concludes from its absence (it is then no record of the delivery and is not counted).
    "observation": frozenset({"seen", "cancelled", "withdrawn"}),
    "change_kind": frozenset({"new", "changed", "withdrawn", "returned"}),
    "occurred_precision": frozenset({"minute", "hour", "interval", "day", "unknown"}),
    "observation_type": frozenset(
        {"police_notice", "guard_report", "guard_activity", "municipal_request", "safety_walk", "register"}
    ),
    "counts_as": frozenset({"incident", "activity", "context", "perception", "meta"}),
    "publicness": frozenset({"public", "semi_public", "private"}),
    # punkt: the source gave a point and the place is public; plats: a named place; then the honest coarser steps.
    "location_precision": frozenset({"punkt", "plats", "omrade", "kommun", "lan", "okand"}),
    "location_method": frozenset(
        {"source_point", "gazetteer_exact", "gazetteer_folded", "gazetteer_fuzzy", "area_name", "title", "none"}
    ),
    "status": frozenset({"open", "closed", "unknown"}),
    "tlp": frozenset({"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}),
    "disposition": frozenset({"accepted", "quarantined"}),
    "presence": frozenset({"left_tail", "vanished", "returned"}),
    "insats_type": frozenset({"situationell", "social", "kontroll", "information"}),
    "insats_status": frozenset({"planerad", "pagar", "klar", "ej_genomford", "avbruten"}),
    "dose_unit": frozenset({"pass", "timme", "besok", "samtal", "atgard"}),
    "event_type": frozenset({"idrott", "konsert", "marknad", "demonstration", "skola", "hogtid", "annat"}),
    "plan_status": frozenset({"planerad", "installd"}),
    "resource_type": frozenset({"polis", "ordningsvakt", "vaktare", "falt", "vard", "annat"}),
    "measure_status": frozenset({"ny", "pagar", "klar", "avskriven"}),
    "assessment_type": frozenset({"fraga", "omradesstatus"}),
    "question_status": frozenset({"oppen", "besvarad", "avskriven"}),
    "set_status": frozenset({"gron", "gul", "orange", "rod"}),
    "warning_level": frozenset({"meddelande", "gul", "orange", "rod"}),
    # Whom a warning is for, seen from the municipality: itself, its whole county, the whole country, or others.
    "reach": frozenset({"kommun", "lan", "riket", "annat"}),
    "message_type": frozenset({"alert", "update", "cancel"}),
    "alert_status": frozenset({"actual", "exercise", "test", "system", "draft"}),
    "alert_severity": frozenset({"extreme", "severe", "moderate", "minor", "unknown"}),
    "alert_topic": frozenset({"brand", "explosion", "gas", "vapen", "vatten", "oversvamning", "skred", "storning"}),
}


def refuse_breaches(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return ``table`` in ``schema``'s column order and types; a column of text may stay dictionary-encoded.

    Raises ValueError naming every breach: a missing or unknown column, a NULL in a required column, a value
    outside ``ALLOWED``. The message holds column names, counts and allowed words, never a value.
    """
    import pyarrow.compute as pc

    faults = []
    have, want = set(table.column_names), set(schema.names)
    if missing := sorted(want - have):
        faults.append(f"columns missing: {', '.join(missing)}")
    if unknown := sorted(have - want):
        faults.append(f"columns not in the contract: {', '.join(unknown)}")
    if faults:
        raise ValueError("contract breach: " + "; ".join(faults))
    columns, kinds = [], []
    for field in schema:
        column = table.column(field.name)
        is_encoded = pa.types.is_dictionary(column.type) and column.type.value_type == field.type
        kinds.append(field.with_type(column.type) if is_encoded else field)
        columns.append(column if is_encoded or column.type == field.type else column.cast(field.type))
        if not field.nullable and column.null_count:
            faults.append(f"{field.name}: {column.null_count} rows are NULL in a required column")
        if field.name in ALLOWED and len(column):
            words = sorted(ALLOWED[field.name])
            if is_encoded and _holds_no_other(column, words):
                continue
            known = pc.or_(pc.is_in(columns[-1], pa.array(words)), pc.is_null(column))
            wrong = pc.sum(pc.invert(known)).as_py() or 0
            if wrong:
                faults.append(f"{field.name}: {wrong} rows outside the allowed words ({', '.join(words)})")
    if faults:
        raise ValueError("contract breach: " + "; ".join(faults))
    return pa.Table.from_arrays(columns, schema=pa.schema(kinds))


def _holds_no_other(column: pa.ChunkedArray, words: list[str]) -> bool:
    """Whether all texts of a dictionary-encoded column are among ``words``; it may hold some that no row has."""
    return all(set(chunk.dictionary.to_pylist()) <= {*words, None} for chunk in column.chunks)
