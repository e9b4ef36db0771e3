"""The sheet of the made-up town, letter by letter.

When the page is meant to change, renew the golden pages, look at them in a browser and in print, and commit
them with the change that made them:

    LAGESBILD_RENEW_GOLDEN=1 python -m pytest tests/warehouse/publish/test_golden.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.warehouse.publish import made_up_picture
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render

GOLDEN = Path(__file__).with_name("golden")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_sheet_is_the_golden_one(language: str) -> None:
    html = render(read_picture(made_up_picture.database(made_up_picture.ordinary())), language)
    golden = GOLDEN / f"ordinary_{language}.html"
    if os.environ.get("LAGESBILD_RENEW_GOLDEN"):
        golden.write_text(html, encoding="utf-8")
        pytest.skip(f"renewed {golden.name}")
    assert html.splitlines() == golden.read_text(encoding="utf-8").splitlines()
