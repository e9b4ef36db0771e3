"""The days around a picture, computed: holidays, pay-days, and when it is dark at the municipality's place.

Holidays are Sweden's by the ``holidays`` package, the sun's times ``astral``'s. Both are pure functions of day and
place, so a picture made again has the same calendar.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

#: Most Swedish wages are paid on the 25th; where that is no bank day, on the one before (Bankgirot's rule).
PAY_DAY = 25

#: Days before and after the picture's that the calendar tells: the sheet looks 72 hours ahead, the weekly one 14 days.
DAYS_BEFORE, DAYS_AFTER = 7, 21


@dataclass(frozen=True)
class CalendarDay:
    """One local day. Clock times are local; None where the sun does not rise or set that day (see ``light``)."""

    local_day: dt.date
    holiday_sv: str | None
    holiday_en: str | None
    is_bank_day: bool
    is_pay_day: bool
    sunrise: str | None
    sunset: str | None
    dark_from: str | None  # the end of civil twilight: lamps are needed
    dark_until: str | None
    light: str  # ordinary, midnight_sun or polar_night


def calendar_days(today: dt.date, zone: ZoneInfo, latitude: float, longitude: float) -> list[CalendarDay]:
    """The days from ``DAYS_BEFORE`` before ``today`` to ``DAYS_AFTER`` after it, in order."""
    days = [today + dt.timedelta(days=n) for n in range(-DAYS_BEFORE, DAYS_AFTER + 1)]
    return [_day(day, zone, latitude, longitude) for day in days]


def pay_day(year: int, month: int) -> dt.date:
    """The day wages are paid in a month: the 25th, or the bank day before it."""
    day = dt.date(year, month, PAY_DAY)
    while not is_bank_day(day):
        day -= dt.timedelta(days=1)
    return day


def is_bank_day(day: dt.date) -> bool:
    """Whether Swedish banks settle payments: no weekend, no holiday, and none of the three eves banks keep as such."""
    return day.weekday() < 5 and day not in _closed(day.year)


@lru_cache(maxsize=16)
def _holidays(year: int, language: str) -> dict[dt.date, str]:
    """Public holidays and the eves everybody keeps (Midsummer, Christmas, New Year); Sundays are not among them."""
    from holidays import country_holidays

    found = country_holidays(
        "SE", years=year, include_sundays=False, language=language, categories=("public", "de_facto")
    )
    return {day: name for day, name in found.items() if isinstance(day, dt.date)}


def _closed(year: int) -> frozenset[dt.date]:
    return frozenset(_holidays(year, "sv"))


def _day(day: dt.date, zone: ZoneInfo, latitude: float, longitude: float) -> CalendarDay:
    from astral import Observer
    from astral.sun import dawn, dusk, elevation, sunrise, sunset

    here = Observer(latitude, longitude)

    def clock(of: object) -> str | None:
        try:
            at = of(here, day, tzinfo=zone)  # type: ignore[operator]
        except ValueError:  # the sun does not pass that height on this day
            return None
        return f"{at:%H:%M}"

    rises, sets = clock(sunrise), clock(sunset)
    noon = dt.datetime.combine(day, dt.time(12), zone)
    light = "ordinary" if rises or sets else "midnight_sun" if elevation(here, noon) > 0 else "polar_night"
    return CalendarDay(
        day,
        _holidays(day.year, "sv").get(day),
        _holidays(day.year, "en_US").get(day),
        is_bank_day(day),
        day == pay_day(day.year, day.month),
        rises,
        sets,
        clock(dusk),
        clock(dawn),
        light,
    )
