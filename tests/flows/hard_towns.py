"""Made-up towns that are hard to draw, made by the real program: settings, deliveries, lake, tables, pages.

A ``Plan`` says what stands in the town's settings and what its senders sent; ``make`` writes both and does what the
demo does with them. The plans themselves are in ``hard_town_plans.py``.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.archive import land_archive
from flows.job import read_feed
from flows.make_picture import make_picture
from flows.opened import open_house
from flows.products import make_products
from flows.settings import BUNDLED
from flows.store import Run
from tests.conftest import PROJECT
from tests.flows.crash_sweep import HEADER

ZONE = ZoneInfo("Europe/Stockholm")
GUARD, NIGHTS, FAULTS, POLICE = "vakt_dag", "vakt_natt", "felanmalan", "polisen_events"
REGISTERS = {
    "insatser": "insats",
    "evenemang": "planned_event",
    "resurser": "resource",
    "bedomningar": "assessment",
}

Row = dict[str, Any]


@dataclass
class Plan:
    """A town before anything is read: words for everything that has a name, and what was sent when.

    ``sent`` maps a feed to its deliveries, each a local time of receipt and its bytes; a feed that is configured and
    not among them was never heard. ``areas`` are names, drawn as a mesh of crooked squares; ``places`` are (name,
    number of its area), one point each. ``said`` is what guards write in their free text.
    """

    name: str
    moment: datetime
    areas: list[str]
    places: list[tuple[str, int]]
    municipality: str = "Provköping"
    titles: dict[str, str] = field(default_factory=dict)
    owners: list[str] = field(default_factory=lambda: ["Trygghetsenheten", "Lokalpolisområdet", "Vaktbolaget"])
    said: str = ""
    sent: dict[str, list[tuple[datetime, bytes]]] = field(default_factory=dict)

    def send(self, feed: str, received: datetime, body: bytes) -> None:
        """Add one delivery, received at a local time."""
        self.sent.setdefault(feed, []).append((received, body))

    def at(self, days_ago: int, clock: str = "05:40") -> datetime:
        """A local clock time some days before the picture's; no zone."""
        hour, minute = map(int, clock.split(":"))
        day = self.moment.date() - timedelta(days=days_ago)
        return datetime.combine(day, time(hour, minute))


@dataclass(frozen=True)
class Made:
    """What the program made of a town."""

    plan: Plan
    folder: Path
    pages: dict[str, Path]
    feeds: dict[str, Any]

    @cached_property
    def picture(self) -> Row:
        """``picture.json``."""
        return json.loads(self.pages["json"].read_text(encoding="utf-8"))

    def html(self, kind: str = "sv") -> str:
        """A page: 'sv', 'en', 'methods', 'methods_en', 'weekly' or 'public'."""
        return self.pages[kind].read_text(encoding="utf-8")


def make(plan: Plan, folder: Path) -> Made:
    """Write the town below ``folder``, read everything it was sent and publish every page. Fails on any fault."""
    settings_folder = write_settings(plan, folder / plan.name)
    settings, store = open_house(str(settings_folder), str(folder / "data"))
    moment = plan.moment.astimezone(UTC)
    run = Run.start(now=lambda: moment)
    feeds = {}
    for feed in settings.feeds:
        archive = folder / "archive" / feed
        archive.mkdir(parents=True)
        for number, (received, body) in enumerate(plan.sent.get(feed, [])):
            (
                archive / f"{received:%Y-%m-%dT%H%M%S}_{number}.{'json' if feed in (FAULTS, POLICE) else 'csv'}"
            ).write_bytes(body)
        land_archive(store, feed, archive, settings.timezone, run)
        feeds[feed] = read_feed(store, settings, feed, run)
        assert feeds[feed].status == "ok", feeds[feed]
    result = make_picture(store, settings, run, moment, ["sv", "en"], database=folder / "town.duckdb")
    assert result.fault is None and not result.is_minimal, result
    products = make_products(store, settings, run, folder / "town.duckdb", ["weekly", "public"])
    assert not products.faults, products.faults
    assert result.picture_json is not None
    methods = {language: next(store.published.glob(f"metod_*_{language}.html")) for language in ("sv", "en")}
    pages = {
        **result.sheets,
        "json": result.picture_json,
        "methods": methods["sv"],
        "methods_en": methods["en"],
        "weekly": products.files["weekly"]["sv"],
        "public": products.files["public"]["sv"],
    }
    return Made(plan, folder, pages, feeds)


def write_settings(plan: Plan, folder: Path) -> Path:
    """Write the town's settings folder; thresholds are the demo's, the guards' mapping is Nordvakt's in UTF-8."""
    (folder / "mappings").mkdir(parents=True)
    shutil.copy(BUNDLED / "lindvik" / "thresholds.toml", folder)
    nordvakt = PROJECT / "connectors" / "guard_tabular" / "mappings" / "nordvakt.toml"
    mapping = nordvakt.read_text(encoding="utf-8").replace('"cp1252"', '"utf-8-sig"')
    (folder / "mappings" / "vakt.toml").write_text(mapping, encoding="utf-8")
    (folder / "municipality.toml").write_text(
        f"""id = {_toml(plan.name)}
name = {_toml(plan.municipality)}
code = "9999"
county_code = "99"
county_name = "Provlän"
timezone = "Europe/Stockholm"
language = "sv"
tlp = "TLP:AMBER"
contact = "trygghet@prov.example"
is_demo = true
reference = "municipalities.csv"
[sheet]
morning = "06:15"
valid_hours = 24
previous_picture = "same_time_yesterday"
reason = "As the made-up town has it."
decided = 2026-11-26
[public]
feeds = ["{GUARD}", "{NIGHTS}", "{FAULTS}"]
reason = "The owners agreed (made up with the town)."
decided = 2026-11-26
""",
        encoding="utf-8",
    )
    (folder / "feeds.toml").write_text("".join(_feed(plan, feed) for feed in _kinds()), encoding="utf-8")
    town = [["municipality_code", "municipality_name", "county_code", "county_name"]]
    town += [["9999", plan.municipality, "99", "Provlän"], ["9998", "Annanstans", "99", "Provlän"]]
    (folder / "municipalities.csv").write_text(table(town, ","), encoding="utf-8")
    owners = [["owner_id", "owner_name", "owner_role", "aliases"]]
    owners += [
        [f"owner{n}", name, ("kommun", "polis", "ordningsvakt")[n % 3], f"Ägare {n}"]
        for n, name in enumerate(plan.owners)
    ]
    (folder / "owners.csv").write_text(table(owners, ","), encoding="utf-8")
    _write_areas(plan, folder)
    return folder


def _kinds() -> dict[str, tuple[str, str]]:
    kinds = {GUARD: ("guard_tabular", "guard"), NIGHTS: ("guard_tabular", "guard")}
    kinds |= {FAULTS: ("open311", "municipal"), POLICE: ("polisen_events", "police")}
    return kinds | dict.fromkeys(REGISTERS, ("register_tabular", "register"))


def _feed(plan: Plan, feed: str) -> str:
    kind, role = _kinds()[feed]
    extra = {
        "guard_tabular": 'mapping = "vakt"\n',
        "open311": 'mapping = "felanmalan"\n',
        "polisen_events": "options = { window_length = 12, minimum_types = 4, minimum_overlap = 0.0 }\n",
        "register_tabular": f'options = {{ register = "{REGISTERS.get(feed)}", delivers = "whole" }}\n',
    }[kind]
    title = plan.titles.get(feed, feed.replace("_", " ").title())
    return f"""[{feed}]
kind = "{kind}"
role = "{role}"
title_sv = {_toml(title)}
title_en = {_toml(title)}
owner_org = {_toml(title)}
purpose = "A made-up sender of a made-up town."
folder = "{feed}"
{extra}tlp = "TLP:AMBER"
trend = {"true" if kind in ("guard_tabular", "open311") else "false"}
retention = {{ days = 730, reason = "As the demo has it.", decided = 2026-11-26 }}
[{feed}.expectations]
every_hours = 24
late_after_hours = 30
down_after_hours = 54
reason = "As the demo has it."
decided = 2026-11-26
"""


def _write_areas(plan: Plan, folder: Path) -> None:
    """Areas as a mesh of crooked squares around 59.0 N 17.0 E, row by row; each area's places lie inside it."""
    across = max(1, round(len(plan.areas) ** 0.5))

    def corner(column: int, row: int) -> list[float]:
        push = ((column * 7 + row * 13) % 5 - 2) / 400
        return [round(17.0 + 0.04 * column + push, 5), round(59.2 - 0.02 * row - push / 2, 5)]

    features = []
    for number, name in enumerate(plan.areas):
        column, row = number % across, number // across
        ring = [corner(column + x, row + y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        properties = {"area_id": f"omr{number}", "area_name": name, "area_kind": "stadsdel"}
        properties |= {"population": 900 * number + 300, "is_approximate": number % 4 == 3}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    (folder / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    rows = [["place_id", "place_name", "aliases", "place_type", "publicness", "area_id", "latitude", "longitude"]]
    for number, (name, area) in enumerate(plan.places):
        column, row = area % across, area // across
        longitude = 17.0 + 0.04 * column + 0.01 + 0.006 * (number * 3 % 4)
        latitude = 59.2 - 0.02 * row - 0.005 - 0.0033 * (number * 5 % 4)
        rows.append(
            [
                f"plats{number}",
                name,
                f"Plats {number}",
                "torg",
                "public",
                f"omr{area}",
                f"{latitude:.5f}",
                f"{longitude:.5f}",
            ]
        )
    (folder / "places.csv").write_text(table(rows, ","), encoding="utf-8")


def guard_file(rows: list[Row]) -> bytes:
    """A guard company's file of rows with id, day (of the shift), clock, place and word, maybe until, text, action."""
    listed = [HEADER.split(";")]
    for row in rows:
        text, until = row.get("text", ""), row.get("until", "")
        listed.append(
            [
                row["id"],
                str(row["day"]),
                row["clock"],
                until,
                row["place"],
                row["word"],
                text,
                row.get("action", ""),
                "Nej",
                *[""] * 5,
            ]
        )
    return ("\ufeff" + table(listed, ";")).encode()


def register_file(header: str, rows: list[list[str]]) -> bytes:
    """A register as Excel saves it; ``header`` is split by semicolons."""
    return ("\ufeff" + table([header.split(";"), *rows], ";")).encode()


def table(rows: list[list[str]], separator: str) -> str:
    """CSV text."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
