"""The map: area outlines with their numbers, and a ring for every place that may honestly be shown.

Only positions and paths are made here; the template writes the elements, so that every text is escaped there.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from warehouse.publish.formats import UNKNOWN, Formats, cut, visible
from warehouse.publish.map_labels import Box, Wish, label_spots

#: Drawing units. A column of the printed page is as many pixels wide, so a text of 11 units is 8 points high.
WIDTH = 360.0
MARGIN = 8.0
#: A long, narrow municipality must not push the rest off the front page, nor a flat one shrink to a ribbon.
HEIGHT_LEAST, HEIGHT_MOST = 200.0, 330.0
NAME_LENGTH = 18
#: Outlines carry up to thousands of corners; below this distance, in drawing units, nobody sees them.
CORNER_DISTANCE = 0.7
#: Rings that still leave the map readable, and the mesh, in drawing units, that more of them are gathered in.
SPOTS_AT_MOST, MESH = 60, 26.0
#: With more areas than these, names, numbers and rings would hide the map: each area has its number in the table of
#: areas, and a spot is a dot. Tried in print with 12, 24 and 60 areas, 2026-11-26.
AREAS_WITH_NAMES = 24
#: Drawing units: an area's number above its point on such a map, and the dots' least and greatest radius.
RISE, DOT_LEAST, DOT_MOST = 1.0, 1.3, 3.0
#: Drawing units between two rings.
RING_GAP = 1.0


#: A proposed status without its colour: how many of four squares are filled. Unknown has none.
STATUS_SIGNS = {"gron": "▪▫▫▫", "gul": "▪▪▫▫", "orange": "▪▪▪▫", "rod": "▪▪▪▪", "okand": ""}


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
    """An area's name and numbers, centred on x, with the name's base line at y, and a line to its area or None."""

    x: float
    y: float
    name: str
    full_name: str
    numbers: str
    sign: str
    is_approximate: bool
    leader: Box | None


@dataclass(frozen=True)
class Map:
    """Everything the template needs to draw the map, in drawing units."""

    width: float
    height: float
    outlines: list[Outline]
    rings: list[Ring]
    labels: list[Label]
    is_numbered: bool
    is_dense: bool


def draw_map(
    areas: Sequence[Mapping[str, Any]], points: Sequence[Mapping[str, Any]], formats: Formats, unknown: str
) -> Map | None:
    """Return the map of ``picture.map_area`` and ``picture.map_point``, or None where no area has an outline.

    Longitudes are shrunk by the cosine of the middle latitude: true shape to within a per mille over a
    municipality. ``unknown`` is the word for an area without counts. Points outside the outlines' frame are
    left out of the drawing; they stand in the counts.
    """
    corners_of = {area["area_id"]: list(outline_rings(area["geometry_geojson"])) for area in areas}
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
    if len(areas) > AREAS_WITH_NAMES:
        dots = [replace(ring, radius=round(_dot(ring.count), 1)) for ring in rings]
        return Map(WIDTH, round(height, 1), outlines, dots, _numbers_alone(areas, place), True, True)
    labels = _labels(areas, place, corners_of, lambda area: _numbers(area, formats, unknown), height, rings)
    return Map(WIDTH, round(height, 1), outlines, rings, labels, any(not label.numbers for label in labels), False)


def _dot(count: int) -> float:
    return min(DOT_LEAST + 0.3 * math.sqrt(count), DOT_MOST)


def _numbers_alone(areas: Sequence[Mapping[str, Any]], place: Any) -> list[Label]:
    """Each area's number in the table with its sign below, at its own point."""
    labels = []
    for number, area in enumerate(areas, 1):
        if area["label_longitude"] is None or area["label_latitude"] is None:
            continue
        x, y = place(area["label_longitude"], area["label_latitude"])
        sign = STATUS_SIGNS[area["proposed_status"]] or UNKNOWN
        name = visible(area["area_name"])
        labels.append(Label(round(x, 1), round(y - RISE, 1), str(number), name, sign, "", area["is_approximate"], None))
    return labels


def outline_rings(geometry: str | None) -> Iterator[list[tuple[float, float]]]:
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
    rings: list[Ring] = []
    for here in _apart([here for _, here in sorted(spots.items(), key=lambda spot: (-len(spot[1]), spot[0]))], place):
        x, y = _middle(here, place)
        titles = sorted({formats.pick(point, "category") for point in here})
        title = ", ".join(titles[:4]) + (", …" if len(titles) > 4 else "")
        is_recent = any(point["age_days"] < 1 for point in here)
        rings.append(
            Ring(round(x, 1), round(y, 1), round(_radius(here), 1), len(here), is_recent, f"{len(here)}: {title}")
        )
    return rings


def _apart(spots: list[list[Any]], place: Any) -> list[list[Any]]:
    """Join spots whose rings would lie on each other, until none does: a covered number says nothing."""
    drawn = [(*_middle(here, place), _radius(here)) for here in spots]
    while True:
        for n, (x, y, radius) in enumerate(drawn):
            near = next(
                (m for m, (u, v, r) in enumerate(drawn[:n]) if math.hypot(x - u, y - v) < radius + r + RING_GAP), None
            )
            if near is not None:
                spots[near] = joined = spots[near] + spots.pop(n)
                drawn[near] = (*_middle(joined, place), _radius(joined))
                del drawn[n]
                break
        else:
            return spots


def _middle(here: Sequence[Mapping[str, Any]], place: Any) -> tuple[float, float]:
    placed = [place(point["longitude"], point["latitude"]) for point in here]
    return sum(x for x, _ in placed) / len(here), sum(y for _, y in placed) / len(here)


def _radius(here: Sequence[Any]) -> float:
    return 3.2 if len(here) == 1 else min(5.0 + 1.1 * math.sqrt(len(here)), 11.0)


def _grouped(points: Sequence[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for point in points:
        groups[key(point)].append(point)
    return groups


def _labels(
    areas: Sequence[Mapping[str, Any]],
    place: Any,
    corners_of: Mapping[str, list[list[tuple[float, float]]]],
    numbers_of: Callable[[Mapping[str, Any]], str],
    height: float,
    rings: Sequence[Ring],
) -> list[Label]:
    """Write each area's name, sign and numbers where they can be read."""
    named = [
        (number, area, visible(area["area_name"]))
        for number, area in enumerate(areas, 1)
        if area["label_longitude"] is not None and area["label_latitude"] is not None
    ]
    wishes = [
        Wish(
            place(area["label_longitude"], area["label_latitude"]),
            [[place(*corner) for corner in ring] for ring in corners_of[area["area_id"]]],
            (f"{cut(name, NAME_LENGTH)} {STATUS_SIGNS[area['proposed_status']]}", numbers_of(area)),
            f"{number} {STATUS_SIGNS[area['proposed_status']]}",
        )
        for number, area, name in named
    ]
    spots = label_spots(wishes, [(r.x, r.y, r.radius, r.count) for r in rings], (1.0, 1.0, WIDTH - 1, height - 1))
    return [
        Label(
            round(spot.x, 1),
            round(spot.y, 1),
            str(number) if spot.is_short else cut(name, NAME_LENGTH),
            name,
            "" if spot.is_short else wish.lines[1],
            STATUS_SIGNS[area["proposed_status"]],
            area["is_approximate"],
            None if spot.leader is None else tuple(round(at, 1) for at in spot.leader),  # type: ignore[arg-type]
        )
        for (number, area, name), wish, spot in zip(named, wishes, spots, strict=True)
    ]


def _numbers(area: Mapping[str, Any], formats: Formats, unknown: str) -> str:
    """Return '24 hours / 7 days (normal)', with the normal left out where it is not known."""
    if area["incident_24h_count"] is None and area["incident_7d_count"] is None:
        return f"{UNKNOWN} {unknown}"
    counts = f"{formats.number(area['incident_24h_count'])} / {formats.number(area['incident_7d_count'])}"
    normal = formats.interval(area["normal_low"], area["normal_high"])
    return counts if normal == UNKNOWN else f"{counts} ({normal})"
