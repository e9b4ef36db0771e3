"""What may stand in a municipality's TOML files: every key, its type and how to write it.

The descriptions are what a fault tells its reader to write, so they are examples rather than theory.
Unknown keys are refused: a misspelt setting that is silently ignored is a setting nobody made.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["polisen_events", "guard_tabular", "open311", "register_tabular", "smhi_warnings", "vma_alerts"]
Role = Literal["police", "guard", "municipal", "housing", "register", "warning", "other"]
Tlp = Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]

#: Kinds of feeds that tell what is out, and the register each of them is. Unlike the municipality's own registers they
#: stand among the sources of section 1: their silence is nobody's here to mend.
WARNING_KINDS = {"smhi_warnings": "weather_warning", "vma_alerts": "public_alert"}

#: A feed's id is also a Parquet partition, a Prefect parameter and a folder name.
FEED_ID = r"^[a-z][a-z0-9_]{2,40}$"
#: A mapping is named, never given as a path: it is looked up in two known folders.
MAPPING_NAME = r"^[a-z][a-z0-9_]{1,40}$"

REASON = 'reason = "why this number and no other"'
DECIDED = "decided = 2026-10-01, the day it was decided"


class Table(BaseModel):
    """One TOML table: known keys only, no number read out of a text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Sheet(Table):
    """How the morning's sheet is timed."""

    morning: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description='morning = "06:15", local time')
    valid_hours: float = Field(gt=0, le=168, description="valid_hours = 24, hours the sheet may be used")
    previous_picture: Literal["last_published", "same_time_yesterday"] = Field(
        description='previous_picture = "last_published", what "since last" is counted from'
    )
    reason: str = Field(min_length=10, description=REASON)
    decided: dt.date = Field(description=DECIDED)


class Public(Table):
    """Whose reports may be counted in the public version. Without this table: only what is labelled TLP:CLEAR."""

    feeds: list[str] = Field(description='feeds = ["felanmalan"], whose owners agreed to be counted in public')
    reason: str = Field(min_length=10, description=REASON)
    decided: dt.date = Field(description=DECIDED)


class MunicipalityFile(Table):
    """municipality.toml."""

    id: str = Field(pattern=FEED_ID, description='id = "lindvik", the folder\'s name: a-z, 0-9 and _')
    name: str = Field(min_length=1, description='name = "Lindvik", as the reference list spells it')
    code: str = Field(pattern=r"^\d{4}$", description='code = "9901", four digits as a text')
    county_code: str = Field(pattern=r"^\d{2}$", description='county_code = "99", two digits as a text')
    county_name: str = Field(min_length=1, description='county_name = "Lindö län"')
    timezone: str = Field(min_length=1, description='timezone = "Europe/Stockholm"')
    language: Literal["sv", "en"] = Field(description='language = "sv"')
    tlp: Tlp = Field(description='tlp = "TLP:AMBER", the strictest label a product may carry unseen')
    contact: str = Field(
        pattern=r"^[!-~]*@[!-~]+$|^https://[!-~]+$",
        min_length=6,
        description='contact = "trygghet@example.org", an address sources can reach you at',
    )
    is_demo: bool = Field(default=False, description="is_demo = true, only for a made-up town")
    data_folder: str | None = Field(
        default=None, min_length=1, description='data_folder = "/srv/lagesbild", where data is kept'
    )
    reference: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]+\.csv$",
        description='reference = "municipalities.csv", a list of its own beside this file',
    )
    demo_moment: dt.datetime | None = Field(
        default=None, description="demo_moment = 2026-10-16T06:15:00+02:00, with its offset"
    )
    public: Public | None = Field(default=None, description="a table [public] with feeds, reason, decided")
    sheet: Sheet = Field(description="a table [sheet] with morning, valid_hours, previous_picture")


class Retention(Table):
    """How long what came of a feed may be kept: rows, and the bytes as sent."""

    days: int = Field(ge=1, le=3660, description="days = 730")
    landed_days: int | None = Field(
        default=None, ge=30, le=3660, description="landed_days = 400, after which the bytes as sent are erased"
    )
    reason: str = Field(min_length=10, description=REASON)
    decided: dt.date = Field(description=DECIDED)


class Expectations(Table):
    """When a feed is heard from and how much it says; all of it judged by the picture's first section."""

    every_hours: float = Field(gt=0, description="every_hours = 24, hours between deliveries")
    late_after_hours: float = Field(gt=0, description="late_after_hours = 30, silence that is late")
    down_after_hours: float = Field(gt=0, description="down_after_hours = 54, silence that is a fault")
    loss_after_hours: float | None = Field(
        default=None,
        gt=0,
        description="loss_after_hours = 120, silence after which records are lost for good",
    )
    expected_low: int | None = Field(default=None, ge=0, description="expected_low = 10, records a day")
    expected_high: int | None = Field(default=None, ge=0, description="expected_high = 60, records a day")
    reason: str = Field(min_length=10, description=REASON)
    decided: dt.date = Field(description=DECIDED)


class FeedTable(Table):
    """One table of feeds.toml."""

    kind: Kind = Field(description='kind = "guard_tabular", the connector that reads it')
    role: Role = Field(description='role = "guard"')
    title_sv: str = Field(min_length=1, description='title_sv = "Nordvakt, ordningsvakter"')
    title_en: str = Field(min_length=1, description='title_en = "Nordvakt, public order guards"')
    owner_org: str = Field(min_length=1, description='owner_org = "Nordvakt AB", who owns the data')
    purpose: str = Field(min_length=10, description='purpose = "what the municipality reads it for"')
    url: str | None = Field(
        default=None,
        pattern=r"^(https://[^\s@]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?)$",
        description='url = "https://…", without a name or password in it',
    )
    private_host: bool = Field(default=False, description="private_host = true, where url is in your own network")
    ca_file: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]+\.(pem|crt)$",
        description='ca_file = "our-ca.pem" beside this file: certificates trusted instead of the public ones',
    )
    folder: str | None = Field(default=None, min_length=1, description='folder = "guard_nordvakt", drop folder')
    mapping: str | None = Field(
        default=None,
        pattern=MAPPING_NAME,
        description='mapping = "nordvakt", a file nordvakt.toml in mappings/',
    )
    options: dict[str, Any] = Field(default_factory=dict, description="a table of the connector's own options")
    tlp: Tlp = Field(description='tlp = "TLP:AMBER"')
    trend: bool = Field(description="trend = true, or false where its counts are no statistics")
    retention: Retention = Field(description='retention = { days = 730, reason = "…", decided = 2026-10-01 }')
    expectations: Expectations = Field(description="a table with every_hours, late_after_hours, …, reason, decided")


class ThresholdTable(Table):
    """One line of thresholds.toml."""

    value: float = Field(ge=0, description="value = 3")
    unit: str = Field(min_length=1, description='unit = "reports"')
    reason: str = Field(min_length=10, description=REASON)
    decided: dt.date = Field(description=DECIDED)


#: Every threshold the picture uses: (must be whole, lowest, highest). All of them must be set.
THRESHOLDS: dict[str, tuple[bool, float, float]] = {
    "q_signal": (False, 0.0, 0.5),
    "q_watch": (False, 0.0, 0.5),
    "minimum_count": (True, 1, 100),
    "baseline_weeks": (True, 4, 520),
    "short_baseline_periods": (True, 2, 52),
    "short_z": (False, 0.5, 10),
    "fall_minimum_expected": (False, 1, 1000),
    "fall_periods": (True, 1, 52),
    "severe_from": (True, 0, 5),
    "recent_events_max": (True, 1, 50),
    "focus_places_max": (True, 1, 50),
    "incomplete_before_hour": (True, 0, 24),
    "percent_minimum_count": (True, 1, 10000),
    "repeat_count": (True, 2, 100),
    "repeat_days": (True, 1, 365),
    "rate_minimum_population": (True, 0, 100000),
    "erase_withdrawn_text_days": (True, 0, 365),
}
