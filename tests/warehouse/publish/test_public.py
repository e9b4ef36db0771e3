"""The public version: what it counts, what it hides, and what never gets there."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.warehouse.publish.page import Page
from tests.warehouse.rows import TODAY, Town, local
from warehouse import publish
from warehouse.connection import connect
from warehouse.publish.hiding import bounds
from warehouse.publish.public import (
    LIMIT,
    PublicPicture,
    public_schema,
    publish_public,
    read_public,
    render_public,
)

#: Monday 23 November 2026: the blocks of four weeks begin on Mondays, the newest whole one on 5 October.
FROM, UNTIL = date(2026, 10, 5), date(2026, 11, 1)


#: The query that counts, which names the tables it needs.
COUNTED = (Path(publish.__file__).parent / "public_count.sql").read_text(encoding="utf-8")


def ago(day: date) -> int:
    return (TODAY - day).days


@pytest.fixture
def town() -> Town:
    town = Town()
    for source in ("guard_a", "guard_b"):
        town.heard(source, 371)
    return town


def fill(town: Town, count: int, name: str, **values: object) -> None:
    for n in range(count):
        town.report(f"{name}-{n}", local(ago(FROM) - n % 28, "14:00"), **values)


def elsewhere(town: Town, **values: object) -> None:
    """Enough in the other areas: noughts there would be hidden, and the one large count with them."""
    for area in ("norra", None):
        fill(town, 20, f"{area}{len(values)}", category="ordning.storning", area_id=area, **values)


def read(town: Town, folder: Path, feeds: tuple[str, ...] = ("guard_a",)) -> PublicPicture:
    return read_public(connect(town.build(folder, COUNTED).path, read_only=True), feeds)


def cell(picture: PublicPicture, area: str | None, family: str) -> int | None:
    return picture.counts[picture.areas.index(area)][picture.families.index(family)]


def test_it_counts_four_whole_weeks_that_are_at_least_three_days_old(town: Town, tmp_path: Path) -> None:
    for name, day in (
        ("before", FROM - timedelta(1)),
        ("first", FROM),
        ("last", UNTIL),
        ("after", UNTIL + timedelta(1)),
    ):
        for n in range(6):
            town.report(f"{name}{n}", local(ago(day), "12:00"), category="ordning.storning", area_id="centrum")
    elsewhere(town)
    picture = read(town, tmp_path)
    assert (picture.from_day, picture.until_day) == (FROM, UNTIL)
    assert cell(picture, "Centrum", "ordning") == 12


def test_what_an_owner_did_not_agree_to_is_not_counted_unless_it_is_labelled_clear(town: Town, tmp_path: Path) -> None:
    shared = {"category": "ordning.storning", "area_id": "centrum"}
    fill(town, 9, "agreed", source_id="guard_a", **shared)
    fill(town, 30, "not", source_id="guard_b", **shared)
    fill(town, 7, "clear", source_id="guard_b", tlp="TLP:CLEAR", **shared)
    elsewhere(town)
    elsewhere(town, source_id="guard_b", tlp="TLP:CLEAR")
    assert cell(read(town, tmp_path), "Centrum", "ordning") == 16
    assert cell(read(town, tmp_path, ()), "Centrum", "ordning") == 7


def test_the_polices_notices_are_not_counted_even_where_they_are_named(town: Town, tmp_path: Path) -> None:
    fill(town, 20, "notice", source_id="polisen_events", municipality_code="9999", tlp="TLP:CLEAR")
    picture = read(town, tmp_path, ("polisen_events", "guard_a"))
    assert all(n is None for row in picture.counts for n in row)


def test_small_counts_and_what_would_give_them_away_are_hidden(town: Town, tmp_path: Path) -> None:
    fill(town, 2, "few", category="vald.misshandel", area_id="centrum")
    fill(town, 20, "b", category="ordning.storning", area_id="centrum")
    fill(town, 15, "c", category="vald.misshandel", area_id="norra")
    fill(town, 30, "d", category="ordning.storning", area_id="norra")
    picture = read(town, tmp_path)
    assert cell(picture, "Centrum", "vald") is None
    low, high = bounds(picture.counts, (0, picture.families.index("vald")))
    assert low == 0 and (high is None or high >= LIMIT)
    text = Page(render_public(picture)).text()
    assert "dolt" in text and "Antal under 5 är dolda" in text


def test_a_kind_with_fewer_than_five_is_named_no_more_than_one_with_none(town: Town, tmp_path: Path) -> None:
    """A column of its own would say that there was at least one, and its absence that there was none."""
    for area in ("centrum", "norra", None):
        fill(town, 20, f"{area}", category="ordning.storning", area_id=area)
    (tmp_path / "none").mkdir()
    without = read(town, tmp_path / "none")
    fill(town, LIMIT - 1, "few", category="tillgrepp.stold", area_id="centrum")
    assert read(town, tmp_path) == without and without.counts[-1] == (60, 60)
    assert "Slag med färre än 5 händelser i hela kommunen är inte med i tabellen" in Page(render_public(without)).text()


def test_a_kind_with_five_is_named(town: Town, tmp_path: Path) -> None:
    fill(town, LIMIT, "enough", category="tillgrepp.stold", area_id="centrum")
    elsewhere(town)
    assert read(town, tmp_path).families == ("ordning", "tillgrepp")


def test_a_sensitive_incident_has_no_area_no_kind_and_no_place(town: Town, tmp_path: Path) -> None:
    fill(town, 8, "sensitive", category="vald.sexualbrott", area_id=None, location_precision="kommun")
    fill(town, 40, "other", category="ordning.storning", area_id="centrum", place_id="torget", place_text="Torget")
    picture = read(town, tmp_path)
    assert "vald" not in picture.families and picture.sensitive_count == 8
    html = render_public(picture)
    for said in ("Sexualbrott", "Torget", "report", "guard_a"):
        assert said not in html


def test_fewer_than_five_sensitive_ones_are_not_told(town: Town, tmp_path: Path) -> None:
    fill(town, 4, "sensitive", category="vald.sexualbrott", area_id=None, location_precision="kommun")
    assert read(town, tmp_path).sensitive_count is None


def test_four_weeks_nobody_was_heard_about_show_no_numbers(tmp_path: Path) -> None:
    html = render_public(read(Town(), tmp_path))
    assert "Ingen av källorna hördes" in html and "<table" not in html


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_files_are_whole_labelled_and_hold_the_hidden_as_null(town: Town, language: str, tmp_path: Path) -> None:
    fill(town, 12, "a", category="ordning.storning", area_id="centrum")
    elsewhere(town)
    files = publish_public(
        town.build(tmp_path, COUNTED).path, tmp_path / "out", tmp_path / "kept", ["guard_a"], [language]
    )
    assert files[language].name == f"oppen_lagesbild_9999_2026-10-05_2026-11-01_TLP-CLEAR_{language}.html"
    page = Page(files[language].read_text(encoding="utf-8"))
    assert page.faults == page.unclosed == page.comments == []
    assert not set(page.tags()) & {"script", "img", "form", "iframe"}
    told = json.loads(files["json"].read_bytes())
    Draft202012Validator(public_schema(), format_checker=FormatChecker()).validate(told)
    assert json.loads((tmp_path / "out" / "oppen_lagesbild.schema.json").read_bytes()) == public_schema()
    assert told["counts"] == [[12, 12], [20, 20], [20, 20], [52, 52]]
    assert not re.search(r"report_id|place|latitude|note", files["json"].read_text(encoding="utf-8"))


def test_a_name_of_an_area_is_text(town: Town, tmp_path: Path) -> None:
    fill(town, 12, "a", category="ordning.storning", area_id="centrum")
    picture = read(town, tmp_path)
    hostile = PublicPicture(**{**vars(picture), "areas": ("<script>x</script>", *picture.areas[1:])})
    assert set(Page(render_public(hostile)).tags()) == set(Page(render_public(picture)).tags())
