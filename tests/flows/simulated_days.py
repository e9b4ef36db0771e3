"""Days of a made-up town in which something goes wrong every night, with known truth: what was sent, what must stand.

Each night at 05.00 all feeds are heard and a sheet is made; at 06.10 the morning's timer asks for one. One fault of
each class is dealt for each night from a shuffled pack, so that all have come before any comes again.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil
import types
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import flows.hear
from flows.cli import main
from flows.opened import open_settings
from flows.settings import BUNDLED
from flows.store import Run, Store
from tests.connectors.replay_server import Call, Recorded, ReplayServer
from tests.flows.crash_sweep import HEADER
from tests.flows.simulated_faults import CLASSES, HELD_WHOLE, guard_file, police_answer
from tests.flows.webhook_server import WebhookServer
from warehouse.connection import connect

GUARD = "guard_nordvakt"
POLICE = "polisen_events"
REPORTS_A_DAY = 4


class Stopped(BaseException):
    """The run was stopped from outside."""


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)
        self.off = timedelta(0)

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment + self.off

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Town:
    """The town, its senders, and what they know to have sent."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, seed: int, open_until: ExitStack) -> None:
        self.chance = random.Random(seed)
        self.patch, self.clock = patch, Clock()
        self.server = open_until.enter_context(ReplayServer())
        self.hook = open_until.enter_context(WebhookServer())
        self.settings_folder = self._settings(folder)
        self.store = Store.at(folder / "data")
        self.drop = self.store.drop / GUARD
        self.zone = open_settings(str(self.settings_folder)).timezone
        self.packs = {name: self._dealt(faults) for name, faults in CLASSES.items()}
        self.dealt: Counter[str] = Counter()
        # Truth: what must have landed, what may have (a run that was stopped), and what must stand in the lake.
        self.must_land: Counter[tuple[str, str]] = Counter()
        self.may_land: Counter[tuple[str, str]] = Counter()
        self.reports: set[str] = set()
        self.rejected = 0
        self.held = 0  # whole deliveries of the guards
        self.owed: list[str] = []
        self.held_back: tuple[str, bytes] | None = None
        self.notices: set[int] = set()
        self.served: list[tuple[bytes, bool]] = []  # by the police's server: body, and was it whole
        self.network = "none"
        self.number = 0
        self.days_told: list[str] = []
        self._patch_clock()

    def _settings(self, folder: Path) -> Path:
        made = folder / "lindvik"
        shutil.copytree(BUNDLED / "lindvik", made)
        text = (made / "feeds.toml").read_text(encoding="utf-8")
        options = "options = { window_length = 12, minimum_types = 4, minimum_overlap = 0.25 }"
        text = text.replace(f'folder = "{POLICE}"', f'url = "{self.server.url("/events")}"\n{options}', 1)
        (made / "feeds.toml").write_text(text, encoding="utf-8")
        self.patch.setenv("LAGESBILD_TEST_HOOK", self.hook.url)
        (made / "alarms.toml").write_text(
            '[team]\nkind = "webhook"\nform = "slack"\nsecret_env = "LAGESBILD_TEST_HOOK"\ntlp = "TLP:RED"\n'
        )
        self.server.answer_by("/events", self._answer)
        return made

    def _patch_clock(self) -> None:
        real = Run.start

        def start(now: Callable[[], datetime] | None = None, progress: Callable[..., None] = lambda *_: None) -> Run:
            return real(now or self.clock.now)

        self.patch.setattr(Run, "start", start)
        import time

        shim = types.SimpleNamespace(sleep=self.clock.sleep, time=time.time)
        self.patch.setattr(flows.hear, "time", shim)
        self.patch.delenv("PREFECT_API_URL", raising=False)

    def _dealt(self, faults: tuple[str, ...]) -> Iterator[str]:
        while True:
            pack = list(faults)
            self.chance.shuffle(pack)
            yield from pack

    # The police's server.

    def _answer(self, call: Call) -> Recorded:
        answer = police_answer(self.network, self.number, self.clock.moment.astimezone(self.zone))
        cut = self.network == "the body cut short"
        self.served.append((answer.body, not cut))
        if self.network == "http 500 once":
            self.network = "none"
        return answer

    # The guards' drop folder.

    def deliver(self, day: date, payload: str, files: str, when: str) -> None:
        """Put the night's file into the drop folder, as the faults have it, and write down what that must come to."""
        if self.held_back:
            self._put(*self.held_back)
            self.held_back = None
        new = [f"G{self.number:03d}{i}" for i in range(REPORTS_A_DAY)]
        self.drop.mkdir(parents=True, exist_ok=True)
        if files in ("still being written", "a symbolic link", "another name for a file elsewhere", "a pipe"):
            self._put_unfit(files)
        rows = [
            f"{name};{day - timedelta(days=1)};23.1{name[-1]};;Torget;Klotter;;;Nej;;;;;" for name in [*new, *self.owed]
        ]
        if when == "a correction of yesterday" and (known := sorted(self.reports)):
            rows.append(f"{known[-1]};{day - timedelta(days=1)};23.10;;Torget;Skadegörelse;;;Ja;;;;;")
        body, name = guard_file(payload, self.number, rows), f"night-{self.number:03d}.csv"
        if files == "an odd name":
            name = f"-night {self.number}\n';DROP TABLE report; --\u202e.csv"
        if payload in HELD_WHOLE:
            self.owed += new
            self.held += 1
        elif payload == "nothing in the file":
            self.owed += new
        else:
            self.reports |= {*new, *self.owed}
            self.owed = []
            self.rejected += payload == "one row with an impossible date"
        if when == "held back a day":
            self.held_back = (name, body)
        else:
            self._put(name, body, is_future=files == "dated in the future")
        if when == "sent twice" or files == "the same content by a new name":
            self._put(f"again-{self.number:03d}.csv", body)
            self.held += payload in HELD_WHOLE
            self.rejected += payload == "one row with an impossible date"

    def _put(self, name: str, body: bytes, is_future: bool = False) -> None:
        path = self.drop / name
        path.write_bytes(body)
        stamp = self.clock.moment.timestamp() + (400 * 86_400 if is_future else 0)
        os.utime(path, (stamp, stamp))
        self.must_land[GUARD, hashlib.sha256(body).hexdigest()] += 1

    def _put_unfit(self, how: str) -> None:
        elsewhere = self.store.folder.parent / f"elsewhere-{self.number}.csv"
        elsewhere.write_text(f"{HEADER}\r\nX{self.number};2026-10-01;23.10;;Torget;Klotter;;;Nej;;;;;\r\n", "cp1252")
        name = self.drop / f"unfit-{self.number}.csv"
        if how == "still being written":
            shutil.copy(elsewhere, name.with_name(name.name + ".part"))
        elif how == "a symbolic link":
            name.symlink_to(elsewhere)
        elif how == "a pipe":
            os.mkfifo(name)
        else:
            os.link(elsewhere, name)

    # The days.

    def day(self, day: date) -> dict[str, str]:
        """One night and its morning. Returns the faults that were dealt."""
        faults = {name: next(pack) for name, pack in self.packs.items()}
        self.dealt.update(f"{name}: {fault}" for name, fault in faults.items())
        self.number += 1
        self._set_clock(day, 4, 30)
        self.network, when = faults["network"], faults["time"]
        self.deliver(day, faults["payload"], faults["files"], when)
        self.hook.answer = (503, {}) if faults["orchestration"] == "the webhook is away" else (200, {})
        self.clock.off = {"clock a day ahead": timedelta(days=1), "clock an hour behind": -timedelta(hours=1)}.get(
            when, timedelta(0)
        )
        with self.patch.context() as for_the_night, ExitStack() as until_morning:
            if faults["files"] == "the folder gone for a night":
                away = self.drop.with_name("away")
                self.drop.rename(away)
                until_morning.callback(self._back, away)
            self._set_clock(day, 5, 0)
            self._night(faults["orchestration"], for_the_night, until_morning)
            self.clock.off = timedelta(0)
            self._set_clock(day, 6, 10)
            self._run("morning", codes=(0, 3))
        # By noon the hand that was in the way is gone: what landed late is read now.
        self._set_clock(day, 12, 0)
        self._run("briefing", "--no-prefect", codes=(0, 3))
        return faults

    def _back(self, away: Path) -> None:
        shutil.rmtree(self.drop, ignore_errors=True)  # an empty one was made in its place
        away.rename(self.drop)

    def _set_clock(self, day: date, hour: int, minute: int) -> None:
        self.clock.moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone).astimezone(UTC)

    def _night(self, fault: str, patch: pytest.MonkeyPatch, until_morning: ExitStack) -> None:
        match fault:
            case "asleep at 05.00":
                return
            case "started twice":
                self._run("run", "--no-prefect", codes=(0, 3))
            case "another run never lets go":
                until_morning.enter_context(self.store.writing("a run that hangs"))
                patch.setattr("flows.morning.MORNING_WAIT_S", 0.1)
                self._run("run", "--no-prefect", codes=(5,))
                return
            case "stopped at a durable step" | "disk full":
                with patch.context() as while_it_lasts:
                    self._break_fsync(while_it_lasts, is_full=fault == "disk full")
                    try:
                        self._run("run", "--no-prefect", codes=(0, 1, 3, 4), is_disturbed=True)
                    except Stopped:
                        self._count_served(is_disturbed=True)
                return
            case "a fault in one connector":
                patch.setattr("connectors.open311.connector.normalise", _raise)
                (self.store.drop / "felanmalan").mkdir(parents=True, exist_ok=True)
                body = json.dumps([{"broken": self.number}]).encode()
                (self.store.drop / "felanmalan" / f"{self.number}.json").write_bytes(body)
                self.must_land["felanmalan", hashlib.sha256(body).hexdigest()] += 1
            case "the layout fails":
                patch.setattr("warehouse.publish.render", _raise)
        self._run("run", "--no-prefect", codes=(0, 3))

    def _break_fsync(self, patch: pytest.MonkeyPatch, is_full: bool) -> None:
        left, real = self.chance.randrange(2, 25), os.fsync

        def fsync(descriptor: int) -> None:
            nonlocal left
            left -= 1
            if left < 0 and is_full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if left == 0:
                raise Stopped
            real(descriptor)

        patch.setattr(os, "fsync", fsync)

    def _run(self, *words: str, codes: tuple[int, ...], is_disturbed: bool = False) -> None:
        place = ["--settings", str(self.settings_folder), "--data", str(self.store.folder)]
        code = main([*words, *place])
        assert code in codes, (code, words)
        self._count_served(is_disturbed)

    def _count_served(self, is_disturbed: bool) -> None:
        """What the police's server answered last in a run is what must have landed of it."""
        served, self.served = self.served, []
        if not served or not served[-1][1]:
            return
        body = served[-1][0]
        key = (POLICE, hashlib.sha256(body).hexdigest())
        self.may_land[key] += 1
        if is_disturbed:
            return
        self.must_land[key] += 1
        if body.startswith(b'[{"id"'):
            self.notices |= {entry["id"] for entry in json.loads(body)}

    # What must hold.

    def landed(self) -> Counter[tuple[str, str]]:
        feeds = open_settings(str(self.settings_folder)).feeds
        return Counter(
            (d.feed, d.sha256) for feed in feeds for d in Store.at(self.store.folder).landing.deliveries(feed)
        )

    def lake(self, query: str, table: str) -> list[tuple]:
        files = [str(path) for path in self.store.lake.files(table)]
        with connect() as con:
            return con.execute(query, [files]).fetchall() if files else []


def _raise(*_: object) -> None:
    raise RuntimeError("a fault nobody thought of")
