"""A hidden count stays hidden: held against every table that would print the same."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.publish.hiding import bounds, hide_small, with_sums

LIMIT = 5
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(st.integers(0, 6), st.integers(0, 60)), min_size=width, max_size=width),
        min_size=1,
        max_size=5,
    )
)


@given(TABLES)
@settings(max_examples=40, deadline=None)
def test_what_is_printed_is_true_and_no_small_count_is(counts: list[list[int]]) -> None:
    whole = with_sums(counts)
    printed = hide_small(counts, LIMIT)
    for row, told in zip(whole, printed, strict=True):
        for n, shown in zip(row, told, strict=True):
            assert shown is None or shown == n >= LIMIT


@given(TABLES)
@settings(max_examples=40, deadline=None)
def test_no_hidden_cell_can_be_worked_out_and_each_small_one_could_be_anything_under_the_limit(
    counts: list[list[int]],
) -> None:
    whole = with_sums(counts)
    printed = hide_small(counts, LIMIT)
    for i, row in enumerate(printed):
        for j, shown in enumerate(row):
            if shown is None:
                low, high = bounds(printed, (i, j))
                assert high is None or high > low
                assert low <= whole[i][j] and (high is None or whole[i][j] <= high)
                if whole[i][j] < LIMIT:
                    assert low == 0 and (high is None or high >= LIMIT)


@pytest.mark.parametrize("counts", [[[0, 5], [5, 0]], [[1, 4], [4, 1]], [[2, 3], [5, 0]], [[0, 5], [5, 5]]])
def test_the_bounds_are_those_found_by_trying_every_table(counts: list[list[int]]) -> None:
    """The same question answered without linear programming: all tables of 2 × 2 that print the same."""
    printed = hide_small(counts, LIMIT)
    most = sum(map(sum, counts))
    assert printed[-1][-1] == most  # so that no cell can be more, and the tables tried are all there are
    tables = (with_sums([[a, b], [c, d]]) for a, b, c, d in product(range(most + 1), repeat=4))
    fitting = [
        table
        for table in tables
        if all(
            shown is None or shown == n
            for row, told in zip(table, printed, strict=True)
            for n, shown in zip(row, told, strict=True)
        )
    ]
    for i, row in enumerate(printed):
        for j, shown in enumerate(row):
            if shown is None:
                found = {table[i][j] for table in fitting}
                assert len(found) > 1 and (min(found), max(found)) == bounds(printed, (i, j))


def test_what_every_column_is_known_to_hold_at_least_is_counted_on() -> None:
    """A column is named only where it holds five: who knows that must not get further with it."""
    printed = [[None, None, 12], [7, 8, 15], [None, None, 27]]
    assert bounds(printed, (0, 0)) == (0, 12)
    assert bounds([[None, None, 5], [None, None, 5], [None, None, 10]], (0, 0), least=5) == (0, 5)
    assert bounds([[None, 6], [None, None]], (0, 0), least=5) == (6, 6)
    assert bounds([[None, None], [None, None]], (0, 0), least=5) == (5, None)
    for n in range(LIMIT):
        hidden = hide_small([[n, 9], [LIMIT - n, 9]], LIMIT, least=LIMIT)
        assert bounds(hidden, (0, 0), least=LIMIT)[0] == 0, hidden


def test_one_small_cell_takes_others_with_it_but_no_sum_where_cells_do() -> None:
    printed = hide_small([[2, 30, 40], [20, 25, 60], [50, 70, 80]], LIMIT)
    assert sum(n is None for row in printed for n in row) == 4
    assert None not in printed[-1] and all(row[-1] is not None for row in printed)


def test_a_table_of_large_counts_is_printed_whole() -> None:
    assert hide_small([[10, 20], [30, 40]], LIMIT) == [[10, 20, 30], [30, 40, 70], [40, 60, 100]]


def test_a_table_of_small_counts_prints_nothing_that_tells_them() -> None:
    printed = hide_small([[1, 0], [0, 2]], LIMIT)
    assert all(n is None for row in printed for n in row)


@pytest.mark.parametrize("counts", [[], [[]], [[1, 2], [3]], [[1, -1]]])
def test_what_is_no_table_of_counts_is_refused(counts: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="must be a table"):
        hide_small(counts, LIMIT)
