"""Every morning a sheet dated that day, every delivery accounted for, whatever goes wrong in the night."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.alarm_outbox import Outbox
from flows.sheets import newest_picture
from tests.flows.simulated_days import GUARD, POLICE, Town
from tests.flows.simulated_faults import CLASSES

#: A fortnight before the clocks go back.
FIRST = date(2026, 10, 12)

_UNBALANCED = """SELECT source_id, delivery_sha256 FROM read_parquet($1, hive_partitioning => false)
WHERE disposition = 'accepted' AND seen_count <> accepted_count + rejected_count + duplicate_count"""
_DELIVERIES = """SELECT source_id, delivery_sha256, count(*) FROM read_parquet($1, hive_partitioning => false)
GROUP BY ALL"""
_REPORTS = """SELECT source_id, count(DISTINCT report_id) FROM read_parquet($1, hive_partitioning => false)
GROUP BY source_id"""
_OF_GUARDS = f"""SELECT coalesce(sum(rejected_count) FILTER (disposition = 'accepted'), 0)::INT,
    count(*) FILTER (disposition = 'quarantined')
FROM read_parquet($1, hive_partitioning => false) WHERE source_id = '{GUARD}'"""


def live(town: Town, days: int) -> None:
    """Let the days pass, and hold each against what was sent."""
    for number in range(days):
        day = FIRST + timedelta(days=number)
        faults = town.day(day)
        newest = newest_picture(town.store, datetime(day.year, day.month, day.day, 11, 30, tzinfo=UTC))
        assert newest is not None, faults
        in_time = [made for made in sheets(town, day) if made.astimezone(town.zone).hour < 7]
        assert in_time, (day, faults)
        landed = town.landed()
        served = town.may_land
        assert not town.must_land - landed, (day, faults, "sent and not landed")
        assert not landed - (town.must_land | served), (day, faults, "landed and never sent")
        in_lake = {(feed, sha): count for feed, sha, count in town.lake(_DELIVERIES, "delivery")}
        assert in_lake == dict(landed), (day, faults, "journal and lake differ")
        assert town.lake(_UNBALANCED, "delivery") == [], (day, faults)
        assert town.store.lake.verify() == [], (day, faults)


def sheets(town: Town, day: date) -> list[datetime]:
    """The moments of the sheets dated ``day``, by their own words."""
    pictures = (json.loads(path.read_bytes()) for path in town.store.published.glob("picture_*.json"))
    heads = [picture["head"] for picture in pictures]
    return [datetime.fromisoformat(head["moment_at"]) for head in heads if head["local_day"] == day.isoformat()]


def settle(town: Town, days: int) -> None:
    """One more night in which nothing is wrong; then everything that was sent stands."""
    for name in CLASSES:
        town.packs[name] = iter(["none"])
    live_one = FIRST + timedelta(days=days)
    town.day(live_one)
    reports = dict(town.lake(_REPORTS, "report_version"))
    assert reports[GUARD] == len(town.reports)
    assert town.lake(_OF_GUARDS, "delivery") == [(town.rejected, town.held)]
    assert reports[POLICE] >= len(town.notices)
    assert Outbox(town.store.alarms).read()["waiting"] == []
    told = [body["text"] for body in town.hook.bodies if "utsättningsbladet" in body["text"]]
    assert len(told) >= days  # once a day; what could not be sent one day went with the next


@pytest.fixture
def town(request, tmp_path, monkeypatch):
    with ExitStack() as open_until:
        yield Town(tmp_path, monkeypatch, request.param, open_until)


@pytest.mark.parametrize("town", [20261126], indirect=True)
def test_two_days_of_faults_cost_no_sheet_and_no_delivery(town):
    live(town, 2)
    settle(town, 2)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("town", [1, 2, 3], indirect=True)
def test_thirty_days_of_every_fault_over_the_change_of_clocks_cost_no_sheet_and_no_delivery(town):
    live(town, 30)
    settle(town, 30)
    assert set(town.dealt) >= {f"{name}: {fault}" for name, faults in CLASSES.items() for fault in faults}
