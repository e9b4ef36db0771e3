"""Requests worked on by column tell of each what it tells alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open311_town import context, delivery, request

from connectors.open311.connector import normalise
from connectors.open311.records import Records

texts = st.text(alphabet="ab \u0000å", max_size=3)
numbers = st.sampled_from([0, 1, 17]) | st.sampled_from([0.0, -0.0, 1.0, 58.9])
values = (
    st.none() | st.booleans() | texts | st.sampled_from(["1", "true", "[0]"]) | numbers | st.lists(numbers, max_size=2)
)


@settings(deadline=None)
@given(st.lists(st.lists(st.dictionaries(st.sampled_from("abc"), values, max_size=3) | values, max_size=4), max_size=4))
def test_a_field_is_that_of_its_record_in_whatever_order_and_company_fields_stand(answers: list[list[Any]]) -> None:
    records = Records()
    for each in answers:
        records.add(each)
    answer = [record for each in answers for record in each]
    for name in "abc":
        told = records.column(name).of_rows(np.arange(len(answer)))
        assert repr(told) == repr([each.get(name) if isinstance(each, dict) else None for each in answer])
    assert len(records) == len(answer) and records.lengths == list(map(len, answers))
    assert records.is_object.tolist() == [isinstance(each, dict) for each in answer]


def test_a_refused_record_does_not_shift_what_its_neighbours_are_told_by(tmp_path: Path) -> None:
    answer = [request(service_code="HAL"), request(description="ett"), request(), request(description="två", lat=59.05)]
    together = normalise([delivery(tmp_path, answer)], context(), None).observations.to_pylist()
    for row, record in zip(together, answer[1:], strict=True):
        (alone,) = normalise([delivery(tmp_path, [record])], context(), None).observations.to_pylist()
        for name in ("source_hash", "category", "area_id", "latitude", "reported_at", "note_public", "dq_flags"):
            assert row[name] == alone[name]


def test_one_position_is_shown_as_finely_as_each_of_its_categories_allows(tmp_path: Path) -> None:
    answer = [request(service_name="Nytt", service_code="NY"), request(), request(service_code="NY", service_name=None)]
    rows = normalise([delivery(tmp_path, answer)], context(), None).observations.to_pylist()
    assert [row["location_precision"] for row in rows] == ["kommun", "punkt", "kommun"]


@pytest.mark.parametrize("swap", [False, True])
def test_what_is_noticed_is_counted_by_delivery_in_the_order_first_met(swap: bool, tmp_path: Path) -> None:
    first = [request(), request(status="väntar"), request(service_code="NY", service_name="Nytt", status="väntar")]
    second = [request(Email="a@b.se", email="a@b.se"), request(egen=1), request(service_request_id=" 17 ")]
    bodies = [json.dumps(each).encode() for each in ((second, first) if swap else (first, second))]
    rows = normalise([delivery(tmp_path, body) for body in bodies], context(), None).notices.to_pylist()
    shas = {tmp_path.joinpath(row["delivery_sha256"]).read_bytes() for row in rows}
    assert shas == set(bodies)
    said = {body: [] for body in bodies}
    for row in rows:
        body = tmp_path.joinpath(row["delivery_sha256"]).read_bytes()
        said[body].append((row["notice"], row["record_count"], row["first_record_number"]))
    assert said[json.dumps(first).encode()] == [
        ("status_unknown", 2, 2),
        ("repeated_id", 2, 2),
        ("service_unmapped", 1, 3),
    ]
    assert said[json.dumps(second).encode()] == [
        ("person_field_dropped", 2, 1),
        ("new_field", 1, 2),
        ("repeated_id", 2, 2),
    ]
