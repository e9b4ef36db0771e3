"""The cookbook's questions answered a second time, in plain Python from the town as second_town.py reads it.

No line is shared with the warehouse.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from math import asin, cos, floor, radians, sin, sqrt
from typing import Any

import pytest

from tests.flows.second_town import DAY, MOMENT, TODAY, Told, day_of, event_at, hours_of, instant, middle, newest

Rows = list[tuple[Any, ...]]


def counted(keys: Any) -> Rows:
    """Each key with how often it stands, in order; None last."""
    found = Counter(k if isinstance(k, tuple) else (k,) for k in keys)
    return [(*k, n) for k, n in sorted(found.items(), key=lambda one: tuple((v is None, v) for v in one[0]))]


def area_counts(told: Told, first: int, last: int) -> Rows:
    have = Counter(i["area_id"] for i in told.between(first, last))
    rows: Rows = []
    for area in told.settings.places.areas:
        n, people = have[area.area_id], area.population
        rows.append(
            (area.area_id, area.name, n, people, floor(10000 * n / people + 0.5) / 10 if (people or 0) >= 500 else None)
        )
    return [*rows, (None, None, have[None], None, None)]


def public(told: Told) -> Rows:
    rows = {row[0]: (row[1], row[2]) for row in area_counts(told, 7, 1)}
    hidden: list[int] = []
    shown = sorted((n, k is None, k) for k, (_, n) in rows.items())
    while shown and (shown[0][0] < 5 or (hidden and (len(hidden) < 2 or sum(hidden) < 5))):
        hidden.append(shown.pop(0)[0])
    told_of = {k for _, _, k in shown}
    order = sorted(rows, key=lambda k: (k is None, k))
    return [(k, rows[k][0], rows[k][1] if k in told_of else None, k not in told_of) for k in order]


def repeats(told: Told) -> Rows:
    seen = Counter((i["place_id"], i["category"].split(".")[0]) for i in told.between(14, 1) if i["place_id"])
    return [(*k, n) for k, n in sorted(seen.items(), key=lambda one: (-one[1], one[0])) if n >= 3]


def metres(a: dict[str, Any], b: dict[str, Any]) -> float:
    y1, x1, y2, x2 = (radians(v) for v in (a["latitude"], a["longitude"], b["latitude"], b["longitude"]))
    return 2 * 6371000 * asin(sqrt(sin((y2 - y1) / 2) ** 2 + cos(y1) * cos(y2) * sin((x2 - x1) / 2) ** 2))


def near(told: Told) -> Rows:
    placed = [i for i in told.between(28, 1) if i["latitude"] is not None]
    rows: Rows = []
    for fault in told.reports:
        is_fault = fault["status"] == "open" and fault["observation_type"] == "municipal_request"
        if is_fault and fault["latitude"] is not None:
            n = sum(
                abs(i["latitude"] - fault["latitude"]) < 0.002
                and i["report_id"] != fault["report_id"]
                and metres(fault, i) <= 150
                for i in placed
            )
            if n >= 5:
                rows.append((fault["report_id"], fault["category"], fault["day"], n))
    return sorted(rows, key=lambda row: (-row[3], row[0]))


def week(day: date) -> str:
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def dose(told: Told) -> Rows:
    rounds = Counter(week(r["day"]) for r in told.reports if r["observation_type"] == "guard_activity" and r["ours"])
    incidents = Counter(week(i["day"]) for i in told.incidents)
    return [(w, rounds[w], incidents[w]) for w in sorted(rounds | incidents)]


def latency(told: Told) -> Rows:
    hours = defaultdict(list)
    for r in told.reports:
        if (
            not r["is_person_sensitive"]
            and r["occurred_from"]
            and r["occurred_precision"] in ("minute", "hour", "interval")
        ):
            late = (r["first_seen_at"] - r["occurred_from"]).total_seconds() / 3600
            if late >= 0 and r["day"] >= TODAY - 28 * DAY:
                hours[r["source_id"]].append(round(late, 2))
    rows: Rows = []
    for source, found in sorted(hours.items()):
        found.sort()
        at = 0.9 * (len(found) - 1)
        low = found[int(at)] + (at - int(at)) * (found[min(int(at) + 1, len(found) - 1)] - found[int(at)])
        rows.append((source, len(found), pytest.approx(statistics.median(found)), pytest.approx(low)))
    return rows


def changed(told: Told) -> Rows:
    since = instant(date(2026, 10, 9), 6)
    later = defaultdict(list)
    for v in told.versions:
        if v["ingested_at"] > since:
            later[v["report_id"]].append((v["version"], v["change_kind"], v["source_id"]))
    kinds = []
    for found in later.values():
        first, last = min(found), max(found)
        kind = last[1] if last[1] == "withdrawn" or first[0] > 1 else "new"
        kinds.append((last[2], kind))
    return counted(kinds)


def as_of_monday(told: Told) -> Rows:
    known = newest([v for v in told.versions if v["ingested_at"] <= instant(date(2026, 10, 12), 6)], "report_id")
    days = [v["told_day"] for v in known if v["change_kind"] != "withdrawn" and v["counts_as"] == "incident"]
    return counted(d for d in days if date(2026, 10, 9) <= d <= date(2026, 10, 11))


def before_after(told: Told) -> Rows:
    standing = newest([v for v in told.tables["insats"] if v["ingested_at"] <= MOMENT], "entry_id")
    rows: Rows = []
    for n in sorted(standing, key=lambda one: str(one["entry_id"])):
        start = n["start_day"]
        if n["change_kind"] == "withdrawn" or start is None:
            continue
        days = [i["day"] for i in told.incidents if n["area_id"] and i["area_id"] == n["area_id"]]
        before = sum(start - 28 * DAY <= d < start for d in days)
        after = sum(start <= d < start + 28 * DAY for d in days)
        rows.append((n["entry_id"], n["area_id"], start, before, after, start + 27 * DAY < TODAY))
    return rows


def closing(told: Told) -> Rows:
    days = defaultdict(list)
    for r in told.reports:
        if r["is_person_sensitive"] or r["observation_type"] != "municipal_request":
            continue
        if r["closed_at"] and r["reported_at"]:
            days[r["category"]].append((day_of(r["closed_at"]) - day_of(r["reported_at"])).days)
    return [(c, len(d), statistics.median(d)) for c, d in sorted(days.items())]


def by_source(told: Told, rows: list[dict[str, Any]], *tests: Callable[[dict[str, Any]], bool]) -> Rows:
    found = defaultdict(list)
    for row in rows:
        found[row["source_id"]].append(row)
    return [(s, len(r), *(sum(map(test, r)) for test in tests)) for s, r in sorted(found.items())]


def corrections(told: Told) -> Rows:
    kinds = defaultdict(set)
    for v in told.versions:
        kinds[v["source_id"], v["change_kind"]].add(v["report_id"])
    sources = sorted({v["source_id"] for v in told.versions})
    return [(s, len(kinds[s, "changed"]), len(kinds[s, "withdrawn"])) for s in sources]


def sums(told: Told) -> Rows:
    found = defaultdict(list)
    for d in told.tables["delivery"]:
        if d["ingested_at"] <= MOMENT:
            names = ("seen_count", "accepted_count", "rejected_count", "duplicate_count")
            found[d["source_id"]].append([d[name] for name in names])
    return [(s, len(rows), *(sum(column) for column in zip(*rows, strict=True))) for s, rows in sorted(found.items())]


def refused(told: Told) -> Rows:
    found: Counter[tuple[str, str]] = Counter()
    for r in told.tables["reject"]:
        if r["ingested_at"] <= MOMENT:
            found[r["source_id"], r["reason"]] += r["record_count"]
    return [(*k, n) for k, n in sorted(found.items())]


def top(told: Told) -> Rows:
    seen = Counter(i["place_id"] for i in told.between(90, 1) if i["place_id"])
    return sorted(seen.items(), key=lambda one: (-one[1], one[0]))[:10]


def oldest(told: Told) -> Rows:
    still = [r for r in told.reports if r["observation_type"] == "municipal_request" and r["status"] == "open"]
    still.sort(key=lambda r: (event_at(r), r["report_id"]))
    return [(r["report_id"], r["category"], r["area_id"], r["day"]) for r in still[:10]]


def grave(told: Told) -> dict[str, Any]:
    found = [i for i in told.incidents if i["severity_default"] >= 4]
    return max(found, key=lambda i: (event_at(i), i["report_id"]))


def versions_of_grave(told: Told) -> Rows:
    latest = grave(told)["report_id"]
    rows = [v for v in told.versions if v["report_id"] == latest]
    names = ("report_id", "version", "delivery_sha256", "ingested_at", "source_id", "run_id")
    return [tuple(v[n] for n in names) for v in sorted(rows, key=lambda v: v["version"])]


def uncounted(told: Told) -> Rows:
    ids = {i["report_id"] for i in told.incidents}
    return counted((r["counts_as"], r["trend"], r["ours"]) for r in told.reports if r["report_id"] not in ids)


EXPECTED: dict[str, Callable[[Told], Rows]] = {
    "01_areas_last_week": lambda t: area_counts(t, 7, 1),
    "02_like_weeks": lambda t: [
        (n, TODAY - (7 * n + 7) * DAY, TODAY - (7 * n + 1) * DAY, len(t.between(7 * n + 7, 7 * n + 1)))
        for n in range(9)
    ],
    "03_area_category_trend": lambda t: counted(
        (i["area_id"] or "-", i["category"].split(".")[0], i["day"].replace(day=1))
        for i in t.incidents
        if i["day"].year == 2026
    ),
    "04_hour_weekday_of_place": lambda t: counted(
        (when.isoweekday(), hour)
        for i in t.incidents
        if i["place_id"] == "angsskolan" and (hour := hours_of(i)) is not None
        for when in [middle(i)]
    ),
    "05_repeats": repeats,
    "06_open_faults_near_incidents": near,
    "07_dose_against_incidents": dose,
    "08_feed_latency": latency,
    "09_changed_since_friday": changed,
    "10_as_of_last_monday": as_of_monday,
    "11_per_1000": lambda t: area_counts(t, 365, 1),
    "12_public_counts": public,
    "13_insats_before_after": before_after,
    # bostad_lindhem stopped on purpose eight days before the demo's moment
    "14_silent_days": lambda t: [("bostad_lindhem", date(2026, 10, day)) for day in range(8, 16)],
    "15_night_share": lambda t: [
        (area, len(hours), sum(h >= 21 or h < 6 for h in hours))
        for area in sorted({i["area_id"] or "-" for i in t.incidents})
        if (hours := [h for i in t.incidents if (i["area_id"] or "-") == area and (h := hours_of(i)) is not None])
    ],
    "16_top_places": top,
    "17_severe": lambda t: sorted(
        (
            (i["report_id"], i["day"], i["category"], i["area_id"] or "-")
            for i in t.between(28, 1)
            if i["severity_default"] >= 4
        ),
        key=lambda row: (row[1], row[0]),
    ),
    "18_days_to_close": closing,
    "19_oldest_open": oldest,
    "20_corrections": corrections,
    "21_rejects": refused,
    "22_delivery_sums": sums,
    "23_unplaced": lambda t: by_source(t, t.incidents, lambda i: i["area_id"] is None),
    "24_weekday_factor": lambda t: counted(
        i["day"].isoweekday() for i in t.between(364, 1) if not i["is_person_sensitive"]
    ),
    "25_lineage_of_a_report": versions_of_grave,
    "26_what_counts": uncounted,
    "27_police_informed": lambda t: by_source(
        t,
        [r for r in t.reports if r["observation_type"] == "guard_report"],
        lambda r: bool(r["police_informed"]),
        lambda r: r["police_informed"] is None,
    ),
}
