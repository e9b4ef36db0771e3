"""A night loads what its deliveries ask for and no more, and takes pandas from nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NIGHT = """
import json, sys
from datetime import UTC, datetime
from flows.opened import open_settings
from flows.job import read_feed
from flows.store import Run, Store
settings, store, at = open_settings("lindvik"), Store.at(sys.argv[1]), datetime(2026, 8, 21, tzinfo=UTC)
one = {"service_request_id": "1", "service_code": "x", "requested_datetime": "2026-08-20T10:00:00Z"}
bodies = [json.dumps([{**one, "status": word}]).encode() for word in ("open", "closed")]
for number, body in enumerate([*bodies, b"[]"]):
    for feed in ("felanmalan", "guard_nordvakt", "polisen_events"):
        at = at.replace(minute=number)
        store.landing.land(feed, body, received_at=at, landed_at=at, name="a", run_id="r")
        done = read_feed(store, settings, feed, Run.start()).ingested
        assert done.accepted or feed != "felanmalan" or body == b"[]", "the second is held against the first"
loaded = sorted(sys.modules)
import pandas, pyarrow
print(json.dumps([loaded, len(pandas.DataFrame({"a": [1]})), pyarrow.default_memory_pool().backend_name]))
"""

#: What costs a night most of what it can do without (CPU ms, MB; 2026-11-26): its second delivery is held against the
#: first without DuckDB (45, 40), it asks no source (requests 40), makes no picture (SciPy, Jinja), and nobody tells a
#: position in metres (pyproj 25, 12), a number that could be a telephone's (15) or a name misspelt (5).
LEFT_OUT = (
    "duckdb", "jinja2", "pandas", "phonenumbers", "prefect", "pyproj", "rapidfuzz", "requests",
    "scipy", "warehouse.build",
)  # fmt: skip


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], int, str]:
    """(modules loaded by a night that reads every feed, rows of a frame made afterwards, pyarrow's memory)."""
    command = [sys.executable, "-c", NIGHT, str(tmp_path_factory.mktemp("night"))]
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False, env=environment
    )
    assert done.returncode == 0, done.stderr[-500:]
    loaded, rows, memory = json.loads(done.stdout)
    return loaded, rows, memory


@pytest.mark.parametrize("module", LEFT_OUT)
def test_a_night_reads_every_feed_without(night: tuple[list[str], int, str], module: str) -> None:
    assert module not in night[0]


def test_whoever_wants_pandas_after_a_night_gets_it(night: tuple[list[str], int, str]) -> None:
    assert night[1] == 1


def test_a_night_takes_its_memory_from_the_system_and_gives_it_back(night: tuple[list[str], int, str]) -> None:
    assert night[2] == "system"
