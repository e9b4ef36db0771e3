"""What a register's columns are called and mean: ``fields.csv`` and ``words.csv``, and a municipality's own mapping.

A mapping is needed only where headers, words or dates are others than these:

    [format]    kind = "xlsx", sheet = "Insatser"; or encoding, separator
    [columns]   problem = ["Rubrik"], ignored = ["Anteckning"]
    [time]      date_formats = ["%d/%m/%Y"]
    [words.status]   "Färdigt" = "klar"
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from connectors.tabular import ENCODINGS, SEPARATORS, TableSpec, folded
from warehouse.contract import ALLOWED, REGISTERS

HERE = Path(__file__).parent

#: As Swedish registers and Excel write a day. Day first: no Swedish register writes the month first.
DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d")

_FORMAT_KEYS = ("kind", "encoding", "separator", "sheet")
_SECTIONS = ("format", "columns", "time", "words")


@dataclass(frozen=True)
class Field:
    """One field of a register: the contract's column it fills, how it is read, the headers it stands under."""

    name: str
    column: str
    reads: str  # key, text, word, category, place, area, owner, day, clock, count, weekdays
    is_required: bool
    is_key: bool  # tells an entry apart where the register has no numbers
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Register:
    """One register as a feed delivers it."""

    name: str
    fields: tuple[Field, ...]
    words: Mapping[str, Mapping[str, str]]  # column → folded spelling → code
    date_formats: tuple[str, ...]
    table: TableSpec


@cache
def fields_of(register: str) -> tuple[Field, ...]:
    """The fields of a register in the order of ``fields.csv``."""
    with (HERE / "fields.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Field(
                row["field"],
                row["column"],
                row["reads"],
                row["is_required"] == "yes",
                row["is_key"] == "yes",
                tuple(row["headers"].split("|")),
            )
            for row in csv.DictReader(lines)
            if row["register"] == register
        )


@cache
def spellings() -> dict[str, dict[str, str]]:
    """The words known of each column: folded spelling → code."""
    known: dict[str, dict[str, str]] = {}
    with (HERE / "words.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            column = known.setdefault(row["column"], {})
            column |= {folded(word): row["code"] for word in (row["code"], *row["spellings"].split("|"))}
    return known


def register_of(register: str, mapping: Mapping[str, Any] | None) -> Register:
    """The register with what the municipality's mapping changes in it. ``mapping_faults`` must have found none."""
    mapping = mapping or {}
    own_columns, own_format = mapping.get("columns", {}), mapping.get("format", {})
    fields = fields_of(register)
    words = {column: dict(known) for column, known in spellings().items()}
    for field in fields:
        own = mapping.get("words", {}).get(field.name, {})
        words.setdefault(field.column, {}).update({folded(word): code for word, code in own.items()})
    table = TableSpec(
        columns={f.name: tuple(own_columns.get(f.name, f.headers)) for f in fields},
        required=frozenset(f.name for f in fields if f.is_required),
        ignored=tuple(own_columns.get("ignored", ())),
        kind=own_format.get("kind", "csv"),
        encoding=own_format.get("encoding"),
        separator=own_format.get("separator"),
        sheet=own_format.get("sheet"),
    )
    formats = tuple(mapping.get("time", {}).get("date_formats", DATE_FORMATS))
    return Register(register, fields, words, formats, table)


def option_faults(options: Mapping[str, Any]) -> list[str]:
    """The faults in a register feed's options, in words that say what to write."""
    faults = [f"{key}: unknown option; write register and delivers" for key in sorted(set(options) - _OPTIONS.keys())]
    for key, allowed in _OPTIONS.items():
        value = options.get(key, "whole" if key == "delivers" else None)
        if value not in allowed:
            faults.append(f"{key}: is {'missing' if value is None else 'unknown'}; write one of {', '.join(allowed)}")
    return faults


#: The registers somebody keeps as a table; the others are filled by a source's own connector.
TABLED = tuple(register for register in REGISTERS if fields_of(register))
_OPTIONS = {"register": TABLED, "delivers": ("whole", "changes")}


def mapping_faults(mapping: Mapping[str, Any]) -> list[str]:
    """The faults in a mapping that can be told without knowing the register it is for."""
    faults = [
        f"{key}: unknown section; there are {', '.join(_SECTIONS)}" for key in sorted(set(mapping) - {*_SECTIONS})
    ]
    form = mapping.get("format", {})
    faults += [f"format.{key}: unknown key; there are {', '.join(_FORMAT_KEYS)}" for key in set(form) - {*_FORMAT_KEYS}]
    for key, allowed in (("kind", ("csv", "xlsx")), ("encoding", ENCODINGS), ("separator", SEPARATORS)):
        if key in form and form[key] not in allowed:
            faults.append(f"format.{key}: unknown; write one of {', '.join(repr(one) for one in allowed)}")
    known = {field.name: field for register in REGISTERS for field in fields_of(register)}
    for key, headers in mapping.get("columns", {}).items():
        if key != "ignored" and key not in known:
            faults.append(f"columns.{key}: no field; there are {', '.join(known)}")
        if not isinstance(headers, list) or not all(isinstance(one, str) and one for one in headers):
            faults.append(f'columns.{key}: write a list of headers, {key} = ["…"]')
    for key, words in mapping.get("words", {}).items():
        columns = {
            f.column for register in REGISTERS for f in fields_of(register) if f.name == key and f.reads == "word"
        }
        allowed_codes = sorted(set().union(*(ALLOWED[column] for column in columns)))
        if not columns:
            faults.append(f"words.{key}: not read as a word")
        elif wrong := sorted({str(code) for code in words.values()} - {*allowed_codes}):
            faults.append(f"words.{key}: {', '.join(wrong)} unknown; write one of {', '.join(allowed_codes)}")
    return faults
