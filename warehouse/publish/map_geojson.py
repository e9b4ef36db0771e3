"""The map as GeoJSON (RFC 7946): the same areas and points that the sheet draws, for a map program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from warehouse.publish.svg_map import outline_rings

_AREA = (
    "area_name",
    "incident_24h_count",
    "incident_7d_count",
    "normal_low",
    "normal_high",
    "proposed_status",
    "is_approximate",
)
_POINT = ("category_sv", "category_en", "severity", "age_days")


def map_geojson(picture: Mapping[str, Any]) -> bytes:
    """Return the picture's map as a FeatureCollection in UTF-8, degrees in WGS 84, areas before points.

    ``kind`` of a feature is 'area' or 'point'. An area without an outline that can be drawn has no geometry; no
    centroid stands in for it; ``warning_level`` is the gravest of SMHI's that meets it today or within three days, null
    where none does or none is known. Label, moment and hash of the picture stand beside the features.
    """
    head = picture["head"]
    features = [
        {
            "type": "Feature",
            "id": row["area_id"],
            "geometry": json.loads(row["geometry_geojson"]) if any(outline_rings(row["geometry_geojson"])) else None,
            "properties": {
                "kind": "area",
                **{name: row[name] for name in _AREA},
                "warning_level": _level_of(picture, row["area_id"]),
            },
        }
        for row in picture["map_area"]
    ] + [
        {
            "type": "Feature",
            "id": row["report_id"],
            "geometry": {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]},
            "properties": {"kind": "point", **{name: row[name] for name in _POINT}},
        }
        for row in picture["map_point"]
    ]
    collection = {
        "type": "FeatureCollection",
        "picture_hash": picture["picture_hash"],
        "tlp": head["tlp"],
        "moment_at": head["moment_at"],
        "features": features,
    }
    return (json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode()


def _level_of(picture: Mapping[str, Any], area_id: str) -> str | None:
    """The gravest level of the warnings that meet an area; they stand gravest first, unknown levels before them."""
    levels = (row["warning_level"] for row in picture["warning"] if area_id in row["area_ids"].split(","))
    return next((level for level in levels if level), None)
