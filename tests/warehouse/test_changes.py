"""Telling apart what changed in many records at once is what telling each apart by itself gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.changes import _distinct_rows


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 17).flatmap(lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width))))
def test_distinct_rows_come_in_order_and_say_where_each_row_stands(many: list[list[bool]]) -> None:
    width = len(many[0]) if many else 3
    table = np.array(many, dtype=bool).reshape(len(many), width)
    distinct, at = _distinct_rows(table)
    assert distinct.tolist() == sorted(map(list, set(map(tuple, many))))
    assert distinct[at].tolist() == many
