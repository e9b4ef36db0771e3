"""Mappings and options: those of the house are sound, faulty ones are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from open311_town import context, mapping, of, request

from connectors.open311.connector import check_mapping, check_options


@pytest.mark.parametrize("name", ["felanmalan", "chicago", "helsinki"])
def test_the_mappings_in_the_house_are_sound(name: str) -> None:
    assert check_mapping(mapping(name), context().categories) == []


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"categories": {"A": "plats.finns_inte"}}, "categories.A"),
        ({"categories": {"A": 1}}, "categories"),
        ({"categories": ["A"]}, "categories"),
        ({"category": {"A": "djur"}}, "category"),
        ({}, "categories"),
        ({"categories": {"A": "djur"}, "not_safety": "B"}, "not_safety"),
        ({"categories": {"A": "djur"}, "not_safety": ["a "]}, "both"),
        ({"categories": {"A": "djur", "a": "okand"}}, "twice"),
    ],
)
def test_a_faulty_mapping_is_named(given: dict[str, Any], named: str) -> None:
    faults = check_mapping(given, context().categories)
    assert faults and any(named in fault for fault in faults)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"window_days": 91}, "window_days"),
        ({"window_days": True}, "window_days"),
        ({"form": "csv"}, "form"),
        ({"allow_empty": "ja"}, "allow_empty"),
        ({"min_interval_s": -1}, "min_interval_s"),
        ({"pagesize": 1}, "pagesize"),
        ({"jurisdiction_id": 1}, "jurisdiction_id"),
    ],
)
def test_a_faulty_option_is_named_and_stops_the_feed(options: dict[str, Any], named: str, tmp_path: Path) -> None:
    assert any(fault.startswith(named) for fault in check_options(options))
    with pytest.raises(ValueError, match=named):
        of(tmp_path, request(), options=options)


def test_no_option_is_needed() -> None:
    assert check_options({}) == []
