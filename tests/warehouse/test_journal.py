"""What a line of the journal says of the ones before it."""

from __future__ import annotations

import pytest

from warehouse.journal import stood_for


@pytest.mark.parametrize(
    ("erasures", "expected"),
    [
        ({}, ["a"]),
        ({"b": "c"}, ["a"]),
        ({"a": "b", "b": "c"}, ["a", "b", "c"]),  # erased twice: what was put in its place held a text too
        ({"a": "b", "b": "a"}, ["a", "b"]),  # a journal of another hand does not hold anybody up
    ],
)
def test_an_erased_object_is_followed_to_what_stands_in_its_place(
    erasures: dict[str, str], expected: list[str]
) -> None:
    assert stood_for("a", erasures) == expected
