"""A register's table into entries: each cell by what its field reads, each row with what is doubtful in it.

A cell that cannot be read leaves its value unknown and is told in a notice; only what a register cannot do without
makes its row a reject. A register is tens of rows, so they are worked on one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from connectors.kit import Delivery, FeedContext, fingerprint, notice_row, source_key
from connectors.pii import scrub
from connectors.register_tabular.fields import Field, Register
from connectors.register_tabular.values import TEXT_CAP, read_clock, read_count, read_day, read_weekdays
from connectors.registers import entry_of
from connectors.tabular import TableReject, Tabular, folded

Cells = dict[str, list[str]]


@dataclass
class Entries:
    """What one delivery tells: rows (``register_said``), and what was refused, noticed, or refused but there."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[TableReject] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    held: frozenset[str] = frozenset()  # entry_id of refused rows: they are not withdrawn by being refused


def read_entries(delivery: Delivery, table: Tabular, register: Register, context: FeedContext) -> Entries:
    """The entries of one delivery's table."""
    found = Entries(rejects=list(table.rejects))
    count = len(table.columns)
    cells: Cells = {
        one.name: [text.strip() for text in table.columns.column(table.fields[one.name]).to_pylist()]
        if one.name in table.fields
        else [""] * count
        for one in register.fields
    }
    values, doubts = _values(cells, register, context)
    noticed: dict[tuple[str, str, str | None], list[int]] = {}
    seen: set[str] = set()
    held: set[str] = set()
    for row in range(count):
        number = int(table.record_numbers[row])
        entry = {column: told[row] for column, told in values.items()}
        key = source_key(cells["key"][row]) if cells["key"][row] else _natural_key(cells, register, row)
        entry_id = f"{context.feed}:{key}"
        refused = _refusal(entry, cells, register, row)
        if refused is None and entry_id in seen:
            refused = ("key_repeated", "key")
        if refused is not None:
            reason, name = refused
            found.rejects.append(TableReject(number, reason, name, _SAID[reason]))
            held.add(entry_id)
            continue
        seen.add(entry_id)
        flags = set()
        for notice, name, detail in doubts[row]:
            flags.add(f"{name}_unknown" if notice == "unmapped_word" else f"{name}_unreadable")
            counted = noticed.setdefault((notice, name, detail), [0, number])
            counted[0] += 1
        found.rows.append(
            {
                **entry,
                **entry_of(delivery, context, key, number),
                "dq_flags": ",".join(sorted(flags)),
            }
        )
    found.held = frozenset(held)
    found.notices = [
        notice_row(delivery, notice, field=name, detail=detail, record_count=count, first_record_number=first)
        for (notice, name, detail), (count, first) in sorted(
            noticed.items(), key=lambda item: (item[1][1], item[0][:2])
        )
    ]
    return found


_SAID = {
    "value_missing": "ett värde som registret inte klarar sig utan saknas",
    "value_unreadable": "ett värde som registret inte klarar sig utan kan inte läsas",
    "interval_backwards": "slutdagen ligger före startdagen",
    "key_repeated": "samma nummer står på en tidigare rad; den raden gäller",
}


def _refusal(entry: Mapping[str, Any], cells: Cells, register: Register, row: int) -> tuple[str, str] | None:
    """(reason, field) where the row cannot be an entry."""
    for one in register.fields:
        if one.is_required and entry[one.column] is None:
            # Whom nobody knows by name still stands as unknown; an empty cell says nothing at all.
            if not cells[one.name][row]:
                return "value_missing", one.name
            if one.reads != "owner":
                return "value_unreadable", one.name
    if entry.get("assessment_type") == "fraga" and not entry["question"]:
        return "value_missing", "question"
    if entry.get("assessment_type") == "omradesstatus" and not (entry["area_id"] and entry["set_status"]):
        return "value_missing", "area" if not entry["area_id"] else "set"
    start, stop = entry.get("start_day"), entry.get("stop_day")
    return ("interval_backwards", "stop") if start and stop and stop < start else None


def _natural_key(cells: Cells, register: Register, row: int) -> str:
    """A key for a row without a number: a fingerprint of what tells entries of this register apart."""
    told = "\x1f".join(folded(cells[one.name][row]) for one in register.fields if one.is_key)
    return "x" + hashlib.sha256(told.encode()).hexdigest()[:16]


def _values(
    cells: Cells, register: Register, context: FeedContext
) -> tuple[dict[str, list[Any]], list[list[tuple[str, str, str | None]]]]:
    """Column → values, and for each row what could not be read: (notice, field, fingerprint of the word)."""
    count = len(cells["key"])
    doubts: list[list[tuple[str, str, str | None]]] = [[] for _ in range(count)]
    values: dict[str, list[Any]] = {"pii_flags": [""] * count}
    found_pii: list[set[str]] = [set() for _ in range(count)]
    readers = _readers(register, context)
    for one in register.fields:
        texts = cells[one.name]
        if one.reads in ("key", "place", "area"):
            continue
        if one.reads == "text":
            # Scrubbed before it is cut: half a telephone number is not seen to be one.
            scrubbed = [scrub(text) if text else ("", "") for text in texts]
            values[one.column] = [text[:TEXT_CAP] or None for text, _ in scrubbed]
            for row, (_, kinds) in enumerate(scrubbed):
                found_pii[row] |= {kind for kind in kinds.split(",") if kind}
            continue
        read = readers[one.reads]
        values[one.column] = [read(one, text) if text else None for text in texts]
        notice = "unmapped_word" if one.reads in ("word", "owner", "category") else "value_unreadable"
        for row, text in enumerate(texts):
            if text and values[one.column][row] is None:
                doubts[row].append((notice, one.name, fingerprint(text) if notice == "unmapped_word" else None))
    values["pii_flags"] = [",".join(sorted(kinds)) for kinds in found_pii]
    values |= _places(cells, register, context, doubts)
    return values, doubts


def _readers(register: Register, context: FeedContext) -> dict[str, Callable[[Field, str], Any]]:
    owners = {folded(word): one.owner_id for one in context.owners for word in (one.owner_id, one.name, *one.aliases)}
    categories = {folded(word): one.code for one in context.categories.values() for word in (one.code, one.sv)}

    def day(one: Field, text: str) -> date | None:
        told = read_day(text, register.date_formats)
        return date.fromisoformat(told) if told else None

    return {
        "word": lambda one, text: register.words.get(one.column, {}).get(folded(text)),
        "owner": lambda one, text: owners.get(folded(text)),
        "category": lambda one, text: categories.get(folded(text)),
        "day": day,
        "clock": lambda one, text: read_clock(text),
        "count": lambda one, text: read_count(text),
        "weekdays": lambda one, text: read_weekdays(text),
    }


def _places(
    cells: Cells,
    register: Register,
    context: FeedContext,
    doubts: list[list[tuple[str, str, str | None]]],
) -> dict[str, list[Any]]:
    """place_id and area_id: a named place gives its area; an area's own name stands where no place is told."""
    names = {one.name for one in register.fields}
    places = _resolved(cells["place"], context) if "place" in names else []
    areas = _resolved(cells["area"], context) if "area" in names else []
    answer: dict[str, list[Any]] = {}
    if "place" in names:
        answer["place_id"] = [place for place, _ in places]
        _tell("place", cells["place"], [place or area for place, area in places], doubts)
    if "area" in names:
        _tell("area", cells["area"], [area for _, area in areas], doubts)
        of_place = [area for _, area in places] if places else [None] * len(areas)
        answer["area_id"] = [a or b for a, (_, b) in zip(of_place, areas, strict=True)]
    return answer


def _tell(name: str, texts: Sequence[str], found: Sequence[str | None], doubts: list[Any]) -> None:
    for row, text in enumerate(texts):
        if text and found[row] is None:
            doubts[row].append(("unmapped_word", name, fingerprint(text)))


def _resolved(texts: Sequence[str], context: FeedContext) -> list[tuple[str | None, str | None]]:
    """(place_id, area_id) of each text."""
    nowhere = np.full(len(texts), np.nan)
    area_ids = {folded(area.area_id): area.name for area in context.places.areas}
    written = [area_ids.get(folded(text), text) for text in texts]
    table = context.places.resolve(written, nowhere, nowhere, ["plats"] * len(texts))
    return list(zip(table.column("place_id").to_pylist(), table.column("area_id").to_pylist(), strict=True))
