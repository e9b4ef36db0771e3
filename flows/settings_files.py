"""Reads the files of one settings folder, one method a file, and collects every fault on the way.

A method answers with what it could read, so that the next file is checked too; ``faults`` decides in the
end. Each file's bytes are kept as they were read, so that its SHA-256 is not taken from the disk afterwards.
"""

from __future__ import annotations

import csv
import importlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.settings_faults import Fault, did_you_mean, model_faults
from flows.settings_model import THRESHOLDS, FeedTable, MunicipalityFile, ThresholdTable
from flows.settings_rules import feed_faults, threshold_faults

if TYPE_CHECKING:
    from connectors.kit import Category, Municipality, Owner
    from connectors.places import Places

PROJECT = Path(__file__).resolve().parent.parent
CONNECTORS = PROJECT / "connectors"
VOCABULARY = "warehouse/categories.csv"
REFERENCE = "connectors/municipalities.csv"

#: The kinds whose deliveries mean nothing without a mapping.
NEED_MAPPING = frozenset({"guard_tabular", "open311"})

#: owners.csv: its columns, and the roles a proposal may be given to.
OWNER_COLUMNS = frozenset({"owner_id", "owner_name", "owner_role", "aliases"})
OWNER_ROLES = ("kommun", "polis", "ordningsvakt", "vaktare", "bostad", "skola", "falt", "annan")


class SettingsFiles:
    """One folder being read. ``faults`` grows, ``bodies`` holds label → the bytes of every file read.

    ``program`` is where the project's own vocabularies and mappings stand: elsewhere only for settings of the past.
    """

    def __init__(self, folder: Path, program: Path = PROJECT) -> None:
        self.folder, self.program = folder, program
        self.faults: list[Fault] = []
        self.bodies: dict[str, bytes] = {}
        self.feeds_named: tuple[str, ...] = ()  # those of feeds.toml, with faults or without
        self._mapping_labels: dict[str, str] = {}

    def municipality(self) -> MunicipalityFile | None:
        """municipality.toml, or None where it has faults."""
        name = "municipality.toml"
        raw = self._toml(name)
        if raw is None:
            return None
        town, faults = model_faults(name, "", MunicipalityFile, raw)
        self.faults += faults
        if town is None:
            return None
        assert isinstance(town, MunicipalityFile)
        if town.id != self.folder.name:
            self._fault(name, "id", f"is not the folder's name '{self.folder.name}'", "rename one of them")
        try:
            ZoneInfo(town.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._fault(name, "timezone", "is no time zone known here", 'write timezone = "Europe/Stockholm"')
        if town.demo_moment is not None and town.demo_moment.tzinfo is None:
            self._fault(name, "demo_moment", "has no offset", "write 2026-10-16T06:15:00+02:00")
        return town

    def feeds(self) -> dict[str, FeedTable]:
        """The feeds of feeds.toml that are whole, in the file's order."""
        name = "feeds.toml"
        raw = self._toml(name)
        if raw is None:
            return {}
        if not raw:
            self._fault(name, "", "names no feed", "write a table for each feed, [guard_nordvakt] …")
        self.faults += feed_faults(name, raw)
        self.feeds_named = tuple(raw)
        read: dict[str, FeedTable] = {}
        for feed, table in raw.items():
            model, faults = model_faults(name, feed, FeedTable, table)
            self.faults += faults
            if model is not None:
                read[feed] = model
        return read

    def thresholds(self) -> dict[str, ThresholdTable]:
        """The thresholds of thresholds.toml that are whole. All names must stand there, and no other."""
        name = "thresholds.toml"
        raw = self._toml(name)
        if raw is None:
            return {}
        for missing in sorted(set(THRESHOLDS) - set(raw)):
            write = f'{missing} = {{ value = …, unit = "…", reason = "…", decided = 2026-10-01 }}'
            self._fault(name, missing, "is missing", f"write {write}")
        read: dict[str, ThresholdTable] = {}
        for key, table in raw.items():
            if key not in THRESHOLDS:
                self._fault(name, key, "is not a threshold", did_you_mean(key, THRESHOLDS))
                continue
            model, faults = model_faults(name, key, ThresholdTable, table)
            self.faults += faults
            if model is not None:
                read[key] = model
        self.faults += threshold_faults(name, {key: row.value for key, row in read.items()})
        return read

    def categories(self) -> dict[str, Category]:
        """The house vocabulary, code → category."""
        from connectors.kit import Category

        rows = csv.DictReader(self._text(self.program / VOCABULARY, VOCABULARY).splitlines())
        return {
            row["code"]: Category(
                row["code"],
                row["sv"],
                row["en"],
                row["counts_as"],
                int(row["default_severity"]),
                row["max_location_precision"],
            )
            for row in rows
        }

    def municipalities(self, town: MunicipalityFile | None) -> tuple[Municipality, ...]:
        """The reference list: the folder's own where municipality.toml names one, else the country's."""
        from connectors.kit import Municipality

        own = town.reference if town else None
        path, label = (self.folder / own, own) if own else (self.program / REFERENCE, REFERENCE)
        if not path.is_file():
            self._fault("municipality.toml", "reference", f"names {label}, which is not there", "add the file")
            return ()
        rows = list(csv.reader(self._text(path, label).splitlines()))
        header = ["municipality_code", "municipality_name", "county_code", "county_name"]
        if not rows or rows[0] != header:
            self._fault(label, "", "has another header", f"write {','.join(header)}")
            return ()
        listed = tuple(Municipality(*row) for row in rows[1:] if len(row) == len(header))
        for number, row in enumerate(rows[1:], 2):
            if len(row) != len(header):
                self._fault(label, f"line {number}", f"has {len(row)} fields", f"write {len(header)} fields")
        if town is not None:
            want = Municipality(town.code, town.name, town.county_code, town.county_name)
            if want not in listed:
                near = next((m for m in listed if m.code == town.code or m.name == town.name), None)
                write = (
                    f"write code, name, county_code, county_name as in the list: {near.code}, {near.name}, "
                    f"{near.county_code}, {near.county_name}"
                    if near
                    else "add the municipality to the list"
                )
                self._fault("municipality.toml", "code", f"and its names do not stand in {label}", write)
        return listed

    def places(self) -> Places | None:
        """Areas and gazetteer, or None where they have faults."""
        from connectors.places import Places

        areas, gazetteer = self.folder / "areas.geojson", self.folder / "places.csv"
        absent = [path for path in (areas, gazetteer) if not path.is_file()]
        for path in absent:
            self._fault(path.name, "", "is not there", "see flows/municipality/README.md for its columns")
        if absent:
            return None
        for path in (areas, gazetteer):
            self._bytes(path, path.name)
        try:
            return Places.read(areas, gazetteer)
        except ValueError as error:
            for line in str(error).splitlines()[1:]:
                where, _, wrong = line.strip().partition(": ")
                file, _, key = where.partition(", ")
                self._fault(file, key, wrong, "")
            return None

    def owners(self) -> tuple[Owner, ...]:
        """Who may own a measure, by owners.csv; none where the file is not there."""
        from connectors.kit import Owner

        path = self.folder / "owners.csv"
        if not path.is_file():
            return ()
        read: dict[str, Owner] = {}
        for line, row in enumerate(csv.DictReader(self._text(path, path.name).splitlines()), 2):
            if set(row) != OWNER_COLUMNS or None in row.values():
                self._fault(path.name, f"line {line}", "has other columns", f"write {','.join(sorted(OWNER_COLUMNS))}")
                return ()
            owner = Owner(
                row["owner_id"], row["owner_name"], row["owner_role"], tuple(filter(None, row["aliases"].split("|")))
            )
            if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", owner.owner_id) or owner.owner_id in read:
                self._fault(path.name, f"line {line}", "has no owner_id of its own", "write a-z, 0-9 and _, once each")
            if owner.role not in OWNER_ROLES:
                self._fault(
                    path.name, f"line {line}", "has an unknown owner_role", did_you_mean(owner.role, OWNER_ROLES)
                )
            if not owner.name.strip():
                self._fault(
                    path.name, f"line {line}", "has no owner_name", "write an organisation or a role, no person"
                )
            read[owner.owner_id] = owner
        return tuple(read.values())

    def mapping(self, feed: str, table: FeedTable) -> Mapping[str, Any] | None:
        """The feed's mapping, parsed: the folder's own before the connector's."""
        if table.mapping is None:
            if table.kind in NEED_MAPPING:
                write = 'mapping = "…", a file in mappings/ that says what the columns mean'
                self._fault("feeds.toml", f"{feed}.mapping", "is missing", f"write {write}")
            return None
        shared = self.program / "connectors" / table.kind / "mappings"
        for folder, label in (
            (self.folder / "mappings", "mappings"),
            (shared, f"connectors/{table.kind}/mappings"),
        ):
            path = folder / f"{table.mapping}.toml"
            if path.is_file():
                self._mapping_labels[feed] = f"{label}/{path.name}"
                return self._parsed(self._text(path, f"{label}/{path.name}"), f"{label}/{path.name}")
        known = {p.stem for f in (self.folder / "mappings", shared) if f.is_dir() for p in f.glob("*.toml")}
        self._fault("feeds.toml", f"{feed}.mapping", "names no mapping", did_you_mean(table.mapping, known or {"–"}))
        return None

    def ask_connector(
        self,
        feed: str,
        table: FeedTable,
        mapping: Mapping[str, Any] | None,
        categories: Mapping[str, Category],
    ) -> None:
        """Let the connector judge its own options and mapping, where it has an opinion."""
        for path in sorted((CONNECTORS / table.kind).glob("*.csv")):
            self._bytes(path, f"connectors/{table.kind}/{path.name}")
        module = importlib.import_module(f"connectors.{table.kind}.connector")
        if check_options := getattr(module, "check_options", None):
            for wrong in check_options(table.options):
                self._fault("feeds.toml", f"{feed}.options", wrong, "")
        if mapping is not None and (check_mapping := getattr(module, "check_mapping", None)):
            for wrong in check_mapping(mapping, categories):
                self._fault(self._mapping_labels[feed], "", wrong, "")

    def _fault(self, file: str, key: str, wrong: str, write: str) -> None:
        self.faults.append(Fault(file, key, wrong, write))

    def _toml(self, name: str) -> dict[str, Any] | None:
        path = self.folder / name
        if not path.is_file():
            self._fault(name, "", "is not there", "copy it from flows/municipality/lindvik and change it")
            return None
        return self._parsed(self._text(path, name), name)

    def _parsed(self, text: str, label: str) -> dict[str, Any] | None:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            self._fault(PurePath(label).as_posix(), "", f"is not TOML: {error}", "")
            return None

    def _text(self, path: Path, label: str) -> str:
        try:
            return self._bytes(path, label).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._fault(label, "", f"is not UTF-8 at byte {error.start}", "save the file as UTF-8")
            return ""

    def _bytes(self, path: Path, label: str) -> bytes:
        self.bodies[label] = path.read_bytes()
        return self.bodies[label]
