"""A municipality's settings: one folder of plain files, read once, checked whole, frozen.

    municipality.toml   who it is, in what time and language, how the sheet is timed
    feeds.toml          one table per feed
    thresholds.toml     every number the picture judges by, with its reason and its day
    areas.geojson       the areas the picture speaks of
    places.csv          the places it may name
    owners.csv          optional: who may own a measure, organisations and roles
    mappings/           what one partner's columns mean, where no shared mapping fits
    municipalities.csv  optional: a reference list of its own

``read_settings`` refuses the folder with every fault of every file in one message. Nothing here is read
from the environment and nothing here is a secret: the folder can be kept in version control.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.settings_faults import Fault, SettingsError
from flows.settings_files import SettingsFiles
from flows.settings_model import FeedTable, MunicipalityFile, ThresholdTable
from flows.settings_read import digest_of

if TYPE_CHECKING:
    from connectors.kit import Category, FeedContext, Municipality, Owner
    from connectors.places import Places

#: The municipalities that come with the project.
BUNDLED = Path(__file__).resolve().parent / "municipality"


@dataclass(frozen=True)
class FeedSettings:
    """One feed. ``expected_low``, ``expected_high``: new or changed records a day, None where unknown."""

    feed: str
    kind: str
    role: str
    title_sv: str
    title_en: str
    owner_org: str
    purpose: str
    url: str | None
    is_private_host: bool  # the url's host may have an address that is not on the public internet
    ca_file: Path | None  # certificates trusted for the url instead of the public ones
    folder: Path | None
    mapping_name: str | None
    mapping: Mapping[str, Any] | None
    options: Mapping[str, Any]
    tlp: str
    retain_days: int
    landed_days: int | None  # None: the bytes as sent are kept
    every_hours: float
    late_after_hours: float
    down_after_hours: float
    loss_after_hours: float | None
    expected_low: int | None
    expected_high: int | None
    expected_reason: str
    expected_decided: dt.date
    is_trend_source: bool
    position: int

    def drop_folder(self, data_folder: Path) -> Path | None:
        """Where this feed's files are dropped: ``folder`` itself, or under the data folder's ``drop/``."""
        return None if self.folder is None else data_folder / "drop" / self.folder


@dataclass(frozen=True)
class Threshold:
    name: str
    value: float
    unit: str
    reason: str
    decided: dt.date


@dataclass(frozen=True)
class Settings:
    """Everything a run may know of its municipality besides the deliveries, the clock and the secrets."""

    id: str
    folder: Path
    municipality: Municipality
    municipalities: tuple[Municipality, ...]
    timezone: ZoneInfo
    language: str
    tlp: str
    contact: str
    is_demo: bool
    data_folder: Path | None
    morning: dt.time  # local time of the day's sheet
    valid_hours: float
    previous_picture: str  # last_published or same_time_yesterday
    public_feeds: tuple[str, ...]  # whose reports may be counted in the public version, whatever their label
    demo_moment: dt.datetime | None  # UTC
    feeds: Mapping[str, FeedSettings]  # in the order of feeds.toml
    thresholds: Mapping[str, Threshold]
    categories: Mapping[str, Category]
    places: Places
    owners: tuple[Owner, ...]  # organisations and roles, in the order of owners.csv
    file_bodies: Mapping[str, bytes] = field(repr=False)  # every file the settings were made of, by its label

    def context(self, feed_id: str) -> FeedContext:
        """What the feed's connector may know. Raises KeyError with the known ids for an unknown feed."""
        from connectors.kit import FeedContext

        if feed_id not in self.feeds:
            raise KeyError(f"no feed '{feed_id}' in {self.id}; known: {', '.join(self.feeds)}")
        feed = self.feeds[feed_id]
        return FeedContext(
            feed=feed.feed,
            owner_org=feed.owner_org,
            timezone=self.timezone,
            municipality=self.municipality,
            municipalities=self.municipalities,
            categories=self.categories,
            places=self.places,
            tlp=feed.tlp,
            retain_days=feed.retain_days,
            options=feed.options,
            mapping=feed.mapping,
            owners=self.owners,
        )

    def digest(self) -> str:
        """SHA-256 over every file the settings were made of, mappings and vocabularies included."""
        return digest_of(self.file_bodies)


def read_settings(folder: Path) -> Settings:
    """The settings in ``folder``. Raises SettingsError listing every fault of every file."""
    folder = Path(folder).resolve()
    files = SettingsFiles(folder)
    town = files.municipality()
    feeds = files.feeds()
    thresholds = files.thresholds()
    categories = files.categories()
    municipalities = files.municipalities(town)
    places = files.places()
    owners = files.owners()
    mappings = {feed: files.mapping(feed, table) for feed, table in feeds.items()}
    for feed, table in feeds.items():
        files.ask_connector(feed, table, mappings[feed], categories)
        files.faults += _host_faults(folder, feed, table)
    files.faults += [
        Fault("municipality.toml", "public.feeds", f"names {feed!a}", f"write some of: {', '.join(files.feeds_named)}")
        for feed in (town.public.feeds if town and town.public else ())
        if files.feeds_named and feed not in files.feeds_named  # none: feeds.toml has a fault of its own
    ]
    if files.faults or town is None or places is None:
        raise SettingsError(folder.name, files.faults or [Fault("", "", "cannot be read", "")])
    return _settings(
        folder, town, feeds, mappings, thresholds, categories, municipalities, places, owners, files.bodies
    )


def _host_faults(folder: Path, feed: str, table: FeedTable) -> list[Fault]:
    """Faults in what is said of the host behind ``url``: its certificates are looked for now, not at night."""
    faults = []
    for key, is_given in (("private_host", table.private_host), ("ca_file", table.ca_file is not None)):
        if is_given and table.url is None:
            faults.append(
                Fault("feeds.toml", f"{feed}.{key}", "goes with a url", "take it away: this feed has a folder")
            )
    if table.ca_file is not None:
        path, write = folder / table.ca_file, "put the PEM file with your authority's certificate beside feeds.toml"
        if not path.is_file():
            wrong = f"names {table.ca_file}, which is not there"
            faults.append(Fault("feeds.toml", f"{feed}.ca_file", wrong, write))
        elif b"-----BEGIN CERTIFICATE-----" not in path.read_bytes():
            faults.append(Fault("feeds.toml", f"{feed}.ca_file", "holds no certificate", write))
    return faults


def _settings(
    folder: Path,
    town: MunicipalityFile,
    feeds: Mapping[str, FeedTable],
    mappings: Mapping[str, Mapping[str, Any] | None],
    thresholds: Mapping[str, ThresholdTable],
    categories: Mapping[str, Category],
    municipalities: tuple[Municipality, ...],
    places: Places,
    owners: tuple[Owner, ...],
    bodies: Mapping[str, bytes],
) -> Settings:
    from connectors.kit import Municipality

    return Settings(
        id=town.id,
        folder=folder,
        municipality=Municipality(town.code, town.name, town.county_code, town.county_name),
        municipalities=municipalities,
        timezone=ZoneInfo(town.timezone),
        language=town.language,
        tlp=town.tlp,
        contact=town.contact,
        is_demo=town.is_demo,
        data_folder=Path(town.data_folder).expanduser() if town.data_folder else None,
        morning=dt.time.fromisoformat(town.sheet.morning),
        valid_hours=town.sheet.valid_hours,
        previous_picture=town.sheet.previous_picture,
        public_feeds=tuple(town.public.feeds) if town.public else (),
        demo_moment=town.demo_moment.astimezone(dt.UTC) if town.demo_moment else None,
        feeds=feeds_of(folder, feeds, mappings),
        thresholds={
            name: Threshold(name, row.value, row.unit, row.reason, row.decided) for name, row in thresholds.items()
        },
        categories=categories,
        places=places,
        owners=owners,
        file_bodies=dict(bodies),
    )


def feeds_of(
    folder: Path, feeds: Mapping[str, FeedTable], mappings: Mapping[str, Mapping[str, Any] | None]
) -> dict[str, FeedSettings]:
    """The feeds in the file's order, each with its mapping."""
    return {
        feed: _feed(folder, feed, table, mappings[feed], position)
        for position, (feed, table) in enumerate(feeds.items(), 1)
    }


def _feed(folder: Path, feed: str, table: FeedTable, mapping: Mapping[str, Any] | None, position: int) -> FeedSettings:
    expect = table.expectations
    return FeedSettings(
        feed=feed,
        kind=table.kind,
        role=table.role,
        title_sv=table.title_sv,
        title_en=table.title_en,
        owner_org=table.owner_org,
        purpose=table.purpose,
        url=table.url,
        is_private_host=table.private_host,
        ca_file=folder / table.ca_file if table.ca_file else None,
        folder=Path(table.folder).expanduser() if table.folder else None,
        mapping_name=table.mapping,
        mapping=mapping,
        options=table.options,
        tlp=table.tlp,
        retain_days=table.retention.days,
        landed_days=table.retention.landed_days,
        every_hours=expect.every_hours,
        late_after_hours=expect.late_after_hours,
        down_after_hours=expect.down_after_hours,
        loss_after_hours=expect.loss_after_hours,
        expected_low=expect.expected_low,
        expected_high=expect.expected_high,
        expected_reason=expect.reason,
        expected_decided=expect.decided,
        is_trend_source=table.trend,
        position=position,
    )
