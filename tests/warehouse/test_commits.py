"""Which run read which delivery is known for ever, in a line a commit, and nothing is claimed that is not known."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from tests.warehouse.observed import at
from warehouse.commits import Commit, commits, journal_of
from warehouse.contract import LAKE_TABLES
from warehouse.lake import Lake
from warehouse.manifest import FeedState
from warehouse.states import drop_states, kept_numbers, states


def read(lake: Lake, feed: str, days: list[int], run: str, *, anew: bool = False) -> None:
    """Commit that ``run`` read the feed's deliveries received on ``days``, after those there or instead of them."""
    before = lake.manifest()
    rows = [dict.fromkeys(LAKE_TABLES["delivery"].names) | delivery(feed, day) for day in days]
    table = pa.Table.from_pylist(rows, schema=LAKE_TABLES["delivery"])
    files = [f for f in before.files if not (anew and f.source_id == feed)]
    files += lake.write_batch(feed, f"{before.number + 1:06d}-{run}", {"delivery": table})
    newest = (at(24 * days[-1]).isoformat(), sha(feed, days[-1]))
    feeds = {**before.feeds, feed: FeedState(newest=newest)}
    told = {"written_at": at(24 * days[-1]), "run_id": run, "code_version": f"v{run}", "what": f"ingest {feed}"}
    lake.commit(before, files=files, feeds=feeds, **told)


def delivery(feed: str, day: int) -> dict[str, object]:
    counts = dict.fromkeys(("seen_count", "accepted_count", "rejected_count", "duplicate_count"), 0)
    named = {"source_id": feed, "ingested_at": at(24 * day), "delivery_sha256": sha(feed, day), "run_id": "landed"}
    return {**named, **counts, "disposition": "accepted"}


def sha(feed: str, day: int) -> str:
    return hashlib.sha256(f"{feed} {day}".encode()).hexdigest()


def told(lake: Lake) -> list[Commit]:
    return commits(lake, states(lake))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    read(lake, "guard", [1, 2], "a")
    read(lake, "police", [1], "b")
    read(lake, "guard", [3], "c")
    read(lake, "guard", [1, 2, 3], "d", anew=True)
    read(lake, "guard", [4], "e")
    return lake


def test_each_commit_tells_what_it_read(lake: Lake) -> None:
    found = [(c.run_id, c.feed, c.after and c.after[1], c.until and c.until[1]) for c in told(lake)]
    assert found == [
        ("a", "guard", None, sha("guard", 2)),
        ("b", "police", None, sha("police", 1)),
        ("c", "guard", sha("guard", 2), sha("guard", 3)),
        ("d", "guard", None, sha("guard", 3)),
        ("e", "guard", sha("guard", 3), sha("guard", 4)),
    ]


def test_letting_states_go_forgets_no_commit_and_letting_go_twice_writes_none_twice(lake: Lake) -> None:
    before = told(lake)
    for days in (2, 5, 900):
        drop_states(lake, at(24 * days) + timedelta(hours=1))
        assert told(lake) == before
    assert kept_numbers(lake) == [5]
    assert len(journal_of(lake).read_text().splitlines()) == 5
    read(lake, "guard", [5], "f")
    assert told(lake)[:5] == before and told(lake)[5].after == before[4].until


def test_what_a_state_read_whose_forerunner_is_gone_is_not_guessed(lake: Lake) -> None:
    drop_states(lake, at(24 * 900))
    journal_of(lake).unlink()  # an older program let them go and wrote nothing
    (left,) = told(lake)
    assert (left.number, left.code_version, left.after) == (5, "ve", left.until)


def test_a_line_torn_by_a_kill_is_written_again(lake: Lake) -> None:
    before = told(lake)
    journal_of(lake).write_text(json.dumps({"number": 1})[:-3])
    drop_states(lake, at(24 * 900))
    assert told(lake) == before
