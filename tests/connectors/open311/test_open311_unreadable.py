"""An answer most of whose requests are faulty is held whole: what it does not tell is no quiet day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from open311_town import RECEIVED_AT, context, delivery, of, request

from connectors.open311.connector import normalise

NAIVE = {"requested_datetime": "2026-11-20T18:30:00"}


def several(count: int, start: int = 0, **fields: Any) -> list[dict[str, Any]]:
    return [request(service_request_id=str(n), **fields) for n in range(start, start + count)]


def test_an_answer_whose_times_lost_their_offset_is_held_and_says_so(tmp_path: Path) -> None:
    tables = of(tmp_path, *several(6, **NAIVE), *several(2, 10))
    (outcome,) = tables.outcomes
    assert (outcome.disposition, outcome.reason) == ("quarantined", "mostly_unreadable")
    assert (outcome.seen_count, outcome.rejected_count, tables.observations.num_rows) == (8, 8, 0)
    (reject,) = tables.rejects.to_pylist()
    assert "6 of 8 requests cannot be read (no_offset)" in reject["detail"]
    assert "offset from UTC" in reject["detail"]


@pytest.mark.parametrize(
    ("faulty", "sound"), [(several(2, **NAIVE), []), (several(5, **NAIVE), several(5, 10)), ([1, None], [])]
)
def test_two_faulty_requests_and_up_to_half_of_an_answer_are_refused_one_by_one(
    faulty: list[Any], sound: list[Any], tmp_path: Path
) -> None:
    tables = of(tmp_path, *faulty, *sound)
    (outcome,) = tables.outcomes
    assert (outcome.disposition, outcome.rejected_count) == ("accepted", len(faulty))
    assert tables.observations.num_rows == len(sound)
    assert all(reject["detail"] for reject in tables.rejects.to_pylist())


def test_requests_that_are_no_matter_of_safety_never_hold_an_answer(tmp_path: Path) -> None:
    tables = of(tmp_path, *several(9, service_code="HAL"), *several(1, 20))
    assert [outcome.disposition for outcome in tables.outcomes] == ["accepted"]


def test_a_held_answer_leaves_those_beside_it_as_they_are_alone(tmp_path: Path) -> None:
    sound = delivery(tmp_path, several(4))
    held = delivery(tmp_path, several(4, **NAIVE), received_at=RECEIVED_AT + timedelta(hours=1))
    alone = normalise([sound], context(), None)
    both = normalise([held, sound], context(), None)
    assert both.observations.equals(alone.observations)
    assert [outcome.disposition for outcome in both.outcomes] == ["accepted", "quarantined"]
