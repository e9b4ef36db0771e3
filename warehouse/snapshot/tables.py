"""What the analysts' snapshot is made of: its schemas, its tables, what is left out of them."""

from __future__ import annotations

import pyarrow as pa

from warehouse.contract import INSTANT, REGISTERS

#: The schemas an analyst sees, and what of the build each is made of.
SCHEMAS = ("core", "picture", "reference", "quality")

#: Columns with somebody's own words in them, in whatever table, and titles that quote them: they stay in the build.
#: ``detail`` holds the fingerprint of an unknown word, and a short word is found from its own by trial.
TEXTS = frozenset(
    {
        "note_public", "detail", "problem", "goal", "indicator", "outcome", "finding", "measure", "question",
        "question_sv", "question_en", "reason_text", "title", "task_sv", "task_en", "why_sv", "why_en",
        "ahead.title_sv", "ahead.title_en", "week_ahead.title_sv", "week_ahead.title_en",
    }
)  # fmt: skip

#: Made anew below over all years, or a copy of part of core.report.
LEFT_OUT = ("recent_report", "incident")

#: Tables of the whole history: no index, it would cost more than all the rest.
LONG = ("report", "report_version", "presence")

#: Stage and landing tables that tell how the feeds are, under the names analysts see.
QUALITY = {
    "delivery": "stage.delivery",
    "attempt": "stage.attempt",
    "reject": "landed.reject",
    "notice": "landed.notice",
    "presence": "landed.presence",
}
QUALITY |= {register: f"landed.{register}" for register in REGISTERS}
QUALITY_GRAIN = {
    **{register: f"One row per version of an entry of the register {register}." for register in REGISTERS},
    "delivery": "One row per delivery read by the moment, and the run and program that read it last.",
    "attempt": "One row per try to hear a source by the moment.",
    "reject": "One row per refused record, or delivery refused whole.",
    "notice": "One row per thing noticed in a delivery that stopped no record.",
    "presence": "One row when a report leaves or returns to its source's window.",
    "provenance": "One row per snapshot: from what and by what it was made, and who may read it.",
    "lake_state": "One row per commit to the lake, also of states long let go: the run and program that made it.",
}

#: The build's own stands for the calendar's weeks, the snapshot's for all years.
INCIDENT_GRAIN = "One row per incident of all years that counts: one report of one comparable source."

#: The sheet's numbers of registers are titled with the register's own words.
QUOTED_TITLES = """UPDATE picture.query SET title_sv = 'Avsnitt ' || section, title_en = 'Section ' || section
WHERE section IN (3, 7, 8, 9, 10, 11)"""

PROVENANCE = pa.schema(
    [
        pa.field("run_id", pa.string()),
        pa.field("lake_state_number", pa.int32()),
        pa.field("manifest_sha256", pa.string()),
        pa.field("code_version", pa.string()),
        pa.field("picture_hash", pa.string()),
    ]
)
#: Every commit to the lake still known of (warehouse/commits.py), and which deliveries of which source it read: those
#: after one place in their order up to another.
LAKE_STATE = pa.schema(
    [
        pa.field("lake_state_number", pa.int32()),
        pa.field("written_at", INSTANT),
        pa.field("run_id", pa.string()),
        pa.field("code_version", pa.string()),
        pa.field("what", pa.string()),
        pa.field("source_id", pa.string()),
        pa.field("after_at", INSTANT),
        pa.field("after_sha256", pa.string()),
        pa.field("until_at", INSTANT),
        pa.field("until_sha256", pa.string()),
    ]
)
