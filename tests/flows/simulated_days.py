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
from tests.connectors.polisen_events.made_up_police import window
from tests.connectors.replay_server import Call, Recorded, ReplayServer
from tests.flows.crash_sweep import HEADER
from tests.flows.webhook_server import WebhookServer
from warehouse.connection import connect

GUARD = "guard_nordvakt"
POLICE = "polisen_events"
REPORTS_A_DAY = 4

NETWORK = (
    "none", "http 500 all night", "http 500 once", "busy with Retry-After", "moved to another address",
    "not found", "no right to read", "html with status 200", "an error in an envelope", "an empty list",
    "the body cut short", "the same answer as yesterday",
)  # fmt: skip
PAYLOAD = (
    "none", "html instead of csv", "a column renamed", "a quote never closed", "one row with an impossible date",
    "a column added", "columns in another order", "a word nobody knows", "markup, sql and formulas", "utf-8 with BOM",
    "nothing in the file",
)  # fmt: skip
FILES = (
    "none", "still being written", "a symbolic link", "another name for a file elsewhere", "a pipe", "an odd name",
    "the same content by a new name", "dated in the future", "the folder gone for a night",
)  # fmt: skip
TIME = (
    "none",
    "sent twice",
    "held back a day",
    "a correction of yesterday",
    "clock a day ahead",
    "clock an hour behind",
)
ORCHESTRATION = (
    "none", "asleep at 05.00", "started twice", "stopped at a durable step", "disk full", "another run never lets go",
    "a fault in one connector", "the layout fails", "the webhook is away",
)  # fmt: skip
CLASSES = {"network": NETWORK, "payload": PAYLOAD, "files": FILES, "time": TIME, "orchestration": ORCHESTRATION}

#: Where nothing of a night's file can be used, so that the sender sends the reports again in the next one.
HELD_WHOLE = {"html instead of csv", "a column renamed", "a quote never closed"}


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
        answer = self._answer_of(self.network)
        cut = self.network == "the body cut short"
        self.served.append((answer.body, not cut))
        if self.network == "http 500 once":
            self.network = "none"
        return answer

    def _answer_of(self, fault: str) -> Recorded:
        newest = 1000 + 2 * (self.number - (fault == "the same answer as yesterday"))
        ids = range(newest, newest - 12, -1)
        moment = self.clock.moment.astimezone(self.zone)
        body = json.dumps(window(*ids, datetime=f"{moment:%Y-%m-%d} 1:05:10 +02:00")).encode()
        match fault:
            case "http 500 all night" | "http 500 once":
                return Recorded(b"out of order", 500)
            case "busy with Retry-After":
                return Recorded(b"later", 429, {"Retry-After": "7200"})
            case "moved to another address":
                return Recorded(b"over there", 302, {"Location": "https://elsewhere.example/"})
            case "not found":
                return Recorded(b"nothing here", 404)
            case "no right to read":
                return Recorded(b"who are you", 401)
            case "html with status 200":
                return Recorded(b"<html>log in</html>")
            case "an error in an envelope":
                return Recorded(b'{"error": "quota"}')
            case "an empty list":
                return Recorded(b"[]")
            case "the body cut short":
                return Recorded(body[:99], 200, {"Content-Length": str(len(body))})
        return Recorded(body)

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
        body, name = self._body(payload, rows), f"night-{self.number:03d}.csv"
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

    def _body(self, payload: str, rows: list[str]) -> bytes:
        lines, encoding = [HEADER, *rows], "cp1252"
        match payload:
            case "html instead of csv":
                return f"<html>{self.number}</html>".encode()
            case "nothing in the file":
                return b""
            case "a column renamed":
                lines[0] = lines[0].replace("Datum", "Dag")
            case "a quote never closed":
                lines[1] = lines[1].replace("Torget", '"Torget')
            case "one row with an impossible date":
                lines.append(f"B{self.number};2026-02-31;23.10;;Torget;Klotter;;;Nej;;;;;")
            case "a column added":
                lines = [lines[0] + ";Ny", *(line + ";7" for line in lines[1:])]
            case "columns in another order":
                lines = [";".join(reversed(line.split(";"))) for line in lines]
            case "a word nobody knows":
                lines = [line.replace("Klotter", "Blargh") for line in lines]
            case "markup, sql and formulas":
                lines = [line.replace(";;;Nej", ";=cmd|'/c x'!A1 <script>' DROP TABLE x --;;Nej") for line in lines]
            case "utf-8 with BOM":
                encoding = "utf-8-sig"
        return "\r\n".join([*lines, ""]).encode(encoding)

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
