"""When and where a request is of, as far as it can be right."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from open311_town import CANARY, of, request, row


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-07-01T12:00:00+02:00", datetime(2026, 7, 1, 10, 0, tzinfo=UTC)),
        ("2026-01-01T12:00:00+01:00", datetime(2026, 1, 1, 11, 0, tzinfo=UTC)),
        ("2026-07-01 12:00+0200", datetime(2026, 7, 1, 10, 0, tzinfo=UTC)),
        ("2026-07-01T12:00:00Z", datetime(2026, 7, 1, 12, 0, tzinfo=UTC)),
        ("2026-07-01T12:00:00.123456789-05", datetime(2026, 7, 1, 17, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_each_records_own_offset_gives_its_instant(text: str, instant: datetime, tmp_path: Path) -> None:
    rows = of(tmp_path, request(requested_datetime=text), request()).observations.to_pylist()
    assert rows[0]["reported_at"] == instant
    assert rows[1]["reported_at"] == datetime(2026, 11, 20, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "2026-11-25T00:00:00Z", "9999-12-31T00:00:00Z"])
def test_a_report_from_before_the_servers_or_after_its_delivery_has_no_known_time(text: str, tmp_path: Path) -> None:
    found = row(tmp_path, requested_datetime=text, status="closed", updated_datetime=None)
    assert (found["reported_at"], found["dq_flags"]) == (None, "reported_implausible")


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("2026-11-21T08:00:00", "updated_unreadable"),
        ("snart", "updated_unreadable"),
        ("2026-11-19T08:00:00Z", "updated_before_reported"),
        (None, ""),
    ],
)
def test_a_closing_time_that_cannot_be_right_is_unknown(text: str | None, flag: str, tmp_path: Path) -> None:
    found = row(tmp_path, status="closed", updated_datetime=text)
    assert (found["status"], found["closed_at"], found["dq_flags"]) == ("closed", None, flag)


@pytest.mark.parametrize(
    ("lat", "long", "area", "flag"),
    [
        ("59.15", "18.05", "L1", ""),
        ("59,15", " 18,05 ", "L1", ""),
        (59.05, 18.05, "L2", ""),
        (18.05, 59.15, None, "position_swapped"),
        ("18.05", "59.15", None, "position_swapped"),
        (0, 0, None, "position_null_island"),
        (41.85, -87.65, None, "position_outside"),
        (None, None, None, ""),
        ("", "", None, ""),
        (59.15, None, None, "position_unusable"),
        ("norr", "öster", None, "position_unusable"),
        (True, 18.05, None, "position_unusable"),
        (1e308, 1e308, None, "position_unusable"),
        ([59.15], {"x": 1}, None, "position_unusable"),
        (6560000, 674000, None, "position_unusable"),
    ],
)
def test_a_position_is_a_point_in_an_area_or_unknown_with_a_flag(
    lat: Any, long: Any, area: str | None, flag: str, tmp_path: Path
) -> None:
    found = row(tmp_path, lat=lat, long=long)
    assert (found["area_id"], found["dq_flags"]) == (area, flag)
    assert found["location_precision"] == ("punkt" if area else "kommun")
    assert (found["latitude"] is None) == (area is None)


def test_points_stay_inside_where_the_municipality_says_so(tmp_path: Path) -> None:
    found = of(tmp_path, request(), options={"points_are_public": False}).observations.to_pylist()[0]
    assert (found["latitude"], found["area_id"], found["location_precision"]) == (None, "L1", "omrade")


def test_an_address_finds_a_named_place_and_leaves_only_its_official_name(tmp_path: Path) -> None:
    found = row(tmp_path, address="torget", lat=None, long=None)
    assert (found["place_id"], found["place_text"], found["area_id"]) == ("P1", "Stora torget", "L1")
    with_point = row(tmp_path, address=f"{CANARY}gatan 9")
    assert (with_point["place_text"], with_point["dq_flags"]) == (None, "")


@pytest.mark.parametrize(("north", "east"), [("lat", "lng"), ("lat", "lon"), ("latitude", "longitude")])
def test_a_position_is_found_under_the_names_servers_use(north: str, east: str, tmp_path: Path) -> None:
    tables = of(tmp_path, request(**{"lat": None, "long": None, north: "59,15", east: 18.05}))
    (found,) = tables.observations.to_pylist()
    assert (found["latitude"], found["longitude"], found["dq_flags"]) == (59.15, 18.05, "")
    assert tables.notices.num_rows == 0


def test_of_two_names_for_one_axis_the_specifications_own_speaks_where_it_has_a_value(tmp_path: Path) -> None:
    tables = of(tmp_path, request(lng=18.09), request(service_request_id="2", long="", lng=18.09))
    assert [found["longitude"] for found in tables.observations.to_pylist()] == [18.05, 18.09]
