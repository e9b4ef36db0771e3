"""The records of many deliveries as one table: fields by name, fingerprints of what was sent, keys.

A night's file and ten years of them are the same table, only longer. Work is done once per distinct text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import Column, combined
from connectors.guard_tabular.mapping import CompanyMapping
from connectors.guard_tabular.mapping_faults import FIELDS
from connectors.kit import Delivery, fingerprint, source_key, surely_numbers
from connectors.marks import Marks, fingerprint_columns, marks_of_texts
from connectors.tabular import Tabular, folded

#: Fields that leave no fingerprint: a police case number is so short that its fingerprint could be looked up. For
#: the same reason columns that are dropped (staff numbers, free text) leave none: an edit there is no new version.
UNPRINTED = frozenset({"police_reference"})


@dataclass
class Records:
    """One row per record that a table held. ``fields`` holds trimmed text; blank and missing cells are ''."""

    fields: dict[str, Column[str]]
    delivery: npt.NDArray[np.int64]  # place in the list of deliveries read
    record_number: npt.NDArray[np.int32]
    filled: npt.NDArray[np.int32]  # non-blank cells
    source_key: pa.DictionaryArray
    is_natural_key: npt.NDArray[np.bool_]
    prints: dict[str, pa.Array]  # field_names, field_fingerprints, source_hash

    def __len__(self) -> int:
        return len(self.delivery)

    def is_repeated(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether another of these rows says something else under the same key in the same delivery.

        It may be a correction, or two reports that got one number by a slip; the records cannot tell.
        """
        key = np.asarray(self.source_key.indices).astype(np.int64)[rows]
        report, _ = combined(self.delivery[rows] * len(self.source_key.dictionary) + key)
        again = np.flatnonzero(np.bincount(report, minlength=1)[report] > 1)  # few, and only they are looked at
        answer = np.zeros(len(rows), dtype=bool)
        said = np.asarray(self.prints["source_hash"])[rows[again]]
        _, firsts = combined(report[again], np.unique(said, return_inverse=True)[1])
        answer[again] = np.bincount(report[again][firsts], minlength=1)[report[again]] > 1
        return answer

    def column(self, name: str) -> Column[str]:
        """A field, all '' where the company has none. Two values of it may be the same text."""
        found = self.fields.get(name)
        return Column(np.zeros(len(self), dtype=np.int64), [""]) if found is None else found

    def each(self, name: str, read: Callable[[str], Any], dtype: Any) -> npt.NDArray[Any]:
        """``read`` of each record's field as a numpy column, called once per distinct text."""
        return per_distinct(self.column(name), read, dtype)


def per_distinct(column: Column[str], read: Callable[[str], Any], dtype: Any) -> npt.NDArray[Any]:
    """``read`` of each row's text as a numpy column, called once per distinct text."""
    answers = np.empty(len(column.values), dtype=dtype)
    for place, text in enumerate(column.values):
        answers[place] = read(text)
    return answers[column.codes]


def stack(tables: Sequence[tuple[Delivery, Tabular]], mapping: CompanyMapping) -> Records:
    """The records of all tables, in order of delivery and file."""
    parts = []
    for _, table in tables:
        headers = {header: name for name, header in table.fields.items()}
        names = [name for name in table.columns.column_names if name in headers]
        parts.append(table.columns.select(names).rename_columns([headers[name] for name in names]))
    raw = pa.concat_tables(parts, promote_options="default").combine_chunks()
    lengths = [len(table.columns) for _, table in tables]
    delivery = np.repeat(np.arange(len(tables)), lengths)
    fields, marks = dict[str, Column[str]](), dict[str, Marks]()
    for name in raw.column_names:
        encoded = pc.dictionary_encode(_whole(raw, name))
        texts = encoded.dictionary
        codes = np.asarray(pc.fill_null(encoded.indices, len(texts))).astype(np.int64)
        if name in FIELDS:
            fields[name] = Column(
                codes, [*pc.utf8_trim_whitespace(texts).to_pylist(), ""]
            )  # the last is a missing cell
        if name not in UNPRINTED:
            marks[name] = marks_of_texts([*texts.to_pylist(), None])[codes]
    records = Records(
        fields=fields,
        delivery=delivery,
        record_number=np.concatenate([table.record_numbers for _, table in tables]),
        filled=np.concatenate([table.filled_counts for _, table in tables]),
        source_key=pc.dictionary_encode(pa.nulls(len(delivery), pa.string())),
        is_natural_key=np.zeros(len(delivery), dtype=bool),
        prints=fingerprint_columns(marks, len(delivery)),
    )
    records.source_key, records.is_natural_key = _keys(records, mapping)
    return records


def _whole(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], pa.string())])


def _keys(records: Records, mapping: CompanyMapping) -> tuple[pa.DictionaryArray, npt.NDArray[np.bool_]]:
    """Each record's key, and whether it had to be made from its fields because the company gave none.

    A made key is a fingerprint over the identifying fields and the record's number among equal ones in its
    delivery, so the same record gets the same key in the next delivery too.
    """
    given = records.column("id")
    written = pa.array(given.values, pa.string())
    words = mapping.id_placeholders
    # What is surely a number is its own key, and its folding is its lower case: no look at each of them is needed.
    is_plain = surely_numbers(written) & (not words.beginnings)
    is_blank = is_plain & np.asarray(pc.is_in(pc.ascii_lower(written), pa.array(sorted(words.exact), pa.string())))
    keys = list(given.values)
    for place in np.flatnonzero(~is_plain).tolist():
        text = keys[place]
        is_blank[place] = not text or words.holds(text)
        keys[place] = source_key(text) if text else ""
    is_missing = is_blank[given.codes]
    codes = given.codes.copy()
    rows = np.flatnonzero(is_missing)
    parts = [records.column(name).of_rows(rows) for name in sorted(mapping.natural_key)]
    seen: dict[tuple[int, str], int] = {}
    for index, row in enumerate(rows.tolist()):
        text = "\x1f".join(folded(part[index]) for part in parts)
        number = seen.get((int(records.delivery[row]), text), 0) + 1
        seen[(int(records.delivery[row]), text)] = number
        codes[row] = len(keys)
        keys.append(f"n{fingerprint(text, 16)}" + (f"-{number}" if number > 1 else ""))
    distinct = pc.dictionary_encode(pa.array(keys, pa.string()))  # two spellings may be one key
    where = np.asarray(distinct.indices)[codes]
    return pa.DictionaryArray.from_arrays(pa.array(where), distinct.dictionary), is_missing
