"""A company's words for what happened and what was done, as the house's codes.

A word the mapping does not know is never passed on: it is counted by a fingerprint, and the record stands as
``okand``. What leaves as ``category_source`` is the mapping's own spelling of the word, not the delivery's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.columns import Column, combined
from connectors.guard_tabular.mapping import CompanyMapping, WordList
from connectors.guard_tabular.records import Records
from connectors.kit import Category
from connectors.tabular import folded

UNKNOWN_CATEGORY = "okand"

#: Precisions a category may be placed with, finest first.
_FINEST = ("plats", "omrade", "kommun", "lan")


@dataclass(frozen=True)
class Reading:
    """What one text means: a code or sorted codes, the mapping's spelling of it, and the words not known."""

    code: str | None
    spelling: str | None
    unknown: tuple[str, ...] = ()


def read_category(text: str, mapping: CompanyMapping, categories: Mapping[str, Category]) -> Reading:
    """The category of a text. The whole text is looked up first, then its parts where the mapping says so.

    Of several parts the gravest speaks for all; between equals the one that is placed most coarsely.
    """
    whole = folded(text)
    if not whole:
        return Reading(None, None)
    if whole in mapping.category:
        return Reading(mapping.category[whole], mapping.spelling[whole])
    if not mapping.category_separator:
        return Reading(None, None, (whole,))
    parts = [part for part in (folded(part) for part in text.split(mapping.category_separator)) if part]
    known = [part for part in parts if part in mapping.category]
    unknown = tuple(part for part in parts if part not in mapping.category)
    if not known:
        return Reading(None, None, unknown or (whole,))

    def weight(part: str) -> tuple[int, int]:
        category = categories[mapping.category[part]]
        return category.severity, _FINEST.index(category.finest_precision)

    gravest = max(known, key=weight)  # the first of equals
    spelling = mapping.category_separator.join(mapping.spelling[part] for part in known)
    return Reading(mapping.category[gravest], None if unknown else spelling, unknown)


def read_action(text: str, mapping: CompanyMapping) -> Reading:
    """The measures of a text as sorted, comma-joined codes of ``actions.csv``."""
    if not text:
        return Reading(None, None)
    parts = [folded(text)]
    if mapping.list_separator and parts[0] not in mapping.action:
        parts = [part for part in (folded(part) for part in text.split(mapping.list_separator)) if part]
    codes = sorted({mapping.action[part] for part in parts if part in mapping.action})
    unknown = tuple(part for part in parts if part not in mapping.action)
    return Reading(",".join(codes) or None, None, unknown)


@dataclass(frozen=True)
class Categories:
    """What each record's words for its category mean. ``unknown`` holds the words not known."""

    code: Column[str]
    spelling: Column[str | None]
    unknown: Column[tuple[str, ...]]
    is_missing: npt.NDArray[np.bool_]  # nothing was written
    is_sensitive: npt.NDArray[np.bool_]


def categories_of(records: Records, mapping: CompanyMapping, categories: Mapping[str, Category]) -> Categories:
    """A code column that is known speaks before the word column."""
    words, codes = records.column("category"), records.column("category_code")
    pair, firsts = combined(words.codes, codes.codes)
    told: list[tuple[str, str | None, tuple[str, ...], bool]] = []
    for text, code_text in zip(words.of_rows(firsts), codes.of_rows(firsts), strict=True):
        word, fold = read_category(text, mapping, categories), folded(code_text)
        code = mapping.category_code.get(fold)
        # With a known code an unknown word beside it is only a label; without one, both are news.
        unknown = () if code is not None else (*word.unknown, *([fold] if fold else []))
        told.append((code or word.code or UNKNOWN_CATEGORY, word.spelling, unknown, text == "" and code_text == ""))
    both = Column(pair, told)
    separator = mapping.category_separator

    def is_sensitive(text: str) -> bool:
        parts = [text, *(text.split(separator) if separator else ())]
        return any(mapping.sensitive["category"].holds(part) for part in parts)

    others = {name: words for name, words in mapping.sensitive.items() if name != "category"}
    sensitive = matches(records, others)
    if "category" in mapping.sensitive:
        sensitive |= records.each("category", is_sensitive, np.bool_)
    return Categories(
        both.each(lambda each: each[0]),
        both.each(lambda each: each[1]),
        both.each(lambda each: each[2]),
        np.array([each[3] for each in told], dtype=bool)[pair],
        sensitive,
    )


def matches(records: Records, lists: Mapping[str, WordList]) -> npt.NDArray[np.bool_]:
    """Whether any of the named columns holds one of its words."""
    found = np.zeros(len(records), dtype=bool)
    for name, words in lists.items():
        found |= records.each(name, words.holds, np.bool_)
    return found


def police_informed(
    records: Records, mapping: CompanyMapping, action: Column[str | None]
) -> tuple[pa.Array, Column[str]]:
    """Whether the police were told (NULL where nothing says), and '' or the unknown word of each record.

    A police reference number says yes and is not kept.
    """

    def says_no(text: str) -> bool:
        return mapping.police_no.holds(text) or (mapping.police_blank_is_no and not text)

    said = records.column("police")
    yes, no = records.each("police", mapping.police_yes.holds, np.bool_), records.each("police", says_no, np.bool_)
    has_reference = records.each("police_reference", bool, np.bool_)
    called = np.array(["polis_tillkallad" in (code or "") for code in action.values], dtype=bool)[action.codes]
    answer = pa.array(yes | has_reference | called, pa.bool_(), mask=~(yes | has_reference | called | no))
    words = said.each(lambda text: "" if mapping.police_yes.holds(text) or says_no(text) else folded(text))
    return answer, words


def status_of(records: Records, mapping: CompanyMapping) -> tuple[pa.Array, Column[str]]:
    """open, closed or unknown (NULL without a status column), and '' or the unknown word of each record."""

    def read(text: str) -> str:
        if mapping.status_closed.holds(text):
            return "closed"
        return "open" if mapping.status_open.holds(text) else "unknown"

    said = records.column("status")
    if "status" not in mapping.table.columns:
        return pa.nulls(len(records), pa.string()), said
    words = said.each(lambda text: folded(text) if read(text) == "unknown" else "")
    return said.each(read).array(), words


def note_public(category: Category, action_taken: str | None, labels: Mapping[str, str]) -> str:
    """A sentence of coded values, at most 140 characters: "Klotter. Felanmält, dokumenterat."."""
    parts = [labels[code] for code in (action_taken or "").split(",") if code in labels]
    done = ", ".join([parts[0], *(part[:1].lower() + part[1:] for part in parts[1:])]) if parts else ""
    sentence = f"{category.sv}. {done}." if done else f"{category.sv}."
    return sentence if len(sentence) <= 140 else f"{sentence[:138].rstrip(' ,.')}…"
