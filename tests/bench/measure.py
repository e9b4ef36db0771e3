"""Running one step in a process of its own, and what it cost: CPU seconds of the whole process tree and peak memory."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]

#: Starts what is measured and tells what it cost. A process takes over the peak memory of the one that starts it, so
#: that one must be small: 10 MB here, and not the 200 MB of whoever has just made a million reports.
LAUNCHER = """
import os, sys, time
started = time.perf_counter()
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as told:
    told.write(f"{usage.ru_utime + usage.ru_stime} {time.perf_counter() - started} {usage.ru_maxrss / 1024}")
sys.exit(status != 0)
"""


@dataclass(frozen=True)
class Cost:
    """``cpu_s`` user and system seconds of the process and all it waited for; ``rss_mb`` the largest one's peak."""

    cpu_s: float
    wall_s: float
    rss_mb: float
    answer: Any = None

    def __str__(self) -> str:
        return f"{self.cpu_s:.2f} s, {self.rss_mb:.0f} MB"


def measured(module: str, *arguments: object) -> Cost:
    """Run ``python -m module arguments`` and measure it. The last line it prints is its answer, in JSON.

    Raises RuntimeError with what it complained of where it fails.
    """
    unnamed, named = tempfile.TemporaryFile, tempfile.NamedTemporaryFile
    with named() as told, unnamed() as said, unnamed() as complained:
        step = [sys.executable, "-m", module, *map(str, arguments)]
        command = [sys.executable, "-I", "-S", "-c", LAUNCHER, told.name, *step]
        # Modules are compiled once and kept, as where anything is installed: else each process does it anew, 0.1 s.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(command, cwd=PROJECT, stdout=said, stderr=complained, env=environment, check=False)
        said.seek(0)
        complained.seek(0)
        lines = said.read().decode().splitlines()
        if done.returncode:
            raise RuntimeError(f"{module} {arguments} failed: {complained.read().decode()[-2000:]}")
        cpu_s, wall_s, rss_mb = map(float, told.read().split())
    answer = json.loads(lines[-1]) if lines and lines[-1][:1] in "[{" else None
    return Cost(cpu_s, wall_s, rss_mb, answer)


def measured_again(module: str, *arguments: object) -> Cost:
    """The same of a step that tells itself what doing it again in its process cost; memory is the whole process's."""
    whole = measured(module, *arguments)
    return replace(whole, cpu_s=whole.answer["cpu_s"])


def second_cost(work: Callable[[], object]) -> dict[str, float]:
    """CPU seconds of doing the same again in this process, all its threads counted; the median of three times."""
    work()
    costs = []
    for _ in range(3):
        before = os.times()
        work()
        after = os.times()
        costs.append(after.user + after.system - before.user - before.system)
    return {"cpu_s": sorted(costs)[1]}


def machine() -> str:
    """The machine in one line: processor, cores, memory, system, versions of what does the work."""
    import duckdb
    import pandas
    import pyarrow

    models = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = int(next(line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))) / 2**20
    return (
        f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores, {memory:.0f} GB,"
        f" {platform.system()} {platform.release()}; Python {platform.python_version()}, DuckDB {duckdb.__version__},"
        f" pandas {pandas.__version__}, pyarrow {pyarrow.__version__}"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else ["MemTotal: 0"]
