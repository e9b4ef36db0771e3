"""The counted heights held against a browser's: slow, and skipped where no Chromium is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import CHROMIUM
from tests.chromium import Browser, browser
from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from tests.warehouse.publish.made_up_meeting import vma_rows
from warehouse.publish import sheet
from warehouse.publish.fit import Fit, print_size
from warehouse.publish.fit_behind import FitBehind, _Behind
from warehouse.publish.fit_front import WRITING_LINE, beside_questions, front_height
from warehouse.publish.picture_json import read_picture

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to lay out with")]

#: Millimetres of paper that the front, the page behind and the foot take, whatever the page is made to take.
TAKEN = """(() => {
  document.documentElement.style.overflow = "hidden";  // a scroll bar would take of the width
  const mm = e => e.getBoundingClientRect().height / 96 * 25.4, front = document.querySelector(".front");
  front.style.minHeight = "0";
  return [mm(front), mm(document.querySelector(".behind")), mm(document.querySelector("body footer:last-of-type")) + 2];
})()"""
PAPER = 282.0
ROWS = dict(MORNINGS) | {
    "vma": lambda: made_up_picture.ordinary() | vma_rows(5),
}
#: None is what is chosen.
SETTINGS = (None, Fit(100, 2), Fit(90, 0), Fit(80, 1), Fit(85, 0, True, 3))


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("variant", ROWS)
def test_a_page_is_as_tall_as_was_counted(
    variant: str, language: str, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = read_picture(made_up_picture.database(ROWS[variant]()))
    seen: dict[str, Any] = {}
    behind_size = sheet.behind_size

    def behind(page: dict[str, Any], lists: Any) -> FitBehind:
        seen["behind"], seen["lists"] = behind_size(page, lists), lists
        return seen["behind"]

    monkeypatch.setattr(sheet, "behind_size", behind)
    for setting in SETTINGS:

        def front(page: dict[str, Any], forced: Fit | None = setting) -> Fit:
            seen["page"], seen["fit"] = page, forced or print_size(page)
            return seen["fit"]

        monkeypatch.setattr(sheet, "print_size", front)
        (tmp_path / "page.html").write_text(sheet.render(picture, language), encoding="utf-8")
        chromium.open(tmp_path / "page.html", 718, media="print")
        tall, behind_tall, foot = chromium.run(TAKEN)
        page, fit = seen["page"], seen["fit"]
        parts = {name: part.tightened(fit.front_lines) for name, part in page["meeting"].items()}
        counted = front_height(page, parts, fit.size, is_tight=fit.is_tight)
        counted += max(0, WRITING_LINE * fit.lines * fit.size / 100 - beside_questions(page, parts, fit.size))
        assert tall - 0.5 <= counted <= tall * 1.03 + 4, (setting, tall)
        if setting is None:
            assert tall <= 260 and behind_tall + foot <= PAPER
            counted = _Behind(page, seen["lists"], seen["behind"], {}).height() * seen["behind"].size / 100
            assert behind_tall - 0.5 <= counted <= behind_tall * 1.03 + 10, behind_tall
