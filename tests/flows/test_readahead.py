"""Deliveries read ahead in other processes come to what they come to here, also where a process is lost."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.kit import Delivery, FeedContext
from connectors.normalised import Normalised
from flows import readahead
from flows.ingest import ingest_feed
from flows.opened import open_settings
from flows.readahead import normalise_of, reader
from flows.store import Run, Store

FEED = "polisen_events"
START = datetime(2026, 8, 21, 12, 0, tzinfo=UTC)


def body(first: int, length: int = 6) -> bytes:
    """A window of made-up notices; one that is too short is somebody else's answer and is not read."""
    at = "2026-08-21 8:05:10 +02:00"
    place = {"name": "Stockholms län", "gps": "59.1,18.1"}
    said: dict[str, Any] = {"datetime": at, "summary": "Påhittad.", "url": "/", "type": "Brand", "location": place}
    numbers = range(first + length, first, -1)
    return json.dumps([{"id": n, "name": f"21 augusti 07.{n:02d}, Brand, Haninge", **said} for n in numbers]).encode()


#: Six windows, the fourth of them foreign: the last of its chunk where two are read together.
BODIES = [body(0), body(1), body(2), body(40, length=2), body(3), body(9)]


@pytest.fixture(scope="module")
def context() -> FeedContext:
    options = {"window_length": 6, "minimum_types": 0, "minimum_overlap": 0.0}
    return replace(open_settings("lindvik").context(FEED), options=options)


@pytest.fixture
def chunks(tmp_path: Path) -> list[list[Delivery]]:
    deliveries = []
    for minute, content in enumerate(BODIES):
        digest = hashlib.sha256(content).hexdigest()
        path = tmp_path / digest
        path.write_bytes(content)
        deliveries.append(Delivery(FEED, digest, START + timedelta(minutes=minute), f"{minute}.json", "run-1", path))
    return [deliveries[place : place + 2] for place in (0, 2, 4)]


def said(tables: Normalised) -> list[Any]:
    parts = (tables.observations, tables.rejects, tables.notices, tables.presence)
    return [*(part.to_pylist() for part in parts), tables.outcomes]


def read_ahead(chunks: list[list[Delivery]], context: FeedContext, lost: Callable[[str], None]) -> list[Any]:
    """What the chunks come to, each read after the last delivery accepted before it."""
    answers, previous = [], None
    with reader("polisen_events", context, chunks, None, lost) as read:
        for place, chunk in enumerate(chunks):
            tables = read(place, previous)
            answers.append(said(tables))
            accepted = [o.delivery_sha256 for o in tables.outcomes if o.disposition == "accepted"]
            previous = next((one for one in reversed(chunk) if one.sha256 in accepted), previous)
    return answers


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three chunks are read in processes here as many are elsewhere."""
    monkeypatch.setattr(readahead, "CHUNKS_EACH", 1)


@pytest.fixture
def plain(chunks: list[list[Delivery]], context: FeedContext) -> list[Any]:
    read = normalise_of("polisen_events")
    previous = [None, chunks[0][1], chunks[1][0]]
    return [said(read(chunk, context, before)) for chunk, before in zip(chunks, previous, strict=True)]


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_chunks_read_ahead_come_to_what_they_come_to_here(
    cores: int, chunks: Any, context: FeedContext, plain: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    losses: list[str] = []
    assert read_ahead(chunks, context, losses.append) == plain
    assert losses == []
    assert plain[2][3], "what left since the last window that was the feed's own"


@pytest.mark.parametrize(("count", "started"), [(1, 0), (7, 0), (8, 1), (15, 1), (16, 2), (99, 2)])
def test_a_process_is_started_only_for_as_many_chunks_as_are_worth_it(
    count: int, started: int, chunks: Any, context: FeedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Counted:
        is_lost = True
        made = 0

        def __init__(self, *_: object) -> None:
            Counted.made += 1

        def end(self) -> None:
            pass

    monkeypatch.setattr(readahead, "CHUNKS_EACH", 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr(readahead._Child, "start", Counted)
    with reader("polisen_events", context, chunks[:1] * count, None, pytest.fail):
        assert Counted.made == started


def test_a_lost_process_is_told_once_and_nothing_is_lost(
    chunks: Any, context: FeedContext, plain: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    start = readahead._Child.start

    def killed(kind: str, context: FeedContext) -> Any:
        child = start(kind, context)
        child.process.kill()
        return child

    monkeypatch.setattr(readahead._Child, "start", killed)
    losses: list[str] = []
    assert read_ahead(chunks, context, losses.append) == plain
    assert losses == ["a reading process ended with -9; what it had is read here"]


@pytest.mark.parametrize("is_slow", [False, True])
def test_this_process_reads_a_chunk_while_it_waits(
    is_slow: bool, chunks: Any, context: FeedContext, plain: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    asked, tried, ask, read_here = list[Any](), list[Any](), readahead._Child.ask, readahead._tried
    monkeypatch.setattr(readahead._Child, "ask", lambda self, job: (asked.append(job), ask(self, job)))
    monkeypatch.setattr(readahead._Child, "has_answered", lambda _: not is_slow)
    monkeypatch.setattr(readahead, "_tried", lambda *job: (tried.append(job[2]), read_here(*job))[1])
    assert read_ahead(chunks, context, pytest.fail) == plain
    second, third = ([job.deliveries for job in jobs] for jobs in (asked, tried))
    assert (second, third) == (([chunks[1]], [chunks[2]]) if is_slow else (chunks[1:], []))


def test_what_a_connector_raises_is_raised_here(chunks: Any, context: FeedContext) -> None:
    wrong = replace(context, options={"window_length": 0})
    with pytest.raises(ValueError, match="window_length"):
        read_ahead(chunks, wrong, pytest.fail)


def test_no_process_is_left_when_reading_stops_early(
    chunks: Any, context: FeedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    started, start = list[Any](), readahead._Child.start
    monkeypatch.setattr(readahead._Child, "start", lambda *job: (started.append(start(*job)), started[-1])[1])
    with pytest.raises(KeyboardInterrupt), reader("polisen_events", context, chunks, None, pytest.fail):
        assert [child.process.poll() for child in started] == [None]
        raise KeyboardInterrupt
    # Asked of the kernel: a process that was ended but not waited for is still a process there.
    assert not [child for child in started if Path(f"/proc/{child.process.pid}").exists()]


def test_a_run_tells_what_it_lost_and_its_lake_holds_everything(
    tmp_path: Path, context: FeedContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.pending.CHUNK_DELIVERIES", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    lakes, answers, told = [], [], list[str]()
    for name in ("whole", "lost"):
        store = Store.at(tmp_path / name)
        settings = open_settings("lindvik")
        monkeypatch.setattr(type(settings), "context", lambda *_: context)
        for minute, content in enumerate(BODIES):
            at = START + timedelta(minutes=minute)
            store.landing.land(FEED, content, received_at=at, landed_at=at, name="a", run_id="r")
        if name == "lost":
            monkeypatch.setattr(readahead._Child, "_send", lambda self, _: self.process.kill())
        progress = lambda line, share=None: told.append(line)  # noqa: E731
        answers.append(ingest_feed(store, settings, FEED, Run("r", progress=progress)))
        lakes.append([store.lake.content_hash(table) for table in ("report_version", "delivery", "presence", "note")])
    assert lakes[0] == lakes[1]
    assert answers[0].readers_lost == 0 and answers[1].readers_lost == 2
    assert (answers[1].deliveries, answers[1].quarantined) == (6, 1)
    assert any("what it had is read here" in line for line in told)
