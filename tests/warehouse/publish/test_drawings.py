from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import crowded
from warehouse.publish.formats import Formats
from warehouse.publish.heat import SHADES, heat_rows, shade
from warehouse.publish.svg_map import NAME_LENGTH, WIDTH, draw_map
from warehouse.publish.svg_range import WIDTH as BAR
from warehouse.publish.svg_range import range_bar

SV = Formats("sv", ZoneInfo("Europe/Stockholm"))


def areas() -> list[dict]:
    return made_up_picture.ordinary()["map_area"]


def test_north_is_up_and_east_is_right() -> None:
    places = [
        {"latitude": lat, "longitude": lon, "category_sv": "x", "age_days": 0}
        for lat, lon in ((59.21, 17.91), (59.25, 18.0))
    ]
    drawn = draw_map(areas(), places, SV, "okänt")
    assert drawn is not None
    one, other = sorted(drawn.rings, key=lambda ring: ring.x)
    assert other.y < one.y


def test_a_degree_east_is_drawn_shorter_than_a_degree_north() -> None:
    square = {"type": "Polygon", "coordinates": [[[18, 60], [18.1, 60], [18.1, 60.1], [18, 60.1], [18, 60]]]}
    drawn = draw_map([{**areas()[0], "geometry_geojson": json.dumps(square)}], [], SV, "okänt")
    assert drawn is not None
    corners = [tuple(map(float, c.split(","))) for c in drawn.outlines[0].path.strip("MZ").split("L")]
    across = max(x for x, _ in corners) - min(x for x, _ in corners)
    along = max(y for _, y in corners) - min(y for _, y in corners)
    assert across / along == pytest.approx(0.5, abs=0.01)  # cos 60°


def test_everything_is_drawn_inside_the_frame() -> None:
    rows = crowded()
    drawn = draw_map(rows["map_area"], rows["map_point"], SV, "okänt")
    assert drawn is not None
    for label in drawn.labels:
        assert 0 < label.x < WIDTH
        assert 11 <= label.y <= drawn.height
        assert len(label.name) <= NAME_LENGTH
    for ring in drawn.rings:
        assert 0 <= ring.x <= WIDTH
        assert 0 <= ring.y <= drawn.height


def test_no_label_lies_on_another_and_one_without_room_is_a_number() -> None:
    rows = crowded()
    drawn = draw_map(rows["map_area"], [], SV, "okänt")
    assert drawn is not None
    assert drawn.is_numbered
    assert not draw_map(areas(), [], SV, "okänt").is_numbered  # type: ignore[union-attr]
    spots = [(label.x, label.y) for label in drawn.labels if label.numbers]
    for n, (x, y) in enumerate(spots):
        assert not any(abs(x - ox) < 60 and abs(y - oy) < 22 for ox, oy in spots[n + 1 :])


def test_every_incident_inside_the_frame_is_counted_in_a_ring() -> None:
    rows = crowded()
    drawn = draw_map(rows["map_area"], rows["map_point"], SV, "okänt")
    assert drawn is not None
    corners = [c for a in rows["map_area"] for c in json.loads(a["geometry_geojson"])["coordinates"][0]]
    west, east = min(c[0] for c in corners), max(c[0] for c in corners)
    south, north = min(c[1] for c in corners), max(c[1] for c in corners)
    inside = [p for p in rows["map_point"] if west <= p["longitude"] <= east and south <= p["latitude"] <= north]
    assert sum(ring.count for ring in drawn.rings) == len(inside) > 300
    assert len(drawn.rings) < 150


def test_without_an_outline_there_is_no_map() -> None:
    for geometry in (None, "", "{", '{"type":"Point","coordinates":[1,2]}', '{"type":"Polygon","coordinates":[[[1]]]}'):
        assert draw_map([{**areas()[0], "geometry_geojson": geometry}], [], SV, "okänt") is None


def test_an_area_without_counts_says_so() -> None:
    drawn = draw_map(areas(), [], SV, "ingen uppgift")
    assert drawn is not None
    assert next(label for label in drawn.labels if label.name == "Hamnen").numbers == "– ingen uppgift"


def test_a_bar_shows_where_the_count_lies() -> None:
    bar = range_bar(17, 1, 11, 5.6)
    assert bar is not None
    assert bar.is_outside
    assert bar.band_from < bar.expected < bar.band_from + bar.band_width < bar.count < BAR  # type: ignore[operator]


@pytest.mark.parametrize("values", [(None, 1, 2), (1, None, 2), (1, 1, None)])
def test_there_is_no_bar_of_the_unknown(values: tuple[int | None, int | None, int | None]) -> None:
    assert range_bar(*values) is None


def test_a_bar_of_nothing_but_zeros_stays_inside_its_frame() -> None:
    bar = range_bar(0, 0, 0, 0.0)
    assert bar is not None
    assert 0 <= bar.band_from <= bar.band_from + bar.band_width <= BAR
    assert not bar.is_outside


def test_shades_rise_in_equal_steps_and_none_is_none() -> None:
    assert [shade(n, 10) for n in (None, 0, 1, 2, 3, 10)] == [0, 0, 1, 1, 2, SHADES]


def test_a_single_incident_is_not_shaded_as_the_worst_hour() -> None:
    assert shade(1, 1) == 1


def test_a_missing_cell_is_a_dash_and_sums_do_not_drown_the_rows() -> None:
    rows = heat_rows(
        [("a", "A", False), ("all", "Alla", True)], range(2), {("a", 0): 4, ("all", 0): 400, ("all", 1): 40}
    )
    assert rows[0].cells == [("4", 4), ("–", 0)]
    assert rows[1].cells == [("400", 5), ("40", 1)]


def test_an_areas_status_is_read_on_the_map_without_colour() -> None:
    drawn = draw_map(areas(), [], SV, "okänt")
    assert drawn is not None
    signs = {label.name: label.sign for label in drawn.labels}
    assert (signs["Ekby centrum"], signs["Norra Ekby"], signs["Lövhaga"], signs["Hamnen"]) == (
        "▪▪▪▫",
        "▪▪▫▫",
        "▪▫▫▫",
        "",
    )
