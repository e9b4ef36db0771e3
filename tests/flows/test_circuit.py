"""A feed that fails run after run rests between tries; the night asks in any case; one success ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import job
from flows.circuit import LONGEST_REST, OPEN_AFTER, circuit_of
from flows.cli import main
from flows.health import feed_rows
from flows.opened import open_settings
from flows.refresh import refresh_stale
from flows.store import Run, Store
from warehouse.landing import Attempt

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
FEED = "felanmalan"


def tries(*statuses: str, last_minutes_ago: float = 10) -> list[Attempt]:
    """Hourly tries, the last one so long ago."""
    made = []
    for number, status in enumerate(statuses):
        at = NOW - timedelta(hours=len(statuses) - 1 - number, minutes=last_minutes_ago)
        made.append(Attempt(number + 1, FEED, f"r{number}", at, at, status))  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("statuses", "minutes_ago", "state"),
    [
        ((), 0, "closed"),
        (("failed",) * 2, 1, "closed"),
        (("failed",) * 3, 1, "open"),
        (("failed",) * 3, 59, "open"),
        (("failed",) * 3, 61, "half_open"),
        (("failed",) * 4, 61, "open"),  # each further failure doubles the rest
        (("failed",) * 4, 121, "half_open"),
        (("failed",) * 90, 359, "open"),
        (("failed",) * 90, 361, "half_open"),  # and six hours is the longest
        (("failed", "failed", "ok", "failed"), 1, "closed"),
        (("failed", "failed", "failed", "nothing_new"), 1, "closed"),
        (("failed", "failed", "failed", "skipped", "skipped"), 1, "half_open"),  # the last try was two hours ago
        (("failed",) * 3, -600, "half_open"),  # in the future: by a clock gone wrong
    ],
)
def test_a_feed_rests_after_three_failed_runs_and_longer_after_more(statuses, minutes_ago, state):
    assert circuit_of(tries(*statuses, last_minutes_ago=minutes_ago), NOW).state == state


@given(st.lists(st.sampled_from(["ok", "nothing_new", "failed", "skipped"]), max_size=12), st.floats(0, 1e4))
def test_no_past_keeps_a_feed_from_being_asked_for_longer_than_the_longest_rest(statuses, minutes_ago):
    circuit = circuit_of(tries(*statuses, last_minutes_ago=minutes_ago), NOW)
    assert (circuit.state == "open") == (circuit.next_try_at is not None)
    assert circuit.next_try_at is None or NOW < circuit.next_try_at <= NOW + LONGEST_REST
    assert circuit.state == "closed" or circuit.failures >= OPEN_AFTER


@pytest.fixture
def asked(monkeypatch):
    """Which feeds were asked, each of which fails while ``asked.is_down``."""

    class Asked(list):
        is_down = True

    seen = Asked()
    real = job.hear

    def hear(store, settings, feed, run):
        seen.append(feed)
        if seen.is_down and feed == FEED:
            raise OSError(5, "Input/output error")
        return real(store, settings, feed, run)

    monkeypatch.setattr(job, "hear", hear)
    return seen


def test_a_briefing_passes_a_resting_feed_over_the_night_asks_it_and_a_success_closes(tmp_path, asked):
    settings, store = open_settings("lindvik"), Store.at(tmp_path)

    def at(minutes):
        return Run.start(lambda: NOW + timedelta(minutes=minutes))

    for number in range(3):
        assert job.collect_feed(store, settings, FEED, at(number)).status == "failed"
    asked.clear()
    (rested,) = [one for one in refresh_stale(store, settings, at(10)) if one.feed == FEED]
    assert (rested.status, rested.cause, rested.is_degraded) == ("skipped", "resting", True)
    assert "asked again from 2026-11-26T13:02:00+00:00" in rested.detail
    assert FEED not in asked and "guard_nordvakt" in asked
    (row,) = [row for row in feed_rows(settings, store, NOW + timedelta(minutes=11)) if row["feed"] == FEED]
    assert (row["circuit"], row["failed_in_a_row"], row["last_try"]) == ("open", 3, "failed disk_fault")
    refresh_stale(store, settings, at(63))
    assert FEED in asked  # half open: one try, which fails
    asked.clear()
    refresh_stale(store, settings, at(70))
    assert FEED not in asked
    asked.is_down = False
    assert {one.feed for one in job.run_all(store, settings, at(80)).feeds} == set(settings.feeds) == set(asked)
    (row,) = [row for row in feed_rows(settings, store, NOW + timedelta(minutes=81)) if row["feed"] == FEED]
    assert (row["circuit"], row["failed_in_a_row"]) == ("closed", 0)


def test_a_feed_that_rests_is_still_read_where_something_landed_otherwise(tmp_path, asked):
    settings, store = open_settings("lindvik"), Store.at(tmp_path)
    run = Run.start(lambda: NOW)
    for _ in range(3):
        job.collect_feed(store, settings, FEED, run)
    store.landing.land(FEED, b"[]", received_at=NOW, landed_at=NOW, name="pushed", run_id="r")
    assert job.collect_feed(store, settings, FEED, run, is_probe=False).ingested.deliveries == 1


def test_status_says_which_feed_rests_and_until_when_and_collect_by_name_asks_it(tmp_path, asked, capsys):
    place = ["--settings", "lindvik", "--data", str(tmp_path)]
    for _ in range(4):
        assert main(["collect", FEED, *place]) == 3
    assert asked == [FEED] * 4
    capsys.readouterr()
    # The demo's clock stands still in the past, where these tries are still to come.
    main(["status", *place])
    assert f"{FEED}: 4 runs in a row failed, asked at the next run" in capsys.readouterr().out


def test_a_feed_that_is_not_trusted_gets_less_time(tmp_path, monkeypatch, asked):
    given_s = []
    real = job.deadline
    monkeypatch.setattr(job, "deadline", lambda seconds: (given_s.append(seconds), real(seconds))[1])
    settings, store = open_settings("lindvik"), Store.at(tmp_path)
    for _ in range(4):
        job.collect_feed(store, settings, FEED, Run.start(lambda: NOW))
    assert given_s == [600.0, 600.0, 600.0, 120.0]
