"""The page that explains the numbers: nothing on the sheet is without its explanation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from tests.warehouse.publish.page import Page
from tests.warehouse.rows import Town, local, weekly
from warehouse.connection import connect
from warehouse.publish import publish
from warehouse.publish.methods import methods, methods_page
from warehouse.publish.picture_json import picture_schema, read_picture
from warehouse.publish.sheet import render

PROJECT = Path(__file__).resolve().parents[3]


def read(variant: str) -> dict:
    return read_picture(made_up_picture.database(MORNINGS[variant]()))


def links(html: str) -> set[str]:
    return {a["href"] or "" for a in Page(html).all("a")}


def test_every_table_of_the_picture_is_explained_and_names_the_file_that_makes_it() -> None:
    tables = set(picture_schema()["$defs"]) - {"made_with", "query"}
    for language in ("sv", "en"):
        explained = {method.table: method for method in methods(language)}
        assert tables <= set(explained), "a new table needs its row in warehouse/publish/methods.csv"
        for method in explained.values():
            assert method.paragraphs and all(len(text) > 40 for text in method.paragraphs), method.table
            assert method.sql_file and (PROJECT / method.sql_file).is_file(), method.table


@pytest.mark.parametrize("language", ["sv", "en"])
def test_each_number_of_the_sheet_leads_to_its_entry_below_an_explanation(language: str, tmp_path: Path) -> None:
    path = tmp_path / "town.duckdb"
    made_up_picture.database(made_up_picture.ordinary(), path).close()
    made = publish(path, tmp_path / "out", [language])
    printed = {link for link in links(made.sheet.read_text(encoding="utf-8")) if "#q" in link}
    assert len(printed) > 30
    for link in printed:
        name, anchor = link.split("#")
        page = Page((made.sheet.parent / name).read_text(encoding="utf-8"))
        assert [a for _, a in page.elements if a.get("id") == anchor], link
        assert (made.sheet.parent / name).read_text(encoding="utf-8").count(f"lagesbild sql q:{anchor[1:]}<") == 1


@pytest.mark.parametrize("variant", sorted(set(MORNINGS) - {"hostile"}))  # there an id is itself an attack
def test_no_number_a_row_prints_is_left_unexplained_on_any_morning(variant: str) -> None:
    picture = read(variant)
    known = {row["query_id"] for row in picture["query"]}
    listed = [row for table, rows in picture.items() if isinstance(rows, list) and table != "query" for row in rows]
    printed = {row["query_id"] for row in listed if "query_id" in row}
    explained = set(re.findall(r'<article id="q([0-9.]+)"', methods_page(picture).split('id="m-other"')[0]))
    assert printed & known <= explained


def test_of_a_built_town_every_query_has_its_entry_and_its_explanation(tmp_path: Path) -> None:
    town = Town()
    town.heard("guard_a", 371)
    weekly(town, [9, 4, 5, 3, 4, 5, 4, 3])
    town.report("a", local(0, "03:00"), ingested_at=local(0, "05:00"), category="vald.ran", severity_default=4)
    picture = read_picture(connect(town.build(tmp_path).path, read_only=True))
    html = methods_page(picture)
    assert {row["query_id"] for row in picture["query"]} == set(re.findall(r'<article id="q([0-9.]+)"', html))
    assert "Tal som ännu inte är förklarade" not in html


def test_a_query_nobody_explains_is_shown_and_says_so() -> None:
    picture = read("ordinary")
    picture["query"].append({"query_id": "9.9", "section": 9, "title_sv": "Nytt", "title_en": "New", "sql": "SELECT 1"})
    html = methods_page(picture)
    assert "Tal som ännu inte är förklarade" in html and 'id="q9.9"' in html


@pytest.mark.parametrize("variant", sorted(MORNINGS))
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_is_well_formed_asks_for_nothing_and_holds_text_as_text(variant: str, language: str) -> None:
    picture = read(variant)
    page = Page(methods_page(picture, language))
    assert page.faults == page.unclosed == page.comments == []
    assert not set(page.tags()) & {"script", "img", "link", "iframe", "form", "object"}
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name in ("src", "style") for name in attributes)
    allowed = re.compile(r"#[a-z0-9_.-]+|utsattningsblad_[A-Za-z0-9_-]+\.html")
    assert all(allowed.fullmatch(link) for link in links(methods_page(picture, language)))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_the_sheet_and_its_methods_page_lead_to_each_other() -> None:
    picture = read("ordinary")
    (back,) = {link for link in links(methods_page(picture)) if not link.startswith("#")}
    assert back == "utsattningsblad_9999_2026-10-16_0630_TLP-AMBER_sv.html"
    assert "metod_9999_2026-10-16_0630_TLP-AMBER_sv.html" in links(render(picture))
