"""The lake against a plain dictionary: deliveries, corrections, withdrawals, returns, crashes, compaction, going back.

Whatever comes in whatever order, every moment is answered as the dictionary answers it, every hash holds, and what
landed is read in the end.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from flows.ingest import ingest_feed
from flows.store import Run, Store
from tests.warehouse.lake_dictionary import FEED, expected, normalise
from tests.warehouse.observed import FIRST, at
from warehouse import compaction
from warehouse.as_of import as_of
from warehouse.landing import Landed
from warehouse.report_keys import STORED, keys_of
from warehouse.states import chain_faults, drop_states, kept_numbers, roll_back, states, verify_all

ZONE = ZoneInfo("Europe/Stockholm")

#: One record of a made-up delivery: which report, what it says, and whether it stands, was cancelled, or is missed.
RECORD = st.tuples(
    st.sampled_from("123"), st.sampled_from("ab"), st.sampled_from(["seen", "seen", "cancelled", "withdrawn"])
)
RECORDS = st.lists(RECORD, max_size=4)
#: The durable step an operation stops at (None: it comes through), and whether by a kill or a full disk.
STOP = st.none() | st.tuples(st.integers(1, 20), st.booleans())
HOURS = st.integers(0, 4000)


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


@contextmanager
def stopped(stop: tuple[int, bool] | None) -> Iterator[None]:
    """Stop what is done inside at its n-th durable step; what was to be done is then not done."""
    if stop is None:
        yield
        return
    left, is_killed = stop
    real = {"fsync": os.fsync, "replace": os.replace}

    def counted(name):
        def step(*args):
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed if is_killed else OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real[name](*args)

        return step

    os.fsync, os.replace = counted("fsync"), counted("replace")
    try:
        yield
    except (Killed, OSError):
        pass
    finally:
        os.fsync, os.replace = real["fsync"], real["replace"]


class LakeModel(RuleBasedStateMachine):
    """Operations on a real data folder and on the dictionary beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.clock = 0
        self.bodies: dict[str, bytes] = {}
        self.read: dict[int, tuple[Landed, ...]] = {0: ()}  # state → the deliveries it is made of
        feeds = {FEED: SimpleNamespace(kind="model")}
        self.settings = SimpleNamespace(
            feeds=feeds, context=lambda feed: None, digest=lambda: "d", file_bodies={}, timezone=ZONE
        )

    def teardown(self) -> None:
        self.temporary.cleanup()

    @property
    def store(self) -> Store:
        return Store.at(self.temporary.name)  # opened anew each time, as by a new process

    @property
    def now(self) -> datetime:
        return at(self.clock)

    def who(self) -> dict[str, object]:
        return {"written_at": self.now, "run_id": f"r{self.clock}", "code_version": "0"}

    def landed(self) -> tuple[Landed, ...]:
        return tuple(self.store.landing.deliveries(FEED))

    def land(self, body: bytes, received_at: datetime) -> None:
        landed = self.store.landing.land(FEED, body, received_at=received_at, landed_at=self.now, name="n", run_id="r")
        if landed:
            self.bodies[landed.sha256] = body

    def ingest(self, stop: tuple[int, bool] | None) -> None:
        store, run = self.store, Run("r", now=lambda: self.now, code_version="0")
        before = store.lake.manifest().number
        with stopped(stop), store.writing("model"):
            ingest_feed(store, self.settings, FEED, run)
        self.settle(before, self.landed())
        if stop is None:
            assert {(d.sha256, d.received_at) for d in self.read[self.number]} == {
                (d.sha256, d.received_at) for d in self.landed()
            }

    @property
    def number(self) -> int:
        return self.store.lake.manifest().number

    def settle(self, before: int, content: tuple[Landed, ...]) -> None:
        """After an operation the old state stands, or one new one with ``content``; never anything else."""
        assert self.number in (before, before + 1)
        if self.number != before:
            self.read[self.number] = content

    @initialize()
    def begin(self) -> None:
        self.deliver([("1", "a", "seen"), ("2", "a", "seen")], 1, None)

    @rule(records=RECORDS, hours=st.integers(1, 300), stop=STOP)
    def deliver(self, records, hours, stop) -> None:
        self.clock += hours
        self.land(json.dumps({"records": records, "night": self.clock}).encode(), self.now)
        self.ingest(stop)

    @rule(hours=st.integers(1, 300), stop=STOP)
    def repeat(self, hours, stop) -> None:
        self.clock += hours
        self.land(self.bodies[self.landed()[-1].sha256], self.now)
        self.ingest(stop)

    @rule(records=RECORDS, hours_ago=st.integers(1, 1000), stop=STOP)
    def find_an_older_delivery(self, records, hours_ago, stop) -> None:
        self.clock += 1
        body = json.dumps({"records": records, "found": self.clock}).encode()
        self.land(body, self.now - timedelta(hours=hours_ago))
        self.ingest(stop)

    @rule(stop=STOP)
    def compact(self, stop) -> None:
        self.clock += 1
        before = self.number
        with stopped(stop), self.store.writing("model"):
            compaction.compact(self.store.lake, **self.who())
        self.settle(before, self.read[before])

    @rule(choice=st.randoms(use_true_random=False), stop=STOP)
    def go_back(self, choice, stop) -> None:
        self.clock += 1
        before = self.number
        kept = kept_numbers(self.store.lake)
        if not kept:
            return
        target = choice.choice(kept)
        with stopped(stop), self.store.writing("model"):
            roll_back(self.store.lake, target, **self.who())
        self.settle(before, self.read[target])

    @rule(hours_ago=st.integers(0, 1000))
    def let_old_states_go(self, hours_ago) -> None:
        before = self.number
        with self.store.writing("model"):
            drop_states(self.store.lake, self.now - timedelta(hours=hours_ago))
        assert self.number == before
        lake = self.store.lake
        listed = {lake.folder / file.path for kept in (*states(lake), lake.manifest()) for file in kept.files}
        stand = {path for path in lake.folder.rglob("*") if path.is_file() and path.suffix in (".parquet", ".keys")}
        assert stand == listed
        self.read = {
            number: read for number, read in self.read.items() if number in (0, *kept_numbers(self.store.lake))
        }

    @rule()
    def run_again(self) -> None:
        self.ingest(None)

    @rule(hours=HOURS)
    def ask_as_of(self, hours) -> None:
        self.matches(at(hours % (self.clock + 2)))

    @invariant()
    def all_is_whole_and_known(self) -> None:
        found = verify_all(self.store.lake)
        assert (found.faults, found.closed, chain_faults(self.store.lake)) == ([], {}, [])
        self.matches(self.now)
        self.what_is_kept_follows_from_the_versions()

    def what_is_kept_follows_from_the_versions(self) -> None:
        """What each report says now lies beside the history: rows, sums and keys are those of the versions."""
        lake = self.store.lake
        newest = as_of(lake, self.now + timedelta(days=1)).to_pylist()
        reports = [row for path in lake.files("report") for row in pq.read_table(path, partitioning=None).to_pylist()]
        names = ("report_id", "version", "change_kind", "first_seen_at", "ingested_at", "occurred_from")
        assert sorted([row[n] for n in names] for row in reports) == [[row[n] for n in names] for row in newest]
        days, totals = (
            [row for path in lake.files(table) for row in pq.read_table(path, partitioning=None).to_pylist()]
            for table in ("report_day", "report_total")
        )
        standing = sum(row["change_kind"] != "withdrawn" for row in newest)
        assert sum(row["report_count"] for row in days) == standing
        assert sum(row["report_count"] for row in totals if row["is_standing"]) == standing
        assert sum(row["report_count"] for row in totals) == len(newest)
        keys = [key for path in lake.files("report_key") for key in np.fromfile(path, STORED).tolist()]
        assert sorted(keys) == sorted(keys_of(pa.array([row["report_id"] for row in newest], pa.string())).tolist())

    def matches(self, moment: datetime) -> None:
        rows = as_of(self.store.lake, moment).to_pylist()
        found = {r["report_id"]: (r["version"], r["change_kind"], r["note_public"]) for r in rows}
        assert found == expected(self.read.get(self.number, ()), self.bodies, moment)


@pytest.fixture
def model_connector(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up connector where ingest looks for connectors, and few files enough to be merged."""
    connector = ModuleType("connectors.model.connector")
    connector.normalise = normalise  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "connectors.model", ModuleType("connectors.model"))
    monkeypatch.setitem(sys.modules, "connectors.model.connector", connector)
    monkeypatch.setattr(compaction, "LOOSE_FILES", 3)


def check(examples: int, steps: int, *, is_repeatable: bool = False) -> None:
    profile = settings(
        derandomize=is_repeatable,
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(LakeModel, settings=profile)


def test_the_lake_is_what_a_dictionary_says_it_is(model_connector: None) -> None:
    check(examples=4, steps=12, is_repeatable=True)


@pytest.mark.slow
@pytest.mark.timeout(7200)  # 14 CPU minutes: on a machine with others at work, more than half an hour
def test_the_lake_is_what_a_dictionary_says_it_is_over_long_lives(model_connector: None) -> None:
    check(examples=150, steps=40)


def test_the_dictionary_itself_knows_a_life(tmp_path: Path) -> None:
    """The model must be able to disagree: one life worked out by hand."""
    lives = [[("1", "a", "seen")], [("1", "a", "seen")], [("1", "b", "withdrawn")], [("1", "a", "seen")]]
    bodies = {str(n): json.dumps({"records": life}).encode() for n, life in enumerate(lives)}
    landed = [Landed(n, FEED, str(n), 1, FIRST + timedelta(hours=n), FIRST, "n", "r") for n in range(len(lives))]
    told = [expected(landed, bodies, at(n))[f"{FEED}:1"] for n in range(4)]
    assert told == [(1, "new", "a"), (1, "new", "a"), (2, "withdrawn", None), (3, "returned", "a")]
