"""Columns of distinct values give back every row's own value, whatever JSON holds."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.columns import Column, column_of, combined, hashed

texts = st.text(alphabet="ab \u0000å", max_size=3)
numbers = st.sampled_from([0, 1, 17]) | st.sampled_from([0.0, -0.0, 1.0, 58.9])
values = (
    st.none() | st.booleans() | texts | st.sampled_from(["1", "true", "[0]"]) | numbers | st.lists(numbers, max_size=2)
)
lists = (
    st.lists(st.none() | texts) | st.lists(st.none() | st.sampled_from([0.0, -0.0, 1.0])) | st.lists(values, max_size=9)
)


@settings(deadline=None)
@given(lists)
def test_each_row_of_a_column_holds_the_value_given_and_each_value_stands_once(given_values: list[Any]) -> None:
    column = column_of(given_values)
    assert repr(column.of_rows(np.arange(len(given_values)))) == repr(given_values)
    assert len(column.values) == len(set(map(repr, given_values)))


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 2**30)), max_size=12))
def test_rows_share_a_combination_only_where_all_their_parts_are_equal(rows: list[tuple[int, bool, int]]) -> None:
    parts = [np.array([row[place] for row in rows], dtype=kind) for place, kind in enumerate((int, bool, int))]
    codes, firsts = combined(*parts)
    met = list(dict.fromkeys(rows))
    assert codes.tolist() == [met.index(row) for row in rows]
    assert firsts.tolist() == [rows.index(row) for row in met]


def test_a_missing_text_is_a_null_that_arrow_counts() -> None:
    array = Column(np.array([1, 0, 1, 2]), ["a", None, "b"]).array()
    assert (array.to_pylist(), array.null_count) == ([None, "a", None, "b"], 2)


@given(st.lists(st.none() | st.tuples(texts, texts)))
def test_equal_values_are_one_in_the_order_met(given_values: list[Any]) -> None:
    column = hashed(given_values)
    assert column.of_rows(np.arange(len(given_values))) == given_values
    assert column.values == list(dict.fromkeys(given_values))
