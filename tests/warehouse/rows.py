"""Made-up rows of every table a build reads: a town with two areas, four sources, and whatever a test adds."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import warehouse
from tests.warehouse.asked import only
from warehouse.build import ATTEMPT, THRESHOLDS, BuildInputs, BuildResult, build, fill
from warehouse.connection import connect
from warehouse.contract import LAKE_TABLES

ZONE = ZoneInfo("Europe/Stockholm")

#: Monday 23 November 2026, 06:15 local. The seven whole days are Monday the 16th to Sunday the 22nd.
MOMENT = datetime(2026, 11, 23, 5, 15, tzinfo=UTC)
TODAY = date(2026, 11, 23)

THRESHOLD_VALUES: dict[str, float] = {
    "q_signal": 0.10, "q_watch": 0.20, "minimum_count": 3, "baseline_weeks": 52, "short_baseline_periods": 8,
    "short_z": 3, "fall_minimum_expected": 5, "fall_periods": 3, "severe_from": 4, "recent_events_max": 8,
    "focus_places_max": 5, "incomplete_before_hour": 10, "percent_minimum_count": 50, "repeat_count": 3,
    "repeat_days": 14, "rate_minimum_population": 500,
}  # fmt: skip
assert set(THRESHOLD_VALUES) == THRESHOLDS


def local(days_ago: int, clock: str = "12:00") -> datetime:
    """The instant of a local clock time, ``days_ago`` days before the picture's day."""
    hour, minute = clock.split(":")
    day = TODAY - timedelta(days=days_ago)
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZONE).astimezone(UTC)


def feed(source_id: str, role: str = "guard", *, is_trend: bool = True, **values: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "source_id": source_id, "kind": "guard_tabular", "role": role, "title_sv": source_id.title(),
        "title_en": source_id.title() + " (en)", "owner_org": "Testvakt", "purpose": "prov",
        "is_trend_source": is_trend, "expected_every_hours": 24.0, "late_after_hours": 30.0,
        "down_after_hours": 54.0, "expected_low": None, "expected_high": None, "expected_reason": None,
        "loss_after_hours": None, "position": 1, "register": None,
    }  # fmt: skip
    return row | values


def categories() -> list[dict[str, Any]]:
    path = Path(warehouse.__file__).parent / "categories.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            {
                "category": row["code"], "category_sv": row["sv"], "category_en": row["en"],
                "counts_as": row["counts_as"], "severity_default": int(row["default_severity"]),
                "finest_precision": row["max_location_precision"], "family": row["code"].split(".")[0],
            }
            for row in csv.DictReader(lines)
        ]  # fmt: skip


CATEGORIES = {row["category"]: row for row in categories()}


@dataclass
class Town:
    """The inputs of one build. Tests add rows; ``build`` writes them as Parquet and builds."""

    feeds: list[dict[str, Any]] = field(
        default_factory=lambda: [
            feed("guard_a", position=1),
            feed("guard_b", position=2),
            feed("open311_town", "municipal", position=3),
            feed("polisen_events", "police", is_trend=False, position=4),
        ]
    )
    lake: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in LAKE_TABLES})
    attempts: list[dict[str, Any]] = field(default_factory=list)
    owners: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"owner_id": owner, "owner_name": owner.title(), "owner_role": role, "position": n}
            for n, (owner, role) in enumerate(
                [("trygghet", "kommun"), ("polisen", "polis"), ("vakterna", "ordningsvakt")], 1
            )
        ]
    )
    calendar: list[dict[str, Any]] = field(default_factory=lambda: [calendar_day(n) for n in range(-3, 8)])
    previous_moment_at: datetime | None = MOMENT - timedelta(hours=24)
    moment: datetime = MOMENT
    thresholds: dict[str, float] = field(default_factory=lambda: dict(THRESHOLD_VALUES))

    def report(self, key: str, event_at: datetime | None, **values: Any) -> dict[str, Any]:
        """Add one report version (by default the first) and its note; returns the row."""
        row = report_version(key, event_at, **values)
        note = row.pop("note_public", None)
        self.lake["report_version"].append(row)
        if note is not None:
            told = {name: row[name] for name in ("report_id", "version", "source_id", "ingested_at")}
            self.lake["note"].append(told | {"note_public": note, "is_erased": False})
        return row

    def entry(self, register: str, key: str, **values: Any) -> dict[str, Any]:
        """Add one version of a register's entry (by default the first, told an hour before the moment)."""
        source_id = values.get("source_id", register)
        ingested_at = values.get("ingested_at", self.moment - timedelta(hours=1))
        row: dict[str, Any] = dict.fromkeys(LAKE_TABLES[register].names) | {
            "entry_id": f"{source_id}:{key}", "source_id": source_id, "source_key": key, "owner_org": "Provstad",
            "delivery_sha256": sha(f"{source_id} {ingested_at}"), "run_id": "r", "ingested_at": ingested_at,
            "record_number": 1, "pii_flags": "", "dq_flags": "", "tlp": "TLP:AMBER",
            "retain_until": date(2029, 11, 23), "version": 1, "change_kind": "new", "changed_fields": "",
            "first_seen_at": ingested_at,
        }  # fmt: skip
        if unknown := set(values) - set(row):
            raise KeyError(f"no such column: {sorted(unknown)}")
        self.lake[register].append(row | values)
        return self.lake[register][-1]

    def register(self, register: str, *, is_heard: bool = True) -> None:
        """Set up a feed for a register, heard an hour before the moment."""
        kind = {"weather_warning": "smhi_warnings", "public_alert": "vma_alerts"}.get(register, "register_tabular")
        values = {"kind": kind, "register": register, "position": 10 + len(self.feeds)}
        role = "register" if kind == "register_tabular" else "warning"
        self.feeds.append(feed(register, role, is_trend=False, **values))
        if is_heard:
            self.delivery(register, self.moment - timedelta(hours=1))

    def delivery(self, source_id: str, received_at: datetime, **values: Any) -> dict[str, Any]:
        row: dict[str, Any] = {
            "source_id": source_id, "delivery_sha256": sha(f"{source_id} {received_at}"),
            "ingested_at": received_at, "run_id": "r", "disposition": "accepted", "reason": None, "seen_count": 0,
            "accepted_count": 0, "rejected_count": 0, "duplicate_count": 0, "covers_from": None,
            "covers_until": None, "newest_event_at": None,
        }  # fmt: skip
        row |= values
        self.lake["delivery"].append(row)
        return row

    def heard(self, source_id: str, first_days_ago: int, last_days_ago: int = 0) -> None:
        """One delivery, received two hours before the moment, that covers these whole local days."""
        until = min(local(last_days_ago - 1, "00:00"), self.moment)
        self.delivery(
            source_id, self.moment - timedelta(hours=2),
            delivery_sha256=sha(f"{source_id} {first_days_ago} {last_days_ago}"),
            covers_from=local(first_days_ago, "00:00"), covers_until=until,
        )  # fmt: skip

    def attempt(self, source_id: str, hours_ago: float, **values: Any) -> None:
        at = self.moment - timedelta(hours=hours_ago)
        row = {
            "source_id": source_id, "run_id": "r", "started_at": at, "ended_at": at, "status": "ok", "cause": None,
            "http_status": None, "delivery_count": 1,
        }  # fmt: skip
        self.attempts.append(row | values)

    def config(self) -> dict[str, pa.Table]:
        square = '{"type":"Polygon","coordinates":[[[18,59],[18.1,59],[18.1,59.1],[18,59.1],[18,59]]]}'
        rows: dict[str, list[dict[str, Any]]] = {
            "moment": [{"moment_at": self.moment, "previous_moment_at": self.previous_moment_at,
                        "valid_until_at": self.moment + timedelta(hours=24), "timezone": "Europe/Stockholm",
                        "language": "sv", "code_version": "test"}],
            "municipality": [{"municipality_code": "9999", "municipality_name": "Lindvik", "county_code": "99",
                              "county_name": "Provlän", "tlp": "TLP:AMBER", "is_demo": True}],
            "area": [{"area_id": area, "area_name": area.title(), "area_kind": "kommundel", "population": 4000,
                      "geometry_geojson": square, "label_longitude": 18.05, "label_latitude": 59.05,
                      "is_approximate": False, "position": n} for n, area in enumerate(("centrum", "norra"), 1)],
            "place": [{"place_id": "torget", "place_name": "Torget", "place_type": "torg", "publicness": "public",
                       "area_id": "centrum", "latitude": 59.05, "longitude": 18.05},
                      {"place_id": "skolan", "place_name": "Norra skolan", "place_type": "skola",
                       "publicness": "semi_public", "area_id": "norra", "latitude": None, "longitude": None},
                      {"place_id": "porten", "place_name": "Porten", "place_type": "bostad",
                       "publicness": "private", "area_id": "norra", "latitude": None, "longitude": None}],
            "category": list(CATEGORIES.values()),
            "action": [{"action": "polis_tillkallad", "action_sv": "Polis tillkallad", "action_en": "Police called"},
                       {"action": "avvisning", "action_sv": "Personer avvisade", "action_en": "Persons turned away"}],
            "feed": self.feeds,
            "threshold": [{"name": name, "value": value, "unit": "", "reason": "prov", "decided_day": TODAY}
                          for name, value in self.thresholds.items()],
            "owner": self.owners,
            "calendar_day": self.calendar,
        }  # fmt: skip
        return {name: table_of(found) for name, found in rows.items()}

    def inputs(self, folder: Path) -> BuildInputs:
        files: dict[str, list[Path]] = {}
        for name, rows in self.lake.items():
            files[name] = []
            if rows:
                path = folder / f"{name}.parquet"
                pq.write_table(pa.Table.from_pylist(rows, schema=LAKE_TABLES[name]), path)
                files[name].append(path)
        attempts = pa.Table.from_pylist(self.attempts, schema=ATTEMPT)
        return BuildInputs(files, self.config(), attempts, self.moment)

    def build(self, folder: Path, *asked: str) -> BuildResult:
        """Build ``town.duckdb`` whole, or of it the tables that ``asked`` names and what they are made of."""
        with only(*asked) if asked else nullcontext():
            return build(self.inputs(folder), folder / "town.duckdb")

    def rows(self, folder: Path, query: str) -> list[dict[str, Any]]:
        """A query's rows, of a town with the tables it names."""
        with self.opened(folder, query) as con:
            return con.sql(query).to_arrow_table().to_pylist()

    @contextmanager
    def opened(self, folder: Path, *asked: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The town's tables as ``build`` makes them, in memory: a file is a sixth of what a small build costs."""
        with only(*asked) if asked else nullcontext(), connect() as con:
            fill(con, self.inputs(folder), {})
            yield con


def calendar_day(days_ahead: int, **values: Any) -> dict[str, Any]:
    """An ordinary day of the calendar, ``days_ahead`` of the picture's."""
    day = TODAY + timedelta(days=days_ahead)
    row: dict[str, Any] = {
        "local_day": day, "holiday_sv": None, "holiday_en": None, "is_bank_day": day.weekday() < 5,
        "is_pay_day": False, "sunrise": "08:00", "sunset": "15:00", "dark_from": "15:45", "dark_until": "07:15",
        "light": "ordinary",
    }  # fmt: skip
    return row | values


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Settings rows as Arrow; a column that is NULL throughout takes the type DuckDB casts it to."""
    return pa.Table.from_pylist(rows)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def report_version(key: str, event_at: datetime | None, **values: Any) -> dict[str, Any]:
    """One row of REPORT_VERSION (and note_public), of source guard_a unless the test says otherwise."""
    category = CATEGORIES[values.get("category", "skada.skadegorelse")]
    source_id = values.get("source_id", "guard_a")
    ingested_at = values.get("ingested_at", (event_at or MOMENT) + timedelta(hours=1))
    area_id = values.get("area_id", "centrum" if category["finest_precision"] not in ("kommun", "lan") else None)
    row: dict[str, Any] = {
        "source_id": source_id, "source_key": key, "report_id": f"{source_id}:{key}", "owner_org": "Testvakt",
        "delivery_sha256": sha(str(ingested_at)), "run_id": "r", "ingested_at": ingested_at, "record_number": 1,
        "observation": "seen", "source_hash": int(sha(key)[:15], 16), "field_names": "", "field_fingerprints": b"",
        "occurred_from": event_at,
        "occurred_until": None, "occurred_precision": "minute" if event_at else "unknown",
        "occurred_is_ambiguous": False, "reported_at": None, "published_at": None,
        "category": category["category"], "category_source": None, "observation_type": "guard_report",
        "counts_as": category["counts_as"], "severity_default": category["severity_default"], "place_id": None,
        "place_text": None, "place_type": None, "publicness": None, "area_id": area_id,
        "municipality_code": "9999", "county_code": "99", "latitude": None, "longitude": None,
        "location_precision": "omrade" if area_id else "kommun", "location_method": "area_name",
        "action_taken": None, "police_informed": None, "quantity": None, "status": None, "closed_at": None,
        "pii_flags": "", "is_person_sensitive": category["finest_precision"] == "kommun", "tlp": "TLP:AMBER",
        "dq_flags": "", "retain_until": date(2028, 11, 23), "version": 1, "change_kind": "new",
        "changed_fields": "", "first_seen_at": ingested_at, "note_public": None,
    }  # fmt: skip
    if unknown := set(values) - set(row):
        raise KeyError(f"no such column: {sorted(unknown)}")
    return row | values


def weekly(town: Town, counts: Iterable[int], **values: Any) -> None:
    """Add incidents week by week: the first count in the newest seven days, the next in those before, and so on."""
    serial = sum(len(rows) for rows in town.lake.values())
    for week, count in enumerate(counts):
        for n in range(count):
            day = 1 + 7 * week + (n + week) % 7
            town.report(f"w{serial}-{week}-{n}", local(day, f"{(5 * n + week) % 24:02d}:30"), **values)


def rows_of(database: Path, query: str) -> list[dict[str, Any]]:
    """A query's rows as dictionaries."""
    with connect(database, read_only=True) as con:
        return con.sql(query).to_arrow_table().to_pylist()
