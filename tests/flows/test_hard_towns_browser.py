"""The hard towns in a browser: two pages of paper, nothing spilled, cut or asked for, nothing against WCAG. Slow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import AXE, CHROMIUM, pages_of
from tests.chromium import Browser, browser
from tests.flows.hard_town_plans import PLANS, made

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: npm install --no-save axe-core")
SHEETS, OTHERS = ("sv", "en"), ("methods", "weekly", "public")
WIDTHS = (320, 1100)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.mark.parametrize("name", PLANS)
def test_the_sheet_is_one_page_and_one_behind_whatever_the_town(name: str, chromium: Browser) -> None:
    for language in SHEETS:
        chromium.open(made(name).pages[language])
        assert pages_of(chromium.pdf()) == 2, language
        chromium.open(made(name).pages[language], 718, media="print")  # an A4 less its margins
        assert chromium.spilled() == [], language


@pytest.mark.parametrize("name", PLANS)
def test_no_page_is_wider_than_its_screen_and_nothing_stands_outside_its_section(name: str, chromium: Browser) -> None:
    for kind in (*SHEETS, *OTHERS):
        for width in WIDTHS:
            chromium.open(made(name).pages[kind], width)
            assert chromium.run("document.documentElement.scrollWidth") <= width, (kind, width)
            assert chromium.spilled() == [], (kind, width)
        assert chromium.requests() == [], kind


@needs_axe
@pytest.mark.parametrize("name", PLANS)
def test_axe_finds_nothing_against_wcag_on_any_page_of_any_town(name: str, chromium: Browser) -> None:
    for kind, widths in (("sv", WIDTHS), ("en", (1100,)), ("methods", (320,)), ("weekly", WIDTHS), ("public", WIDTHS)):
        for width in widths:
            chromium.open(made(name).pages[kind], width)
            assert chromium.violations() == [], (kind, width)
    chromium.open(made(name).pages["sv"], 320)
    chromium.run("document.getElementById('dark').click()")
    assert chromium.violations() == [], "darkened"


def test_the_checks_themselves_see_a_spilled_text_and_a_cut_warning(chromium: Browser, tmp_path: Path) -> None:
    page = made("dead").html()
    wide = page.replace('<span class="lead lead-warned">', '<span class="lead lead-warned" style="width:4px">')
    (tmp_path / "cut.html").write_text(wide, encoding="utf-8")
    chromium.open(tmp_path / "cut.html", 718, media="print")
    assert any("lead-warned" in found for found in chromium.spilled())
    (tmp_path / "wide.html").write_text(page.replace('<p class="none">', '<p class="none" style="width:3000px">'))
    chromium.open(tmp_path / "wide.html", 1100)
    assert any("none" in found for found in chromium.spilled())
