"""Commit, compaction, going back, letting go and publishing, stopped at one durable step after the other.

    python -m tests.flows.lake_crash_sweep FOLDER OPERATION:HOW:POINTS ...

HOW is ``kill`` (SIGKILL, a write half done) or ``full`` (the step raises ENOSPC). Prints a line of JSON, for each
operation: how many steps it has, what stood before and after it undisturbed, and for each point what stood after the
stop, after the next try and after the next night. A process of its own, because it forks after the imports are done.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import connectors.guard_tabular.connector  # noqa: F401 (imported once, before the forks)
import flows.archive
import flows.job
import flows.lake_commands  # noqa: F401
import warehouse.build
import warehouse.publish  # noqa: F401
from flows.cli import main as lagesbild
from flows.store import Store
from tests.flows.crash_sweep import in_child
from tests.flows.made_up_nights import FEED, MORNING, read_nights
from warehouse.connection import connect
from warehouse.states import drop_states, kept_numbers, verify_all

#: The nights that stand before the operation, and the one that the commit adds.
NIGHTS = 3
#: Two workers: the points are independent, and a small machine has two cores.
WORKERS = 2


def words(*verb: str) -> Callable[[Path], int]:
    """An operation of the command line."""
    return lambda data: lagesbild([*verb, "--settings", "lindvik", "--data", str(data)])


def commit(data: Path) -> int:
    """One more night landed and read."""
    return words("backfill", FEED, str(data.parent / "archive-later-4"))(data)


def drop(data: Path) -> int:
    """Everything but the present state let go, as housekeeping does a month later."""
    store = Store.at(data)
    with store.writing("drop"):
        drop_states(store.lake, datetime.now(UTC) + timedelta(days=1))
    return 0


OPERATIONS: dict[str, Callable[[Path], int]] = {
    "commit": commit,
    "compact": words("lake", "compact"),
    "rollback": words("lake", "rollback", "2"),
    "drop": drop,
    "publish": words("picture", "--at", MORNING),
}


def stopped_at(operation: str, data: Path, how: str, point: int, count_file: Path | None = None) -> int:
    """The operation, stopped at its ``point``-th durable step (0: the steps are counted instead)."""
    steps = 0

    def counted(real: Callable[..., Any], torn: Callable[..., Any] | None = None) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == point:
                if torn:
                    torn(*args)
                if how == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*args, **kwargs)

        return step

    write_bytes, write_table = Path.write_bytes, pq.ParquetWriter.write_table
    Path.write_bytes = counted(write_bytes, lambda path, body: write_bytes(path, body[: len(body) // 2]))
    pq.ParquetWriter.write_table = counted(write_table, half_a_table)
    os.fsync, os.replace, os.unlink = counted(os.fsync), counted(os.replace), counted(os.unlink)
    code = OPERATIONS[operation](data)
    if count_file:
        count_file.write_text(str(steps))  # by the descriptor, not by Path.write_bytes
    return code


def half_a_table(writer: pq.ParquetWriter, table: pa.Table, *_: object) -> None:
    """What stands of a Parquet file when its writer is stopped: no footer."""
    with Path(writer.where).open("wb") as file:
        file.write(b"PAR1 and then nothing")


def state(data: Path) -> dict[str, object]:
    """What stands: hashes, chain, the reports' hash, database and sheets."""
    store = Store.at(data)
    found = verify_all(store.lake)
    manifest = store.lake.manifest()
    known = {d.sha256 for d in store.landing.deliveries(FEED)}
    sheets = list(store.published.glob("*.html")) if store.published.exists() else []
    pictures = list(store.published.glob("*.json")) if store.published.exists() else []
    return {
        "faults": found.faults,
        "closed": sorted(found.closed),
        "number": manifest.number,
        "kept": len(kept_numbers(store.lake)),
        "content": content(store),
        "files": len(manifest.files),
        "landed": len(known),
        "lost": sum(not store.landing.object_path(sha256).exists() for sha256 in known),
        "torn": store.landing.torn_lines + store.landing.has_torn_tail,
        "database": database_moment(store.past_database),
        "sheets": len(sheets),
        "pictures": sorted(json.loads(path.read_bytes())["picture_hash"] for path in pictures),
        "whole": all(path.read_text(encoding="utf-8").rstrip().endswith("</html>") for path in sheets),
        "left": [path.name for path in data.rglob(".part-*")],
    }


def content(store: Store) -> str:
    """All versions but for the name of the run that received them: a run after a stop has another."""
    files = [str(path) for path in store.lake.files("report_version")]
    with connect() as con:
        rows = con.execute("SELECT * EXCLUDE (run_id) FROM read_parquet($1) ORDER BY report_id, version", [files])
        return hashlib.sha256(repr(rows.fetchall()).encode()).hexdigest()


def database_moment(path: Path) -> str | None:
    """The moment the database was built for, read from it; None where there is none."""
    if not path.exists():
        return None
    with connect(path, read_only=True) as con:
        row = con.execute("SELECT CAST(m.moment_at AS VARCHAR) FROM picture.head, config.moment AS m").fetchone()
    return str(row[0]) if row else None


def in_child_state(data: Path) -> dict[str, object]:
    """``state``, looked at in a fork: what forks again must not have started DuckDB's threads itself."""
    answer = data.with_suffix(".state")
    answer.unlink(missing_ok=True)
    in_child(lambda: answer.write_text(json.dumps(state(data))) and 0)
    return json.loads(answer.read_text()) if answer.exists() else {"unreadable": True}


def tried(folder: Path, operation: str, how: str, point: int) -> dict[str, object]:
    """A copy of the start, the operation stopped at ``point``, then done again, then the next night's reading."""
    data = folder / f"point{point}"
    shutil.copytree(folder / "start", data)
    stopped = in_child(lambda: stopped_at(operation, data, how, point))
    after = in_child_state(data)
    again = in_child(lambda: OPERATIONS[operation](data))
    end = in_child_state(data)
    # Whatever stood: what has landed is read, and the lake comes to the same in the end.
    in_child(lambda: commit(data))
    last = in_child_state(data)
    shutil.rmtree(data)
    return {"point": point, "stopped": stopped, "after": after, "again": again, "end": end, "last": last}


def prepare(folder: Path) -> int:
    """Three nights in three states, an older picture, and a fourth night's file."""
    start = folder / "start"
    read_nights(start, 1, NIGHTS)
    read_nights(folder / "later", NIGHTS + 1, NIGHTS + 1)
    return words("picture", "--at", "2025-10-03 06:00")(start)


def sweep(folder: Path, start: Path, operation: str, how: str, points: int) -> dict[str, object]:
    """One operation over copies of ``start``, stopped at ``points`` steps spread evenly."""
    shutil.copytree(start, folder)
    whole = folder / "whole"
    shutil.copytree(folder / "start", whole)
    code = in_child(lambda: stopped_at(operation, whole, how, 0, folder / "count"))
    after = in_child_state(whole)
    in_child(lambda: commit(whole))
    total = int((folder / "count").read_text())
    points = min(points, total)
    chosen = [1 + (2 * n + 1) * total // (2 * points) for n in range(points)]
    children = []
    for worker in range(WORKERS):
        pid = os.fork()
        if pid == 0:
            mine = [tried(folder, operation, how, point) for point in chosen[worker::WORKERS]]
            (folder / f"worker{worker}").write_text(json.dumps(mine))
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    results = [point for worker in range(WORKERS) for point in json.loads((folder / f"worker{worker}").read_text())]
    return {
        "how": how,
        "steps": total,
        "code": code,
        "before": in_child_state(folder / "start"),
        "whole": after,
        "last": in_child_state(whole),
        "points": results,
    }


def main(folder: Path, plans: list[str]) -> dict[str, object]:
    """All the plans (OPERATION:HOW:POINTS) from one and the same start."""
    start = folder / "prepared"
    start.mkdir()
    assert in_child(lambda: prepare(start)) == 0
    answers = {}
    for plan in plans:
        operation, how, points = plan.split(":")
        answers[plan] = sweep(folder / f"{operation}-{how}", start, operation, how, int(points))
        shutil.rmtree(folder / f"{operation}-{how}")
    return answers


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2:])))
