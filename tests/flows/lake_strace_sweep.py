"""As lake_crash_sweep, but stopped by the kernel: strace makes the n-th system call of a kind kill or fail.

    python -m tests.flows.lake_strace_sweep FOLDER OPERATION HOW POINTS

It reaches what Python cannot: the writes of DuckDB and of Arrow's own threads. HOW is ``kill`` or ``full``; of each
kind of call POINTS are tried, spread evenly.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.flows.lake_crash_sweep import WORKERS

CALLS = ("write", "pwrite64", "fsync", "rename")
INJECT = {"kill": "signal=KILL", "full": "error=ENOSPC"}


def python(call: str, data: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """A call of lake_crash_sweep on ``data`` in a process of its own, under ``before``."""
    code = (
        "import json, pathlib, sys; from tests.flows import lake_crash_sweep as s;"
        f" answer = s.{call}(pathlib.Path({str(data)!r})); print(json.dumps(answer)) if isinstance(answer, dict)"
        " else sys.exit(answer)"
    )
    return subprocess.run([*before, sys.executable, "-c", code], capture_output=True, text=True, timeout=600)


def stands(data: Path) -> dict[str, object]:
    done = python("state", data)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"unreadable": done.stderr[-2000:]}


def call_counts(trace: Path) -> dict[str, int]:
    """How often the busiest thread made each call: strace counts each thread by itself."""
    made = Counter(tuple(line.split("(")[0].split()) for line in trace.read_text().splitlines() if "(" in line)
    return {call: max((n for (_, name), n in made.items() if name == call), default=0) for call in CALLS}


def tried(folder: Path, operation: str, how: str, call: str, number: int) -> dict[str, object]:
    data = folder / f"{call}{number}"
    shutil.copytree(folder / "start", data)
    inject = f"inject={call}:{INJECT[how]}:when={number}"
    doing = f"OPERATIONS[{operation!r}]"
    stopped = python(doing, data, "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
    after = stands(data)
    again = python(doing, data)
    end = stands(data)
    python("commit", data)
    last = stands(data)
    shutil.rmtree(data)
    answer = {"stopped": stopped.returncode, "after": after, "again": again.returncode, "end": end, "last": last}
    return {"point": f"{call} {number}", **answer}


def sweep(folder: Path, operation: str, how: str, points: int) -> dict[str, object]:
    assert python("prepare", folder).returncode == 0
    whole, doing = folder / "whole", f"OPERATIONS[{operation!r}]"
    shutil.copytree(folder / "start", whole)
    trace = folder / "trace"
    code = python(doing, whole, "strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={','.join(CALLS)}").returncode
    after = stands(whole)
    python("commit", whole)
    chosen = [
        (call, 1 + (2 * n + 1) * count // (2 * min(points, count)))
        for call, count in call_counts(trace).items()
        for n in range(min(points, count))
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(lambda point: tried(folder, operation, how, *point), chosen))
    return {
        "how": how,
        "steps": len(chosen),
        "code": code,
        "before": stands(folder / "start"),
        "whole": after,
        "last": stands(whole),
        "points": results,
    }


if __name__ == "__main__":
    print(json.dumps(sweep(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))))
