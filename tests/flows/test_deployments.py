"""prefect.yaml filled in for a municipality: what runs when, on every day of the year, and what wakes it."""

from __future__ import annotations

import asyncio
import importlib
import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule

from flows import deployments
from flows.deployments import filled_in
from flows.opened import open_settings
from flows.station import PROJECT, Station
from flows.store import Store

STOCKHOLM = ZoneInfo("Europe/Stockholm")
#: The nights of both clock changes, and a day on either side.
CLOCK_CHANGES = [datetime(2026, 10, 24, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)]


def plan_of(name: str, folder) -> dict:
    settings = open_settings(name)
    return filled_in(settings, Station(Store.at(folder), settings.folder))


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> dict:
    return plan_of("haninge", tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def rows(plan) -> dict:
    return {row["name"]: row for row in plan["deployments"]}


def times(schedule: dict, start: datetime, days: int) -> list[datetime]:
    """When Prefect itself says that a schedule of prefect.yaml runs."""
    if "cron" in schedule:
        asked = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    else:
        anchor = datetime.fromisoformat(schedule["anchor_date"])
        asked = IntervalSchedule(interval=timedelta(seconds=schedule["interval"]), anchor_date=anchor, timezone="UTC")
    found = asyncio.run(asked.get_dates(n=200, start=start, end=start + timedelta(days=days)))
    return [datetime.fromtimestamp(at.timestamp(), UTC) for at in found]


def test_every_feed_has_its_own_collect_and_every_job_its_deployment(rows):
    jobs = {"overnight", "picture", "weekly", "briefing", "housekeeping", "backfill", "record_decision"}
    assert set(rows) == jobs | set(open_settings("haninge").feeds)
    for feed in open_settings("haninge").feeds:
        assert rows[feed]["entrypoint"] == "flows/collect.py:collect" and rows[feed]["parameters"]["feed"] == feed


@pytest.mark.parametrize("start", CLOCK_CHANGES, ids=["autumn", "spring"])
def test_the_night_runs_once_at_five_local_time_also_when_the_clocks_change(rows, start):
    (schedule,) = rows["overnight"]["schedules"]
    local = [at.astimezone(STOCKHOLM) for at in times(schedule, start, 3)]
    assert [(at.hour, at.minute) for at in local] == [(5, 0)] * 3
    assert len({at.date() for at in local}) == 3
    assert len({at.utcoffset() for at in local}) == 2  # the days are those on which the clocks change


@pytest.mark.parametrize("start", CLOCK_CHANGES, ids=["autumn", "spring"])
def test_no_schedule_misses_or_doubles_a_time_when_the_clocks_change(rows, start):
    for row in rows.values():
        for schedule in row.get("schedules", []):
            found = times(schedule, start, 3)
            assert len(set(found)) == len(found)
            by_day: dict = {}
            for at in found:
                local = at.astimezone(STOCKHOLM)
                by_day.setdefault(local.date(), []).append((local.hour, local.minute))
            if "cron" in schedule and schedule["slug"] not in ("sunday", "thursday"):
                assert len({tuple(clock) for clock in by_day.values()}) == 1, schedule
            elif "cron" not in schedule:
                gaps = {b - a for a, b in pairwise(found)}
                assert gaps == {timedelta(seconds=schedule["interval"])}, schedule


def test_housekeeping_is_over_long_before_the_night_on_every_sunday_of_the_year(rows):
    (schedule,) = rows["housekeeping"]["schedules"]
    local = [at.astimezone(STOCKHOLM) for at in times(schedule, datetime(2026, 1, 1, tzinfo=UTC), 365)]
    assert len(local) == 52 and {(at.isoweekday(), at.hour, at.minute) for at in local} == {(7, 3, 30)}


def test_the_week_s_picture_is_made_every_thursday_of_the_year(rows):
    (schedule,) = rows["weekly"]["schedules"]
    local = [at.astimezone(STOCKHOLM) for at in times(schedule, datetime(2026, 1, 1, tzinfo=UTC), 365)]
    assert len(local) in (52, 53) and {(at.isoweekday(), at.hour, at.minute) for at in local} == {(4, 11, 0)}


def test_a_sheet_is_looked_for_between_the_night_and_the_meeting(rows):
    (schedule,) = rows["picture"]["schedules"]
    local = [at.astimezone(STOCKHOLM) for at in times(schedule, datetime(2026, 11, 26, tzinfo=UTC), 1)]
    assert (5, 50) in [(at.hour, at.minute) for at in local] and schedule["parameters"] == {"only_if_news": True}


def test_a_feed_is_asked_in_its_own_rhythm_and_at_least_daily(tmp_path):
    settings = open_settings("lindvik")
    rhythms = {
        r["name"]: r["schedules"][0]["interval"]
        for r in plan_of("lindvik", tmp_path)["deployments"]
        if r["name"] in settings.feeds
    }
    assert rhythms["polisen_events"] == 6 * 3600 and rhythms["guard_nordvakt"] == 24 * 3600
    assert settings.feeds["trygghetsvandring"].every_hours == 720 and rhythms["trygghetsvandring"] == 24 * 3600
    minutes = [
        r["schedules"][0]["anchor_date"]
        for r in plan_of("lindvik", tmp_path)["deployments"]
        if r["name"] in settings.feeds
    ]
    assert len(set(minutes)) == len(minutes)  # not all at once


def test_every_deployment_names_a_flow_that_takes_its_parameters(rows):
    for row in rows.values():
        path, name = row["entrypoint"].split(":")
        flow = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
        assert flow.name == ("collect" if row["entrypoint"].startswith("flows/collect") else row["name"])
        asked = {
            "backfill": {"feed": "guard_one", "folder": "/archive"},
            "record_decision": {
                "insats_type": "kontroll", "category": "skada.klotter", "owner": "polis", "stop": "2026-12-01",
            },
        }.get(name, {})  # fmt: skip
        more = [s.get("parameters", {}) for s in row.get("schedules", [])]
        more += [t["parameters"] | {"asked_at": "2026-11-26 09:04:57.069804+00:00"} for t in row.get("triggers", [])]
        for parameters in [{}, *more]:
            flow.validate_parameters(row["parameters"] | asked | parameters)


def test_a_run_waits_as_long_as_the_trigger_that_woke_it_is_deaf(rows):
    triggers = [trigger for row in rows.values() for trigger in row.get("triggers", [])]
    assert len(triggers) == len(open_settings("haninge").feeds) + 1
    for trigger in triggers:
        assert trigger["within"] == trigger["parameters"]["window_s"]
        assert "event.occurred" in trigger["parameters"]["asked_at"]


def test_a_landed_delivery_wakes_its_own_feed_and_a_changed_feed_the_picture(rows):
    (landed,) = rows["guard_one"]["triggers"]
    assert landed["match"] == {"prefect.resource.id": "lagesbild.feed.guard_one"}
    assert landed["expect"] == ["lagesbild.delivery.landed"] and landed["parameters"]["ask"] is False
    (changed,) = rows["picture"]["triggers"]
    assert changed["match"] == {"prefect.resource.id": "lagesbild.feed.*"}
    assert changed["expect"] == ["lagesbild.feed.changed"] and changed["parameters"]["only_if_news"] is True


def test_the_version_of_every_deployment_changes_with_the_file_and_with_the_settings(plan, tmp_path, monkeypatch):
    (version,) = {row["version"] for row in plan["deployments"]}
    assert {row["version"] for row in plan_of("lindvik", tmp_path)["deployments"]} != {version}
    other = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))
    other["deployments"][0]["schedules"][0]["cron"] = "5 5 * * *"
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(other), encoding="utf-8")
    before = plan_of("haninge", tmp_path)
    monkeypatch.setattr(deployments, "PROJECT", tmp_path)
    assert plan_of("haninge", tmp_path)["deployments"][0]["version"] != before["deployments"][0]["version"]


def test_a_place_that_nobody_can_fill_is_a_loud_stop(tmp_path, monkeypatch):
    text = (PROJECT / "prefect.yaml").read_text(encoding="utf-8")
    (tmp_path / "prefect.yaml").write_text(text.replace("{{ data }}", "{{ date }}"), encoding="utf-8")
    monkeypatch.setattr(deployments, "PROJECT", tmp_path)
    with pytest.raises(ValueError, match=r"nobody knows \{\{ date \}\}"):
        plan_of("haninge", tmp_path)


def test_a_run_is_waited_for_from_its_start_and_each_of_ours_sends_heartbeats_from_then(plan, monkeypatch):
    """One killed before its first heartbeat had got away stood Running until the next `up`."""
    from flows import recorded

    (automation,) = plan["automations"]
    assert set(automation["trigger"]["after"]) == {"prefect.flow-run.heartbeat", "prefect.flow-run.Running"}
    assert "prefect.flow-run.heartbeat" in automation["trigger"]["expect"]
    monkeypatch.setattr(recorded, "server_answers", lambda: True)
    monkeypatch.setenv("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "90")  # so that it is put back
    monkeypatch.delenv("PREFECT_FLOWS_HEARTBEAT_FREQUENCY")  # as where the address alone was given
    heard: list[str | None] = []
    recorded._recorded(lambda: heard.append(os.environ.get("PREFECT_FLOWS_HEARTBEAT_FREQUENCY")))
    assert heard == ["30"]
