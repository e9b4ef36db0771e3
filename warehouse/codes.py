"""Columns as whole numbers: which rows say the same, told without looking at a text more than once.

Most text here repeats and stays dictionary-encoded: each distinct text is looked at, and the rows follow by number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]

#: As many codes at most are put together in one number.
WIDE = 1 << 62


class Codes(NamedTuple):
    """For each row a number from 0 up to, not including, ``end``: the same where the rows say the same."""

    code: Numbers
    end: int


def encoded(column: pa.ChunkedArray | pa.Array) -> pa.DictionaryArray:
    """The column as one dictionary-encoded array. Where it was one already its dictionary may say a thing twice."""
    found = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    if isinstance(found, pa.ChunkedArray):
        found = found.chunk(0) if found.num_chunks == 1 else _joined(found)
    return found


def _joined(column: pa.ChunkedArray) -> pa.DictionaryArray:
    none = pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), pa.array([], column.type.value_type))
    return pa.concat_arrays(column.unify_dictionaries().chunks or [none])


def codes_of(column: pa.ChunkedArray | pa.Array) -> Codes:
    """The codes of a column of any kind; 0 is NULL."""
    found = encoded(column)
    code = filled(found.indices, -1)
    if not pa.types.is_dictionary(column.type):
        return Codes(code + 1, len(found.dictionary) + 1)
    once = pc.dictionary_encode(found.dictionary)  # it may say a thing twice, or NULL
    own = np.append(filled(once.indices, -1) + 1, 0)  # the last is what -1 finds
    return Codes(own[code], len(once.dictionary) + 1)


def groups_of(columns: Iterable[Codes]) -> tuple[Numbers, Numbers]:
    """(a row of each group, each row's group) of the rows that agree in all ``columns``; at least one column."""
    number, end = Codes(np.zeros(1, dtype=np.int64), 1)
    for code, more in columns:
        if end > WIDE // more:
            number, end = codes_of(pa.array(number))
        number, end = number * more + code, end * more
    group, end = codes_of(pa.array(number))
    row = np.empty(end - 1, dtype=np.int64)  # none is NULL, which is 0
    row[group - 1] = np.arange(len(group))
    return row, group - 1


def says_one_of(column: pa.ChunkedArray | pa.Array, words: Collection[str]) -> npt.NDArray[np.bool_]:
    """Which rows of a column of text say one of the ``words``; NULL says none."""
    if not pa.types.is_dictionary(column.type):
        return np.asarray(pc.is_in(column, value_set=pa.array(list(words))), dtype=bool)
    found = encoded(column)
    says = np.append(np.asarray(pc.is_in(found.dictionary, value_set=pa.array(list(words)))), False)
    return np.asarray(says[filled(found.indices, -1)], dtype=bool)


def filled(numbers: pa.Array | pa.ChunkedArray, value: int) -> Numbers:
    """The whole numbers with ``value`` for NULL."""
    return np.asarray(pc.fill_null(numbers, value) if numbers.null_count else numbers).astype(np.int64)
