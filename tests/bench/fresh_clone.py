"""From a clean clone to a sheet by itself, as somebody who has only the README: every leg measured.

    python -m tests.bench.fresh_clone [--folder SOMEWHERE] [--from REPOSITORY]

Clones the project, gives it a home folder of its own and none of this environment's settings, does what the README
says – ``flows/start.py demo``, ``lagesbild up`` – and then: a guard company's file dropped, the same pushed, a
briefing in its own process and one by the server's worker, each twice, ``lagesbild down``. Minutes, most of them pip's.
Ends with code 1 where a limit of LIMITS is missed or something is left running.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.events import LANDED
from flows.processes import look
from flows.store import Store
from tests.flows.raised import Raised, free_port

PROJECT = Path(__file__).resolve().parents[2]
FEED = "guard_nordvakt"
#: Seconds, warm; from the issue this measures. The load of the machine is printed beside.
LIMITS = {"a dropped file": 30.0, "a pushed delivery": 30.0, "briefing": 10.0, "briefing --api": 15.0}


class Fresh(Raised):
    """The clone in ``folder``, spoken to by its own command."""

    def __init__(self, folder: Path, repository: str) -> None:
        self.clone, self.home = folder / "lagesbild", folder / "home"
        self.home.mkdir(parents=True)
        keep = ["PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", *(name for name in os.environ if name.startswith("PIP_"))]
        self.environment = {name: os.environ[name] for name in keep if name in os.environ} | {"HOME": str(self.home)}
        subprocess.run(["git", "clone", "--quiet", repository, str(self.clone)], check=True)
        self.data = self.home / ".local" / "share" / "lagesbild" / "lindvik"
        self.store = Store.at(self.data)
        self.address = ["--port", str(free_port())]
        self.push_port, self.push_key = free_port(), b""

    def told(self, *words: str | Path) -> float:
        """Run a command in the clone, printing what it says; returns how many seconds it took."""
        print("$", *[str(word).replace(str(self.clone) + "/", "") for word in words], flush=True)
        began = time.monotonic()
        done = subprocess.run(
            list(map(str, words)), cwd=self.clone, env=self.environment, capture_output=True, text=True
        )
        took = time.monotonic() - began
        print("   ", "\n    ".join((done.stdout + done.stderr).strip().splitlines()[-6:]))
        print(f"    code {done.returncode}, {took:.1f} s", flush=True)
        if done.returncode not in (0, 3):
            raise SystemExit(f"{' '.join(map(str, words))}: code {done.returncode}\n{self.words()}")
        return took

    def lagesbild(self, *words: str, timeout_s: float = 400) -> Any:
        return self.told(self.clone / ".venv" / "bin" / "lagesbild", *words, "--settings", "lindvik")

    def keys(self) -> None:
        """A key for the partner, and a port that nobody here has."""
        self.lagesbild("intake", "--new-key", FEED)
        path = self.data / "intake.toml"
        path.write_text(f"[listen]\nport = {self.push_port}\n{path.read_text()}")
        (key,) = tomllib.loads(path.read_text())["keys"][FEED]
        self.push_key = base64.b64decode(key.removeprefix("whsec_"))

    def moment(self, text: str) -> float:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

    def event(self, since: float) -> float:
        """When the server had the event that the delivery has landed."""
        body = {"filter": {"event": {"name": [LANDED]}, "order": "DESC"}, "limit": 5}
        found = self.ask("POST", "/events/filter", body)["events"]
        return max((at for one in found if (at := self.moment(one["received"])) > since), default=0.0)

    def arrival(self, name: str, arrive: Callable[[], Any]) -> float:
        """Let a delivery of five reports arrive and wait for the sheet that holds them; seconds in all."""
        self.quiet()
        rows, began, count = self.rows(), time.time(), len(self.store.landing.deliveries(FEED))
        arrive()
        self.until(lambda: len(self.store.landing.deliveries(FEED)) > count, 60, "the delivery to land")
        landed = self.store.landing.deliveries(FEED)[-1].landed_at.timestamp()
        self.until(lambda: self.rows() >= rows + 5, 120, "the delivery to be read")
        read = time.time()
        self.until(lambda: self.newest() > began, 120, "the sheet")
        out = time.time()
        collect = self.until(lambda: self.runs(began, FEED), 20, "the collect")[0]
        picture = self.until(lambda: self.runs(began, "picture"), 20, "the picture's run")[0]
        event = self.until(lambda: self.event(began), 20, "the event")
        running, drawing = self.moment(collect["start_time"]), self.moment(picture["start_time"])
        steps = {
            "landed": landed - began,
            "event": event - landed,
            "collect running": running - event,
            "read": read - running,
            "picture running": drawing - read,
            "sheet": out - drawing,
            "in all": out - began,
        }
        print(f"{name}: " + " · ".join(f"{leg} {seconds:.1f}" for leg, seconds in steps.items()) + f" s {load()}")
        return steps["in all"]


def load() -> str:
    return f"(load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)"


def trial(fresh: Fresh) -> dict[str, float]:
    """Everything, in order; the seconds of what LIMITS names, of the second time it was done."""
    fresh.told("python3", "flows/start.py", "demo")
    fresh.keys()
    fresh.lagesbild("up", *fresh.address)
    took: dict[str, float] = {}
    for number in (1, 2):
        took["a dropped file"] = fresh.arrival("a dropped file", lambda n=number: fresh.drop(f"N{n}"))
        took["a pushed delivery"] = fresh.arrival("a pushed delivery", lambda n=number: fresh.push(f"P{n}"))
        fresh.quiet()  # a picture whose sheet is out copies the analysts' tables still, and a briefing is refused then
        took["briefing"] = fresh.lagesbild("briefing", "--wait", "60")
        took["briefing --api"] = fresh.lagesbild("briefing", "--api")
    fresh.lagesbild("status")
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where to work; removed afterwards where it is not given")
    parser.add_argument("--from", dest="repository", default=str(PROJECT), help="what to clone (this project)")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="lagesbild-fresh-"))
    fresh = Fresh(folder, asked.repository)
    try:
        took = trial(fresh)
    finally:
        fresh.lagesbild("down")
        left = [pid for pid in look() if str(fresh.clone).encode() in command_line(pid)]
        if asked.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    missed = [f"{name}: {took[name]:.1f} s, at most {limit:g}" for name, limit in LIMITS.items() if took[name] > limit]
    print(*(f"MISSED {line} {load()}" for line in missed), sep="\n")
    print(f"left running: {left or 'nothing'}")
    return 1 if missed or left else 0


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    sys.exit(main())
