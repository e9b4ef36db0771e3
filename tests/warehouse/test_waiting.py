"""What waits for its files is the newest of what each report said, whichever chunk said it."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from tests.warehouse.rows import ZONE, Town, local
from warehouse import waiting
from warehouse.contract import REPORT_VERSION
from warehouse.report_keys import keys_of
from warehouse.waiting import Waiting, months_of, within


def versions(*told: tuple[str, int, datetime, datetime]) -> pa.Table:
    """A version of each (report, version, received, first seen)."""
    town = Town()
    for key, version, at, first in told:
        town.report(key, first, version=version, ingested_at=at, first_seen_at=first)
    return pa.Table.from_pylist(town.lake["report_version"], REPORT_VERSION)


@pytest.fixture
def two_chunks() -> Waiting:
    one = versions(("a", 1, local(80), local(80)), ("b", 1, local(70), local(70)), ("c", 1, local(60), local(60)))
    two = versions(("d", 1, local(50), local(50)), ("b", 2, local(40), local(70)), ("e", 1, local(69), local(69)))
    return Waiting(ZONE).with_also(one).with_also(two)


def said(table: pa.Table) -> list[tuple[str, int]]:
    return [(row["report_id"].removeprefix("guard_a:"), row["version"]) for row in table.to_pylist()]


def test_a_report_that_two_chunks_tell_of_is_taken_once_as_its_higher_version_says(two_chunks: Waiting) -> None:
    assert [said(part) for part in two_chunks.taken()] == [[("a", 1), ("c", 1)], [("b", 2), ("e", 1), ("d", 1)]]


def test_reports_of_a_month_come_in_order_of_first_sight_from_all_chunks(two_chunks: Waiting) -> None:
    parts = two_chunks.taken()
    months = [months_of(part) for part in parts]
    every = within(parts, months, min(map(min, months)), max(map(max, months)))
    assert said(every) == [("a", 1), ("b", 2), ("e", 1), ("c", 1), ("d", 1)]


def test_the_last_version_of_those_asked_for_is_told_and_of_no_others(two_chunks: Waiting) -> None:
    asked = np.sort(keys_of(pa.array([f"guard_a:{key}" for key in ("b", "c", "unheard")])))
    assert sorted(said(two_chunks.last(asked))) == [("b", 2), ("c", 1)]
    assert two_chunks.last(asked[:0]).num_rows == 0


def test_two_reports_that_share_a_number_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "keys_of", lambda ids: np.full(len(ids), 7, dtype=np.uint64))
    both = [Waiting(ZONE)]
    for key in ("a", "b"):
        both.append(both[-1].with_also(versions((key, 1, local(80), local(80)))))
    assert [said(part) for part in both[-1].taken()] == [[("a", 1)], [("b", 1)]]


def test_it_is_full_at_so_many_reports_and_empty_when_it_was_written(
    two_chunks: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not two_chunks.is_full
    monkeypatch.setattr(waiting, "MOST", 6)
    assert two_chunks.is_full
    assert not two_chunks.emptied().is_full and two_chunks.emptied().taken() == []
