"""What each question of the cookbook costs, asked of a snapshot the way ``lagesbild sql`` asks.

    python -m tests.bench.cookbook SNAPSHOT [--times 3]

Told are the best of the tries by the clock (a shared machine only ever adds to it) and the CPU seconds of that try;
then whether the aims are reached by the clock. Code 1 where they are not, or a question was not answered.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import duckdb

import warehouse
from warehouse.locked import open_locked

COOKBOOK = Path(warehouse.__file__).parent / "cookbook"

#: Seconds by the clock on two cores, of a lake of 10^7 reports (the project's aim; 2026-11-26).
MEDIAN_AIM, WORST_AIM = 1.0, 5.0


def cost_of(con: duckdb.DuckDBPyConnection, sql: str, times: int) -> tuple[float, float, int]:
    """(seconds by the clock, CPU seconds, rows) of the quickest try."""
    tries = []
    for _ in range(times):
        clock, before = time.perf_counter(), os.times()
        rows = len(con.execute(sql).fetchall())
        after = os.times()
        cpu = after.user + after.system - before.user - before.system
        tries.append((time.perf_counter() - clock, cpu, rows))
    return min(tries)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    clocks, cpus, is_answered = [], [], True
    with open_locked(given.snapshot) as con:
        for path in sorted(COOKBOOK.glob("*.sql")):
            try:
                clock, cpu, rows = cost_of(con, path.read_text(encoding="utf-8"), given.times)
            except duckdb.Error as error:
                print(f"{path.stem:34} {type(error).__name__}: {str(error).splitlines()[0]}", flush=True)
                is_answered = False
                continue
            clocks.append(clock)
            cpus.append(cpu)
            print(f"{path.stem:34} {clock:7.2f} s {cpu:7.2f} CPU s {rows:8} rows", flush=True)
    print(f"{'median':34} {statistics.median(clocks):7.2f} s {statistics.median(cpus):7.2f} CPU s")
    print(f"{'worst':34} {max(clocks):7.2f} s {max(cpus):7.2f} CPU s")
    reached = statistics.median(clocks) <= MEDIAN_AIM and max(clocks) <= WORST_AIM and is_answered
    print(f"median <= {MEDIAN_AIM:g} s and worst <= {WORST_AIM:g} s by the clock: {'yes' if reached else 'NO'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
