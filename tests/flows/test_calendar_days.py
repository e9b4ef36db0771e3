"""Holidays, pay-days and darkness, computed."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from flows.calendar_days import DAYS_AFTER, DAYS_BEFORE, calendar_days, is_bank_day, pay_day

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        (2026, 9, 25),  # a Friday
        (2026, 10, 23),  # the 25th is a Sunday
        (2026, 12, 23),  # the 25th is a holiday, the 24th an eve the banks keep
        (2027, 3, 25),  # Maundy Thursday is a bank day
        (2025, 12, 23),
    ],
)
def test_wages_are_paid_on_the_25th_or_the_bank_day_before(year, month, day):
    assert pay_day(year, month) == date(year, month, day)


def test_banks_are_closed_on_weekends_holidays_and_three_eves():
    closed = [date(2026, 6, 19), date(2026, 12, 31), date(2026, 5, 14), date(2026, 10, 17)]
    assert not any(is_bank_day(day) for day in closed)
    assert is_bank_day(date(2026, 5, 15)) and is_bank_day(date(2026, 4, 30))


def test_the_days_around_the_picture_carry_holiday_and_darkness_at_the_place():
    days = {day.local_day: day for day in calendar_days(date(2026, 10, 25), STOCKHOLM, 58.9, 17.0)}
    assert len(days) == DAYS_BEFORE + DAYS_AFTER + 1
    assert days[date(2026, 10, 31)].holiday_sv == "Alla helgons dag"
    before, after = days[date(2026, 10, 24)], days[date(2026, 10, 25)]  # the clock goes back in the night between
    assert (before.sunset, after.sunset) == ("17:20", "16:18")
    assert before.dark_from == "18:03" and after.light == "ordinary"


@pytest.mark.parametrize(("day", "light"), [(date(2026, 6, 21), "midnight_sun"), (date(2026, 12, 21), "polar_night")])
def test_where_the_sun_does_not_set_or_rise_no_clock_is_made_up(day, light):
    today = calendar_days(day, STOCKHOLM, 68.2, 20.0)[DAYS_BEFORE]
    assert (today.light, today.sunrise, today.sunset) == (light, None, None)
