"""Every page in a browser: nothing asked for, no overflow on a phone, nothing axe-core objects to. Slow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import AXE, CHROMIUM, overflow, pages, requests, violations
from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from tests.warehouse.rows import Town, local, weekly
from warehouse.connection import connect
from warehouse.publish.methods import methods_page
from warehouse.publish.picture_json import read_picture
from warehouse.publish.public import read_public, render_public
from warehouse.publish.sheet import render
from warehouse.publish.weekly import read_weekly, render_weekly

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: npm install --no-save axe-core")

PAGES = [f"sheet {variant}" for variant in sorted(MORNINGS)] + ["methods", "methods hostile", "week", "public"]


def page_of(kind: str, folder: Path) -> str:
    name, _, variant = kind.partition(" ")
    if name in ("sheet", "methods"):
        picture = read_picture(made_up_picture.database(MORNINGS[variant or "ordinary"]()))
        return render(picture) if name == "sheet" else methods_page(picture)
    town = Town()
    town.heard("guard_a", 371)
    weekly(town, [9, 4, 5, 3, 4, 5, 4, 3])
    for n in range(300):
        area = ("centrum", "norra")[n % 2]
        town.report(f"r{n}", local(1 + n % 80, "21:00"), area_id=area, category="ordning.storning")
    with connect(town.build(folder).path, read_only=True) as connection:
        if name == "week":
            return render_weekly(read_weekly(connection))
        return render_public(read_public(connection, ["guard_a"]))


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_asks_for_nothing_beside_itself(kind: str, tmp_path: Path) -> None:
    assert requests(page_of(kind, tmp_path), tmp_path) == []


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_is_no_wider_than_a_phone_of_320_pixels(kind: str, tmp_path: Path) -> None:
    assert overflow(page_of(kind, tmp_path), tmp_path, 320) <= 0


@needs_axe
@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_nothing_against_wcag_2_2_aa(kind: str, width: int, tmp_path: Path) -> None:
    assert violations(page_of(kind, tmp_path), tmp_path, width) == []


@needs_axe
@pytest.mark.parametrize("width", [320, 1200])
def test_axe_finds_nothing_on_the_darkened_screen(width: int, tmp_path: Path) -> None:
    page = page_of("sheet ordinary", tmp_path).replace('id="dark"', 'id="dark" checked')
    assert violations(page, tmp_path, width) == []
    assert overflow(page, tmp_path, 320) <= 0


def test_the_weeks_picture_is_at_most_four_pages_and_the_public_one_at_most_two(tmp_path: Path) -> None:
    # A town of two areas and one category is one page; a real one has more rows (the made-up town's week is two).
    assert 1 <= pages(page_of("week", tmp_path), tmp_path) <= 4
    (tmp_path / "public").mkdir()
    assert pages(page_of("public", tmp_path / "public"), tmp_path / "public") <= 2


def test_the_checks_themselves_see_a_request_a_wide_page_and_a_fault(tmp_path: Path) -> None:
    bad = '<!DOCTYPE html><html lang="sv"><head><title>t</title></head><body><p>x</p><img src="http://127.0.0.1:9/no.png"></body></html>'
    assert [Path(address).name for address in requests(bad, tmp_path)] == ["no.png"]
    wide = bad.replace("<p>x</p>", '<div style="width:500px">x</div>')
    assert overflow(wide, tmp_path, 320) > 100


@needs_axe
def test_axe_itself_sees_a_picture_without_a_text(tmp_path: Path) -> None:
    page = render(read_picture(made_up_picture.database(MORNINGS["ordinary"]()))).replace(
        "</main>", '<img src="x"></main>'
    )
    assert [found.split(":")[0] for found in violations(page, tmp_path)] == ["image-alt"]
