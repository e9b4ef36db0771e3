"""The demo town read a second time, in plain Python from the lake's files and the settings.

No line is shared with the warehouse.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet

from flows.opened import open_settings
from flows.store import Store

ZONE = ZoneInfo("Europe/Stockholm")
MOMENT = datetime(2026, 10, 16, 4, 15, tzinfo=UTC)
TODAY = date(2026, 10, 16)  # a Friday
DAY = timedelta(days=1)


class Told:
    """The town as the lake's files tell it."""

    def __init__(self, store: Store, week_only: set[str]) -> None:
        self.settings = open_settings("lindvik")
        self.tables = {
            name: [r for f in store.lake.files(name) for r in pyarrow.parquet.read_table(f).to_pylist()]
            for name in ("report_version", "delivery", "reject", "insats")
        }
        self.versions = [v for v in self.tables["report_version"] if v["ingested_at"] <= MOMENT]
        ever = {v["report_id"] for v in self.versions if v["is_person_sensitive"] or v["category"] in week_only}
        for v in self.versions:
            v["day"], v["is_person_sensitive"] = day_of(event_at(v)), v["is_person_sensitive"] or is_kind(v, week_only)
            v["told_day"] = monday(v["day"]) if v["report_id"] in ever else v["day"]
        self.reports = [r for r in newest(self.versions, "report_id") if r["change_kind"] != "withdrawn"]
        trend = {name for name, feed in self.settings.feeds.items() if feed.is_trend_source}
        own = self.settings.municipality.code
        for row in self.reports:
            row["ours"], row["trend"] = is_ours(row, own, trend), row["source_id"] in trend
            if row["is_person_sensitive"]:  # municipality and week, whatever is asked
                row["day"], row["police_informed"] = monday(row["day"]), None
            row["is_hour_hidden"] = row["is_person_sensitive"] or row["category"] in week_only
        self.incidents = [
            r
            for r in self.reports
            if r["counts_as"] == "incident" and r["trend"] and r["ours"] and event_at(r) <= MOMENT + DAY / 96
        ]

    def between(self, first: int, last: int) -> list[dict[str, Any]]:
        """Incidents from ``first`` days ago to ``last`` days ago."""
        return [i for i in self.incidents if TODAY - first * DAY <= i["day"] <= TODAY - last * DAY]


def newest(versions: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in versions:
        if one[key] not in found or found[one[key]]["version"] < one["version"]:
            found[one[key]] = one
    return list(found.values())


def is_ours(row: dict[str, Any], own: str, trend: set[str]) -> bool:
    return bool(row["municipality_code"] == own or (row["municipality_code"] is None and row["source_id"] in trend))


def is_kind(row: dict[str, Any], week_only: set[str]) -> bool:
    return row["category"] in week_only and row["counts_as"] != "meta"


def monday(day: date) -> date:
    return day - day.weekday() * DAY


def event_at(row: dict[str, Any]) -> datetime:
    at: datetime = row["occurred_from"] or row["reported_at"] or row["published_at"]
    return at


def day_of(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def instant(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def hours_of(row: dict[str, Any]) -> int | None:
    """The local hour: of an interval up to three hours its middle; none where it is unknown or sensitive."""
    if row["occurred_from"] is None or row["is_hour_hidden"]:
        return None
    if row["occurred_precision"] in ("minute", "hour"):
        return int(row["occurred_from"].astimezone(ZONE).hour)
    until = row["occurred_until"]
    is_short = until is not None and timedelta(0) <= until - row["occurred_from"] <= timedelta(hours=3)
    if row["occurred_precision"] == "interval" and is_short:
        return int((row["occurred_from"] + (until - row["occurred_from"]) / 2).astimezone(ZONE).hour)
    return None


def middle(row: dict[str, Any]) -> datetime:
    """The local moment whose weekday and hour count."""
    at: datetime = row["occurred_from"]
    if row["occurred_precision"] == "interval":
        at += (row["occurred_until"] - at) / 2
    return at.astimezone(ZONE)
