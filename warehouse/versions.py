"""From what deliveries say to report versions: what is new, what changed, what was withdrawn, what came back.

A delivery tells what a source says now, over and over. Here the repeats fall away: only a record that differs from
the report's last one becomes a version. Numbering works on numbers (which report, which content, withdrawn or not) and
on whole tables, so one night's delivery and ten years of them take the same path; text is touched only where two
versions are compared or a version is made.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.changes import COMPARED, changed_fields, is_identity_break
from warehouse.codes import Numbers, encoded, filled
from warehouse.contract import (
    CANCELLED,
    CONTENT,
    INSTANT,
    NOTE,
    OBSERVATION_WORDS,
    OF_DELIVERY,
    REPORT_VERSION,
    SEEN,
    WITHDRAWN,
    refuse_breaches,
)

#: What must be known of each report's last version to number the next: one row per report.
HEAD = pa.schema(
    [
        pa.field("report_id", pa.string(), nullable=False),
        pa.field("version", pa.int32(), nullable=False),
        pa.field("change_kind", pa.string(), nullable=False),
        pa.field("source_hash", pa.int64(), nullable=False),
        pa.field("first_seen_at", INSTANT, nullable=False),
        *(field for field in REPORT_VERSION if field.name in COMPARED),
    ]
)

#: The connector's word for a record whose text was erased from the landed bytes. It becomes the note's mark and
#: leaves the version's flags, so that a rebuild after an erasure gives the versions it gave before.
TEXT_ERASED = "text_erased"

#: What a version may be, by number; 0 is no version.
CHANGE_KINDS = ("", "new", "changed", "withdrawn", "returned")
_NONE, _NEW, _CHANGED, _WITHDRAWN, _RETURNED = range(5)


@dataclass
class Versioned:
    """New versions (REPORT_VERSION, text dictionary-encoded where it repeats), their notes (NOTE), and per delivery how
    many records became a version."""

    versions: pa.Table
    notes: pa.Table
    accepted: dict[tuple[str, datetime], int]
    newest: Numbers  # the rows of ``versions`` after which none is of the same report


@dataclass
class _Numbered:
    """The sightings that became versions, in the order they were said."""

    sighting: Numbers
    kind: Numbers
    version: Numbers
    before: Numbers  # the sighting of the version before; -1 - row of the head where that is it
    first_seen_at: Numbers  # microseconds
    is_newest: npt.NDArray[np.bool_]  # of its report


def new_versions(
    contents: pa.Table,
    sightings: pa.Table,
    deliveries: pa.Table,
    head: pa.Table | None = None,
    noise_fields: Collection[str] = (),
    reports: pa.DictionaryArray | None = None,
) -> Versioned:
    """Number the sightings (SIGHTING, of CONTENT in DELIVERED) that differ from what was known (HEAD).

    A change in ``noise_fields`` only is a version with the flag ``noise_change``. A known key whose publication
    moved, or of whose category, place and time (by more than an hour) two changed at once, gets the flag
    ``identity_break``: the source may have used the key again for something else. ``reports`` are the report ids of the
    contents, each once in its dictionary, where somebody has told them apart already. Raises ValueError where a table
    breaks the contract.
    """
    contents = refuse_breaches(contents, CONTENT)
    head = HEAD.empty_table() if head is None else head
    content = np.asarray(sightings.column("content")).astype(np.int64)
    delivery = np.asarray(sightings.column("delivery")).astype(np.int64)
    if reports is None:
        reports = encoded(contents.column("report_id").cast(pa.string()))
    found = _numbered(contents, reports, sightings, deliveries, head, content, delivery)
    now = content[found.sighting]
    before = np.where(found.before >= 0, content[found.before], contents.num_rows - 1 - found.before)
    is_pair = (found.kind == _CHANGED) | (found.kind == _RETURNED)
    pairs = np.flatnonzero(is_pair)
    compared, after_it, before_it = _compared(contents, head, now[pairs], before[pairs])
    changed, words = changed_fields(compared, after_it, before_it)
    is_break = np.zeros(len(now), dtype=bool)
    is_break[pairs] = is_identity_break(compared, after_it, before_it)
    fields = np.zeros(len(now), dtype=np.int64)  # which of ``words`` (the first is none)
    fields[pairs] = changed
    where = delivery[found.sighting]
    what = np.asarray(sightings.column("observed_as"))[found.sighting]
    noise = frozenset(noise_fields)
    versions = _wide(contents, sightings, deliveries, found, now, what, where, fields, words, is_break, noise)
    notes = _notes(contents, versions, now, is_silent=what == WITHDRAWN)
    counted = np.bincount(where[what != WITHDRAWN], minlength=deliveries.num_rows).tolist()
    keys = zip(*(deliveries.column(name).to_pylist() for name in ("delivery_sha256", "ingested_at")), strict=True)
    accepted = {key: count for key, count in zip(keys, counted, strict=True) if count}
    newest = np.flatnonzero(found.is_newest)
    return Versioned(refuse_breaches(versions, REPORT_VERSION), refuse_breaches(notes, NOTE), accepted, newest)


def _compared(contents: pa.Table, head: pa.Table, now: Numbers, before: Numbers) -> tuple[pa.Table, Numbers, Numbers]:
    """What the pairs say (COMPARED), plain, and each pair's two rows in it; ``before`` goes on into the head's rows."""
    rows, at = np.unique(np.concatenate([now, before]), return_inverse=True)
    mine = np.searchsorted(rows, contents.num_rows)
    of_both = ((contents, rows[:mine]), (head, rows[mine:] - contents.num_rows))
    parts = [_plain(table.select(COMPARED).take(pa.array(few))) for table, few in of_both]
    return pa.concat_tables(parts).combine_chunks(), at[: len(now)], at[len(now) :]


def _numbered(
    contents: pa.Table,
    reports: pa.DictionaryArray,
    sightings: pa.Table,
    deliveries: pa.Table,
    head: pa.Table,
    content: Numbers,
    delivery: Numbers,
) -> _Numbered:
    """Walk each report's story, all reports at once, and keep the sightings that tell something new."""
    report = np.asarray(reports.indices).astype(np.int64)[content]
    order = _in_order_said(report, sightings, deliveries, delivery)
    told, what = report[order], np.asarray(sightings.column("observed_as"))[order]
    is_gone, is_cancelled = what != SEEN, what == CANCELLED
    said = np.asarray(contents.column("source_hash"))[content[order]]
    is_first = np.r_[True, told[1:] != told[:-1]] if len(told) else np.zeros(0, dtype=bool)

    row = filled(pc.index_in(reports.dictionary, head.column("report_id").combine_chunks()), -1)  # by report
    has_head = row[told] >= 0
    head_hash = np.append(np.asarray(head.column("source_hash")), 0)
    head_gone = np.append(np.asarray(pc.equal(head.column("change_kind"), "withdrawn")), False)
    head_version = np.append(np.asarray(head.column("version")), 0).astype(np.int64)
    head_seen = np.append(np.asarray(head.column("first_seen_at").cast(pa.int64())), 0)

    hash_before = np.where(is_first, head_hash[row[told]], np.roll(said, 1))
    gone_before = np.where(is_first, head_gone[row[told]], np.roll(is_gone, 1))
    tells = ~is_gone | is_cancelled  # that there is such a report
    earlier = np.cumsum(tells) - tells
    is_known = has_head | (earlier > _at_start(earlier, is_first))
    kind = np.select(
        [
            (is_gone & is_known & ~gone_before) | (is_cancelled & ~is_known),  # cancelled before we heard of it
            is_gone,  # nothing there to withdraw
            ~is_known,
            gone_before,
            said != hash_before,
        ],
        [_WITHDRAWN, _NONE, _NEW, _RETURNED, _CHANGED],
        default=_NONE,
    )
    kept = np.flatnonzero(kind)
    told_kept = told[kept]
    starts = np.r_[True, told_kept[1:] != told_kept[:-1]] if len(kept) else np.zeros(0, dtype=bool)
    place = np.arange(len(kept))
    number = place - _at_start(place, starts) + 1 + head_version[row[told_kept]]
    before = np.where(starts, -1 - row[told_kept], np.roll(order[kept], 1))
    at = np.asarray(deliveries.column("ingested_at").cast(pa.int64()))[delivery[order[kept]]]
    first_seen = np.where(row[told_kept] >= 0, head_seen[row[told_kept]], _at_start(at, starts))
    by_time = np.argsort(order[kept], kind="stable")
    columns = (order[kept], kind[kept], number, before, first_seen, np.roll(starts, -1))
    return _Numbered(*(np.asarray(column)[by_time] for column in columns))


def _in_order_said(report: Numbers, sightings: pa.Table, deliveries: pa.Table, delivery: Numbers) -> Numbers:
    """The sightings report by report, each in the order it was said.

    Ties are broken to the end: two deliveries of one instant by their hash, two records of one delivery by their place
    in it; a withdrawal is worked out after the delivery was read, so it comes last.
    """
    keys = zip(*(deliveries.column(name).to_pylist() for name in ("ingested_at", "delivery_sha256")), strict=True)
    ranks = np.empty(deliveries.num_rows, dtype=np.int64)
    ranks[[place for _, place in sorted((key, place) for place, key in enumerate(keys))]] = np.arange(len(ranks))
    number = np.asarray(sightings.column("record_number")).astype(np.int64)
    number = number + np.where(np.asarray(sightings.column("observed_as")) == WITHDRAWN, 1 << 31, 0)
    said = (ranks[delivery] << 32) + number
    if (said[1:] >= said[:-1]).all():  # as connectors give them
        return np.argsort(report, kind="stable")
    return np.lexsort((said, report))


def _at_start(values: npt.NDArray, starts: npt.NDArray[np.bool_]) -> npt.NDArray:
    """For each row the value at the start of its group; groups lie one after the other."""
    if not len(values):
        return values
    return values[np.flatnonzero(starts)[np.cumsum(starts) - 1]]


def _wide(
    contents: pa.Table,
    sightings: pa.Table,
    deliveries: pa.Table,
    found: _Numbered,
    now: Numbers,
    what: Numbers,
    where: Numbers,
    fields: Numbers,
    words: list[str],
    is_break: npt.NDArray[np.bool_],
    noise_fields: frozenset[str],
) -> pa.Table:
    """REPORT_VERSION: what was said, in which delivery, and what the comparison said of it."""
    take = pa.array(now)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        name: contents.column(name).take(take) for name in CONTENT.names if name in REPORT_VERSION.names
    }
    for name in OF_DELIVERY:
        values = deliveries.column(name)
        is_text = pa.types.is_string(values.type)
        columns[name] = _repeated(values, where) if is_text else values.take(pa.array(where))
    columns |= {
        "record_number": sightings.column("record_number").take(pa.array(found.sighting)),
        "observation": _repeated(pa.array(OBSERVATION_WORDS), what),
        "version": pa.array(found.version.astype(np.int32)),
        "change_kind": _repeated(pa.array(CHANGE_KINDS), found.kind),
        "changed_fields": _repeated(pa.array(words), fields),
        "first_seen_at": pa.array(found.first_seen_at).cast(INSTANT),
        "dq_flags": _flags(columns["dq_flags"], fields, words, is_break, noise_fields),
    }
    return pa.table({name: columns[name] for name in REPORT_VERSION.names})


def _flags(
    said: pa.ChunkedArray,
    fields: Numbers,
    words: list[str],
    is_break: npt.NDArray[np.bool_],
    noise_fields: frozenset[str],
) -> pa.Array:
    """The connector's flags and those of the comparison, worked out once per combination."""
    flags = encoded(said)
    flag = np.asarray(flags.indices).astype(np.int64)
    combination = (flag * len(words) + fields) * 2 + is_break
    distinct, at = np.unique(combination, return_inverse=True)
    texts = []
    for number in distinct.tolist():
        own, changed = flags.dictionary[number // 2 // len(words)].as_py(), words[number // 2 % len(words)]
        added = {"identity_break"} if number % 2 else set()
        if changed and noise_fields.issuperset(changed.split(",")):
            added.add("noise_change")
        texts.append(",".join(sorted({*own.split(","), *added} - {"", TEXT_ERASED})))
    return _repeated(pa.array(texts, pa.string()), at)


def _notes(contents: pa.Table, versions: pa.Table, now: Numbers, *, is_silent: npt.NDArray[np.bool_]) -> pa.Table:
    """NOTE: the versions that have a note, and those whose text was erased from the landed bytes.

    Who falls silent about a report says nothing of it: there is no note then.
    """
    said = contents.select(["note_public", "dq_flags"])
    has_note = np.asarray(pc.is_valid(said.column("note_public")))[now] & ~is_silent
    flags = encoded(said.column("dq_flags"))
    marks = np.asarray(pc.match_substring(flags.dictionary, TEXT_ERASED), dtype=bool)
    is_erased = (marks[np.asarray(flags.indices)] if len(marks) else np.zeros(contents.num_rows, dtype=bool))[now]
    rows = pa.array(np.flatnonzero(has_note | is_erased))
    note = pc.if_else(
        pa.array(has_note).take(rows), said.column("note_public").take(pa.array(now)).take(rows).cast(pa.string()), None
    )
    columns = {name: versions.column(name).take(rows) for name in ("report_id", "version", "source_id", "ingested_at")}
    columns |= {"note_public": note, "is_erased": pa.array(is_erased & ~has_note).take(rows)}
    return pa.table({name: columns[name] for name in NOTE.names})


def _plain(table: pa.Table) -> pa.Table:
    """The table without dictionary-encoding."""
    kinds = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in table.schema]
    return table.cast(pa.schema([pa.field(name, kind) for name, kind in zip(table.column_names, kinds, strict=True)]))


def _repeated(values: pa.Array | pa.ChunkedArray, where: Numbers) -> pa.DictionaryArray:
    """A column of few distinct values, each row by its place among them."""
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    distinct = pc.dictionary_encode(values)  # four hundred deliveries have one sender: one word, not four hundred
    return pa.DictionaryArray.from_arrays(np.asarray(distinct.indices)[where], distinct.dictionary)
