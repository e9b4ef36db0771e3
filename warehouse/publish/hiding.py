"""Hiding small counts so that nobody can work them out again from what is left.

A table of counts is printed with its sums. A cell under the limit is hidden; with one hidden cell in a row the row's
sum gives it away, so others are hidden with it, and a sum too where the cells alone do not do. Whether a hidden cell is
safe is not a matter of counting them: it is asked of the linear programme that an attacker would solve.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog

Cell = tuple[int, int]


def with_sums(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the table with a last column and a last row of sums, the corner being the sum of all."""
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def hide_small(counts: Sequence[Sequence[int]], limit: int, least: int = 0) -> list[list[int | None]]:
    """Return the table of whole, non-negative ``counts`` with its sums, and None for every hidden cell.

    Every cell and sum under ``limit`` is hidden, nought as well, and as many others as it takes that from all that is
    printed, and from knowing that no count is negative, each cell under the limit could still be anything from 0 to
    ``limit``, and no hidden cell can be worked out. ``least`` is what everybody knows that each column sums to at
    least. Deterministic. Raises ValueError for a table that is empty or ragged, or holds a negative count.
    """
    if (
        not counts
        or not counts[0]
        or len({len(row) for row in counts}) != 1
        or any(n < 0 for row in counts for n in row)
    ):
        raise ValueError("the counts must be a table of at least one row and column, none of them negative")
    table = with_sums(counts)
    hidden = {(i, j) for i, row in enumerate(table) for j, n in enumerate(row) if n < limit}
    small = frozenset(hidden)
    _pair_up(table, hidden)
    safe: set[Cell] = set()
    while exposed := _first_exposed(table, hidden, small, limit, least, safe):
        hidden.add(_cheapest(table, hidden, exposed))
    return [[None if (i, j) in hidden else n for j, n in enumerate(row)] for i, row in enumerate(table)]


def bounds(table: Sequence[Sequence[int | None]], cell: Cell, least: int = 0) -> tuple[int, int | None]:
    """Return the least and the most that a hidden ``cell`` of a printed table can be; None for no upper end.

    ``table`` has its sums and ``least`` its meaning as in :func:`hide_small`. The matrix is that of a transport
    problem, so the linear programme's ends are whole numbers that some whole table reaches.
    """
    low, high = _ends(_equations(table, least), len(table), len(table[0]), cell)
    return low, high


def _pair_up(table: list[list[int]], hidden: set[Cell]) -> None:
    """The usual first step, cheap: no row and no column with a single hidden cell."""
    while True:
        for line in _lines(table):
            inside = [cell for cell in line if cell in hidden]
            if len(inside) == 1:
                hidden.add(_cheapest(table, hidden, inside[0], [line]))
                break
        else:
            return


def _lines(table: list[list[int]]) -> list[list[Cell]]:
    height, width = len(table), len(table[0])
    return [[(i, j) for j in range(width)] for i in range(height)] + [
        [(i, j) for i in range(height)] for j in range(width)
    ]


def _cheapest(table: list[list[int]], hidden: set[Cell], exposed: Cell, lines: list[list[Cell]] | None = None) -> Cell:
    """The cell whose hiding costs least of those in line with ``exposed``, else of all: no sum if it can be helped."""
    height, width = len(table), len(table[0])
    lines = lines or [line for line in _lines(table) if exposed in line]
    near = [cell for line in lines for cell in line if cell not in hidden]
    free = near or [(i, j) for i in range(height) for j in range(width) if (i, j) not in hidden]
    return min(free, key=lambda c: ((c[0] == height - 1) + (c[1] == width - 1), table[c[0]][c[1]], c))


def _first_exposed(
    table: list[list[int]], hidden: set[Cell], small: frozenset[Cell], limit: int, least: int, safe: set[Cell]
) -> Cell | None:
    """The first cell that what is printed gives away. Those before it are noted as ``safe``, and not asked of again.

    To hide another cell leaves the attacker no less to choose from: what was safe stays so.
    """
    printed = [[None if (i, j) in hidden else n for j, n in enumerate(row)] for i, row in enumerate(table)]
    if all(n is None for row in printed for n in row):
        return None
    equations = _equations(printed, least)
    for cell in sorted(hidden - safe):
        low, high = _ends(equations, len(table), len(table[0]), cell)
        if cell in small and (low > 0 or (high is not None and high < limit)):
            return cell
        if high is not None and high == low:
            return cell
        safe.add(cell)
    return None


def _equations(
    table: Sequence[Sequence[int | None]], least: int
) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int | None]]]:
    """All that is known: every row and column adds up to its sum, what is printed is what it is, and what a column's
    sum is at least."""
    height, width = len(table), len(table[0])
    rows = []
    for i in range(height):
        line = np.zeros((height, width))
        line[i, :-1], line[i, -1] = 1, -1
        rows.append(line.ravel())
    for j in range(width):
        line = np.zeros((height, width))
        line[:-1, j], line[-1, j] = 1, -1
        rows.append(line.ravel())
    known: list[tuple[int, int | None]] = [
        (n, n) if n is not None else (least if i == height - 1 and j < width - 1 else 0, None)
        for i, row in enumerate(table)
        for j, n in enumerate(row)
    ]
    return np.array(rows), np.zeros(len(rows)), known


def _ends(
    equations: tuple[np.ndarray, np.ndarray, list[tuple[int, int | None]]], height: int, width: int, cell: Cell
) -> tuple[int, int | None]:
    matrix, right, known = equations
    aim = np.zeros(height * width)
    aim[cell[0] * width + cell[1]] = 1
    low = linprog(aim, A_eq=matrix, b_eq=right, bounds=known, method="highs")
    high = linprog(-aim, A_eq=matrix, b_eq=right, bounds=known, method="highs")
    if low.status != 0:
        raise ValueError("the printed table does not add up")
    return round(low.fun), None if high.status == 3 else round(-high.fun)
