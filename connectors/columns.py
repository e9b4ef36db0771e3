"""Records → columns, each a list of the different values that stand in it and where each of them stands.

A feed says the same few thousand words in millions of records. What a word means is worked out once a word; only
numbers are then moved about, in NumPy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int64]
Value = TypeVar("Value")
Answer = TypeVar("Answer", bound=Hashable)

_NO = type(None)


@dataclass(frozen=True)
class Column(Generic[Value]):
    """Row n holds ``values[codes[n]]``. ``values`` may hold some that no row has."""

    codes: Codes
    values: list[Value]

    def each(self, meaning: Callable[[Value], Answer]) -> Column[Answer]:
        """The column of what ``meaning`` answers, asked once a value; every answer stands once in its values."""
        codes: dict[Answer, int] = {}
        where = [codes.setdefault(answer, len(codes)) for answer in map(meaning, self.values)]
        return Column(np.array(where, dtype=np.int64)[self.codes], list(codes))

    def told(self, meaning: Callable[[Value], Any]) -> list[Any]:
        """What ``meaning`` answers of each of the values."""
        return list(map(meaning, self.values))

    def rows(self, rows: Codes) -> Column[Value]:
        return Column(self.codes[rows], self.values)

    def of_rows(self, rows: Codes) -> list[Value]:
        """The values of these rows."""
        return [self.values[code] for code in self.codes[rows].tolist()]

    def array(self) -> pa.DictionaryArray:
        """The column as Arrow's dictionary-encoded text. NULL is a missing index: in the dictionary it would be seen by
        nobody who counts NULLs."""
        is_none = np.array([value is None for value in self.values], dtype=bool)
        shown = np.cumsum(~is_none) - 1
        where = pa.array(shown[self.codes].astype(np.int32), mask=is_none[self.codes])
        return pa.DictionaryArray.from_arrays(
            where, pa.array([value for value in self.values if value is not None], pa.string())
        )

    def numbers(self: Column[int | None]) -> pa.Array:
        """The column as whole numbers of 32 bits, NULL where a value is None."""
        return pa.array(self.values, pa.int32()).take(pa.array(self.codes))


def spread(table: pa.Table, where: Codes) -> dict[str, pa.Array]:
    """The rows of a small table at ``where``, by column; text is dictionary-encoded and moved about as numbers."""
    rows = pa.array(where)
    columns = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if pa.types.is_string(column.type):
            encoded = pc.dictionary_encode(column)
            columns[name] = pa.DictionaryArray.from_arrays(encoded.indices.take(rows), encoded.dictionary)
        else:
            columns[name] = column.take(rows)
    return columns


def hashed(values: Iterable[Value]) -> Column[Value]:
    """Any values that can be hashed as a column; equal ones are one value."""
    codes: dict[Value, int] = {}
    where = [codes.setdefault(value, len(codes)) for value in values]
    return Column(np.array(where, dtype=np.int64), list(codes))


def column_of(values: Sequence[Any]) -> Column[Any]:
    """Any JSON values as a column. 1, 1.0, "1" and true are four values, 0.0 and -0.0 two."""
    if (array := array_of(values)) is not None:
        return encoded(array)
    codes: dict[Any, int] = {}
    once: list[Any] = []
    where: list[int] = []
    for value in values:
        key = value if value is None or type(value) is str else (type(value), json.dumps(value, sort_keys=True))
        if (code := codes.setdefault(key, len(once))) == len(once):
            once.append(value)
        where.append(code)
    return Column(np.array(where, dtype=np.int64), once)


def array_of(values: Sequence[Any]) -> pa.Array | None:
    """The values as Arrow's texts, or as its numbers where they are floats; None where they are neither."""
    if len(values) and type(values[0]) in (str, _NO):
        with suppress(pa.ArrowTypeError, pa.ArrowInvalid):  # as soon as one is neither text nor none
            return pa.array(values, pa.string())
    return pa.array(values, pa.float64()) if {float, _NO}.issuperset(map(type, values)) else None


def encoded(array: pa.Array) -> Column[Any]:
    """An array of texts or of floats as a column; 0.0 and -0.0 are two values."""
    is_text = pa.types.is_string(array.type)
    told = pc.dictionary_encode(array if is_text else array.view(pa.int64()))
    values = told.dictionary.view(array.type).to_numpy(zero_copy_only=False).tolist()
    if not array.null_count:
        return Column(np.asarray(told.indices).astype(np.int64), values)
    codes = np.asarray(pc.fill_null(told.indices, len(values))).astype(np.int64)
    return Column(codes, [*values, None])


def combined(*parts: npt.NDArray[Any]) -> tuple[Codes, Codes]:
    """(each row's combination of the parts, counted from 0; the first row that has each combination).

    The parts are columns of numbers ≥ 0, or of truths, all of one length. Combinations are counted in the order met.
    """
    codes = np.zeros(len(parts[0]), dtype=np.int64)
    for part in parts:
        numbers = part.astype(np.int64)
        both = codes * (int(numbers.max(initial=0)) + 1) + numbers
        codes = np.asarray(pc.dictionary_encode(pa.array(both)).indices).astype(np.int64)
    first = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes, first
