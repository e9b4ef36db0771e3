from __future__ import annotations

import json
import math
from zoneinfo import ZoneInfo

import pytest

from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import crowded
from warehouse.publish.formats import Formats
from warehouse.publish.heat import SHADES, heat_rows, shade
from warehouse.publish.svg_map import NAME_LENGTH, WIDTH, Label, draw_map
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


def box_of(label: Label) -> tuple[float, float, float, float]:
    """The frame of a drawn label by the mean width of a letter."""
    lines = [f"{label.name} {label.sign}", label.numbers] if label.numbers else [f"{label.name} {label.sign}"]
    half = max(map(len, lines)) * 11 * 0.56 / 2
    return label.x - half, label.y - 9, label.x + half, label.y + (12 if label.numbers else 2)


def dense_town() -> tuple[list[dict], list[dict]]:
    """The made-up town with sixty incidents, most of them at a few neighbouring spots of two areas."""
    spots = [(0.0009 * (n % 7), 0.0013 * (n % 5)) for n in range(60)]
    place = {"category_sv": "x", "category_en": "x", "age_days": 2}
    points = [{**place, "latitude": 59.208 + dy, "longitude": 17.94 + dx} for dy, dx in spots]
    return areas(), points


def test_no_number_on_the_map_is_covered_by_a_label_or_a_ring() -> None:
    drawn = draw_map(*dense_town(), SV, "okänt")
    assert drawn is not None and not drawn.is_numbered
    boxes = [box_of(label) for label in drawn.labels]
    for n, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[n + 1 :]:
            assert not (left < other[2] and right > other[0] and top < other[3] and bottom > other[1])
        for ring in drawn.rings:
            if ring.count > 1:
                assert not (
                    left < ring.x + ring.radius and right > ring.x - ring.radius
                    and top < ring.y + ring.radius and bottom > ring.y - ring.radius
                ), drawn.labels[n].name  # fmt: skip
    for n, ring in enumerate(drawn.rings):
        assert all(
            math.hypot(ring.x - other.x, ring.y - other.y) >= ring.radius + other.radius for other in drawn.rings[:n]
        )
    assert sum(ring.count for ring in drawn.rings) == 60


def test_a_label_that_had_to_leave_its_area_is_led_back_to_it() -> None:
    # A small area whose own middle is taken by a numbered ring, inside a large one.
    def block(west: float, east: float, south: float, north: float) -> str:
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return json.dumps({"type": "Polygon", "coordinates": [ring]})

    small, large = areas()[:2]
    small = {**small, "geometry_geojson": block(18.2, 18.21, 59.25, 59.255)}
    large = {**large, "geometry_geojson": block(18.0, 18.4, 59.2, 59.3)}
    rows = [
        {**small, "label_longitude": 18.205, "label_latitude": 59.2525},
        {**large, "label_longitude": 18.1, "label_latitude": 59.22},
    ]
    point = {"latitude": 59.2525, "longitude": 18.205, "category_sv": "x", "age_days": 1}
    drawn = draw_map(rows, [point] * 5, SV, "okänt")
    assert drawn is not None
    led, own = drawn.labels
    assert own.leader is None and led.leader is not None
    (ring,) = drawn.rings
    assert math.hypot(led.leader[0] - ring.x, led.leader[1] - ring.y) < 1
    left, top, right, bottom = box_of(led)
    assert left - 6 <= led.leader[2] <= right + 6 and top - 6 <= led.leader[3] <= bottom + 6


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
