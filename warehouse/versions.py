"""From observations to report versions: what is new, what changed, what was withdrawn, what came back.

A delivery tells what a source says now, over and over. Here the repeats fall away: only an observation that
differs from the report's last one becomes a version. Numbering works on narrow columns and whole tables, so one
night's delivery and ten years of them take the same path.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.connection import connect
from warehouse.contract import INSTANT, NOTE, REPORT_VERSION, refuse_breaches

#: What must be known of each report's last version to number the next: one row per report.
HEAD = pa.schema(
    [
        pa.field("report_id", pa.string(), nullable=False),
        pa.field("version", pa.int32(), nullable=False),
        pa.field("change_kind", pa.string(), nullable=False),
        pa.field("source_hash", pa.string(), nullable=False),
        pa.field("field_fingerprints", pa.string(), nullable=False),
        pa.field("first_seen_at", INSTANT, nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("municipality_code", pa.string()),
        pa.field("county_code", pa.string()),
        pa.field("area_id", pa.string()),
        pa.field("place_id", pa.string()),
        pa.field("occurred_from", INSTANT),
        pa.field("published_at", INSTANT),
    ]
)

# One narrow row per observation and per known head, in the order they were said. Ties are broken to the end:
# two deliveries of one instant by their hash, two records of one delivery by their place in it; a withdrawal
# is worked out after the delivery was read, so it comes last.
_SEQUENCE = """
CREATE TEMP TABLE step AS
WITH said AS (
    SELECT report_id, 0 AS rank, NULL::BIGINT AS row_index, NULL::TIMESTAMPTZ AS ingested_at, '' AS sha,
           0 AS record_number, source_hash, change_kind = 'withdrawn' AS is_withdrawn, FALSE AS is_cancelled,
           version, first_seen_at
    FROM head
    UNION ALL
    SELECT report_id, 1, row_index, ingested_at, delivery_sha256,
           record_number + CASE WHEN observation = 'withdrawn' THEN 1000000000 ELSE 0 END,
           source_hash, observation <> 'seen', observation = 'cancelled', 0, NULL
    FROM narrow
),
compared AS (
    SELECT *,
        lag(source_hash) OVER story AS hash_before,
        lag(is_withdrawn) OVER story AS withdrawn_before,
        coalesce(bool_or(rank = 0 OR is_cancelled OR NOT is_withdrawn) OVER earlier, FALSE) AS is_known
    FROM said
    WINDOW story AS (PARTITION BY report_id ORDER BY rank, ingested_at, sha, record_number, row_index),
        earlier AS (PARTITION BY report_id ORDER BY rank, ingested_at, sha, record_number, row_index
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT report_id, rank, row_index, ingested_at, sha, record_number, version, first_seen_at,
    CASE
        WHEN rank = 0 THEN 'head'
        WHEN is_withdrawn AND is_known AND NOT withdrawn_before THEN 'withdrawn'
        WHEN is_cancelled AND NOT is_known THEN 'withdrawn'  -- cancelled before we heard of it
        WHEN is_withdrawn THEN NULL  -- nothing there to withdraw
        WHEN NOT is_known THEN 'new'
        WHEN withdrawn_before THEN 'returned'
        WHEN source_hash IS DISTINCT FROM hash_before THEN 'changed'
    END AS change_kind
FROM compared
"""

_NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT row_index, report_id, change_kind,
    lag(row_index) OVER story AS index_before,
    (max(version) OVER report + row_number() OVER story
        - max(CASE WHEN rank = 0 THEN 1 ELSE 0 END) OVER report)::INTEGER AS version,
    coalesce(max(first_seen_at) OVER report, min(ingested_at) OVER report) AS first_seen_at
FROM step
WHERE change_kind IS NOT NULL
WINDOW report AS (PARTITION BY report_id),
    story AS (PARTITION BY report_id ORDER BY rank, ingested_at, sha, record_number, row_index)
"""

# What the version before said: an earlier row of this batch, else the known head.
_COMPARED = """
CREATE TEMP TABLE compared AS
WITH pair AS (
    SELECT n.row_index, n.version, n.change_kind, n.first_seen_at, o AS now, coalesce(earlier, known) AS before
    FROM numbered AS n
    JOIN (SELECT row_index, struct_pack({fields}) AS o FROM comparable) USING (row_index)
    LEFT JOIN (SELECT row_index AS index_before, struct_pack({fields}) AS earlier FROM comparable)
        USING (index_before)
    LEFT JOIN (SELECT report_id, struct_pack({fields}) AS known FROM head) USING (report_id)
    WHERE n.change_kind <> 'head'
),
split AS (
    SELECT *, string_split(now.field_fingerprints, ';') AS f_now,
        string_split(before.field_fingerprints, ';') AS f_before
    FROM pair
)
SELECT row_index, version, change_kind, first_seen_at,
    CASE WHEN change_kind IN ('changed', 'returned') THEN array_to_string(
        list_sort(list_distinct(list_transform(
            list_filter(f_now, lambda f: NOT list_contains(f_before, f))
            || list_filter(f_before, lambda f: NOT list_contains(f_now, f)),
            lambda f: string_split(f, '=')[1]))), ',')
    ELSE '' END AS changed_fields,
    coalesce(change_kind IN ('changed', 'returned') AND (
        now.published_at <> before.published_at
        OR (now.category <> before.category)::INTEGER
         + (now.municipality_code IS DISTINCT FROM before.municipality_code
            OR now.county_code IS DISTINCT FROM before.county_code
            OR now.area_id IS DISTINCT FROM before.area_id
            OR now.place_id IS DISTINCT FROM before.place_id)::INTEGER
         + coalesce(abs(epoch(now.occurred_from) - epoch(before.occurred_from)) > 3600, FALSE)::INTEGER >= 2
    ), FALSE) AS is_identity_break
FROM split
"""

#: The connector's word for a record whose text was erased from the landed bytes. It becomes the note's mark and
#: leaves the version's flags, so that a rebuild after an erasure gives the versions it gave before.
TEXT_ERASED = "text_erased"

#: What two versions are compared by.
_COMPARED_FIELDS = (
    "field_fingerprints",
    "published_at",
    "category",
    "municipality_code",
    "county_code",
    "area_id",
    "place_id",
    "occurred_from",
)


@dataclass
class Versioned:
    """New versions (REPORT_VERSION), their notes (NOTE), and per delivery how many records became a version."""

    versions: pa.Table
    notes: pa.Table
    accepted: dict[tuple[str, datetime], int]


def new_versions(observations: pa.Table, head: pa.Table | None = None, noise_fields: Collection[str] = ()) -> Versioned:
    """Number the observations (OBSERVATION) that differ from what was known (HEAD, one row per report).

    A change in ``noise_fields`` only is a version with the flag ``noise_change``. A known key whose publication
    moved, or of whose category, place and time (by more than an hour) two changed at once, gets the flag
    ``identity_break``: the source may have used the key again for something else.
    """
    head = HEAD.empty_table() if head is None else head
    indexed = observations.append_column("row_index", pa.array(np.arange(observations.num_rows)))
    with connect() as con:
        con.register("head", head)
        con.register(
            "narrow",
            indexed.select(
                [
                    "report_id",
                    "row_index",
                    "ingested_at",
                    "delivery_sha256",
                    "record_number",
                    "source_hash",
                    "observation",
                ]
            ),
        )
        con.register("comparable", indexed.select(["row_index", *_COMPARED_FIELDS]))
        con.execute(_SEQUENCE)
        con.execute(_NUMBERED)
        con.execute(_COMPARED.format(fields=", ".join(f"{name} := {name}" for name in _COMPARED_FIELDS)))
        rows = con.sql("SELECT * FROM compared ORDER BY row_index").to_arrow_table()
    taken = indexed.take(rows.column("row_index"))
    versions = _wide(taken, rows, frozenset(noise_fields))
    notes = refuse_breaches(_notes(taken, rows), NOTE)
    return Versioned(refuse_breaches(versions, REPORT_VERSION), notes, _accepted(taken))


def _notes(taken: pa.Table, rows: pa.Table) -> pa.Table:
    """NOTE: the versions that have a note, and those whose text was erased from the landed bytes."""
    erased = pc.match_substring(taken.column("dq_flags"), TEXT_ERASED)
    has_note = pc.is_valid(taken.column("note_public"))
    return pa.table(
        {
            "report_id": taken.column("report_id"),
            "version": rows.column("version"),
            "source_id": taken.column("source_id"),
            "ingested_at": taken.column("ingested_at"),
            "note_public": taken.column("note_public"),
            "is_erased": pc.and_(erased, pc.invert(has_note)),
        }
    ).filter(pc.or_(has_note, erased))


def _wide(taken: pa.Table, rows: pa.Table, noise_fields: frozenset[str]) -> pa.Table:
    """REPORT_VERSION out of the observations that became versions and what the comparison said of them."""
    known: dict[tuple[str, str, bool], str] = {}  # a bulk load has few distinct combinations
    flags = []
    for combination in zip(
        taken.column("dq_flags").to_pylist(),
        rows.column("changed_fields").to_pylist(),
        rows.column("is_identity_break").to_pylist(),
        strict=True,
    ):
        if combination not in known:
            flag, changed, is_break = combination
            words = {*flag.split(","), *_added_flags(changed, is_break, noise_fields)} - {"", TEXT_ERASED}
            known[combination] = ",".join(sorted(words))
        flags.append(known[combination])
    columns = {name: taken.column(name) for name in REPORT_VERSION.names if name in taken.column_names}
    columns |= {name: rows.column(name) for name in ("version", "change_kind", "changed_fields", "first_seen_at")}
    return pa.table(columns | {"dq_flags": pa.array(flags, pa.string())})


def _added_flags(changed_fields: str, is_break: bool, noise_fields: frozenset[str]) -> set[str]:
    flags = {"identity_break"} if is_break else set()
    if changed_fields and noise_fields.issuperset(changed_fields.split(",")):
        flags.add("noise_change")
    return flags


def _accepted(taken: pa.Table) -> dict[tuple[str, datetime], int]:
    seen = taken.filter(pc.not_equal(taken.column("observation"), "withdrawn"))
    keys = ["delivery_sha256", "ingested_at"]
    counts = seen.select(keys).group_by(keys).aggregate([([], "count_all")])
    return {(r["delivery_sha256"], r["ingested_at"]): r["count_all"] for r in counts.to_pylist()}
