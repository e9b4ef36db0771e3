"""Local time becomes UTC in one place: both odd hours, other zones, whole columns."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.times import SWEDISH_MONTHS, _changes, columns_to_utc, to_utc

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CHICAGO = ZoneInfo("America/Chicago")
#: Zones chosen for their oddities: a half-hour shift, changes at midnight, backwards summer time.
ODD_ZONES = [
    "Europe/Stockholm", "America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago",
    "Europe/Dublin", "Africa/Casablanca", "UTC",
]  # fmt: skip


def wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, fold: int = 0) -> datetime:
    """A time as a wall clock shows it: naive on purpose."""
    return datetime(year, month, day, hour, minute, fold=fold)  # noqa: DTZ001


def minutes_of(*days: date) -> list[datetime]:
    starts = [wall(day.year, day.month, day.day) for day in days]
    return [start + timedelta(minutes=n) for start in starts for n in range(24 * 60)]


def assert_column_equals_scalar(local: list[datetime], zone: ZoneInfo) -> None:
    utc, is_ambiguous, in_gap = columns_to_utc(np.array(local, dtype="datetime64[us]"), zone)
    want = [to_utc(moment, zone) for moment in local]
    assert utc.tolist() == [one.instant.replace(tzinfo=None) for one in want]
    assert is_ambiguous.tolist() == [one.is_ambiguous for one in want]
    assert in_gap.tolist() == [one.in_gap for one in want]


def test_summer_and_winter_have_different_offsets() -> None:
    assert to_utc(wall(2026, 7, 1, 12), STOCKHOLM) == (datetime(2026, 7, 1, 10, tzinfo=UTC), False, False)
    assert to_utc(wall(2026, 1, 1, 12), STOCKHOLM) == (datetime(2026, 1, 1, 11, tzinfo=UTC), False, False)


def test_the_doubled_october_hour_is_read_as_its_first_instant_and_marked() -> None:
    assert to_utc(wall(2026, 10, 25, 2, 30), STOCKHOLM) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        True,
        False,
    )


@pytest.mark.parametrize(
    ("hour", "minute", "is_ambiguous"), [(1, 59, False), (2, 0, True), (2, 59, True), (3, 0, False)]
)
def test_exactly_one_hour_in_october_is_ambiguous(hour: int, minute: int, is_ambiguous: bool) -> None:
    assert to_utc(wall(2026, 10, 25, hour, minute), STOCKHOLM).is_ambiguous is is_ambiguous


def test_the_missing_march_hour_is_read_with_the_offset_before_the_change_and_marked() -> None:
    assert to_utc(wall(2026, 3, 29, 2, 30), STOCKHOLM) == (
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        False,
        True,
    )


@pytest.mark.parametrize(("hour", "minute", "in_gap"), [(1, 59, False), (2, 0, True), (2, 59, True), (3, 0, False)])
def test_exactly_one_hour_in_march_is_missing(hour: int, minute: int, in_gap: bool) -> None:
    assert to_utc(wall(2026, 3, 29, hour, minute), STOCKHOLM).in_gap is in_gap


def test_a_fold_the_parser_left_behind_does_not_choose_the_second_instant() -> None:
    assert to_utc(wall(2026, 10, 25, 2, 30, fold=1), STOCKHOLM).instant.hour == 0


def test_the_change_days_have_23_and_25_hours() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        start, end = (to_utc(wall(day.year, day.month, day.day) + timedelta(days=n), STOCKHOLM).instant for n in (0, 1))
        assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize("name", ODD_ZONES)
def test_the_column_equals_the_scalar_on_every_minute_of_the_change_days(name: str) -> None:
    days = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5),
            date(2026, 10, 4), date(2026, 9, 6), date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 15),
            date(2026, 2, 16), date(2026, 3, 22), date(2026, 4, 4), date(2026, 9, 5)]  # fmt: skip
    assert_column_equals_scalar(minutes_of(*days), ZoneInfo(name))


def test_a_zone_that_skipped_a_whole_day_is_read_the_same_way_by_column_and_scalar() -> None:
    assert_column_equals_scalar(minutes_of(date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31)),
                                ZoneInfo("Pacific/Apia"))  # fmt: skip


def test_a_change_at_new_year_is_seen_from_both_years() -> None:
    # Nepal moved its clocks a quarter of an hour forward at midnight between 1985 and 1986: still 1985 in UTC.
    assert_column_equals_scalar(minutes_of(date(1985, 12, 31), date(1986, 1, 1)), ZoneInfo("Asia/Kathmandu"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.datetimes(wall(1900, 1, 1), wall(2100, 1, 1)), min_size=1, max_size=30),
    st.sampled_from(ODD_ZONES),
)
def test_the_column_equals_the_scalar_at_any_moment(local: list[datetime], name: str) -> None:
    assert_column_equals_scalar([moment.replace(fold=0) for moment in local], ZoneInfo(name))


def test_chicago_falls_back_a_week_after_stockholm() -> None:
    assert to_utc(wall(2026, 11, 1, 1, 30), CHICAGO) == (
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        True,
        False,
    )
    assert to_utc(wall(2026, 10, 25, 2, 30), CHICAGO).is_ambiguous is False


def test_nat_and_impossible_years_stay_unknown() -> None:
    local = np.array(["NaT", "2026-07-01T12:00", "20000-01-01"], dtype="datetime64[m]")
    utc, is_ambiguous, in_gap = columns_to_utc(local, STOCKHOLM)
    assert np.isnat(utc).tolist() == [True, False, True]
    assert utc.dtype == np.dtype("datetime64[us]")
    assert not is_ambiguous.any()
    assert not in_gap.any()


def test_an_empty_column_gives_empty_columns() -> None:
    assert [len(column) for column in columns_to_utc(np.array([], dtype="datetime64[us]"), STOCKHOLM)] == [
        0,
        0,
        0,
    ]


def test_a_time_with_its_own_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset of its own"):
        to_utc(datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2))), STOCKHOLM)


def test_a_column_that_is_not_times_is_refused() -> None:
    with pytest.raises(ValueError, match="datetime64"):
        columns_to_utc(np.array([1.0, 2.0]), STOCKHOLM)


@pytest.fixture
def restored_host_zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("restored_host_zone")
def test_the_host_s_own_zone_changes_nothing() -> None:
    local = minutes_of(date(2026, 10, 25))[::7]
    answers = []
    for host in ("UTC", "America/New_York", "Asia/Tokyo"):
        os.environ["TZ"] = host
        time.tzset()
        _changes.cache_clear()
        column = columns_to_utc(np.array(local, dtype="datetime64[us]"), STOCKHOLM)[0].tolist()
        answers.append((column, [to_utc(moment, STOCKHOLM).instant for moment in local]))
    assert answers[0] == answers[1] == answers[2]


def test_the_months_are_twelve_and_in_order() -> None:
    assert list(SWEDISH_MONTHS.values()) == list(range(1, 13))
    assert SWEDISH_MONTHS["maj"] == 5
