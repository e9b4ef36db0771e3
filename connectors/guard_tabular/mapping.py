"""A company's mapping: what it may say, every fault in it, and the form the connector reads it in."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.guard_tabular.intervals import IntervalRules
from connectors.guard_tabular.mapping_faults import find_faults
from connectors.tabular import TableSpec, folded

ACTIONS_CSV = Path(__file__).with_name("actions.csv")

#: A delivery with more faulty records than this share is held whole: above a quarter it is the file's shape
#: that changed, not single rows that are wrong. A mapping may set another share.
REJECT_SHARE = 0.25

#: Words in a free-form time column that join two times, and that say nobody knows.
JOINING_WORDS = ("till", "to", "–", "—", "-", "från", "kl")
UNKNOWN_WORDS = ("okänd", "okänt", "unknown")


@dataclass(frozen=True)
class WordList:
    """Words of one column, folded; those that ended in ``*`` match every text they begin."""

    exact: frozenset[str]
    beginnings: tuple[str, ...]

    def holds(self, text: str) -> bool:
        fold = folded(text)
        return fold in self.exact or (bool(self.beginnings) and fold.startswith(self.beginnings))


@dataclass(frozen=True)
class CompanyMapping:
    """A checked mapping. Word maps have folded keys; ``spelling`` gives a category word as the mapping has it."""

    table: TableSpec
    observation_type: str
    decimal_comma: bool | None  # None: either sign, see ``numbers.read_number``
    list_separator: str | None
    category_separator: str | None
    id_placeholders: WordList
    natural_key: tuple[str, ...]
    date_formats: tuple[str, ...]
    time_formats: tuple[str, ...]
    moment_formats: tuple[str, ...]
    interval: IntervalRules
    timezone: ZoneInfo | None
    night_shift_until: int | None  # seconds after midnight
    crs: str
    points_are_public: bool
    within_municipality: bool
    covers_days: int | None
    reject_share: float
    category: Mapping[str, str]
    category_code: Mapping[str, str]
    spelling: Mapping[str, str]
    action: Mapping[str, str]
    police_yes: WordList
    police_no: WordList
    police_blank_is_no: bool  # a box: ticked or left blank
    status_open: WordList
    status_closed: WordList
    sensitive: Mapping[str, WordList] = field(default_factory=dict)
    withdrawn: Mapping[str, WordList] = field(default_factory=dict)
    refused: Mapping[str, Mapping[str, WordList]] = field(default_factory=dict)  # reason → column → words


@lru_cache(maxsize=1)
def action_labels() -> dict[str, str]:
    """The closed list of measures: code → Swedish label."""
    with ACTIONS_CSV.open(encoding="utf-8", newline="") as file:
        return {row["action_taken"]: row["sv"] for row in csv.DictReader(file)}


def check_mapping(mapping: Mapping[str, Any], categories: Collection[str]) -> list[str]:
    """Every fault of a mapping in plain words: unknown keys, formats, categories, measures. Empty when right.

    ``categories`` are the house's category codes (a mapping with the codes as keys will do).
    """
    return find_faults(mapping, categories, action_labels().keys())


def read_mapping(mapping: Mapping[str, Any]) -> CompanyMapping:
    """The form the connector reads of a mapping that ``check_mapping`` found no fault in."""
    form, columns = mapping.get("format", {}), dict(mapping["columns"])
    ignored = tuple(columns.pop("ignored", ()))
    times, place, identity = mapping.get("time", {}), mapping.get("place", {}), mapping.get("identity", {})
    kind = form.get("kind", "csv")
    table = TableSpec(
        columns={name: tuple(headers) for name, headers in columns.items()},
        required=frozenset(columns) - frozenset(mapping.get("optional", {}).get("columns", ())),
        ignored=ignored,
        kind=kind,
        encoding=form.get("encoding"),
        separator=form.get("separator"),
        quote=form.get("quote", '"'),
        sheet=form.get("sheet"),
        allow_empty=form.get("allow_empty", False),
    )
    date_formats, time_formats = tuple(times.get("date_formats", ())), tuple(times.get("time_formats", ()))
    until = times.get("night_shift_until")
    return CompanyMapping(
        table=table,
        observation_type=mapping.get("observation_type", "guard_report"),
        decimal_comma=None if kind == "xlsx" and form.get("decimal_comma") else bool(form.get("decimal_comma")),
        list_separator=form.get("list_separator"),
        category_separator=form.get("category_separator"),
        id_placeholders=_words(identity.get("placeholders", ())),
        natural_key=tuple(identity.get("natural_key", ())),
        date_formats=date_formats,
        time_formats=time_formats,
        moment_formats=tuple(times.get("moment_formats", ())),
        interval=IntervalRules(
            date_formats,
            time_formats,
            frozenset(word.lower() for word in times.get("joining_words", JOINING_WORDS)),
            frozenset(word.lower() for word in times.get("unknown_words", UNKNOWN_WORDS)),
        ),
        timezone=ZoneInfo(times["timezone"]) if "timezone" in times else None,
        night_shift_until=int(until[:2]) * 3600 + int(until[3:]) * 60 if until else None,
        crs=place.get("crs", "wgs84"),
        points_are_public=place.get("points_are_public", False),
        within_municipality=place.get("within_municipality", False),
        covers_days=mapping.get("coverage", {}).get("days"),
        reject_share=mapping.get("limits", {}).get("reject_share", REJECT_SHARE),
        category=_folded_keys(mapping.get("category", {})),
        category_code=_folded_keys(mapping.get("category_code", {})),
        spelling={folded(word): word for word in mapping.get("category", {})},
        action=_folded_keys(mapping.get("action", {})),
        police_yes=_words(mapping.get("police", {}).get("yes", ())),
        police_no=_words(mapping.get("police", {}).get("no", ())),
        police_blank_is_no=mapping.get("police", {}).get("blank_is_no", False),
        status_open=_words(mapping.get("status", {}).get("open", ())),
        status_closed=_words(mapping.get("status", {}).get("closed", ())),
        sensitive=_word_lists(mapping.get("sensitive", {})),
        withdrawn=_word_lists(mapping.get("withdrawn", {})),
        refused={reason: _word_lists(lists) for reason, lists in mapping.get("refused", {}).items()},
    )


def _words(words: Collection[str]) -> WordList:
    exact = frozenset(folded(word) for word in words if not word.endswith("*"))
    return WordList(exact, tuple(folded(word[:-1]) for word in words if word.endswith("*")))


def _word_lists(lists: Mapping[str, Collection[str]]) -> dict[str, WordList]:
    return {column: _words(words) for column, words in lists.items()}


def _folded_keys(words: Mapping[str, str]) -> dict[str, str]:
    return {folded(word): code for word, code in words.items()}
