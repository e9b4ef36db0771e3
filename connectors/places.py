"""Where something happened, as precisely as may honestly be said and no more.

A source's position and its words for a place become an area, a named place, or a public point. The category
sets how fine the answer may be, whatever the source gave. A position that cannot be right is set to unknown
and counted by a flag; it is never mended by guessing, since a mended guess looks like a measured point.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.areas import GRIDS, SWEDEN, Area, Floats, areas_of_points, grid_to_wgs84, read_areas
from connectors.gazetteer import Gazetteer, NamedPlace, read_places

__all__ = ["GRIDS", "Area", "NamedPlace", "Places", "grid_to_wgs84", "in_sweden"]

#: How fine a category may be placed, finest first. The words are the contract's (location_precision).
FINEST = ("plats", "omrade", "kommun", "lan")

#: What can be wrong with a place, in the order of the bits that stand for them.
FLAGS = (
    "place_ambiguous", "place_unmatched", "position_differs", "position_null_island", "position_outside",
    "position_swapped", "position_unusable",
)  # fmt: skip
AMBIGUOUS, UNMATCHED, DIFFERS, NULL_ISLAND, OUTSIDE, SWAPPED, UNUSABLE = (1 << n for n in range(len(FLAGS)))
#: Degrees around 0/0 that are nobody's position but a missing one (some systems write 0.0001).
NULL_ISLAND_RADIUS = 0.01

Indices = npt.NDArray[np.int64]

COLUMNS: list[tuple[str, pa.DataType]] = [
    ("place_id", pa.string()),
    ("place_text", pa.string()),
    ("place_type", pa.string()),
    ("publicness", pa.string()),
    ("area_id", pa.string()),
    ("latitude", pa.float64()),
    ("longitude", pa.float64()),
    ("location_precision", pa.string()),
    ("location_method", pa.string()),
    ("dq", pa.string()),
]
SCHEMA = pa.schema(COLUMNS)


class Places:
    """The municipality's areas and named places, and the questions asked of them."""

    def __init__(self, areas: Sequence[Area], gazetteer: Sequence[NamedPlace]) -> None:
        self.areas = tuple(areas)
        self.gazetteer = tuple(gazetteer)
        self._names = Gazetteer(self.gazetteer, [area.name for area in self.areas])
        positions = [
            (place.latitude, place.longitude)
            if place.latitude is not None and place.longitude is not None
            else (np.nan, np.nan)
            for place in self.gazetteer
        ]
        self._latitudes, self._longitudes = np.array(positions, dtype=np.float64).reshape(-1, 2).T
        self._area_of_place = self._areas_of_places()

    @classmethod
    def read(cls, areas_geojson: Path, places_csv: Path) -> Places:
        """The areas and places of two files (see ``areas.read_areas``, ``gazetteer.read_places``).

        Raises ValueError naming every fault of both files, by feature and row.
        """
        areas, faults = read_areas(areas_geojson)
        places, more = read_places(places_csv, {area.area_id for area in areas})
        answer = cls(areas, places)
        _, flags = answer._place_points(answer._latitudes, answer._longitudes)
        faults += more
        faults += [
            f"{places_csv.name}, place {place.place_id!r}: latitude and longitude look swapped"
            for place, flag in zip(places, flags, strict=True)
            if flag == SWAPPED
        ]
        if faults:
            raise ValueError("areas and places:\n  " + "\n  ".join(faults))
        return answer

    def resolve(
        self,
        texts: Sequence[str | None],
        latitudes: npt.NDArray[Any],
        longitudes: npt.NDArray[Any],
        finest: Sequence[str],
        *,
        points_are_public: bool = False,
    ) -> pa.Table:
        """The contract's place columns and ``dq`` (flags, comma-joined) for written places and positions.

        ``texts`` may be None or empty; positions are WGS 84 degrees, NaN for none; ``finest`` is each row's
        finest allowed precision (plats, omrade, kommun or lan). A point leaves only where the place is
        public, or ``points_are_public`` says that all the source's points are, and the category allows it.
        The source's own words never leave: ``place_text`` is the gazetteer's official name.
        Row order is kept.

        Raises ValueError when the columns differ in length or ``finest`` holds another word.
        """
        lengths = {len(texts), len(latitudes), len(longitudes), len(finest)}
        if len(lengths) != 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")
        level = _levels(finest)
        latitude = np.asarray(latitudes, dtype=np.float64)
        longitude = np.asarray(longitudes, dtype=np.float64)
        area_of_point, flags = self._place_points(latitude, longitude)
        place, area_of_text, method, text_flags = self._place_texts(texts, area_of_point)

        has_point = area_of_point >= 0
        # A name and a point in different areas: one of them is wrong. A name as written beats a position (a
        # guard's car stands in the next street); a position beats a name we had to guess.
        differs = has_point & (area_of_text >= 0) & (area_of_text != area_of_point)
        place = np.where(differs & (method == "gazetteer_fuzzy"), -1, place)
        has_point &= ~differs | (place < 0)
        area = np.where(has_point, area_of_point, area_of_text)
        is_public = np.array([one.publicness == "public" for one in self.gazetteer] + [False])
        shows_point = has_point & (level == 0) & (is_public[place] | points_are_public)
        shows_place = (place >= 0) & (level == 0)
        shows_own = shows_place & ~shows_point & is_public[place]
        own = np.append(self._latitudes, np.nan)[place], np.append(self._longitudes, np.nan)[place]
        latitude = np.where(shows_point, latitude, np.where(shows_own, own[0], np.nan))
        longitude = np.where(shows_point, longitude, np.where(shows_own, own[1], np.nan))

        precision = np.select(
            [shows_point, shows_place, (area >= 0) & (level <= 1), (area >= 0) | (place >= 0)],
            ["punkt", "plats", "omrade", np.where(level <= 1, "okand", np.array(FINEST)[level])],
            default="okand",
        )
        is_known = precision != "okand"
        uses_point = shows_point | (has_point & ~shows_place)
        method = np.where(is_known, np.where(uses_point, "source_point", method), "none")
        shown_place = np.where(shows_place, place, -1)
        shown_area = np.where(level <= 1, area, -1)
        columns = [
            _take([one.place_id for one in self.gazetteer], shown_place),
            _take([one.name for one in self.gazetteer], shown_place),
            _take([one.place_type for one in self.gazetteer], shown_place),
            _take([one.publicness for one in self.gazetteer], shown_place),
            _take([one.area_id for one in self.areas], shown_area),
            pa.array(latitude, pa.float64(), from_pandas=True),
            pa.array(longitude, pa.float64(), from_pandas=True),
            pa.array(precision.astype(object), pa.string()),
            pa.array(method.astype(object), pa.string()),
            _take(FLAG_WORDS, flags | text_flags | np.where(differs, DIFFERS, 0)),
        ]
        return pa.Table.from_arrays(columns, schema=SCHEMA)

    def _place_points(self, latitude: Floats, longitude: Floats) -> tuple[Indices, Indices]:
        """(area index or −1, flags) of each position."""
        area = np.full(len(latitude), -1, dtype=np.int64)
        flags = np.zeros(len(latitude), dtype=np.int64)
        given = ~(np.isnan(latitude) & np.isnan(longitude))
        on_earth = given & (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
        null_island = on_earth & (np.hypot(latitude, longitude) <= NULL_ISLAND_RADIUS)
        rows = np.flatnonzero(on_earth & ~null_island)
        area[rows] = areas_of_points(self.areas, latitude[rows], longitude[rows])
        lost = given & ~null_island & (area < 0)
        crossed = np.flatnonzero(lost & on_earth)
        swapped = np.zeros(len(latitude), dtype=bool)
        swapped[crossed] = areas_of_points(self.areas, longitude[crossed], latitude[crossed]) >= 0
        swapped |= lost & in_sweden(longitude, latitude) & ~in_sweden(latitude, longitude)
        flags[null_island] = NULL_ISLAND
        flags[lost & on_earth & ~swapped] = OUTSIDE if self.areas else 0
        flags[swapped] = SWAPPED
        flags[given & ~on_earth] = UNUSABLE
        return area, flags

    def _place_texts(
        self, texts: Sequence[str | None], area_of_point: Indices
    ) -> tuple[Indices, Indices, npt.NDArray[Any], Indices]:
        """(place index, area index, location_method, flags) of each text; the work is per distinct text."""
        codes: dict[str, int] = {}
        rows = np.array([codes.setdefault(text or "", len(codes)) for text in texts], dtype=np.int64)
        distinct = list(codes)
        matches = self._names.match(distinct)
        how = np.array([match.how for match in matches], dtype=object)
        written = np.array([bool(text.strip()) for text in distinct], dtype=bool)
        flag = np.where(how == "ambiguous", AMBIGUOUS, np.where((how == "none") & written, UNMATCHED, 0))
        place = np.array([match.place for match in matches], dtype=np.int64)[rows]
        area = np.array([match.area for match in matches], dtype=np.int64)[rows]
        flags, method = flag.astype(np.int64)[rows], np.where(how == "ambiguous", "none", how)[rows]
        # Two villages have a Storgatan each: the report's own position tells which, where only one fits it.
        for code in (n for n, match in enumerate(matches) if match.candidates):
            areas = [int(self._area_of_place[one]) for one in matches[code].candidates]
            for one, its_area in zip(matches[code].candidates, areas, strict=True):
                if its_area >= 0 and areas.count(its_area) == 1:
                    fits = (rows == code) & (area_of_point == its_area)
                    place[fits], method[fits], flags[fits] = one, matches[code].found_by, 0
        if len(self._area_of_place):
            area = np.where(place >= 0, self._area_of_place[place], area)
        return place, area, method, flags

    def _areas_of_places(self) -> Indices:
        """Each named place's area: the one it says, else the one its coordinates lie in."""
        by_id = {area.area_id: index for index, area in enumerate(self.areas)}
        said = np.array([by_id.get(place.area_id or "", -1) for place in self.gazetteer], dtype=np.int64)
        return np.where(said >= 0, said, self._place_points(self._latitudes, self._longitudes)[0])


FLAG_WORDS = [",".join(flag for n, flag in enumerate(FLAGS) if bits & (1 << n)) for bits in range(1 << len(FLAGS))]


def _levels(finest: Sequence[str]) -> Indices:
    level_of = {word: n for n, word in enumerate(FINEST)}
    try:
        return np.array([level_of[word] for word in finest], dtype=np.int64)
    except KeyError:
        raise ValueError(f"the finest precision must be one of {', '.join(FINEST)}") from None


def in_sweden(latitude: Floats, longitude: Floats) -> npt.NDArray[np.bool_]:
    """Which positions lie within Sweden's outermost degrees."""
    south, north, west, east = SWEDEN
    return (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)


def _take(values: Sequence[str], indices: Indices) -> pa.Array:
    """``values`` at ``indices``, NULL at −1."""
    return pa.array([*values, None], pa.string()).take(np.where(indices < 0, len(values), indices))
