"""Requests by their fields, a column at a time. Each answer's records are taken apart as soon as they are parsed, while
they are in the processor's caches: over all answers at once each field of each record was a walk through memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.columns import Codes, Column, array_of, column_of, encoded
from connectors.open311.fields import REPEATING, repeats_another, text_of

#: Values of one field of some records: Arrow's where they are all texts or all floats.
Part: TypeAlias = pa.Array | list[Any]


@dataclass
class Form:
    """The records that have the same fields in the same order."""

    names: tuple[str, ...]
    _rows: list[Codes] = field(default_factory=list)
    _parts: dict[str, list[Part]] = field(default_factory=dict)
    _columns: dict[str, Column[Any]] = field(default_factory=dict)

    def add(self, rows: Codes, records: Sequence[dict[str, Any]]) -> None:
        """More records of this form, and which rows they are."""
        self._rows.append(rows)
        for name in self.names:
            values = list(map(itemgetter(name), records))
            array = array_of(values)
            self._parts.setdefault(name, []).append(values if array is None else array)

    def add_table(self, rows: Codes, table: pa.Table) -> None:
        """``add`` of records that are columns already."""
        self._rows.append(rows)
        for name in self.names:
            self._parts.setdefault(name, []).append(table.column(name).combine_chunks())

    @property
    def rows(self) -> Codes:
        """Which rows the form's records are."""
        return np.concatenate(self._rows)

    def part(self, name: str) -> Part:
        """The field of all the form's records."""
        parts = self._parts[name]
        types = {part.type if isinstance(part, pa.Array) else None for part in parts}
        if len(types) > 1 or None in types:
            whole = list(chain.from_iterable(_listed(part) for part in parts))
            array = array_of(whole)  # texts, and then nothing but nulls
            parts = [whole if array is None else array]
        elif len(parts) > 1:
            parts = [pa.concat_arrays(parts)]
        self._parts[name] = parts
        return parts[0]

    def column(self, name: str) -> Column[Any]:
        """The field of all the form's records as a column."""
        if name not in self._columns:
            self._columns[name] = _column(self.part(name))
        return self._columns[name]


class Records:
    """Records by their fields. What is no object has no field."""

    def __init__(self) -> None:
        self.lengths: list[int] = []  # of each answer
        self._forms: dict[tuple[str, ...], Form] = {}
        self._is_object: list[npt.NDArray[np.bool_]] = []
        self._repeating: list[int] = []
        self._columns: dict[str, Column[Any]] = {}
        self._count = 0

    def add(self, records: Sequence[Any] | pa.Table) -> None:
        """The records of one more answer, as parsed or as columns."""
        if isinstance(records, pa.Table):
            self._add_table(records)
            return
        is_object = np.array([isinstance(record, dict) for record in records], dtype=bool)
        rows = self._count + np.flatnonzero(is_object)
        objects = [record for record in records if isinstance(record, dict)]
        named = list(map(tuple, objects))
        if len(set(named)) == 1:  # as most sources have it
            self._add(named[0], rows, objects)
        else:
            of_form: dict[tuple[str, ...], list[int]] = {}
            for place, names in enumerate(named):
                of_form.setdefault(names, []).append(place)
            for names, places in of_form.items():
                self._add(names, rows[places], [objects[place] for place in places])
        self._is_object.append(is_object)
        self.lengths.append(len(records))
        self._count += len(records)

    def _add_table(self, table: pa.Table) -> None:
        names = tuple(table.column_names)
        rows = self._count + np.arange(table.num_rows)
        self._form(names).add_table(rows, table)
        self._is_object.append(np.ones(table.num_rows, dtype=bool))
        self.lengths.append(table.num_rows)
        self._count += table.num_rows
        if not REPEATING.isdisjoint(names):
            self._look_for_repeating(rows, table.to_pylist())

    def _form(self, names: tuple[str, ...]) -> Form:
        return self._forms.setdefault(names, Form(names))

    def _add(self, names: tuple[str, ...], rows: Codes, objects: Sequence[dict[str, Any]]) -> None:
        self._form(names).add(rows, objects)
        if not REPEATING.isdisjoint(names):
            self._look_for_repeating(rows, objects)

    def _look_for_repeating(self, rows: Codes, objects: Sequence[dict[str, Any]]) -> None:
        for row, record in zip(rows.tolist(), objects, strict=True):
            if repeats_another(record, str(text_of(record.get("service_request_id")))):
                self._repeating.append(row)

    def __len__(self) -> int:
        return self._count

    @property
    def forms(self) -> list[Form]:
        return list(self._forms.values())

    @property
    def is_object(self) -> npt.NDArray[np.bool_]:
        return np.concatenate([np.zeros(0, dtype=bool), *self._is_object])

    @property
    def repeating(self) -> npt.NDArray[np.bool_]:
        """Which records say that they repeat another."""
        answer = np.zeros(len(self), dtype=bool)
        answer[self._repeating] = True
        return answer

    def column(self, name: str) -> Column[Any]:
        """The field of all records, None where a record has none."""
        if name not in self._columns:
            self._columns[name] = self._column(name)
        return self._columns[name]

    def first_of(self, names: Sequence[str]) -> Column[Any]:
        """Of each record the first of these fields that it has a value in."""
        here = [name for name in names if any(name in form.names for form in self.forms)]
        columns = [self.column(name) for name in here or names[:1]]
        if len(columns) == 1:
            return columns[0]
        told = zip(*(column.of_rows(np.arange(len(self))) for column in columns), strict=True)
        return column_of([next((value for value in values if value not in (None, "")), None) for values in told])

    def _column(self, name: str) -> Column[Any]:
        having = [form for form in self.forms if name in form.names]
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(form.rows for form in having)])
        if len(having) == 1 and len(rows) == len(self):
            return having[0].column(name)
        without = np.setdiff1d(np.arange(len(self)), rows)
        parts = [form.part(name) for form in having]
        where = np.empty(len(self), dtype=np.int64)
        where[np.concatenate([rows, without])] = np.arange(len(self))
        arrays = [part for part in parts if isinstance(part, pa.Array)]
        if parts and len(arrays) == len(parts) and len({array.type for array in arrays}) == 1:
            return encoded(pa.concat_arrays([*arrays, pa.nulls(len(without), arrays[0].type)]).take(pa.array(where)))
        values = [*chain.from_iterable(map(_listed, parts)), *[None] * len(without)]
        return column_of([values[place] for place in where.tolist()])


def _listed(part: Part) -> list[Any]:
    return part.to_pylist() if isinstance(part, pa.Array) else part


def _column(part: Part) -> Column[Any]:
    return encoded(part) if isinstance(part, pa.Array) else column_of(part)
