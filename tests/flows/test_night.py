"""The night as Prefect runs it by itself: a scheduled run, taken by the worker, over what a night brings and lacks.

That the schedule says five o'clock on every day of the year, both clock changes too, is asked of the scheduler's own
computed times in `test_deployments.py`. Here the same schedule is moved to the next minutes, so that it fires. (The
clock of server and worker cannot be moved instead: under libfaketime 0.9.10 Python's ``sleep`` fails with EINVAL.)
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.connectors.polisen_events.made_up_police import window
from tests.flows.raised import ENDED, Raised
from warehouse.connection import connect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

BALANCE = """SELECT source_id, delivery_sha256, disposition,
    seen_count - accepted_count - rejected_count - duplicate_count
FROM read_parquet($1, hive_partitioning => false)"""


@pytest.fixture
def town(tmp_path) -> Iterator[Raised]:
    town = Raised(tmp_path)
    feeds, old = town.settings / "feeds.toml", 'folder = "polisen_events"'
    options = "options = { window_length = 12, minimum_types = 4, minimum_overlap = 0.25 }"
    text = feeds.read_text(encoding="utf-8")
    feeds.write_text(text.replace(old, f"{old}\n{options}", 1), encoding="utf-8")
    town.up()
    yield town
    town.down()


#: How much before its time Prefect's worker may begin a run: 0.3 s were seen, it looks ten seconds ahead.
EARLY = timedelta(seconds=10)


def scheduled(town: Raised, due: datetime | None = None) -> list[dict]:
    """The runs of `overnight` that the scheduler made; of one time where that is given."""
    body = {"deployments": {"name": {"any_": ["overnight"]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 100}
    rows = [row for row in town.ask("POST", "/flow_runs/filter", body) if row["auto_scheduled"]]
    return [row for row in rows if due is None or row["expected_start_time"][:16] == due.isoformat()[:16]]


def test_the_schedule_itself_makes_the_sheet_of_a_night_with_late_broken_and_silent_feeds(town):
    deployment = town.ask("GET", "/deployments/name/overnight/overnight")
    (schedule,) = deployment["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 5 * * *", "Europe/Stockholm")

    # Late: the police's notices, ten hours ago. Broken: a file in no shape, a source that is away. Silent: the rest.
    heard = datetime.now(UTC) - timedelta(hours=10)
    body = json.dumps(window(*range(20, 8, -1), datetime=f"{heard:%Y-%m-%d} 1:05:10 +02:00")).encode()
    town.store.landing.land("polisen_events", body, received_at=heard, landed_at=heard, name="a", run_id="earlier")
    town.source.shutdown()
    town.source.server_close()
    town.drop("A", count=5)
    town.drop("B", "bostad_lindhem")

    due = (datetime.now(UTC) + timedelta(minutes=2)).replace(second=0, microsecond=0)
    moved = {**schedule["schedule"], "cron": f"{due.minute} {due.hour} * * *", "timezone": "UTC"}
    town.ask("PATCH", f"/deployments/{deployment['id']}/schedules/{schedule['id']}", {"schedule": moved})
    town.until(lambda: scheduled(town, due), 110, "the scheduler to make the run")
    town.until(lambda: scheduled(town, due)[0]["state_type"] in ENDED, 500, "the night to come to its end")
    (night,) = scheduled(town, due)
    assert night["state_type"] == "COMPLETED", town.words()
    began = datetime.fromisoformat(night["start_time"].replace("Z", "+00:00"))
    assert began >= due - EARLY

    pictures = [json.loads(path.read_bytes()) for path in town.store.published.glob("picture_*.json")]
    sheet = max(pictures, key=lambda picture: picture["head"]["moment_at"])
    assert datetime.fromisoformat(sheet["head"]["moment_at"]) >= due - EARLY
    head = sheet["head"]
    clock = head["local_time"].replace(":", "")
    name = f"utsattningsblad_9901_{head['local_day']}_{clock}_TLP-AMBER_sv.html"
    assert (town.store.published / name).exists()
    status = {row["source_id"]: (row["status"], row["last_cause"]) for row in sheet["source"]}
    assert status["polisen_events"][0] == "late" and status["felanmalan"] == ("never", "refused")
    assert status["guard_nordvakt"][0] == "fresh" and status["guard_tryggve"][0] == "never"
    assert status["bostad_lindhem"][0] == "never"  # in quarantine is not heard

    with connect() as con:
        rows = con.execute(BALANCE, [[str(path) for path in town.store.lake.files("delivery")]]).fetchall()
    landed = Counter((one.feed, one.sha256) for feed in status for one in town.store.landing.deliveries(feed))
    assert Counter(row[:2] for row in rows) == landed and sum(landed.values()) == 3
    assert {row[2] for row in rows if row[0] == "bostad_lindhem"} == {"quarantined"}
    assert all(left == 0 for *_, disposition, left in rows if disposition == "accepted")
