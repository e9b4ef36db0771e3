"""Requests by their fields, a column at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import numpy as np

from connectors.columns import Column, column_of


@dataclass
class Form:
    """The records that have the same fields in the same order; ``rows`` says which they are."""

    names: tuple[str, ...]
    rows: list[int] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    _columns: dict[str, Column[Any]] = field(default_factory=dict)

    def column(self, name: str) -> Column[Any]:
        if name not in self._columns:
            self._columns[name] = column_of(list(map(itemgetter(name), self.records)))
        return self._columns[name]


class Records:
    """Records by their fields. What is no object has no field."""

    def __init__(self, records: Sequence[Any]) -> None:
        self.is_object = np.array([isinstance(record, dict) for record in records], dtype=bool)
        forms: dict[tuple[str, ...], Form] = {}
        for row, record in enumerate(records):
            if isinstance(record, dict):
                names = tuple(record)
                if (form := forms.get(names)) is None:
                    form = forms[names] = Form(names)
                form.rows.append(row)
                form.records.append(record)
        self.forms = list(forms.values())
        self._columns: dict[str, Column[Any]] = {}

    def __len__(self) -> int:
        return len(self.is_object)

    def column(self, name: str) -> Column[Any]:
        """The field of all records, None where a record has none."""
        if name not in self._columns:
            self._columns[name] = self._column(name)
        return self._columns[name]

    def _column(self, name: str) -> Column[Any]:
        having = [form for form in self.forms if name in form.names]
        if len(having) == 1 and len(having[0].rows) == len(self):
            return having[0].column(name)
        values: list[Any] = [None] * len(self)
        for form in having:
            for row, record in zip(form.rows, form.records, strict=True):
                values[row] = record[name]
        return column_of(values)
