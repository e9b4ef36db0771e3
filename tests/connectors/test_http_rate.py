"""The source's rate rules: kept over restarts, between processes, and whatever the clock does."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from http_clock import AGENT, Clock, client_at
from replay_server import Call, Recorded, ReplayServer

from connectors.http import FeedDown, HttpClient, RateRules

POLITE = RateRules(min_interval_s=10, per_hour=60, per_day=1_440)


@pytest.fixture()
def url(replay_server: ReplayServer) -> str:
    replay_server.answer("/x", Recorded(b"[]"))
    return replay_server.url("/x")


def call(folder: Path, clock: Clock, url: str, rules: RateRules = POLITE, **given: object) -> None:
    """One call by a client made anew, as after a restart."""
    client_at(folder, clock, **given).get(url, rules=rules, feed="felanmalan")


def barred(folder: Path, clock: Clock, url: str, rules: RateRules = POLITE, **given: object) -> FeedDown:
    with pytest.raises(FeedDown) as caught:
        call(folder, clock, url, rules, **given)
    assert caught.value.cause == "rate_limited"
    return caught.value


def test_the_interval_is_waited_out_over_a_restart(url: str, tmp_path: Path) -> None:
    clock = Clock()
    call(tmp_path, clock, url)
    clock.moment += timedelta(seconds=4)
    call(tmp_path, clock, url)
    assert clock.slept == [6.0]


def test_a_wait_beyond_the_budget_is_refused_with_when_it_may_be(
    url: str, tmp_path: Path, replay_server: ReplayServer
) -> None:
    clock = Clock()
    call(tmp_path, clock, url)
    error = barred(tmp_path, clock, url, budget_s=9)
    assert error.retry_at == clock.moment + timedelta(seconds=10)
    assert (clock.slept, len(replay_server.calls)) == ([], 1)


def test_the_hours_and_the_days_calls_are_counted(url: str, tmp_path: Path) -> None:
    rules = RateRules(min_interval_s=0, per_hour=3, per_day=5)
    clock = Clock()
    first = clock.moment
    for _ in range(3):
        call(tmp_path, clock, url, rules)
        clock.moment += timedelta(minutes=5)
    assert barred(tmp_path, clock, url, rules).retry_at == first + timedelta(hours=1)
    clock.moment = first + timedelta(hours=1)
    call(tmp_path, clock, url, rules)
    clock.moment += timedelta(minutes=6)
    call(tmp_path, clock, url, rules)
    clock.moment += timedelta(hours=3)
    assert barred(tmp_path, clock, url, rules).retry_at == first + timedelta(days=1)


def test_each_try_counts_against_the_rules(tmp_path: Path, replay_server: ReplayServer) -> None:
    replay_server.answer("/x", Recorded(b"", 500))
    clock = Clock()
    with pytest.raises(FeedDown) as caught:
        call(tmp_path, clock, replay_server.url("/x"), RateRules(10, 3, 1_440))
    assert len(replay_server.calls) == 3
    assert (caught.value.cause, caught.value.retry_at) == ("http_5xx", Clock().moment + timedelta(hours=1))
    assert sum(clock.slept[:2]) == pytest.approx(10)  # the backoff's second is part of the interval's ten


def test_feeds_keep_their_rules_apart(url: str, tmp_path: Path) -> None:
    clock = Clock()
    call(tmp_path, clock, url)
    client_at(tmp_path, clock).get(url, rules=POLITE, feed="polisen_events")
    assert clock.slept == []


def test_a_clock_set_back_makes_the_interval_start_over_and_not_last_for_hours(url: str, tmp_path: Path) -> None:
    clock = Clock()
    call(tmp_path, clock, url)
    clock.moment -= timedelta(hours=5)
    call(tmp_path, clock, url)
    assert clock.slept == [10.0]


def test_a_clock_set_back_does_not_forget_the_hours_calls(url: str, tmp_path: Path) -> None:
    rules = RateRules(min_interval_s=0, per_hour=2, per_day=100)
    clock = Clock()
    for _ in range(2):
        call(tmp_path, clock, url, rules)
    clock.moment -= timedelta(hours=5)
    assert barred(tmp_path, clock, url, rules).retry_at == clock.moment + timedelta(hours=1)


@pytest.mark.parametrize("moment", [datetime(2999, 12, 31, tzinfo=UTC).timestamp(), 1e300, float("inf")])
def test_a_saved_moment_far_ahead_is_read_as_now(moment: float, url: str, tmp_path: Path) -> None:
    (tmp_path / "felanmalan.json").write_text(json.dumps({"calls": [moment], "hold_until": moment}))
    clock = Clock()
    call(tmp_path, clock, url)
    assert clock.slept == [10.0]
    kept = json.loads((tmp_path / "felanmalan.json").read_text())
    assert max(kept["calls"]) <= clock.moment.timestamp() and kept["hold_until"] is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"calls": null, "hold_until": null}', '{"calls": ["x"]}', "\x00"])
def test_a_damaged_state_costs_one_interval_and_no_run(damage: str, url: str, tmp_path: Path) -> None:
    (tmp_path / "felanmalan.json").write_text(damage)
    clock = Clock()
    call(tmp_path, clock, url)
    assert clock.slept == [10.0]


@pytest.mark.parametrize("given", [(-1, 60, 60), (1, 0, 60), (1, 60, 0), (float("nan"), 1, 1)])
def test_rules_that_are_none_are_refused(given: tuple[float, int, int]) -> None:
    with pytest.raises(ValueError, match="rate rules"):
        RateRules(*given)


@pytest.mark.parametrize("feed", ["../x", "", "A", "a/b"])
def test_a_feed_that_is_no_plain_word_names_no_file(feed: str, url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="feed"):
        client_at(tmp_path, Clock()).get(url, rules=POLITE, feed=feed)


def _call_thrice(folder: str, url: str, rules: RateRules) -> None:
    """What each of the two processes does, by the real clock."""
    client = HttpClient(
        AGENT,
        Path(folder),
        now=lambda: datetime.now(UTC),
        sleep=time.sleep,
        allow_plain_http_hosts=frozenset({"127.0.0.1"}),
    )
    for _ in range(3):
        client.get(url, rules=rules, feed="felanmalan")


def test_two_processes_together_keep_the_interval(url: str, tmp_path: Path, replay_server: ReplayServer) -> None:
    interval_s = 0.3
    rules = RateRules(interval_s, 1_000, 1_000)
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_call_thrice, args=(str(tmp_path), url, rules)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(600)
    assert [worker.exitcode for worker in workers] == [0, 0]
    moments = sorted(each.at_s for each in replay_server.calls)
    assert len(moments) == 6
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert min(gaps) >= interval_s


def test_a_call_is_written_down_before_it_is_made_so_that_dying_does_not_undo_it(
    tmp_path: Path, replay_server: ReplayServer
) -> None:
    kept: list[str] = []

    def look(_: Call) -> Recorded:
        kept.append((tmp_path / "felanmalan.json").read_text())
        return Recorded(b"[]")

    replay_server.answer_by("/x", look)
    clock = Clock()
    call(tmp_path, clock, replay_server.url("/x"))
    (tmp_path / "felanmalan.json").write_text(kept[0])  # as it stood when the process died
    call(tmp_path, clock, replay_server.url("/x"))
    assert clock.slept == [10.0]
