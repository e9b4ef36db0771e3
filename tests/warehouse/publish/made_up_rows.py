"""The made-up town's names, and single rows of its picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

MOMENT = datetime(2026, 10, 16, 4, 30, tzinfo=UTC)  # Friday 06.30 in Sweden, still summer time
AREAS = ["Ekby centrum", "Norra Ekby", "Sjöstaden", "Industrivägen", "Lövhaga", "Hamnen", "Ytterby"]
TITLES = [
    ("polisen_events", "police", "Polisens notiser", "Police notices", "Polismyndigheten"),
    ("guard_nordvakt", "guard", "Nordvakt, ordningsvakter", "Nordvakt, guards", "Nordvakt AB"),
    ("guard_trygghet", "guard", "Trygghet Syd, väktare", "Trygghet Syd, guards", "Trygghet Syd AB"),
    ("felanmalan", "municipal", "Felanmälan", "Fault reports", "Ekby kommun"),
    ("ekbybostader", "housing", "Ekbybostäder", "Ekby housing", "AB Ekbybostäder"),
]
CATEGORIES = [
    ("vald.misshandel", "Misshandel", "Assault", 3),
    ("vald.ran", "Rån", "Robbery", 4),
    ("egendom.skadegorelse", "Skadegörelse", "Criminal damage", 2),
    ("egendom.inbrott", "Inbrott", "Burglary", 3),
    ("ordning.storning", "Ordningsstörning, ofog", "Disorder", 2),
    ("narkotika.misstankt", "Misstänkt narkotikahantering", "Suspected drug dealing or use", 3),
    ("brand.anlagd", "Anlagd brand", "Arson", 4),
    ("alkohol.berusning", "Berusade personer, LOB", "Intoxication", 2),
]
Rows = dict[str, list[dict[str, Any]]]


def ago(hours: float) -> datetime:
    """An instant before the picture's moment."""
    return MOMENT - timedelta(hours=hours)


def square(index: int) -> tuple[list[list[float]], float, float]:
    """A six-cornered block of a town near 59.3 N, and its middle."""
    west, south = 17.90 + 0.045 * (index % 3), 59.20 + 0.022 * (index // 3)
    width = 0.135 if index == 6 else 0.045
    ring = [
        [west, south],
        [west + width * 0.6, south + 0.002],
        [west + width, south],
        [west + width, south + 0.022],
        [west + width * 0.4, south + 0.024],
        [west, south + 0.022],
        [west, south],
    ]
    return ring, west + width / 2, south + 0.011


def night(hour: int, row: int) -> int:
    return max(0, (9 - min(abs(hour - 22), abs(hour + 2))) * 2 - row)


def sentence(n: int, number: int | None, low: Any, high: Any, sv: str, en: str, trend: str) -> dict[str, Any]:
    return {
        "position": n,
        "query_id": f"2.{n}",
        "number": number,
        "normal_low": low,
        "normal_high": high,
        "sentence_sv": f"{number} {sv}",
        "sentence_en": f"{number} {en}",
        "trend": trend,
    }


def event(n: int) -> dict[str, Any]:
    code, sv, en, severity = sorted(CATEGORIES, key=lambda c: -c[3])[n - 1]
    precision = ["plats", "omrade", "punkt", "kommun", "plats", "plats", "omrade", "okand"][n - 1]
    place = {"omrade": AREAS[n - 2], "kommun": "Ekby kommun", "okand": None}.get(precision, "Ekby torg")
    start = ago(3.5 * n)
    return {
        "position": n,
        "query_id": f"4.{n}",
        "report_id": f"report-{n}",
        "occurred_from": None if n == 8 else start,
        "occurred_until": start + timedelta(hours=1) if n == 3 else None,
        "is_time_known": n not in (6, 8),
        "time_label_sv": None if n != 2 else "tor 15 okt 23.30",
        "time_label_en": None if n != 2 else "Thu 15 Oct 23:30",
        "place_label": place,
        "area_name": None if precision in ("kommun", "okand") else AREAS[n - 2 if precision == "omrade" else 0],
        "category": code,
        "category_sv": sv,
        "category_en": en,
        "severity": severity,
        "counts_as": "context" if n == 7 else "incident",
        "source_titles": "Polisens notiser" if n in (1, 4) else "Nordvakt, ordningsvakter",
        "note_public": None if n == 5 else f"{sv}. Polis tillkallad.",
        "action_taken": ["avvisning", None, "polis_tillkallad", None, None, "dokumentation", None, None][n - 1],
        "action_sv": ["Personer avvisade", None, "Polis tillkallad", None, None, "Dokumenterat", None, None][n - 1],
        "action_en": ["Persons turned away", None, "Police called", None, None, "Documented", None, None][n - 1],
        "change_kind": ["new", "new", "changed", "new", "withdrawn", "returned", "new", "new"][n - 1],
        "is_identity_break": n == 3,
        "location_precision": precision,
    }


def deviation(
    n: int,
    level: str,
    area: int | None,
    category: int | None,
    count: int,
    expected: float,
    low: int,
    high: int,
    p: float | None,
    q: float | None,
    verdict: str,
) -> dict[str, Any]:
    code, sv, en, _ = CATEGORIES[category] if category is not None else (None, None, None, 0)
    return {
        "position": n,
        "query_id": f"5.{n}",
        "level": level,
        "area_id": area and f"area-{area}",
        "area_name": area and AREAS[area - 1],
        "category": code,
        "category_sv": sv,
        "category_en": en,
        "count": count,
        "expected": expected,
        "normal_low": low,
        "normal_high": high,
        "p_value": p,
        "q_value": q,
        "verdict": verdict,
        "baseline": "52_weeks",
        "activity_7d_count": None,
        "activity_expected": None,
        "silent_days": 3 if n == 3 else 0,
        "earlier_count": None if n == 1 else count - 4 * (n == 2),
        "since_earlier": ["new", "stronger", "same", "weaker"][(n - 1) % 4],
    }


def point(n: int) -> dict[str, Any]:
    """One incident on the map, at one of a few spots."""
    _, longitude, latitude = square(n % 5)
    spot = n % 7
    _, sv, en, severity = CATEGORIES[n % len(CATEGORIES)]
    return {
        "report_id": f"point-{n}",
        "latitude": latitude + 0.0012 * (spot - 3),
        "longitude": longitude + 0.003 * (spot - 3),
        "category_sv": sv,
        "category_en": en,
        "severity": severity,
        "age_days": 0 if n % 9 == 0 else n % 7,
    }


def gone(section: int, n: int, label: str, reason: str) -> dict[str, Any]:
    """What the earlier picture listed: 9 then, 5 now."""
    return {
        "section": section,
        "position": n,
        "query_id": f"{section}.{n}",
        "label_sv": label,
        "label_en": label,
        "earlier_count": 9,
        "count": None if reason == "untested" else 5,
        "normal_low": 1 if section == 5 else None,
        "normal_high": 7 if section == 5 else None,
        "gone_reason": reason,
    }
