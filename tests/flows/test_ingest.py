"""An archive read in many chunks: written once for several, and what a reading cut short leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.kit import FeedContext
from flows import ingest
from flows.ingest import ingest_feed
from flows.opened import open_settings
from flows.settings import Settings
from flows.store import Run, Store
from warehouse.contract import LAKE_TABLES
from warehouse.contract_current import CURRENT_TABLES
from warehouse.lake import Lake, content_hash

FEED = "polisen_events"
START = datetime(2026, 8, 21, 12, 0, tzinfo=UTC)


def body(first: int, edited: int | None = None) -> bytes:
    """A window of six made-up notices, one of them perhaps edited."""
    place = {"name": "Stockholms län", "gps": "59.1,18.1"}
    said: dict[str, Any] = {"datetime": "2026-08-21 8:05:10 +02:00", "url": "/", "type": "Brand", "location": place}
    titles = [(n, f"21 augusti 07.{n:02d}, Brand, Haninge") for n in range(first + 6, first, -1)]
    return json.dumps(
        [{"id": n, "name": name, "summary": "Ändrad." if n == edited else "Påhittad.", **said} for n, name in titles]
    ).encode()


#: Seven windows, months apart; the fourth edits a notice that the first and the third told, the last one withdraws.
BODIES = [body(0), body(1), body(2), body(3, edited=7), body(4, edited=7), body(9), body(9, edited=12)]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return open_settings("lindvik")


@pytest.fixture(scope="module")
def context(settings: Settings) -> FeedContext:
    return replace(settings.context(FEED), options={"window_length": 6, "minimum_types": 0, "minimum_overlap": 0.0})


@pytest.fixture
def archive(settings: Settings, context: FeedContext, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Store]:
    """Lands the windows; each is a chunk by itself."""
    monkeypatch.setattr("flows.pending.CHUNK_DELIVERIES", 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(type(settings), "context", lambda *_: context)

    def landed(folder: Path) -> Store:
        store = Store.at(folder)
        for number, content in enumerate(BODIES):
            at = START + timedelta(days=31 * number)
            store.landing.land(FEED, content, received_at=at, landed_at=at, name="a", run_id="r")
        return store

    return landed


def told(lake: Lake) -> dict[str, str]:
    """The content of each table, and what each report says now."""
    hashes = {table: lake.content_hash(table) for table in LAKE_TABLES if lake.files(table)}
    return hashes | {"report": content_hash(lake.files("report"), CURRENT_TABLES["report"])}


@pytest.fixture
def whole(archive: Callable[[Path], Store], settings: Settings, tmp_path: Path) -> Store:
    store = archive(tmp_path / "whole")
    assert ingest_feed(store, settings, FEED, Run("r")).deliveries == len(BODIES)
    return store


def test_an_archive_read_in_a_moment_is_one_commit_in_which_each_report_stands_once(whole: Store) -> None:
    assert whole.lake.manifest().number == 1
    reports = pq.read_table(whole.lake.files("report"), partitioning=None).to_pylist()
    assert len({row["report_id"] for row in reports}) == len(reports) == 15
    assert {row["version"] for row in reports if row["report_id"].endswith((":7", ":12"))} == {2}


@pytest.mark.parametrize(("seconds", "most", "states"), [(0.0, 500_000, 7), (3600.0, 7, 3)])
def test_however_often_it_is_committed_the_lake_says_the_same(
    seconds: float, most: int, states: int, archive: Callable[[Path], Store], settings: Settings, whole: Store,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(ingest, "COMMIT_S", seconds)
    monkeypatch.setattr("warehouse.waiting.MOST", most)
    store = archive(tmp_path / "often")
    ingest_feed(store, settings, FEED, Run("r"))
    assert store.lake.manifest().number == states
    assert told(store.lake) == told(whole.lake)
    ingest_feed(store, settings, FEED, Run("r"), remake=True)
    assert store.lake.manifest().number == states + 1, "made anew in one commit, however much waits"
    assert told(store.lake) == told(whole.lake)
    assert not store.lake.verify()


class Cut(BaseException):
    """Ends a reading from outside."""


def stopped_after(count: int) -> Run:
    """A run that is ended when it tells of its next chunk after ``count``."""
    chunks = iter(range(count))

    def progress(line: str, share: float | None = None) -> None:
        if next(chunks, None) is None:
            raise Cut

    return Run("r", progress=progress)


def test_what_was_read_before_a_reading_is_stopped_stands_and_the_next_goes_on_from_there(
    archive: Callable[[Path], Store], settings: Settings, whole: Store, tmp_path: Path
) -> None:
    store = archive(tmp_path / "stopped")
    with pytest.raises(Cut):
        ingest_feed(store, settings, FEED, stopped_after(4))
    assert store.lake.manifest().number == 1
    result = ingest_feed(Store.at(tmp_path / "stopped"), settings, FEED, Run("r"))
    assert (result.deliveries, result.remade) == (2, False)
    assert told(store.lake) == told(whole.lake)


def test_what_waited_when_a_reading_was_killed_is_worked_out_anew(
    archive: Callable[[Path], Store], settings: Settings, whole: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, commit = archive(tmp_path / "killed"), Lake.commit

    def killed(lake: Lake, *given: Any, **named: Any) -> Any:
        if lake.manifest().number == 1:
            raise Cut  # who is killed commits no more
        return commit(lake, *given, **named)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("warehouse.waiting.MOST", 7)
        meanwhile.setattr(Lake, "commit", killed)
        with pytest.raises(Cut):
            ingest_feed(store, settings, FEED, Run("r"))
    assert store.lake.stray_files(), "files of what waited"
    result = ingest_feed(Store.at(tmp_path / "killed"), settings, FEED, Run("r"))
    assert result.deliveries == len(BODIES) - 2
    assert told(store.lake) == told(whole.lake)
    assert not store.lake.verify()


def test_a_fault_while_it_is_committed_is_not_met_by_committing_again(
    archive: Callable[[Path], Store], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, tries = archive(tmp_path), list[int]()

    def full(lake: Lake, *_: Any, **__: Any) -> Any:
        tries.append(1)
        raise OSError("no space")

    monkeypatch.setattr(Lake, "commit", full)
    with pytest.raises(OSError, match="no space"):
        ingest_feed(store, settings, FEED, Run("r"))
    assert len(tries) == 1
