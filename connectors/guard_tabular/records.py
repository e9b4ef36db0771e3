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

from connectors.columns import combined
from connectors.guard_tabular.mapping import CompanyMapping
from connectors.guard_tabular.mapping_faults import FIELDS
from connectors.kit import Delivery, fingerprint, source_key
from connectors.marks import fingerprint_columns, marks_of
from connectors.tabular import Tabular, folded

#: Fields that leave no fingerprint: a police case number is so short that its fingerprint could be looked up. For
#: the same reason columns that are dropped (staff numbers, free text) leave none: an edit there is no new version.
UNPRINTED = frozenset({"police_reference"})


@dataclass
class Records:
    """One row per record that a table held. ``fields`` holds trimmed text; blank and missing cells are ''."""

    fields: dict[str, pa.Array]
    delivery: npt.NDArray[np.int64]  # place in the list of deliveries read
    record_number: npt.NDArray[np.int32]
    filled: npt.NDArray[np.int32]  # non-blank cells
    source_key: pa.Array
    is_natural_key: npt.NDArray[np.bool_]
    prints: dict[str, pa.Array]  # field_names, field_fingerprints, source_hash

    def __len__(self) -> int:
        return len(self.delivery)

    def is_repeated(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether another of these rows says something else under the same key in the same delivery.

        It may be a correction, or two reports that got one number by a slip; the records cannot tell.
        """
        key, said = (
            np.asarray(pc.dictionary_encode(column).indices).astype(np.int64)[rows]
            for column in (self.source_key, self.prints["source_hash"])
        )
        report, _ = combined(self.delivery[rows], key)
        _, firsts = combined(report, said)
        return np.bincount(report[firsts], minlength=1)[report] > 1

    def text(self, name: str) -> pa.Array:
        """The column of a field, all '' where the company has none."""
        return self.fields.get(name, pa.repeat(pa.scalar("", pa.string()), len(self)))


def distinct(column: pa.Array) -> tuple[list[str], npt.NDArray[np.int64]]:
    """(distinct texts, each row's place among them) of a column without NULL."""
    encoded = pc.dictionary_encode(column)
    return encoded.dictionary.to_pylist(), np.asarray(encoded.indices, dtype=np.int64)


def per_distinct(column: pa.Array, read: Callable[[str], Any], dtype: Any) -> npt.NDArray[Any]:
    """``read`` of each row's text as a numpy column, called once per distinct text."""
    texts, codes = distinct(column)
    answers = np.empty(len(texts), dtype=dtype)
    for place, text in enumerate(texts):
        answers[place] = read(text)
    return answers[codes]


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
    fields = {
        name: pc.utf8_trim_whitespace(pc.fill_null(_whole(raw, name), ""))
        for name in raw.column_names
        if name in FIELDS
    }
    printed = [name for name in raw.column_names if name not in UNPRINTED]
    records = Records(
        fields=fields,
        delivery=delivery,
        record_number=np.concatenate([table.record_numbers for _, table in tables]),
        filled=np.concatenate([table.filled_counts for _, table in tables]),
        source_key=pa.nulls(len(delivery), pa.string()),
        is_natural_key=np.zeros(len(delivery), dtype=bool),
        prints=fingerprint_columns({name: marks_of(_whole(raw, name)) for name in printed}, len(delivery)),
    )
    records.source_key, records.is_natural_key = _keys(records, mapping)
    return records


def _whole(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], pa.string())])


def _keys(records: Records, mapping: CompanyMapping) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Each record's key, and whether it had to be made from its fields because the company gave none.

    A made key is a fingerprint over the identifying fields and the record's number among equal ones in its
    delivery, so the same record gets the same key in the next delivery too.
    """
    given = records.text("id")
    is_missing = per_distinct(given, lambda text: not text or mapping.id_placeholders.holds(text), np.bool_)
    keys = per_distinct(given, lambda text: source_key(text) if text else "", object)
    rows = np.flatnonzero(is_missing)
    parts = [records.text(name).take(pa.array(rows)).to_pylist() for name in sorted(mapping.natural_key)]
    seen: dict[tuple[int, str], int] = {}
    for index, row in enumerate(rows.tolist()):
        text = "\x1f".join(folded(part[index]) for part in parts)
        number = seen.get((int(records.delivery[row]), text), 0) + 1
        seen[(int(records.delivery[row]), text)] = number
        keys[row] = f"n{fingerprint(text, 16)}" + (f"-{number}" if number > 1 else "")
    return pa.array(keys, pa.string()), is_missing
