"""A made-up town's picture on an ordinary morning, row by row, in a database of the picture's tables."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import duckdb

from tests.warehouse.publish.made_up_meeting import meeting_rows
from tests.warehouse.publish.made_up_rows import (
    AREAS,
    MOMENT,
    TITLES,
    Rows,
    ago,
    deviation,
    event,
    gone,
    night,
    point,
    sentence,
    square,
)

#: The tables whose rows carry a query id of their own.
NUMBERED = (
    "source", "summary", "area_status", "event", "deviation", "focus_place", "area_set", "due_insats", "ahead",
    "effort", "proposal", "question", "decision", "alert", "warning", "walk_point", "gone",
)  # fmt: skip

#: The ids that no row carries.
FIXED = [
    "0.1", "0.2", "0.3", "0.4", "0.5", "3.1", "3.2", "3.3", "3.4", "4.0", "4.99", "5.0", "7.1", "7.2", "7.3", "8.1",
    "8.2",
]  # fmt: skip

TABLES_SQL = Path(__file__).with_name("picture_tables.sql")


def ordinary() -> Rows:
    """An ordinary Friday: one feed late, one down, one never heard; six of seven areas calm."""
    rows: Rows = {}
    statuses = ["fresh", "fresh", "late", "fresh", "never"]
    rows["head"] = [
        {
            "municipality_name": "Ekby kommun",
            "municipality_code": "9999",
            "tlp": "TLP:AMBER",
            "moment_at": MOMENT,
            "local_day": date(2026, 10, 16),
            "local_time": "06:30",
            "iso_year": 2026,
            "iso_week": 42,
            "weekday": 5,
            "data_cutoff_at": ago(0.4),
            "valid_until_at": MOMENT + timedelta(hours=24),
            "previous_moment_at": ago(24.25),
            "picture_number": "2026-289-0630",
            "is_incomplete_night": True,
            "night_published_percent": 70,
            "is_night_ceiling": True,
            "current_report_count": 12843,
            "incident_24h_count": 14,
            "without_place_count": 12,
            "located_count": 119,
            "history_from_day": date(2025, 3, 1),
            "is_demo": True,
        }
    ]
    rows["source"] = [
        {
            "position": n,
            "query_id": f"1.{n}",
            "source_id": source,
            "role": role,
            "title_sv": sv,
            "title_en": en,
            "owner_org": org,
            "status": status,
            "last_received_at": None if status == "never" else ago(0.4 if status == "fresh" else 31),
            "last_event_at": None if status == "never" else ago(2.1 if status == "fresh" else 33),
            "hours_silent": None if status == "never" else (0.4 if status == "fresh" else 31.0),
            "seen_count": None if status == "never" else (0 if status == "late" else 20 + 9 * n),
            "accepted_count": None if status == "never" else (0 if status == "late" else 18 + 9 * n),
            "rejected_count": None if status == "never" else (0 if status == "late" else 1),
            "duplicate_count": None if status == "never" else (0 if status == "late" else 1),
            "quarantined_count": None if status == "never" else 0,
            "expected_low": None if status == "never" else 20,
            "expected_high": None if status == "never" else 45,
            "is_below_expected": status == "late",
            "is_above_expected": n == 4,
            "last_cause": "timeout" if status == "late" else None,
            "notice_count": 2 if n == 2 else 0,
            "is_possible_loss": False,
            "is_frozen": False,
        }
        for n, ((source, role, sv, en, org), status) in enumerate(zip(TITLES, statuses, strict=True), 1)
    ]
    rows["summary"] = [
        sentence(
            1, 14, 8, 19, "händelser senaste dygnet, normalt 8–19.", "incidents in 24 hours, normally 8–19.", "within"
        ),
        sentence(
            2,
            131,
            74,
            118,
            "händelser senaste sju dygnen, normalt 74–118.",
            "incidents in seven days, normally 74–118.",
            "above",
        ),
        sentence(
            3,
            2,
            None,
            None,
            "grova händelser (allvar 4–5) sedan förra bilden.",
            "severe incidents (4–5) since the last picture.",
            "unknown",
        ),
    ]
    proposed = ["orange", "gul", "gron", "gron", "gron", "okand", "gron"]
    reasons = {
        "orange": (
            "Signal: skadegörelse 17 på sju dygn, normalt 3–10.",
            "Signal: damage 17 in seven days, normally 3–10.",
        ),
        "gul": ("Bevaka: inbrott 6, normalt 0–4.", "Watch: burglary 6, normally 0–4."),
        "gron": ("Inom det normala.", "Within normal."),
        "okand": ("Enda källan är tyst.", "The only source is silent."),
    }
    rows["area_status"] = [
        {
            "position": n,
            "query_id": f"2.{n + 3}",
            "area_id": f"area-{n}",
            "area_name": name,
            "proposed_status": status,
            "reason_sv": reasons[status][0],
            "reason_en": reasons[status][1],
            "incident_7d_count": None if status == "okand" else 40 - 5 * n,
        }
        for n, (name, status) in enumerate(zip(AREAS, proposed, strict=True), 1)
    ]
    rows["event"] = [event(n) for n in range(1, 9)]
    rows["event_total"] = [
        {
            "new_count": 21,
            "changed_count": 4,
            "withdrawn_count": 1,
            "shown_count": 8,
            "activity_count": 33,
            "context_count": 5,
            "meta_count": 3,
        }
    ]
    rows["deviation"] = [
        deviation(1, "cell", 1, 2, 17, 5.6, 1, 11, 0.0004, 0.018, "signal"),
        deviation(2, "area", 1, None, 41, 24.0, 15, 34, 0.002, 0.06, "signal"),
        deviation(3, "cell", 2, 3, 6, 1.4, 0, 4, 0.004, 0.17, "watch"),
        {
            **deviation(4, "category", None, 5, 19, 11.2, 5, 18, 0.03, 0.19, "watch"),
            "activity_7d_count": 14,
            "activity_expected": 8.5,
        },
        deviation(5, "cell", 6, 6, 1, 0.2, 0, 1, None, None, "severe"),
    ]
    rows["deviation_total"] = [
        {
            "tested_count": 212,
            "signal_count": 2,
            "watch_count": 2,
            "fall_count": 0,
            "baseline": "52_weeks",
            "text_sv": "2 signaler och 2 att bevaka utöver slumpen.",
            "text_en": "2 signals and 2 to watch beyond chance.",
        }
    ]
    places = ["Ekby torg", "Stationen", "Sjöparken", "Norra skolgården", "Hamnplan"]
    rows["focus_place"] = [
        {
            "position": n,
            "query_id": f"6.{n}",
            "place_id": f"place-{n}",
            "place_name": name,
            "area_name": AREAS[n - 1],
            "count_7d": 12 - 2 * n,
            "count_28d": 40 - 6 * n,
            "count_previous_28d": 22 + 2 * n,
            "persistence": ["new", "persistent", "persistent", "fading", "intermittent"][n - 1],
            "window_label_sv": "fre–lör 21–02" if n < 4 else None,
            "window_label_en": "Fri–Sat 21–02" if n < 4 else None,
            "fault_query_id": f"6.{100 + n}",
            "open_fault_count": [2, 0, 1, None, 0][n - 1],
            "open_walk_count": [1, 0, 0, None, 2][n - 1],
            "open_fault_categories_sv": ["belysning, klotter", None, "klotter", None, None][n - 1],
            "open_fault_categories_en": ["lighting, graffiti", None, "graffiti", None, None][n - 1],
            "is_repeat": n == 1,
            "earlier_count": None if n == 1 else 4,
            "since_earlier": "new" if n == 1 else "stronger" if n == 2 else "same",
        }
        for n, name in enumerate(places, 1)
    ]
    rows["earlier"] = [{"earlier_at": ago(24), "earlier_number": "2026-288-0630", "is_first": False}]
    rows["gone"] = [gone(5, 6, "Sjöstaden · stöld", "within"), gone(6, 6, "Busstorget", "displaced")]
    rows["map_area"] = []
    for n, (name, status) in enumerate(zip(AREAS, proposed, strict=True), 1):
        ring, longitude, latitude = square(n - 1)
        rows["map_area"].append(
            {
                "area_id": f"area-{n}",
                "area_name": name,
                "geometry_geojson": json.dumps({"type": "Polygon", "coordinates": [ring]}),
                "label_longitude": longitude,
                "label_latitude": latitude,
                "incident_24h_count": None if status == "okand" else max(0, 5 - n),
                "incident_7d_count": None if status == "okand" else 40 - 5 * n,
                "normal_low": None if status == "okand" else 26 - 4 * n if n < 6 else 0,
                "normal_high": None if status == "okand" else 44 - 4 * n,
                "proposed_status": status,
                "is_approximate": name == "Hamnen",
            }
        )
    rows["map_point"] = [point(n) for n in range(26)]
    rows["map_total"] = [{"located_count": 119, "unlocated_count": 12, "total_count": 131}]
    rows["heat_watch"] = [
        {
            "area_id": f"area-{n}",
            "area_name": name,
            "watch": watch,
            "count": night(watch * 3 + 1, n),
            "is_total": False,
        }
        for n, name in enumerate(AREAS, 1)
        for watch in range(8)
    ] + [
        {
            "area_id": None,
            "area_name": "Ekby kommun",
            "watch": watch,
            "count": sum(night(watch * 3 + 1, n) for n in range(1, 8)),
            "is_total": True,
        }
        for watch in range(8)
    ]
    rows["heat_hour"] = [
        {"weekday": day, "hour": hour, "count": night(hour, 8 - day if day < 6 else 0) // 2}
        for day in range(1, 8)
        for hour in range(24)
    ]
    rows["heat_total"] = [
        {
            "with_time_count": 402,
            "without_time_count": 37,
            "from_day": date(2026, 9, 18),
            "until_day": date(2026, 10, 15),
        }
    ]
    rows |= meeting_rows()
    rows["query"] = [
        {
            "query_id": query_id,
            "section": int(query_id.split(".")[0]),
            "title_sv": f"Raderna bakom {query_id}",
            "title_en": f"The rows behind {query_id}",
            "sql": "SELECT report_id\nFROM core.report\nWHERE event_at >= now()",
        }
        for query_id in FIXED
        + [row["fault_query_id"] for row in rows["focus_place"]]
        + [row["query_id"] for table in NUMBERED for row in rows[table]]
    ]
    return rows


def database(rows: Rows, path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB database (in memory, or at ``path``) with the picture's tables holding ``rows``."""
    connection = duckdb.connect(str(path or ":memory:"), config={"threads": 1})
    # In one transaction, each statement prepared once for rows of the same columns: a third of what it cost by row.
    connection.execute("SET TimeZone = 'UTC'; BEGIN")
    connection.execute(TABLES_SQL.read_text(encoding="utf-8"))
    connection.execute("INSERT INTO config.moment VALUES (?, 'Europe/Stockholm', 'sv', 'test')", [MOMENT])
    for table, listed in rows.items():
        for columns, alike in groupby(listed, key=tuple):
            marks = ", ".join("?" for _ in columns)
            sql = f"INSERT INTO picture.{table} ({', '.join(columns)}) VALUES ({marks})"
            connection.executemany(sql, [list(row.values()) for row in alike])
    connection.execute("COMMIT")
    return connection
