"""What is told of registers (planned events, insatser, warnings): the columns of an entry, register by register."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contract.reports import INSTANT

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
