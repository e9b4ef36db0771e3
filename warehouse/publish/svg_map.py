"""The map: area outlines with their numbers, and a ring for every place that may honestly be shown.

Only positions and paths are made here; the template writes the elements, so that every text is escaped there.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.publish.formats import UNKNOWN, Formats, cut, visible

#: Drawing units. A column of the printed page is as many pixels wide, so a text of 11 units is 8 points high.
WIDTH = 360.0
MARGIN = 8.0
#: A long, narrow municipality must not push the rest off the front page, nor a flat one shrink to a ribbon.
HEIGHT_LEAST, HEIGHT_MOST = 200.0, 330.0
TEXT_HEIGHT = 11.0
#: Width of a letter against the text's height, Arial's mean with some to spare.
LETTER_WIDTH = 0.56
NAME_LENGTH = 18
#: Outlines carry up to thousands of corners; below this distance, in drawing units, nobody sees them.
CORNER_DISTANCE = 0.7
#: Rings that still leave the map readable, and the mesh, in drawing units, that more of them are gathered in.
SPOTS_AT_MOST, MESH = 60, 26.0


#: A proposed status without its colour: how many of four squares are filled. Unknown has none.
STATUS_SIGNS = {"gron": "▪▫▫▫", "gul": "▪▪▫▫", "orange": "▪▪▪▫", "rod": "▪▪▪▪", "okand": ""}

#: Left, top, right, bottom in drawing units.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Outline:
    """One area's drawn outline."""

    path: str
    status: str
    is_approximate: bool


@dataclass(frozen=True)
class Ring:
    """All incidents at one spot: the number, and whether one of them is of the last 24 hours."""

    x: float
    y: float
    radius: float
    count: int
    is_recent: bool
    title: str


@dataclass(frozen=True)
class Label:
    """An area's name and numbers, centred on x, with the name's base line at y."""

    x: float
    y: float
    name: str
    full_name: str
    numbers: str
    sign: str
    is_approximate: bool


@dataclass(frozen=True)
class Map:
    """Everything the template needs to draw the map, in drawing units."""

    width: float
    height: float
    outlines: list[Outline]
    rings: list[Ring]
    labels: list[Label]
    is_numbered: bool


def draw_map(
    areas: Sequence[Mapping[str, Any]], points: Sequence[Mapping[str, Any]], formats: Formats, unknown: str
) -> Map | None:
    """Return the map of ``picture.map_area`` and ``picture.map_point``, or None where no area has an outline.

    Longitudes are shrunk by the cosine of the middle latitude: true shape to within a per mille over a
    municipality. ``unknown`` is the word for an area without counts. Points outside the outlines' frame are
    left out of the drawing; they stand in the counts.
    """
    corners_of = {area["area_id"]: list(_corners(area["geometry_geojson"])) for area in areas}
    corners = [corner for rings in corners_of.values() for ring in rings for corner in ring]
    if not corners:
        return None
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    shrink = math.cos(math.radians((south + north) / 2))
    across, along = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    inner = WIDTH - 2 * MARGIN
    scale = min(inner / across, (HEIGHT_MOST - 2 * MARGIN) / along)
    height = max(HEIGHT_LEAST, along * scale + 2 * MARGIN)
    left = (WIDTH - across * scale) / 2
    top = (height - along * scale) / 2

    def place(longitude: float, latitude: float) -> tuple[float, float]:
        return left + (longitude - west) * shrink * scale, top + (north - latitude) * scale

    outlines = [
        Outline(
            _path([[place(*c) for c in ring] for ring in corners_of[area["area_id"]]]),
            area["proposed_status"],
            area["is_approximate"],
        )
        for area in areas
        if corners_of[area["area_id"]]
    ]
    inside = [p for p in points if west <= p["longitude"] <= east and south <= p["latitude"] <= north]
    rings = _gather(inside, place, formats)
    labels = _labels(areas, place, lambda area: _numbers(area, formats, unknown), height, rings)
    return Map(WIDTH, round(height, 1), outlines, rings, labels, any(not label.numbers for label in labels))


def _corners(geometry: str | None) -> Iterator[list[tuple[float, float]]]:
    """Yield the rings of a GeoJSON Polygon or MultiPolygon; nothing for another or a broken geometry."""
    try:
        shape = json.loads(geometry or "null")
        polygons = {"Polygon": lambda c: [c], "MultiPolygon": lambda c: c}[shape["type"]](shape["coordinates"])
        rings = [[(float(x), float(y)) for x, y, *_ in ring] for polygon in polygons for ring in polygon]
    except (KeyError, TypeError, ValueError):
        return
    for ring in rings:
        if len(ring) >= 4 and all(math.isfinite(x) and math.isfinite(y) for x, y in ring):
            yield ring


def _path(rings: list[list[tuple[float, float]]]) -> str:
    parts = []
    for ring in rings:
        kept = [ring[0]]
        for x, y in ring[1:]:
            if math.hypot(x - kept[-1][0], y - kept[-1][1]) >= CORNER_DISTANCE:
                kept.append((x, y))
        parts.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in kept) + "Z")
    return "".join(parts)


def _gather(points: Sequence[Mapping[str, Any]], place: Any, formats: Formats) -> list[Ring]:
    # Four decimals are about ten metres: reports of one square share a ring instead of hiding each other.
    spots = _grouped(points, lambda p: (round(p["latitude"], 4), round(p["longitude"], 4)))
    if len(spots) > SPOTS_AT_MOST:
        # So many rings hide the map. Neighbours within a mesh of the drawing share one.
        spots = _grouped(points, lambda p: tuple(math.floor(at / MESH) for at in place(p["longitude"], p["latitude"])))
    rings = []
    for _, here in sorted(spots.items(), key=lambda spot: (-len(spot[1]), spot[0])):
        placed = [place(point["longitude"], point["latitude"]) for point in here]
        x, y = (sum(at) / len(here) for at in zip(*placed, strict=True))
        titles = sorted({formats.pick(point, "category") for point in here})
        title = ", ".join(titles[:4]) + (", …" if len(titles) > 4 else "")
        radius = 3.2 if len(here) == 1 else min(5.0 + 1.1 * math.sqrt(len(here)), 11.0)
        is_recent = any(point["age_days"] < 1 for point in here)
        rings.append(Ring(round(x, 1), round(y, 1), round(radius, 1), len(here), is_recent, f"{len(here)}: {title}"))
    return rings


def _grouped(points: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for point in points:
        groups[key(point)].append(point)
    return groups


def _labels(
    areas: Sequence[Mapping[str, Any]],
    place: Any,
    numbers_of: Callable[[Mapping[str, Any]], str],
    height: float,
    rings: Sequence[Ring],
) -> list[Label]:
    """Put each label near its point: on no earlier label, on as few rings as can be, then as near as can be.

    Where a label has no free spot the area carries its number in the table instead.
    """
    taken: list[Box] = []
    labels = []
    for number, area in enumerate(areas, 1):
        if area["label_longitude"] is None or area["label_latitude"] is None:
            continue
        full_name = visible(area["area_name"])
        x, y = place(area["label_longitude"], area["label_latitude"])
        sign = STATUS_SIGNS[area["proposed_status"]]
        y = min(max(y, 2 * TEXT_HEIGHT), height - 3 * TEXT_HEIGHT)
        for name, numbers in ((cut(full_name, NAME_LENGTH), numbers_of(area)), (str(number), "")):
            half = (max(len(name) + len(sign), len(numbers)) + 1) * TEXT_HEIGHT * LETTER_WIDTH / 2
            middle = min(max(x, half + 1), WIDTH - half - 1)
            below = TEXT_HEIGHT + 3 if numbers else 3
            boxes = [
                (middle - half, base - TEXT_HEIGHT, middle + half, base + below)
                for base in (y + 3 * step for step in range(-8, 9))
                if TEXT_HEIGHT < base < height - below
            ]
            free = [box for box in boxes if not any(_overlap(box, other) for other in taken)]
            if free:
                break
        box = min(free or boxes, key=lambda box, y=y: _cost(box, y, rings))  # type: ignore[misc]
        taken.append(box)
        base = box[1] + TEXT_HEIGHT
        labels.append(Label(round(middle, 1), round(base, 1), name, full_name, numbers, sign, area["is_approximate"]))
    return labels


def _cost(box: Box, y: float, rings: Sequence[Ring]) -> tuple[int, float]:
    around = ((r.x - r.radius, r.y - r.radius, r.x + r.radius, r.y + r.radius) for r in rings)
    return sum(_overlap(box, ring) for ring in around), abs(box[1] + TEXT_HEIGHT - y)


def _numbers(area: Mapping[str, Any], formats: Formats, unknown: str) -> str:
    """Return '24 hours / 7 days (normal)', with the normal left out where it is not known."""
    if area["incident_24h_count"] is None and area["incident_7d_count"] is None:
        return f"{UNKNOWN} {unknown}"
    counts = f"{formats.number(area['incident_24h_count'])} / {formats.number(area['incident_7d_count'])}"
    normal = formats.interval(area["normal_low"], area["normal_high"])
    return counts if normal == UNKNOWN else f"{counts} ({normal})"


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]
