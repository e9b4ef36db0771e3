"""What is told of reports, and of the deliveries they came in: one schema a table."""

from __future__ import annotations

import pyarrow as pa

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
