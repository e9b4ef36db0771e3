"""What is worth telling: from a run's result and how the feeds are to alarms, in the town's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.alarms import KINDS, Teller
from flows.ingest import Ingested
from flows.morning_mail import as_message
from flows.opened import open_settings
from flows.results import FeedResult, PictureResult, RunResult

NOW = datetime(2026, 11, 26, 5, 10, tzinfo=UTC)  # 06.10 in Stockholm


@pytest.fixture(scope="module")
def teller() -> Teller:
    return Teller(open_settings("lindvik"), NOW)


def row(feed: str, state: str, hours: float | None, **more) -> dict:
    heard = {"last_received": NOW - timedelta(hours=hours), "hours_silent": hours} if hours is not None else {}
    return {"feed": feed, "state": state, "quarantined": 0, "last_cause": None, **heard, **more}


def told(teller, *rows) -> list:
    return [alarm for alarm in teller.feed_alarms(rows) if alarm.kind != "quarantine_grew"]


def test_a_fresh_feed_and_one_that_nobody_ever_asked_are_no_alarms(teller):
    fresh = row("guard_nordvakt", "fresh", 5.0, accepted_last_day=13)
    assert told(teller, fresh, row("guard_tryggve", "never heard", None)) == []


def never(hours: float, **more) -> dict:
    return row("guard_tryggve", "never heard", None, listening_since=NOW - timedelta(hours=hours), **more)


def test_a_feed_that_was_never_heard_is_told_once_when_it_should_have_been(teller):
    assert told(teller, never(36)) == []  # late after 36 hours
    (alarm,) = told(teller, never(37, last_cause="timeout"))
    assert (alarm.kind, alarm.state, alarm.repeats) == ("feed_never", "never", False)
    assert alarm.title == "Lindvik: Tryggve, väktare i skolor och garage har aldrig hörts"
    assert alarm.lines[0].replace("\u00a0", " ") == (
        "Lyssnat sedan tis 24 nov 17.10, längre än 36 timmar, utan en enda leverans. Ring Tryggve Bevakning AB."
    )
    assert alarm.lines[1] == "Senaste försöket: svarar inte i tid."


def test_a_feed_is_not_late_from_before_what_is_expected_of_it_was_decided(teller):
    long_ago = (NOW - datetime(2026, 9, 1, tzinfo=UTC)) / timedelta(hours=1) + 1000
    (alarm,) = told(teller, never(long_ago))
    assert "Lyssnat sedan tis 1 sep 00.00" in alarm.lines[0].replace("\u00a0", " ")
    decided = teller.settings.feeds["guard_tryggve"].expected_decided
    teller_then = Teller(teller.settings, datetime(decided.year, decided.month, decided.day, 20, tzinfo=UTC))
    assert told(teller_then, never(long_ago)) == []


def test_a_feed_that_gives_far_fewer_records_than_are_expected_is_told_of_once_a_day(teller):
    (alarm,) = told(teller, row("guard_nordvakt", "fresh", 5.0, accepted_last_day=12))
    assert (alarm.kind, alarm.subject, alarm.state) == ("feed_few", "guard_nordvakt", "2026-11-26")
    assert not alarm.repeats and alarm.lines[0] == (
        "Godtagna poster senaste dygnet: 12. Väntat minst 13. Fråga Nordvakt AB om något fattas."
    )
    assert told(teller, row("guard_nordvakt", "fresh", 5.0, accepted_last_day=13)) == []
    # One that was not heard in a day is judged by its silence; one without a number, or a monthly one, by nothing.
    assert told(teller, row("guard_nordvakt", "fresh", 25.0, accepted_last_day=None)) == []
    assert told(teller, row("trygghetsvandring", "fresh", 5.0, accepted_last_day=0)) == []


def test_a_feed_is_back_when_it_is_heard_after_its_silence_was_told_and_only_then(teller):
    silent = {"feed_lost:guard_nordvakt": {"state": "down", "at": "2026-11-25T05:10:00+00:00"}}
    back = row("guard_nordvakt", "fresh", 1.0)
    (alarm,) = teller.back_alarms([back], silent)
    assert (alarm.kind, alarm.subject, alarm.repeats) == ("feed_back", "guard_nordvakt", False)
    assert alarm.title == "Lindvik: Nordvakt, ordningsvakter i centrum hörs igen"
    assert teller.back_alarms([back], {}) == []
    assert teller.back_alarms([row("guard_nordvakt", "late", 31.0)], silent) == []
    assert teller.back_alarms([row("guard_tryggve", "fresh", 1.0)], silent) == []


def test_a_late_feed_is_told_with_when_it_was_heard_and_what_was_expected(teller):
    (alarm,) = told(teller, row("guard_nordvakt", "late", 31.0, last_cause="timeout"))
    assert (alarm.kind, alarm.subject, alarm.state) == ("feed_late", "guard_nordvakt", "late")
    assert alarm.title == "Lindvik: Nordvakt, ordningsvakter i centrum är sen"
    assert alarm.lines[0].replace("\u00a0", " ") == (
        "Hördes senast tis 24 nov 23.10. Väntad minst var 24 timme, sen efter 30 timmar."
    )
    assert alarm.lines[1:] == ("Senaste försöket: svarar inte i tid.", "`lagesbild status` säger mer.")


def test_a_feed_that_is_down_is_told_with_whom_to_ring_and_anew_when_records_may_be_lost(teller):
    (down,) = told(teller, row("polisen_events", "down", 30.0))
    (lost,) = told(teller, row("polisen_events", "down", 121.0))
    assert (down.kind, down.state, lost.state) == ("feed_lost", "down", "lost")
    assert "Ring Polismyndigheten" in down.lines[0] and "Efter 120 timmar" in down.lines[1]
    (guard,) = told(teller, row("guard_nordvakt", "down", 200.0))
    assert guard.state == "down" and not any("förlorat" in line for line in guard.lines)


def test_the_quarantine_is_told_by_its_count_and_by_nothing_that_was_sent(teller):
    alarms = teller.feed_alarms([row("guard_nordvakt", "fresh", 1.0, quarantined=3, accepted_last_day=13)])
    assert [(alarm.kind, alarm.grows) for alarm in alarms] == [("quarantine_grew", 3)]
    assert alarms[0].lines == ("Leveranser i karantän nu: 3. `lagesbild rejects guard_nordvakt` säger varför.",)


def a_run(*feeds: FeedResult, **more) -> RunResult:
    picture = PictureResult(sheet=Path("sheet.html"), is_minimal=more.pop("is_minimal", False))
    return RunResult("run", list(feeds), picture, **more)


def test_a_sheet_with_everything_in_it_is_not_degraded(teller):
    fine = FeedResult("guard_nordvakt", "ok", ingested=Ingested("guard_nordvakt", deliveries=1))
    assert teller.degraded(a_run(fine)) == []


def test_a_degraded_sheet_says_what_is_missing_and_is_another_alarm_when_something_else_is(teller):
    failed = FeedResult("guard_nordvakt", "failed", "refused", "detail never told")
    held = FeedResult("guard_tryggve", "ok", ingested=Ingested("guard_tryggve", deliveries=2, quarantined=1))
    (alarm,) = teller.degraded(a_run(failed, held, is_minimal=True, housekeeping_fault="never told"))
    assert alarm.title == "Lindvik: bladet är ute men något saknas"
    assert alarm.lines[:2] == (
        "Nordvakt, ordningsvakter i centrum: hördes inte (anslutning nekad)",
        "Tryggve, väktare i skolor och garage: leveranser i karantän, 1",
    )
    assert "enkla sidan" in alarm.lines[2] and "Gallringen" in alarm.lines[3]
    assert not any("never told" in line for line in alarm.lines)
    assert len({teller.degraded(a_run(failed))[0].state, teller.degraded(a_run(held))[0].state, alarm.state}) == 3
    (waits,) = teller.degraded(a_run(FeedResult("guard_tryggve", "ok", "files_wait", "detail never told")))
    assert waits.lines[0].endswith(": fler filer än vad som tas på en gång, resten väntar")


def test_a_run_that_made_no_sheet_is_not_called_degraded(teller):
    result = RunResult("run", [FeedResult("guard_nordvakt", "failed", "refused")], PictureResult(fault="…"))
    assert teller.degraded(result) == []


def test_a_morning_without_a_sheet_is_told_with_what_there_is_instead(teller):
    yesterday = NOW - timedelta(hours=24)
    made = teller.voice.no_sheet(None, is_made_now=True)
    none = teller.voice.no_sheet(yesterday, is_made_now=False)
    never = teller.voice.no_sheet(None, is_made_now=False)
    assert made.title == none.title == "Lindvik: inget utsättningsblad klockan 06.10"
    assert "gjordes nu" in made.lines[0] and "finns inget tidigare" in never.lines[0]
    assert none.lines[0].replace("\u00a0", " ") == (
        "Inget nytt blad kunde göras. Det senaste goda är från ons 25 nov 06.10."
    )
    assert made.state != none.state


def test_every_kind_of_alarm_can_be_told_in_english_too(teller, monkeypatch):
    english = Teller(open_settings("lindvik"), NOW)
    object.__setattr__(english, "settings", _in_english(english.settings))
    rows = [row("polisen_events", "down", 130.0, quarantined=1, last_cause="dns"), row("felanmalan", "late", 31.0)]
    rows += [never(40), row("guard_nordvakt", "fresh", 1.0, accepted_last_day=2)]
    told_before = {"feed_late:guard_nordvakt": {"state": "late", "at": "2026-11-25T05:10:00+00:00"}}
    failed = FeedResult("felanmalan", "failed", "refused")
    alarms = [
        *english.feed_alarms(rows),
        *english.back_alarms(rows, told_before),
        *english.degraded(a_run(failed, is_minimal=True, housekeeping_fault="x")),
        english.voice.no_sheet(NOW, is_made_now=False),
        english.sheet_out(NOW, ["one"], "sheet.html", "TLP:AMBER"),
    ]
    alarms.append(as_message(english, MORNING, DAY, None, 10**9, 2, "today"))
    assert {alarm.kind for alarm in alarms} == set(KINDS)
    text = "\n".join("\n".join([alarm.title, *alarm.lines, alarm.without]) for alarm in alarms)
    assert "Municipal fault reports is late" in text and "säger mer" not in text and "{" not in text


MORNING = [
    {**row("guard_nordvakt", "fresh", 1.0), "circuit": "closed"},
    {**row("guard_tryggve", "late", 40.0, quarantined=3), "circuit": "closed"},
    {**row("felanmalan", "down", 60.0, last_cause="refused"), "circuit": "open", "failed_in_a_row": 4},
    {**row("trygghetsvandring", "never heard", None), "circuit": "closed"},
]
_NONE = dict.fromkeys(("quarantined", "seen", "accepted", "rejected", "known_before"), 0)
DAY = {
    "guard_nordvakt": {"deliveries": 2, "quarantined": 0, "seen": 1234, "accepted": 1200, "rejected": 4}
    | {"known_before": 30},
    "guard_tryggve": {**_NONE, "deliveries": 1, "quarantined": 1},
}


def test_the_morning_mail_has_a_line_a_feed_the_last_sheet_and_the_disk(teller):
    mail = as_message(teller, MORNING, DAY, NOW - timedelta(hours=1), 12_300_000_000, 0, "today")
    assert mail.title.replace("\u00a0", " ") == "Lindvik: driftläget tors 26 nov – 1 av 4 källor är färska"
    assert [line.replace("\u00a0", " ") for line in mail.lines] == [
        "Senaste dygnet:",
        "● Nordvakt, ordningsvakter i centrum: hördes 05.10. Mottagna 2, i karantän 0; poster 1 234 ="
        " 1 200 godtagna + 4 avvisade + 30 kända.",
        "▲ Tryggve, väktare i skolor och garage: sen, hördes tis 24 nov 14.10. Mottagna 1, i karantän 1; poster 0 ="
        " 0 godtagna + 0 avvisade + 0 kända. I karantän sedan tidigare: 2.",
        "■ Kommunens felanmälan: nere, hördes mån 23 nov 18.10. Inget mottaget. Senaste försöket: anslutning nekad."
        " 4 misslyckade körningar i rad; den vilar mellan försöken.",
        "◇ Trygghetsvandringar, protokoll: aldrig hörd. Inget mottaget.",
        "Senaste goda bladet: 05.10.",
        "Ledigt på disken: 12,3 GB.",
    ]


def _in_english(settings):
    import dataclasses

    return dataclasses.replace(settings, language="en")
