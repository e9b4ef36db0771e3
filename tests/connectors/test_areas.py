"""Which area a point lies in, positions in SWEREF 99 TM, and the file the areas are read from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from connectors.areas import GRIDS, Area, areas_of_points, grid_to_wgs84, read_areas

AREAS = [
    Area("a2", "Centrum", "kommundel", None, box(17.0, 59.0, 17.1, 59.1), False),
    Area("a1", "Hamnen", "kommundel", 1200, box(17.1, 59.0, 17.2, 59.1), False),
]


def test_a_point_on_a_shared_border_belongs_to_the_lowest_area_id_in_any_order() -> None:
    for areas in (AREAS, AREAS[::-1]):
        found = areas_of_points(areas, np.array([59.05, 59.0, 59.2]), np.array([17.1, 17.0, 17.1]))
        assert [areas[i].area_id if i >= 0 else None for i in found.tolist()] == ["a1", "a2", None]


def test_a_point_in_a_hole_lies_outside() -> None:
    ring = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    areas = [Area("a", "Ring", "x", None, ring, False)]
    assert areas_of_points(areas, np.array([1.0, 4.0]), np.array([1.0, 4.0])).tolist() == [0, -1]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([58.9, 59.0, 59.04, 59.1, 59.2]),
                          st.sampled_from([16.9, 17.0, 17.03, 17.1, 17.2, 17.3])), max_size=20))  # fmt: skip
def test_many_points_get_the_areas_they_would_get_alone(points: list[tuple[float, float]]) -> None:
    latitudes = np.array([p[0] for p in points])
    longitudes = np.array([p[1] for p in points])
    together = areas_of_points(AREAS, latitudes, longitudes).tolist()
    alone = [
        areas_of_points(AREAS, latitudes[n : n + 1], longitudes[n : n + 1]).tolist()[0] for n in range(len(points))
    ]
    assert together == alone


@pytest.mark.parametrize(
    ("northing", "easting", "latitude", "longitude"),
    [
        (7349217.668, 907351.981, 66.0, 24.0),  # Lantmäteriet's test point
        (6651411.190, 500000.000, 60.0, 15.0),  # the central meridian
        (6581089.408, 674345.071, 59.3325, 18.0649),
    ],
)
def test_sweref_positions_become_degrees(northing: float, easting: float, latitude: float, longitude: float) -> None:
    got = grid_to_wgs84("sweref99tm", np.array([northing]), np.array([easting]))
    assert got[0][0] == pytest.approx(latitude, abs=1e-7)
    assert got[1][0] == pytest.approx(longitude, abs=1e-7)


def test_a_local_zone_is_the_national_grid_without_its_scale() -> None:
    (latitude,), (longitude,) = grid_to_wgs84("sweref99_1800", np.array([6651411.190 / 0.9996]), np.array([150_000.0]))
    assert (latitude, longitude) == (pytest.approx(60.0, abs=1e-7), pytest.approx(18.0, abs=1e-7))


@pytest.mark.parametrize(("latitude", "longitude"), [(60.0, 18.0), (59.15, 18.05), (57.7, 12.0)])
def test_the_old_national_grid_becomes_degrees_to_within_a_metre(latitude: float, longitude: float) -> None:
    # Lantmäteriet's direct projection from RT 90 2.5 gon V to SWEREF 99, which needs no change of ellipsoid.
    direct = pyproj.Proj(
        "+proj=tmerc +lat_0=0 +lon_0=15.80628452944445 +k=1.00000561024 +x_0=1500064.274 +y_0=-667.711 +ellps=GRS80"
    )
    easting, northing = direct(longitude, latitude)
    found = grid_to_wgs84("rt90", np.array([northing]), np.array([easting]))
    assert (found[0][0], found[1][0]) == (pytest.approx(latitude, abs=9e-6), pytest.approx(longitude, abs=1.7e-5))


@pytest.mark.parametrize("grid", [name for name in GRIDS if name.startswith("sweref99_")])
def test_each_local_zone_has_its_origin_on_the_meridian_it_is_named_by(grid: str) -> None:
    degrees, minutes = int(grid[-4:-2]), int(grid[-2:])
    (latitude,), (longitude,) = grid_to_wgs84(grid, np.array([6_500_000.0]), np.array([150_000.0]))
    assert longitude == pytest.approx(degrees + minutes / 60, abs=1e-7)
    assert 58 < latitude < 59


def test_an_unusable_sweref_position_becomes_nan_and_not_infinity() -> None:
    latitudes, longitudes = grid_to_wgs84("sweref99tm", np.array([float("nan"), 1e30]), np.array([674032.0, 1e30]))
    assert np.isnan(latitudes).all()
    assert np.isnan(longitudes).all()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"type": "FeatureCollection"}', '{"type": "FeatureCollection", "features": []}']
)
def test_an_area_file_that_cannot_be_read_is_a_fault_and_not_a_crash(tmp_path: Path, text: str) -> None:
    (tmp_path / "areas.geojson").write_text(text, encoding="utf-8")
    assert read_areas(tmp_path / "areas.geojson")[1]


def test_an_absent_area_file_is_a_fault(tmp_path: Path) -> None:
    assert read_areas(tmp_path / "absent.geojson")[1]


@pytest.mark.feeds
def test_the_reference_cases_of_geography_come_out_as_written(feeds_folder: Path) -> None:
    path = feeds_folder.parent / "reference" / "08_geography.json"
    if not path.is_file():
        pytest.skip("the reference cases are not beside the project")
    seen = 0
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
        given_, expected = case["inputs"], case["expected"]
        if case["method"] == "wgs84_to_sweref99tm":
            latitudes, longitudes = grid_to_wgs84("sweref99tm", np.array([expected["N"]]), np.array([expected["E"]]))
            assert latitudes[0] == pytest.approx(given_["lat"], abs=1e-7)  # a centimetre
            assert longitudes[0] == pytest.approx(given_["lon"], abs=2e-7)
        elif case["method"] == "point_in_polygon":
            areas = [Area(k, k, "x", None, Polygon(v), False) for k, v in given_["polygons"].items()]
            x, y = np.array(given_["points"], dtype=float).T
            found_ids = [areas[i].area_id if i >= 0 else None for i in areas_of_points(areas, y, x).tolist()]
            assert found_ids == ["A", "B", "A", None, "A"]
        else:
            continue
        seen += 1
    assert seen == 6
