"""Which texts a source has withdrawn, and the notes without them.

The police take out names by editing a notice or removing it. The newest text is the only one shown; the older one
is erased from the lake's notes and from the landed bytes when its time is out. That it was there, and when it
went, stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.connection import connect
from warehouse.contract import NOTE

# A text is known by its report and fingerprint. It is withdrawn from the version after the last one that said
# it; a text that came back is not withdrawn.
_WITHDRAWN = """
WITH told AS (
    SELECT report_id, source_key, version, ingested_at, source_id, change_kind,
        nullif(lower(substr(hex(field_fingerprints),
            8 * list_position(string_split(field_names, ','), $field) - 7, 8)), '00000000') AS text_print
    FROM read_parquet($files, hive_partitioning => false)
    WHERE source_id = $source_id
),
text AS (
    SELECT report_id, text_print, max(version) FILTER (change_kind <> 'withdrawn') AS last_version
    FROM told WHERE text_print IS NOT NULL GROUP BY ALL
),
gone AS (
    SELECT t.report_id, t.text_print, after.ingested_at AS withdrawn_at
    FROM text AS t JOIN told AS after ON after.report_id = t.report_id AND after.version = t.last_version + 1
    WHERE after.ingested_at <= $before
)
SELECT t.report_id, t.source_key, t.version, t.source_id, t.ingested_at, t.text_print
FROM told AS t JOIN gone USING (report_id, text_print)
ORDER BY t.report_id, t.version
"""


def withdrawn_texts(version_files: Sequence[Path], source_id: str, field: str, before: datetime) -> pa.Table:
    """The versions of ``source_id`` whose text in the source's ``field`` was withdrawn at or before ``before``.

    Columns report_id, source_key, version, source_id, ingested_at, text_print (8 hex digits).
    """
    with connect() as con:
        return con.execute(
            _WITHDRAWN,
            {"files": [str(p) for p in version_files], "source_id": source_id, "field": field, "before": before},
        ).to_arrow_table()


def erased_notes(withdrawn: pa.Table) -> pa.Table:
    """NOTE rows that say a text stood there and was erased."""
    rows = withdrawn.select(["report_id", "version", "source_id", "ingested_at"])
    count = rows.num_rows
    rows = rows.append_column("note_public", pa.nulls(count, pa.string()))
    return rows.append_column("is_erased", pa.array([True] * count, pa.bool_())).cast(NOTE)


def not_erased(note_files: Sequence[Path], withdrawn: pa.Table) -> pa.Table:
    """Those of ``withdrawn`` whose note is not marked as erased yet."""
    done = [notes.filter(notes.column("is_erased")) for notes in map(_read, note_files)]
    marked = _keys(pa.concat_tables([NOTE.empty_table(), *done]))
    return withdrawn.filter(pc.invert(pc.is_in(_keys(withdrawn), value_set=pc.unique(marked))))


def without(note_file: Path, withdrawn: pa.Table) -> pa.Table | None:
    """The notes of a file save those of the given versions; None where it holds none of them."""
    notes = _read(note_file)
    hit = pc.is_in(_keys(notes), value_set=pc.unique(_keys(withdrawn)))
    return notes.filter(pc.invert(hit)) if pc.any(hit).as_py() else None


def erased_in(note_files: Sequence[Path], standing: Sequence[Path], withdrawn: pa.Table) -> list[Path]:
    """Those files, of older states, that hold a text of one of the withdrawn reports that no longer stands.

    ``standing`` are the note files of the present state. Texts are compared, and not versions: those were numbered
    otherwise before a feed was made anew.
    """
    if not note_files or withdrawn.num_rows == 0:
        return []
    now = pa.concat_tables([NOTE.empty_table(), *(_texts(_read(path), withdrawn) for path in standing)])
    kept = pc.unique(_text_keys(now))
    return [
        path
        for path in note_files
        if not pc.all(pc.is_in(_text_keys(_texts(_read(path), withdrawn)), value_set=kept), min_count=0).as_py()
    ]


def _texts(notes: pa.Table, withdrawn: pa.Table) -> pa.Table:
    of_these = pc.is_in(notes.column("report_id"), value_set=pc.unique(withdrawn.column("report_id")))
    return notes.filter(pc.and_(of_these, pc.is_valid(notes.column("note_public"))))


def _text_keys(notes: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(notes.column("report_id"), notes.column("note_public"), "#")


def _read(note_file: Path) -> pa.Table:
    return pq.read_table(note_file, schema=NOTE, partitioning=None)


def _keys(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table.column("report_id"), table.column("version").cast(pa.string()), "#")
