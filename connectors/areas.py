"""The municipality's areas: reading them, and which of them a point lies in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape

if TYPE_CHECKING:
    import pyproj

Floats = npt.NDArray[np.float64]

#: The Swedish grids a system may give positions in, and their EPSG codes: the nation's, the twelve local zones that
#: municipalities' own systems use (named by their meridian, 18 00 being Stockholm's), and the old national one.
GRIDS = {
    "sweref99tm": 3006,
    "sweref99_1200": 3007,
    "sweref99_1330": 3008,
    "sweref99_1415": 3012,
    "sweref99_1500": 3009,
    "sweref99_1545": 3013,
    "sweref99_1630": 3010,
    "sweref99_1715": 3014,
    "sweref99_1800": 3011,
    "sweref99_1845": 3015,
    "sweref99_2015": 3016,
    "sweref99_2145": 3017,
    "sweref99_2315": 3018,
    "rt90": 3021,
}

#: Sweden's outermost land in degrees, rounded outwards: south, north, west, east.
SWEDEN = (55.2, 69.1, 10.5, 24.2)


@dataclass(frozen=True)
class Area:
    """One area of the municipality; ``geometry`` is a polygon in WGS 84, longitude before latitude."""

    area_id: str
    name: str
    kind: str
    population: int | None
    geometry: shapely.Geometry
    is_approximate: bool


def read_areas(path: Path) -> tuple[list[Area], list[str]]:
    """The areas in a GeoJSON file, and every fault found in it, in plain words.

    A FeatureCollection of polygons with the properties area_id, area_name, area_kind, population (a number or
    null) and is_approximate (true or false). A feature with a fault is left out of the list.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        return [], [f"{path.name}: cannot be read as JSON ({type(error).__name__})"]
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        return [], [f"{path.name}: must be a FeatureCollection with a list of features"]
    areas: list[Area] = []
    faults: list[str] = []
    for number, feature in enumerate(features, start=1):
        area, wrong = _read_feature(feature)
        where = f"{path.name}, feature {number}"
        if area is not None and any(area.area_id == other.area_id for other in areas):
            wrong.append(f"area_id {area.area_id!r} stands twice")
        faults += [f"{where}: {fault}" for fault in wrong]
        if area is not None and not wrong:
            areas.append(area)
    if not features:
        faults.append(f"{path.name}: holds no area")
    return areas, faults


def _read_feature(feature: Any) -> tuple[Area | None, list[str]]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return None, ["has no properties"]
    faults = []
    words = {name: properties.get(name) for name in ("area_id", "area_name", "area_kind")}
    for name, word in words.items():
        if not isinstance(word, str) or not word.strip():
            faults.append(f"{name} must be a text")
    population = properties.get("population")
    if population is not None and (type(population) is not int or population < 0):
        faults.append("population must be a whole number or null")
    is_approximate = properties.get("is_approximate")
    if type(is_approximate) is not bool:
        faults.append("is_approximate must be true or false")
    geometry, wrong = _read_geometry(feature.get("geometry"))
    faults += wrong
    if faults:
        return None, faults
    area_id, name, kind = (str(word).strip() for word in words.values())
    return Area(area_id, name, kind, population, geometry, bool(is_approximate)), []


def _read_geometry(raw: Any) -> tuple[shapely.Geometry | None, list[str]]:
    if not isinstance(raw, dict) or raw.get("type") not in ("Polygon", "MultiPolygon"):
        return None, ["geometry must be a Polygon or MultiPolygon"]
    try:
        geometry = shapely.force_2d(shape(raw))
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, shapely.errors.ShapelyError):
        return None, ["geometry's coordinates cannot be read"]
    if geometry.is_empty:
        return None, ["geometry is empty"]
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None, ["coordinates are not degrees: areas must be WGS 84 with longitude first, not SWEREF 99 TM"]
    if not shapely.is_valid(geometry):
        reason = shapely.is_valid_reason(geometry).split("[")[0]
        return None, [f"geometry is not valid ({reason}); repair it, for example with ST_MakeValid"]
    return geometry, []


#: A drawn area meets one of ours where they share this much of the smaller of the two: borders drawn by two hands never
#: agree, and a warning for the neighbours must not become ours by a sliver. Decided 2026-11-26.
SHARED = 0.01


def areas_met(areas: Sequence[Area], raw: Any) -> tuple[list[str] | None, bool]:
    """(area_ids, is_mended): which of our areas a drawing in GeoJSON meets, in order, and whether it had to be mended.

    ``raw`` is a geometry, a Feature or a FeatureCollection, in degrees, of polygons or of lines (a river); a line meets
    what it runs through. None where nothing is drawn or it cannot be read. Edges that cross are mended as far as the
    drawing has an inside at all.
    """
    geometries = [found for one in _drawn(raw) if (found := _drawing(one)) is not None]
    if not geometries:
        return None, False
    is_mended = not all(shapely.is_valid(one) for one in geometries)
    drawn = shapely.union_all([shapely.make_valid(one) for one in geometries])
    met = []
    for area in areas:
        if shapely.intersects(area.geometry, drawn):
            shared = shapely.intersection(area.geometry, drawn)
            smaller = min(area.geometry.area, drawn.area)
            if drawn.area == 0 or shared.area >= SHARED * smaller:
                met.append(area.area_id)
    return sorted(met), is_mended


def _drawn(raw: Any) -> list[Any]:
    """The geometries of a Feature, a FeatureCollection, or what is a geometry itself."""
    if not isinstance(raw, dict):
        return []
    if raw.get("type") == "FeatureCollection" and isinstance(raw.get("features"), list):
        return [one.get("geometry") for one in raw["features"] if isinstance(one, dict)]
    return [raw.get("geometry")] if raw.get("type") == "Feature" else [raw]


def _drawing(raw: Any) -> shapely.Geometry | None:
    if not isinstance(raw, dict) or raw.get("type") not in _DRAWN_AS:
        return None
    try:
        geometry = shapely.force_2d(shape(raw))
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, shapely.errors.ShapelyError):
        return None
    if geometry.is_empty or not np.isfinite(geometry.bounds).all():
        return None
    west, south, east, north = geometry.bounds
    return geometry if -180 <= west <= east <= 180 and -90 <= south <= north <= 90 else None


_DRAWN_AS = ("Polygon", "MultiPolygon", "LineString", "MultiLineString")


def areas_of_points(areas: Sequence[Area], latitudes: Floats, longitudes: Floats) -> npt.NDArray[np.int64]:
    """For each point the index in ``areas`` of the area it lies in or on the border of, −1 where none.

    A point on a shared border belongs to the area with the lowest area_id. Cost follows the number of
    distinct points times the number of areas whose bounding box holds them.
    """
    points, place_of_row = np.unique(longitudes + 1j * latitudes, return_inverse=True)
    found = np.full(len(points), -1, dtype=np.int64)
    x, y = points.real, points.imag
    for index in sorted(range(len(areas)), key=lambda i: areas[i].area_id):
        geometry = areas[index].geometry
        west, south, east, north = geometry.bounds
        rows = np.flatnonzero((found < 0) & (x >= west) & (x <= east) & (y >= south) & (y <= north))
        if len(rows):
            shapely.prepare(geometry)
            found[rows[shapely.intersects_xy(geometry, x[rows], y[rows])]] = index
    return found[place_of_row.reshape(-1)]


@cache
def _from_grid(grid: str) -> pyproj.Transformer:
    import pyproj  # 12 MB and 20 ms: most sources give degrees

    # Threads may not share a Transformer's context; pyproj 3.1 and later gives each thread its own.
    return pyproj.Transformer.from_crs(f"EPSG:{GRIDS[grid]}", "EPSG:4326", always_xy=True)


def grid_to_wgs84(grid: str, northing: Floats, easting: Floats) -> tuple[Floats, Floats]:
    """(latitudes, longitudes) in degrees of positions in one of the GRIDS, metres; RT 90 to within a metre.

    What is not a number, or lies outside where the projection holds, becomes NaN.
    """
    longitudes, latitudes = _from_grid(grid).transform(
        np.asarray(easting, dtype=np.float64), np.asarray(northing, dtype=np.float64)
    )
    usable = np.isfinite(latitudes) & np.isfinite(longitudes)
    return np.where(usable, latitudes, np.nan), np.where(usable, longitudes, np.nan)
