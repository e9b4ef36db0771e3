"""When it happened: night shifts, intervals, the two odd hours of the year, formats that are not guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from guard_town import RECEIVED_AT, mapping, nordvakt_file, one, read, reasons, rows

from connectors.guard_tabular.intervals import IntervalRules, Written, read_interval
from connectors.guard_tabular.moments import format_faults, read_date, read_moment, read_time

UCPD = mapping("ucpd")["time"]
RULES = IntervalRules(
    tuple(UCPD["date_formats"]),
    tuple(UCPD["time_formats"]),
    frozenset(UCPD["joining_words"]),
    frozenset(UCPD["unknown_words"]),
)


def utc(day: int, hour: int, minute: int = 0, month: int = 8) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - a local time


def test_a_local_time_becomes_utc(tmp_path: Path) -> None:
    row = one(tmp_path)
    assert (row["occurred_from"], row["occurred_until"]) == (utc(22, 19, 15), None)
    assert row["occurred_precision"] == "minute"


def test_a_night_shift_is_dated_by_its_start(tmp_path: Path) -> None:
    assert one(tmp_path, Datum="2026-08-21", Tid_från="02.30")["occurred_from"] == utc(22, 0, 30)
    assert one(tmp_path, Datum="2026-08-21", Tid_från="07.00")["occurred_from"] == utc(21, 5, 0)


def test_an_interval_over_midnight_ends_the_next_day(tmp_path: Path) -> None:
    row = one(tmp_path, Datum="2026-08-21", Tid_från="23.15", Tid_till="01.40")
    assert (row["occurred_from"], row["occurred_until"]) == (utc(21, 21, 15), utc(21, 23, 40))
    assert row["occurred_precision"] == "interval"
    over_the_limit = one(tmp_path, Datum="2026-08-21", Tid_från="06.50", Tid_till="07.10")
    assert over_the_limit["occurred_until"] == utc(22, 5, 10)


def test_an_end_before_the_start_leaves_the_start_and_a_flag(tmp_path: Path) -> None:
    row = one(tmp_path, Datum="2026-08-21", Tid_från="14.00", Tid_till="13.30")
    assert (row["occurred_from"], row["occurred_until"]) == (utc(21, 12), None)
    assert row["dq_flags"] == "interval_reversed"


def test_a_day_without_a_time_is_a_day(tmp_path: Path) -> None:
    row = one(tmp_path, Datum="2026-08-21", Tid_från="")
    assert (row["occurred_from"], row["occurred_precision"]) == (utc(20, 22), "day")
    assert row["dq_flags"] == "time_missing"


def test_an_unknown_or_missing_date_keeps_the_row_without_a_time(tmp_path: Path) -> None:
    row = one(tmp_path, Datum="okänd")
    assert (row["occurred_from"], row["occurred_precision"], row["dq_flags"]) == (None, "unknown", "time_unknown")
    assert one(tmp_path, Datum="")["dq_flags"] == "time_missing"


def test_a_time_no_format_reads_leaves_the_day(tmp_path: Path) -> None:
    row = one(tmp_path, Datum="2026-08-21", Tid_från="kl 25")
    assert (row["occurred_precision"], row["dq_flags"]) == ("day", "time_unreadable")


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("22.00-23.30", utc(21, 20), utc(21, 21, 30)),
        ("22:00 – 23:30", utc(21, 20), utc(21, 21, 30)),
        ("22.00 till 01.30", utc(21, 20), utc(21, 23, 30)),
        ("23.00-24.00", utc(21, 21), utc(21, 22)),
        ("02.00-03.00", utc(22, 0), utc(22, 1)),
    ],
)
def test_two_times_in_the_cell_of_the_time_are_an_interval(
    tmp_path: Path, written: str, start: datetime, end: datetime
) -> None:
    row = one(tmp_path, Datum="2026-08-21", Tid_från=written)
    assert (row["occurred_from"], row["occurred_until"], row["dq_flags"]) == (start, end, "")


@pytest.mark.parametrize("written", ["23-01", "22.00-", "-22.00", "22.00-23.30-24.00"])
def test_a_cell_that_may_be_hours_or_a_date_is_no_interval(tmp_path: Path, written: str) -> None:
    row = one(tmp_path, Datum="2026-08-21", Tid_från=written)
    assert (row["occurred_precision"], row["dq_flags"]) == ("day", "time_unreadable")


def test_two_times_in_one_cell_and_an_end_beside_them_contradict_each_other(tmp_path: Path) -> None:
    row = one(tmp_path, Datum="2026-08-21", Tid_från="22.00-23.00", Tid_till="23.30")
    assert (row["occurred_precision"], row["dq_flags"]) == ("day", "time_unreadable")


def test_24_00_is_the_end_of_the_day(tmp_path: Path) -> None:
    row = one(tmp_path, Datum="2026-08-21", Tid_från="22.00", Tid_till="24.00")
    assert (row["occurred_from"], row["occurred_until"]) == (utc(21, 20), utc(21, 22))
    assert one(tmp_path, Datum="2026-08-21", Tid_från="24:00")["occurred_from"] == utc(21, 22)
    rules = IntervalRules(("%d/%m %Y",), ("%H.%M",), frozenset({"-"}), frozenset())
    assert read_interval("21/8 2026 22.00-24.00", rules) == Written(
        local(2026, 8, 21, 22), local(2026, 8, 22), "interval"
    )


@pytest.mark.parametrize("written", ["22/08/2026", "03.04.2026", "46256", "2026-13-01", "2026-02-30"])
def test_a_date_in_another_format_is_rejected_and_never_guessed(tmp_path: Path, written: str) -> None:
    assert reasons(read(tmp_path, nordvakt_file({"Datum": written}))) == [(1, "date_unreadable", "date")]


def test_a_delivery_whose_dates_changed_format_is_held_whole(tmp_path: Path) -> None:
    result = read(tmp_path, nordvakt_file(*[{"Rapportnr": f"R{n}", "Datum": "22/08 2026"} for n in range(8)]))
    (outcome,) = result.outcomes
    assert (outcome.disposition, outcome.reason) == ("quarantined", "too_many_rejects")
    assert (outcome.seen_count, outcome.rejected_count) == (8, 8)
    assert result.observations.num_rows == 0


def test_the_doubled_october_hour_is_flagged_and_its_first_instant_taken(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    later = datetime(2026, 10, 26, 5, tzinfo=UTC)
    body = nordvakt_file({"Datum": "2026-10-24", "Tid från": "02.30"})
    (row,) = rows(read(tmp_path, body, given=given, received_at=[later]))
    assert row["occurred_from"] == utc(25, 0, 30, month=10)
    assert (row["occurred_is_ambiguous"], row["dq_flags"]) == (True, "time_ambiguous")


def test_a_time_in_the_spring_gap_is_flagged(tmp_path: Path) -> None:
    body = nordvakt_file({"Datum": "2026-03-28", "Tid från": "02.30"})
    (row,) = rows(read(tmp_path, body))
    assert (row["occurred_from"], row["dq_flags"]) == (utc(29, 1, 30, month=3), "dst_gap")


def test_a_time_past_the_receipt_is_rejected_beyond_a_quarter_of_an_hour(tmp_path: Path) -> None:
    assert utc(23, 4, 30) == RECEIVED_AT
    body = nordvakt_file(
        {"Rapportnr": "R1", "Datum": "2026-08-22", "Tid från": "06.45"},
        {"Rapportnr": "R2", "Datum": "2026-08-22", "Tid från": "06.46"},
    )
    result = read(tmp_path, body)
    assert [row["source_key"] for row in rows(result)] == ["R1"]
    assert reasons(result) == [(2, "future", "date")]


def test_a_year_no_system_was_in_use_is_rejected(tmp_path: Path) -> None:
    assert reasons(read(tmp_path, nordvakt_file({"Datum": "1899-12-30"}))) == [(1, "date_absurd", "date")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6/28/10 2:45 PM", Written(local(2010, 6, 28, 14, 45), None, "minute")),
        ("1/15/12  1:25PM to 1:30PM", Written(local(2012, 1, 15, 13, 25), local(2012, 1, 15, 13, 30), "interval")),
        (
            "6/29/10 to 7/1/10 3:00 PM to 1:50 PM",
            Written(local(2010, 6, 29, 15), local(2010, 7, 1, 13, 50), "interval"),
        ),
        (
            "7/9/10 2:00 PM to 7/12/10 5:30 AM",
            Written(local(2010, 7, 9, 14), local(2010, 7, 12, 5, 30), "interval"),
        ),
        ("9/30/2013 8:45 AM - 4:30 PM", Written(local(2013, 9, 30, 8, 45), local(2013, 9, 30, 16, 30), "interval")),
        ("3/13/14 4:45 PM 4:55 PM", Written(local(2014, 3, 13, 16, 45), local(2014, 3, 13, 16, 55), "interval")),
        ("10/21/15 12:30 PM to 12:20 AM", Written(local(2015, 10, 21, 12, 30), local(2015, 10, 22, 0, 20), "interval")),
        ("1/1/11 to1/5/11 7:00 AM to7:00 AM", Written(local(2011, 1, 1, 7), local(2011, 1, 5, 7), "interval")),
        ("6/30 /11 9: 15 a.m.", Written(local(2011, 6, 30, 9, 15), None, "minute")),
        ("8/3/2011  9:30:00 PM", Written(local(2011, 8, 3, 21, 30), None, "minute")),
        ("41658.9375", Written(local(2014, 1, 19, 22, 30), None, "minute")),
        ("12/11/10 to 12/20/10", Written(local(2010, 12, 11), local(2010, 12, 21), "day", "time_missing")),
        ("10/20/16  Unknown Time", Written(local(2016, 10, 20), None, "day", "time_unknown")),
        ("8/10/12 to 9/11/14 (Various Times)", Written(local(2012, 8, 10), local(2014, 9, 12), "day", "time_unknown")),
        ("7/6/10 11:15", Written(local(2010, 7, 6), None, "day", "time_unreadable")),
        ("6/22/12 4:15 to 7:25 PM", Written(local(2012, 6, 22), None, "day", "time_unreadable")),
        (
            "7/15/11 to 7/15/11 10:30 PM to 9:00 AM",
            Written(local(2011, 7, 15, 22, 30), None, "minute", "interval_reversed"),
        ),
        ("7/1910 to 7/21/10 8:00 PM to 2:00 PM", Written(flag="time_unreadable")),
        ("4/9/16 4/7/16 to 4/8/16 8:30 PM to 7:30 PM", Written(flag="time_unreadable")),
        ("2/30/12 1:00 PM", Written(flag="time_unreadable")),
        ("5532 S. Kenwood 1:28 AM", Written(flag="time_unreadable")),
        ("Spring 2016", Written(flag="time_unreadable")),
        ("Unknown dates and times", Written(flag="time_unknown")),
        ("n/a", Written(flag="time_unknown")),
        ("  ", Written(flag="time_missing")),
    ],
)
def test_a_free_form_text_says_no_more_than_stands_there(text: str, expected: Written) -> None:
    assert read_interval(text, RULES) == expected


def test_formats_read_only_what_they_say() -> None:
    assert read_moment("22.08.2026 23.15", ["%d.%m.%Y %H.%M"]) == (local(2026, 8, 22, 23, 15), True)
    assert read_moment("22.08.2026 24.15", ["%d.%m.%Y %H.%M"]) is None
    assert read_moment("12 augusti 2026", ["%d %B %Y"]) == (local(2026, 8, 12), False)
    assert read_moment("5-jan-26", ["%d-%b-%y"]) == (local(2026, 1, 5), False)
    assert read_moment("Sept. 5 2026", ["%b %d %Y"]) == (local(2026, 9, 5), False)
    assert read_moment("5 januari 2026", ["%d %b %Y"]) is None
    assert read_moment("Lördag den 22 augusti 2026", ["%A den %d %B %Y"]) == (local(2026, 8, 22), False)
    assert read_moment("lör. 22/8 2026 23.15", ["%A %d/%m %Y %H.%M"]) == (local(2026, 8, 22, 23, 15), True)
    assert read_moment("2026-08-22T23:15:30", ["iso"]) == (local(2026, 8, 22, 23, 15, 30), True)
    assert read_moment("2026-08-22T23:15:30+02:00", ["iso"]) == (datetime(2026, 8, 22, 21, 15, 30, tzinfo=UTC), True)
    assert read_moment("2026-08-22T23:15:30.250Z", ["iso"]) == (datetime(2026, 8, 22, 23, 15, 30, tzinfo=UTC), True)
    assert read_moment("22/8 2026 23.15 +0100", ["%d/%m %Y %H.%M %z"]) == (utc(22, 22, 15), True)
    assert read_moment("2026-08-22T23:15:30+15:00", ["iso"]) is None
    assert read_moment("2026-08-22+02:00", ["iso"]) is None
    assert (
        read_moment("0001-01-01T00:00:00+02:00", ["iso"]) is read_moment("9999-12-31T23:00:00-02:00", ["iso"]) is None
    )
    assert read_date("46256", ["excel_serial"]) == local(2026, 8, 22).date()
    assert read_date("12", ["excel_serial"]) is None
    assert read_date("2026-08-22T00:00:00", ["iso"]) == local(2026, 8, 22).date()
    assert read_time("0,96875", ["excel_serial"]) == 23 * 3600 + 15 * 60
    assert read_time("12:05 am", ["%I:%M %p"]) == 5 * 60
    assert read_time("13:05 pm", ["%I:%M %p"]) is None
    assert read_time("2026-08-22", ["iso"]) is None


@pytest.mark.parametrize("written", ["%q", "%d.%m", "%I:%M", "%H:%H", "datum", "%H:%M%z", "%Y-%m-%d%z"])
def test_a_format_that_cannot_be_read_is_a_fault(written: str) -> None:
    assert format_faults(written)


def test_a_serial_a_breath_before_midnight_stays_on_its_day() -> None:
    assert read_time("0.9999999", ("excel_serial",)) == 86_399
