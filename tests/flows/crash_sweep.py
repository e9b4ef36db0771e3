"""Runs the whole job again and again, killed without warning at one durable step after the other.

    python -m tests.flows.crash_sweep FOLDER POINTS [sheet]

With ``sheet`` a run ends where the sheet is out, without the week's tables and the analysts' snapshot.
Prints a line of JSON: how many steps a whole run has, and for each point what stood after the kill and after the
next run. A process of its own, because it forks after the imports are done: a run then costs tenths of a second.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet

import connectors.guard_tabular.connector
import connectors.open311.connector
import connectors.polisen_events.connector  # noqa: F401
import flows.commands
import flows.erasing
import flows.job
import flows.recorded
import flows.settings_files
import flows.settings_rules
import flows.snapshots
import warehouse.build
import warehouse.publish
from flows.cli import main as lagesbild
from flows.store import Store
from tests import conftest  # noqa: F401 (one thread a database)

HEADER = (
    "Rapportnr;Datum;Tid från;Tid till;Objekt;Händelsetyp;Beskrivning;Åtgärd;Polis tillkallad;K-nr;Tjänstenr;N;E;"
    "Skada kr"
)


def deliver(data: Path, number: int) -> None:
    """One made-up night's file in the drop folder."""
    folder = data / "drop" / "guard_nordvakt"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"N{number}{i};2026-10-0{1 + i % 9};23.1{i % 10};;Torget;Klotter;;;Nej;;;;;" for i in range(9)]
    path = folder / f"night{number}.csv"
    path.write_bytes("\r\n".join([HEADER, *lines, ""]).encode("cp1252"))
    os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def in_child(work: Callable[[], int]) -> int:
    """Run ``work`` in a fork; its exit code, or minus the signal that ended it."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def whole_run(data: Path) -> int:
    return lagesbild(["run", "--no-prefect", "--settings", "lindvik", "--data", str(data)])


def run_killed_at(data: Path, point: int, count_file: Path | None = None) -> int:
    """A run that kills itself with SIGKILL just before its ``point``-th durable step (0: counts them instead)."""
    steps = 0

    def counted(real):
        def step(*args, **kwargs):
            nonlocal steps
            steps += 1
            if steps == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return step

    os.fsync, os.replace = counted(os.fsync), counted(os.replace)
    pyarrow.parquet.write_table = counted(pyarrow.parquet.write_table)
    code = whole_run(data)
    if count_file:
        count_file.write_text(str(steps))
    return code


def state(data: Path) -> dict[str, object]:
    """What stands: hashes that do not hold, the reports in the lake, whether database and sheet can be read."""
    store = Store.at(data)
    files = [str(path) for path in store.lake.files("report_version")]
    with duckdb.connect() as con:
        reports = con.execute("SELECT DISTINCT report_id FROM read_parquet($1)", [files]).fetchall() if files else []
    database = True
    if store.database.exists():
        with duckdb.connect(str(store.database), read_only=True) as con:
            database = con.execute("SELECT count(*) FROM picture.head").fetchone() == (1,)
    sheets = list(store.published.glob("*.html")) if store.published.exists() else []
    whole = all(path.read_text(encoding="utf-8").rstrip().endswith("</html>") for path in sheets)
    left = [path.name for path in data.rglob(".part-*")]
    return {
        "damaged": store.lake.verify(),
        "reports": sorted(r for (r,) in reports),
        "database": database,
        "sheets": len(sheets),
        "whole": whole,
        "left": left,
    }


def tried(folder: Path, start: Path, point: int) -> dict[str, object]:
    """A copy of ``start`` run and killed at ``point``, then run again."""
    data = folder / f"point{point}"
    shutil.copytree(start, data)
    killed = in_child(lambda: run_killed_at(data, point))
    after_kill = in_child_state(data)
    again = in_child(lambda: whole_run(data))
    end = in_child_state(data)
    shutil.rmtree(data)
    return {"point": point, "killed": killed, "after": after_kill, "again": again, "end": end}


def in_child_state(data: Path) -> dict[str, object]:
    """``state``, looked at in a fork: what forks again must not have started DuckDB's threads itself."""
    answer = data.with_suffix(".state")
    in_child(lambda: answer.write_text(json.dumps(state(data))) and 0)
    return json.loads(answer.read_text())


def sweep(folder: Path, points: int) -> dict[str, object]:
    start = folder / "start"
    deliver(start, 1)
    first = in_child(lambda: whole_run(start))
    deliver(start, 2)
    shutil.copytree(start, folder / "counted")
    in_child(lambda: run_killed_at(folder / "counted", 0, folder / "count"))
    total = int((folder / "count").read_text())
    points = min(points, total)
    chosen = [1 + n * (total - 1) // max(points - 1, 1) for n in range(points)]
    # Two at a time: the runs are independent, and a small machine has two cores.
    halves = [chosen[0::2], chosen[1::2]]
    worker = os.fork()
    if worker == 0:
        (folder / "half").write_text(json.dumps([tried(folder, start, point) for point in halves[1]]))
        os._exit(0)
    results = [tried(folder, start, point) for point in halves[0]]
    os.waitpid(worker, 0)
    results += json.loads((folder / "half").read_text())
    return {
        "first": first,
        "steps": total,
        "points": results,
        "expected": in_child_state(folder / "counted")["reports"],
    }


if __name__ == "__main__":
    if "sheet" in sys.argv[3:]:
        warehouse.build.add_week = lambda con: []
        flows.snapshots.is_due = lambda *_: False
    print(json.dumps(sweep(Path(sys.argv[1]), int(sys.argv[2]))))
