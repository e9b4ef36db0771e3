"""A run does without pandas, and takes it from nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NIGHT = """
import json, sys
from datetime import UTC, datetime
from flows.opened import open_settings
from flows.ingest import ingest_feed
from flows.store import Run, Store
settings, store, at = open_settings("lindvik"), Store.at(sys.argv[1]), datetime(2026, 8, 21, tzinfo=UTC)
one = {"service_request_id": "1", "service_code": "x", "requested_datetime": "2026-08-20T10:00:00Z"}
bodies = [json.dumps([{**one, "status": word}]).encode() for word in ("open", "closed")]
for number, body in enumerate([*bodies, b"[]"]):
    for feed in ("felanmalan", "guard_nordvakt", "polisen_events"):
        at = at.replace(minute=number)
        store.landing.land(feed, body, received_at=at, landed_at=at, name="a", run_id="r")
        done = ingest_feed(store, settings, feed, Run.start())
        assert done.accepted or feed != "felanmalan" or body == b"[]", "the second is held against the first"
assert "pandas" not in sys.modules, "loaded"
import pandas
print(len(pandas.DataFrame({"a": [1]})))
"""


def test_a_night_reads_every_feed_without_pandas_and_whoever_wants_it_gets_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NIGHT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr[-500:]
