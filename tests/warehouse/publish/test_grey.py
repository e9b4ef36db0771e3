"""The sheet in grey, as a printer or a reader without colour sight has it, measured in a browser's pixels. Slow."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from tests.browser import CHROMIUM
from tests.chromium import Browser, browser
from tests.grey import Grey, boxes, grey, weak_texts
from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import crowded
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")]
STATUSES = ("rod", "orange", "gul", "gron", "okand")
#: How a page is looked at: medium, width, dark by preference, dark by the switch.
LOOKS = {
    "paper": ("print", 718, False, False),
    "screen": ("", 1100, False, False),
    "phone": ("", 320, False, False),
    "dark reader": ("", 1100, True, False),
    "projector": ("", 1100, False, True),
}
#: Nothing but the areas.
BARE = "document.head.insertAdjacentHTML('beforeend', '<style>.labels,.rings,.leaders{display:none}</style>')"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ordinary morning with every status of area, feed, verdict and change on it."""
    rows = made_up_picture.ordinary()
    for table in ("area_status", "map_area"):
        for n, row in enumerate(rows[table]):
            row["proposed_status"] = STATUSES[n % 5]
    for n, row in enumerate(rows["deviation"]):
        row["verdict"] = ("signal", "watch", "fall", "severe")[n % 4]
    for n, row in enumerate(rows["event"]):
        row["change_kind"] = ("new", "changed", "returned", "withdrawn")[n % 4]
    for n, row in enumerate(rows["source"]):
        row["status"] = ("fresh", "late", "down", "never")[n % 4]
    file = tmp_path_factory.mktemp("grey") / "sheet.html"
    file.write_text(render(read_picture(made_up_picture.database(rows))), encoding="utf-8")
    return file


def looked_at(chromium: Browser, page: Path, look: str) -> None:
    media, width, is_dark, is_switched = LOOKS[look]
    chromium.open(page, width, is_dark=is_dark, media=media)
    if is_switched:
        chromium.run("document.getElementById('dark').click()")


@pytest.mark.parametrize("look", LOOKS)
def test_every_text_stands_out_from_its_ground_in_grey(look: str, chromium: Browser, page: Path) -> None:
    looked_at(chromium, page, look)
    assert weak_texts(chromium) == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("look", ["paper", "projector"])
def test_a_full_mornings_texts_stand_out_too(look: str, chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "full.html").write_text(render(read_picture(made_up_picture.database(crowded()))), encoding="utf-8")
    looked_at(chromium, tmp_path / "full.html", look)
    assert weak_texts(chromium) == []


@pytest.mark.parametrize("look", ["paper", "screen"])
def test_each_status_has_a_word_or_sign_of_its_own(look: str, chromium: Browser, page: Path) -> None:
    looked_at(chromium, page, look)
    for selector, kinds in ((".level", 5), (".sources .state", 4), (".verdict", 4), (".events .change", 4)):
        said: dict[str, set[str]] = {}
        for box in boxes(chromium, selector):
            kind = box["kind"] if selector != ".sources .state" else box["text"]
            said.setdefault(box["text"], set()).add(kind)
        assert len(said) == kinds and all(len(found) == 1 for found in said.values()), (selector, said)


def grain(chromium: Browser) -> dict[str, tuple[float, float, float]]:
    """Of the middle of an area of each status: the share of marked pixels, of rows and of columns with one."""
    chromium.run(BARE)
    scale = 4
    picture = grey(chromium, scale)
    found = {}
    areas = boxes(chromium, ".area")
    for area in areas:
        x, y = (area["left"] + area["right"]) / 2 * scale, (area["top"] + area["bottom"]) / 2 * scale
        found.setdefault(
            area["kind"].rpartition("-")[2], told(picture[int(y) - 40 : int(y) + 40, int(x) - 40 : int(x) + 40])
        )
    return found


def told(patch: Grey) -> tuple[float, float, float]:
    counts, edges = np.histogram(patch, bins=64, range=(0, 1))
    ground = edges[counts.argmax()]
    dark, light = np.minimum(patch, ground), np.maximum(patch, ground)
    marked = (light + 0.05) / (dark + 0.05) > 1.6
    return float(marked.mean()), float(marked.any(axis=1).mean()), float(marked.any(axis=0).mean())


def alike(grains: dict[str, tuple[float, float, float]]) -> list[tuple[str, str]]:
    """Statuses whose areas cannot be told apart by their marks."""
    return [
        (one, other)
        for one, other in combinations(grains, 2)
        if max(abs(a - b) for a, b in zip(grains[one], grains[other], strict=True)) < 0.08
    ]


@pytest.mark.parametrize("look", ["paper", "screen", "projector"])
def test_areas_of_different_status_differ_by_their_marks_and_not_by_colour_alone(
    look: str, chromium: Browser, page: Path
) -> None:
    looked_at(chromium, page, look)
    grains = grain(chromium)
    assert set(grains) == set(STATUSES)
    assert alike(grains) == [], grains


def test_the_checks_themselves_see_colour_alone_and_a_faint_text(chromium: Browser, page: Path, tmp_path: Path) -> None:
    plain = page.read_text(encoding="utf-8").replace('fill="url(#grain-', 'data-fill="url(#grain-')
    (tmp_path / "plain.html").write_text(plain.replace('class="grain"', 'class="grain" fill="none"'), encoding="utf-8")
    looked_at(chromium, tmp_path / "plain.html", "paper")
    assert len(alike(grain(chromium))) == 10
    faint = page.read_text(encoding="utf-8").replace("--soft:#4c5b68", "--soft:#9aa5ae")
    (tmp_path / "faint.html").write_text(faint, encoding="utf-8")
    looked_at(chromium, tmp_path / "faint.html", "screen")
    assert len(weak_texts(chromium)) > 10
