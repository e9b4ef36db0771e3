"""The municipality's named places, and which of them a written place means.

A text is compared in steps of falling certainty: as it reads (exact), without rings and dots (folded, and
only when one place alone folds so), then with a misspelling (fuzzy). Two places equally near give none:
a wrong place misleads more than no place. The text itself never leaves; only the official name does.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from warehouse.contract import ALLOWED

COLUMNS = (
    "place_id", "place_name", "aliases", "place_type", "publicness", "area_id", "latitude", "longitude",
)  # fmt: skip

#: Smallest similarity (Damerau-Levenshtein, 0–1) that counts, and the lead it must have on the next place.
#: Measured on 448 street names and 1,707 Swedish localities: precision 1.000/.999, coverage .985/.866.
FUZZY_FLOOR, FUZZY_MARGIN = 0.85, 0.03
#: Characters of a text that are compared; no place name is longer.
LONGEST_TEXT = 200
#: Texts compared at a time, to bound the table of similarities.
CHUNK = 512


@dataclass(frozen=True)
class NamedPlace:
    """One place the municipality has a name for; coordinates are WGS 84 degrees or both None."""

    place_id: str
    name: str
    aliases: tuple[str, ...]
    place_type: str
    publicness: str
    area_id: str | None
    latitude: float | None
    longitude: float | None


class Match(NamedTuple):
    """What a text means: an index into the places, or into the areas, or neither.

    ``how`` is a contract word (location_method), or ``ambiguous``: then ``candidates`` are the places that bear
    the very same name, and ``found_by`` the word to use where something else tells them apart.
    """

    how: str
    place: int = -1
    area: int = -1
    candidates: tuple[int, ...] = ()
    found_by: str = "none"


def read_places(path: Path, area_ids: Collection[str]) -> tuple[list[NamedPlace], list[str]]:
    """The places in a CSV file (UTF-8, comma), and every fault found in it, in plain words.

    Columns: place_id, place_name, aliases (split by ``|``), place_type, publicness (public, semi_public or
    private), area_id, latitude, longitude (WGS 84 degrees). A row with a fault is left out of the list.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if set(reader.fieldnames or ()) != set(COLUMNS):
                return [], [f"{path.name}: the columns must be {', '.join(COLUMNS)}"]
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return [], [f"{path.name}: cannot be read as UTF-8 CSV ({type(error).__name__})"]
    places: list[NamedPlace] = []
    faults: list[str] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            faults.append(f"{path.name}, row {number}: has not {len(COLUMNS)} fields")
            continue
        place, wrong = _read_row({name: value.strip() for name, value in row.items()}, area_ids)
        if row["place_id"].strip() in seen:
            wrong.append("place_id stands twice")
        seen.add(row["place_id"].strip())
        faults += [f"{path.name}, row {number}: {fault}" for fault in wrong]
        if place is not None and not wrong:
            places.append(place)
    return places, faults


def _read_row(row: dict[str, str], area_ids: Collection[str]) -> tuple[NamedPlace | None, list[str]]:
    faults = [f"{name} is empty" for name in ("place_id", "place_name", "place_type") if not row[name]]
    if row["publicness"] not in ALLOWED["publicness"]:
        faults.append(f"publicness must be one of {', '.join(sorted(ALLOWED['publicness']))}")
    if row["area_id"] and row["area_id"] not in area_ids:
        faults.append("area_id is not among the areas")
    latitude = longitude = None
    if row["latitude"] or row["longitude"]:
        try:
            latitude, longitude = float(row["latitude"]), float(row["longitude"])
        except ValueError:
            faults.append("latitude and longitude must both be numbers (with a point) or both be empty")
        else:
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (latitude, longitude) == (0, 0):
                faults.append("latitude and longitude are not degrees on earth")
    aliases = tuple(alias.strip() for alias in row["aliases"].split("|") if alias.strip())
    if faults:
        return None, faults
    return NamedPlace(
        row["place_id"], row["place_name"], aliases, row["place_type"], row["publicness"],
        row["area_id"] or None, latitude, longitude,
    ), []  # fmt: skip


class Gazetteer:
    """Named places and areas, indexed by every way their names are compared."""

    def __init__(self, places: Sequence[NamedPlace], area_names: Sequence[str]) -> None:
        self._exact: dict[str, set[int]] = {}
        self._folded: dict[str, set[int]] = {}
        self._tails: dict[str, set[int]] = {}
        for index, place in enumerate(places):
            for name in (place.name, *place.aliases):
                key = read_name(name)
                self._exact.setdefault(key, set()).add(index)
                self._folded.setdefault(fold(key), set()).add(index)
                words = key.split()
                for start in range(1, len(words)):
                    self._tails.setdefault(" ".join(words[start:]), set()).add(index)
        self._area_exact: dict[str, set[int]] = {}
        self._area_folded: dict[str, set[int]] = {}
        for index, name in enumerate(area_names):
            key = read_name(name)
            self._area_exact.setdefault(key, set()).add(index)
            self._area_folded.setdefault(fold(key), set()).add(index)
        self._names = sorted(key for key in self._exact if key)

    def match(self, texts: Sequence[str]) -> list[Match]:
        """What each of ``texts`` means. Give distinct texts: the cost follows their number."""
        keys = [readings(text) for text in texts]
        matches = [self._look_up(readings_of_text) for readings_of_text in keys]
        left = [n for n, match in enumerate(matches) if match.how == "none" and keys[n]]
        for start in range(0, len(left), CHUNK):
            part = left[start : start + CHUNK]
            for n, match in zip(part, self._nearest([keys[n][:2] for n in part]), strict=True):
                matches[n] = match
        return [
            Match("ambiguous") if match.how == "none" and self._is_half_a_name(keys[n]) else match
            for n, match in enumerate(matches)
        ]

    def _look_up(self, keys: Sequence[str]) -> Match:
        """Places before areas, plain before folded; the longest reading of the text first."""
        steps = (
            (self._exact, "gazetteer_exact", False, True),
            (self._area_exact, "area_name", False, False),
            (self._folded, "gazetteer_folded", True, True),
            (self._area_folded, "area_name", True, False),
        )
        for index, how, is_folded, is_place in steps:
            for key in keys:
                found = index.get(fold(key) if is_folded else key, ())
                if len(found) > 1:
                    return Match("ambiguous", candidates=tuple(sorted(found)) if is_place else (), found_by=how)
                for one in found:
                    return Match(how, place=one) if is_place else Match(how, area=one)
        return Match("none")

    def _nearest(self, queries: Sequence[Sequence[str]]) -> list[Match]:
        """The one place a misspelling can mean, for each text's first readings."""
        from rapidfuzz import process  # 47 modules, loaded when a name is not written as it should be
        from rapidfuzz.distance import OSA

        flat = sorted({key for keys in queries for key in keys})
        if not self._names or not flat:
            return [Match("none")] * len(queries)
        # A swap of neighbours counts once in Damerau-Levenshtein and at most twice in the restricted distance,
        # which is twenty times faster: what it leaves out at twice the slack cannot be near enough.
        rough = 1 - 2 * (1 - (FUZZY_FLOOR - FUZZY_MARGIN))
        table = process.cdist(flat, self._names, scorer=OSA.normalized_similarity, dtype=np.float64, score_cutoff=rough)
        leads = {key: self._lead(key, np.flatnonzero(table[row])) for row, key in enumerate(flat)}
        return [next((leads[key] for key in keys if leads[key].how != "none"), Match("none")) for keys in queries]

    def _lead(self, key: str, columns: np.ndarray) -> Match:
        from rapidfuzz.distance import DamerauLevenshtein

        best: dict[int, float] = {}
        for column in columns:
            name = self._names[column]
            if DIGITS.findall(name) != DIGITS.findall(key):  # "Hall 2" is no misspelling of "Hall 3"
                continue
            similarity = DamerauLevenshtein.normalized_similarity(key, name)
            for place in self._exact[name]:
                best[place] = max(best.get(place, 0.0), similarity)
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        if not ranked or ranked[0][1] < FUZZY_FLOOR:
            return Match("none")
        if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < FUZZY_MARGIN:
            return Match("ambiguous")
        return Match("gazetteer_fuzzy", place=ranked[0][0])

    def _is_half_a_name(self, keys: Sequence[str]) -> bool:
        """ "Hamngatan" where there are an Östra and a Västra Hamngatan."""
        return any(len(self._tails.get(key, ())) > 1 for key in keys)


DIGITS = re.compile(r"\d+")
SPACES = re.compile(r"\s+")
NOT_WORD = re.compile(r"[^\w\s]|_")
#: Abbreviations in street names, read before punctuation goes.
ABBREVIATIONS = (
    (re.compile(r"\bs:ta\b\.?"), "sankta"),
    (re.compile(r"\bs:t\b\.?|\bst\.(?=\s)"), "sankt"),
    (re.compile(r"\bl:a\b\.?"), "lilla"),
    (re.compile(r"\bö(?:\.\s?|\s)(?=\w{3})"), "östra "),
    (re.compile(r"\bv(?:\.\s?|\s)(?=\w{3})"), "västra "),
    (re.compile(r"\bn(?:\.\s?|\s)(?=\w{3})"), "norra "),
    (re.compile(r"\bs(?:\.\s?|\s)(?=\w{3})"), "södra "),
    (re.compile(r"(?<=\w{3})g\.(?=\s|$|\d)"), "gatan "),
    (re.compile(r"(?<=\w{3})v\.(?=\s|$|\d)"), "vägen "),
)
HOUSE_NUMBER = re.compile(
    r"\s(?:nr\s)?\d{1,4}(?:\s?[a-zåäö])?(?:\s\d{1,4}(?:\s?[a-zåäö])?)?(?:\s(?:lgh|vån|tr|bv)(?:\s\d{1,4})?){0,2}$"
)
PART_END = re.compile(r"[,;(\[/]|\s[-–]\s|\n")
ASIDE = re.compile(r"\s(?:vid|mot|utanför|nära|intill|bakom|framför|innan|efter|entré|ingång|i höjd med)\s")
LEAD_IN = re.compile(r"^(?:vid|utanför|på|i|nära|intill|bakom|framför|inne på|korsningen|hörnet)\s(?=\w)")


def read_name(text: str) -> str:
    """A name as it is compared: composed, lower case, abbreviations written out, without punctuation."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold())
    plain = SPACES.sub(" ", plain).strip()
    for pattern, full in ABBREVIATIONS:
        plain = pattern.sub(full, plain)
    return SPACES.sub(" ", NOT_WORD.sub(" ", plain)).strip()


def fold(key: str) -> str:
    """The key without rings, dots and accents: å and ä become a, ö becomes o."""
    decomposed = unicodedata.normalize("NFKD", key.replace("ø", "o").replace("æ", "a"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def readings(text: str) -> list[str]:
    """The ways to read a written place, fullest first, without house numbers in the later ones.

    "Centrum, entré 2" is read whole, then as "centrum", then as "entré"; "Storgatan vid torget" also as
    "storgatan".
    """
    parts = [text, *PART_END.split(text[:LONGEST_TEXT])]
    keys: list[str] = []
    for part in parts:
        name = read_name(part)
        bare = HOUSE_NUMBER.sub("", name)
        for key in (name, bare, HOUSE_NUMBER.sub("", ASIDE.split(bare)[0]), LEAD_IN.sub("", bare)):
            if key and not key.isdigit() and key not in keys:
                keys.append(key)
    return keys
