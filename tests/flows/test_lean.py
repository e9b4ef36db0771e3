"""A run does without pandas, and takes it from nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NIGHT = """
import sys
from datetime import UTC, datetime
from flows.opened import open_settings
from flows.ingest import ingest_feed
from flows.store import Run, Store
settings, store, at = open_settings("lindvik"), Store.at(sys.argv[1]), datetime(2026, 8, 21, tzinfo=UTC)
for feed in ("guard_nordvakt", "felanmalan", "polisen_events"):
    store.landing.land(feed, b"[]", received_at=at, landed_at=at, name="a", run_id="r")
    ingest_feed(store, settings, feed, Run.start())
assert "pandas" not in sys.modules, "loaded"
import pandas
print(len(pandas.DataFrame({"a": [1]})))
"""


def test_a_night_reads_every_feed_without_pandas_and_whoever_wants_it_gets_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NIGHT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr[-500:]
