"""The sheet on paper, laid out by a browser: slow, and skipped where no Chromium is installed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, pages
from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from tests.warehouse.publish.made_up_meeting import vma_rows
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to print with")]


@pytest.mark.parametrize("variant", ["ordinary", "empty_town", "dead_feeds"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_an_ordinary_morning_is_one_page_and_one_behind(variant: str, language: str, tmp_path: Path) -> None:
    picture = read_picture(made_up_picture.database(MORNINGS[variant]()))
    assert pages(render(picture, language), tmp_path) == 2


@pytest.mark.parametrize("count", [1, 2, 5])
def test_vma_at_the_top_leaves_the_front_on_one_page(count: int, tmp_path: Path) -> None:
    picture = read_picture(made_up_picture.database(made_up_picture.ordinary() | vma_rows(count)))
    assert pages(render(picture), tmp_path) == 2


@pytest.mark.parametrize("variant", ["crowded", "hostile"])
def test_the_front_is_one_page_on_the_worst_morning(variant: str, tmp_path: Path) -> None:
    picture = read_picture(made_up_picture.database(MORNINGS[variant]()))
    html = render(picture)
    # Without what stands behind, and without the break before it, only the front is left.
    front = re.sub(r'<section class="behind[ "].*</footer>', "", html, flags=re.S).replace("break-after:page", "")
    assert "</footer>" not in front
    assert pages(front, tmp_path) == 1
