"""What is behind, and catching up with it: landed and not read, not asked lately, a picture overtaken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.cli import main
from flows.hear import land_folder
from flows.opened import open_settings
from flows.pending import has_unread
from flows.refresh import ASKED_LATELY, is_overtaken, past_moment, read_landed, refresh_stale, wait_out
from flows.results import FeedResult
from flows.store import Run, Store
from tests.flows.crash_sweep import deliver

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def lindvik():
    return open_settings("lindvik")


def land(data, number: int = 1) -> Store:
    """A file in the drop folder, landed and not read: what the watcher does."""
    deliver(data, number)
    store = Store.at(data)
    land_folder(store, "guard_nordvakt", data / "drop" / "guard_nordvakt", Run.start())
    return store


def rows_in(store: Store) -> int:
    return sum(f.row_count for f in store.lake.manifest().files if f.table == "report_version")


def test_what_has_landed_is_read_without_asking_anybody(lindvik, tmp_path):
    store = land(tmp_path)
    assert has_unread(store, "guard_nordvakt") and not has_unread(store, "felanmalan")
    (result,) = read_landed(store, lindvik, Run.start())
    assert (result.feed, result.ingested.accepted) == ("guard_nordvakt", 9)
    assert list(store.landing.attempts()) == []
    assert not has_unread(store, "guard_nordvakt") and read_landed(store, lindvik, Run.start()) == []


def test_a_picture_is_overtaken_by_what_is_read_after_it_and_by_nothing_else(lindvik, tmp_path):
    store = land(tmp_path)
    assert is_overtaken(store, datetime.now(UTC))  # there is none yet
    words = ["--settings", "lindvik", "--data", str(tmp_path)]
    assert main(["run", "--no-prefect", *words]) in (0, 3)
    assert not is_overtaken(store, datetime.now(UTC))
    land(tmp_path, 2)
    assert not is_overtaken(store, datetime.now(UTC))  # landed, and the lake says what it said
    read_landed(store, lindvik, Run.start())
    assert is_overtaken(store, datetime.now(UTC))
    assert main(["picture", *words]) == 0
    assert not is_overtaken(store, datetime.now(UTC))


def asked(lindvik, store, now) -> list[str]:
    found = []
    refresh_stale(
        store, lindvik, replace(Run.start(), now=lambda: now), lambda f: found.append(f) or FeedResult(f, "ok")
    )
    return found


def test_a_source_is_asked_when_its_last_answer_is_old_and_a_folder_always(lindvik, tmp_path):
    feeds = dict(lindvik.feeds)
    feeds["felanmalan"] = replace(feeds["felanmalan"], url="https://town.example/open311", folder=None)
    lindvik, store = replace(lindvik, feeds=feeds), Store.at(tmp_path)
    folders = set(feeds) - {"felanmalan"}
    assert set(asked(lindvik, store, NOW)) == set(feeds)  # never heard

    def answer(status, ago):
        at = NOW - ago
        store.landing.note_attempt("felanmalan", run_id="r", started_at=at, ended_at=at, status=status)

    answer("nothing_new", ASKED_LATELY + timedelta(seconds=1))
    assert "felanmalan" in asked(lindvik, store, NOW)
    answer("failed", timedelta(minutes=1))
    assert "felanmalan" in asked(lindvik, store, NOW)  # a failure is no answer
    answer("ok", timedelta(minutes=9))
    assert set(asked(lindvik, store, NOW)) == folders


def test_what_landed_from_a_source_that_need_not_be_asked_is_read_all_the_same(lindvik, tmp_path):
    store = land(tmp_path)
    feeds = dict(lindvik.feeds)
    feeds["guard_nordvakt"] = replace(feeds["guard_nordvakt"], url="https://guard.example", folder=None)
    store.landing.note_attempt("guard_nordvakt", run_id="r", started_at=NOW, ended_at=NOW, status="ok")
    assert "guard_nordvakt" not in asked(replace(lindvik, feeds=feeds), store, NOW)
    assert rows_in(store) == 9


@pytest.mark.parametrize(
    ("asked_ago_s", "window_s", "slept"),
    [(2, 8, [6]), (9, 8, []), (0, 0, []), (-3600, 8, [8])],  # the last: a clock gone wrong
)
def test_a_run_waits_until_the_trigger_hears_again_and_no_longer(asked_ago_s, window_s, slept):
    waits: list[float] = []
    run = replace(Run.start(), now=lambda: NOW)
    wait_out(NOW - timedelta(seconds=asked_ago_s), window_s, run, waits.append)
    wait_out(None, window_s, run, waits.append)
    assert waits == slept


def test_a_moment_needs_an_offset_and_must_have_come():
    assert past_moment(None, NOW) is None
    assert past_moment(datetime.fromisoformat("2026-11-26T07:00+01:00"), NOW) == datetime(
        2026, 11, 26, 6, 0, tzinfo=UTC
    )
    with pytest.raises(ValueError, match="offset"):
        past_moment(datetime(2026, 11, 26, 7, 0), NOW)  # noqa: DTZ001
    with pytest.raises(ValueError, match="has not come yet"):
        past_moment(NOW + timedelta(seconds=1), NOW)
    for moment in ("0001-01-01T00:00:00+02:00", "0206-10-10T06:00:00Z"):
        with pytest.raises(ValueError, match="is the year right"):
            past_moment(datetime.fromisoformat(moment), NOW)
    with pytest.raises(ValueError, match="has not come yet"):
        past_moment(datetime.fromisoformat("9999-12-31T23:59:59-05:00"), NOW)
