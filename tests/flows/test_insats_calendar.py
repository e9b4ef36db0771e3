"""Insatser in a calendar, read back by a parser that is not ours: the right days, the local clock, no text lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from flows.insats_calendar import calendar
from flows.opened import UsageError

ZONE = ZoneInfo("Europe/Stockholm")
MADE = {
    "picture": "2026-289-0615", "moment": "2026-10-16 04:15:00+00", "tlp": "TLP:AMBER", "run": "r1", "lake_state": 12,
    "manifest_sha256": "b82f", "code_version": "0.1.0", "sql": "FROM core.insats;",
}  # fmt: skip


def insats(**values: Any) -> dict[str, Any]:
    names = ("stop_day", "decided_day", "weekdays", "clock_from", "clock_until", "place_name", "area_name",
             "owner_name", "category_sv", "insats_status", "version", "dose_unit", "planned_dose")  # fmt: skip
    return dict.fromkeys(names) | {"entry_id": "insatser:I-1", "start_day": date(2026, 10, 16)} | values


def written(*rows: dict[str, Any], **made: Any) -> tuple[bytes, Any]:
    body = calendar(list(rows), {**MADE, **made}, "TLP:AMBER · lägesbild 2026-289-0615 · run r1")
    return body, Calendar.from_ical(body)


def only(*rows: dict[str, Any]) -> Event:
    (event,) = written(*rows)[1].walk("VEVENT")
    return event


def test_every_line_ends_and_folds_as_the_standard_says_and_the_letters_survive() -> None:
    name = 'Åäö, torget; \\ "hörnan"\nrad två ' + "ö" * 90
    body, told = written(insats(place_name=name, area_name="x"))
    assert body.endswith(b"END:VCALENDAR\r\n") and b"\n" not in body.replace(b"\r\n", b"")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    for line in body.split(b"\r\n"):
        line.decode()  # no letter is cut in two
    (event,) = told.walk("VEVENT")
    assert str(event["LOCATION"]) == name and name in str(event["SUMMARY"])


def test_what_would_open_a_property_of_its_own_stays_text() -> None:
    body, told = written(insats(place_name="a\r\nATTENDEE:mailto:x@y.z\x00\x1b"))
    assert b"\nATTENDEE" not in body and b"\x00" not in body
    (event,) = told.walk("VEVENT")
    assert "ATTENDEE" not in event and str(event["LOCATION"]) == "a\nATTENDEE:mailto:x@y.z"


def test_days_without_a_clock_are_whole_days_and_the_last_one_is_in() -> None:
    event = only(insats(stop_day=date(2026, 10, 18)))
    assert event.decoded("DTSTART") == date(2026, 10, 16) and event.decoded("DTEND") == date(2026, 10, 19)
    assert "RRULE" not in event


def test_a_clock_is_the_local_one_also_after_the_clocks_have_changed_and_a_night_ends_the_next_day() -> None:
    row = insats(stop_day=date(2026, 10, 31), weekdays="5,6", clock_from="20:00", clock_until="02:00")
    event = only(row)
    assert event.decoded("DTSTART") == datetime(2026, 10, 16, 20, tzinfo=ZONE)
    assert event.decoded("DTEND") == datetime(2026, 10, 17, 2, tzinfo=ZONE)
    rule = event["RRULE"]
    assert rule["FREQ"] == ["WEEKLY"] and rule["BYDAY"] == ["FR", "SA"]
    assert rule["UNTIL"] == [datetime(2026, 10, 31, 19, tzinfo=UTC)]  # 20.00 by winter time
    (zone,) = written(row)[1].walk("VTIMEZONE")
    for day, hours in ((date(2026, 10, 24), 2), (date(2026, 10, 25), 1), (date(2026, 3, 29), 2)):
        noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 (the local clock)
        assert zone.to_tz(lookup_tzid=False).utcoffset(noon) == timedelta(hours=hours), day


def test_the_first_appointment_is_on_one_of_its_weekdays() -> None:
    event = only(insats(start_day=date(2026, 10, 14), stop_day=date(2026, 10, 31), weekdays="5"))
    assert event.decoded("DTSTART") == date(2026, 10, 16) and event.decoded("DTEND") == date(2026, 10, 17)
    assert event["RRULE"]["UNTIL"] == [date(2026, 10, 31)]


def test_every_day_at_a_time_is_a_daily_rule_and_one_day_none() -> None:
    daily = only(insats(stop_day=date(2026, 10, 18), clock_from="09:00"))
    assert daily["RRULE"]["FREQ"] == ["DAILY"] and "DTEND" not in daily
    assert "RRULE" not in only(insats(stop_day=date(2026, 10, 16), clock_from="09:00", clock_until="24:00"))


def test_an_unknown_last_day_is_not_drawn_and_said() -> None:
    event = only(insats(weekdays="5", clock_from="20:00", clock_until="22:00"))
    assert "RRULE" not in event and "Sista dag: okänd" in str(event["DESCRIPTION"])


def test_an_insats_without_any_day_is_named_and_not_lost() -> None:
    _, told = written(insats(entry_id="a:1", start_day=None), insats(entry_id="a:2"))
    assert [str(e["UID"]) for e in told.walk("VEVENT")] == ["a:2@lagesbild"]
    assert str(told["X-LAGESBILD-WITHOUT-DAY"]) == "a:1"


def test_an_insats_keeps_its_uid_and_a_new_version_has_a_higher_sequence() -> None:
    first, second = only(insats(version=1)), only(insats(version=3, insats_status="avbruten"))
    assert first["UID"] == second["UID"] and (first["SEQUENCE"], second["SEQUENCE"]) == (0, 2)
    assert str(second["STATUS"]) == "CANCELLED" and str(first["STATUS"]) == "CONFIRMED"


def test_the_calendar_and_each_event_say_what_they_were_made_from_and_who_may_read() -> None:
    _, told = written(insats())
    for name, value in MADE.items():
        assert str(told[f"X-LAGESBILD-{name.upper().replace('_', '-')}"]).replace("\\", "") == str(value)
    (event,) = told.walk("VEVENT")
    assert event.decoded("DTSTAMP") == datetime(2026, 10, 16, 4, 15, tzinfo=UTC)
    assert "run r1" in str(event["DESCRIPTION"]) and str(event["CLASS"]) == "CONFIDENTIAL"
    assert str(next(iter(written(insats(), tlp="TLP:CLEAR")[1].walk("VEVENT")))["CLASS"]) == "PUBLIC"


@pytest.mark.parametrize("rows", [[], [{"entry_id": "a", "start_day": None}], [{"n": 1}]])
def test_an_answer_that_is_no_list_of_insatser_is_refused_plainly(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(UsageError, match=r"FROM core\.insats"):
        calendar(rows, MADE, "")
