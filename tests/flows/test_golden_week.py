"""The made-up town's week as a coordinator reads it, line by line: for a person to read when it changes.

A change here is a change of what the meeting is told. Renew, read the difference, and commit it with what made it:

    LAGESBILD_RENEW_GOLDEN=1 python -m pytest -n 0 tests/flows/test_golden_week.py           # the demo's day and week
    LAGESBILD_RENEW_GOLDEN=1 python -m pytest -n 0 -m slow tests/flows/test_golden_week.py   # seven mornings
"""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from flows.make_picture import make_picture
from flows.opened import open_settings
from flows.store import Run, Store
from tests.flows.read_aloud import read_aloud
from warehouse.publish.weekly import publish_weekly

GOLDEN = Path(__file__).with_name("golden")


def compare(told: str, name: str) -> None:
    golden = GOLDEN / name
    if os.environ.get("LAGESBILD_RENEW_GOLDEN"):
        golden.write_text(told, encoding="utf-8")
        return
    assert told.splitlines() == golden.read_text(encoding="utf-8").splitlines(), (
        f"{name}: how to renew it is said above"
    )


def test_the_demos_day_is_the_golden_one(demo: Store) -> None:
    (sheet,) = demo.published.glob("utsattningsblad_*_sv.html")
    told = read_aloud(sheet.read_text(encoding="utf-8"), until="Tabeller bakom")
    assert told.count("\n") < 100, "too long to be read in a review"
    compare(told, "lindvik_first_day.txt")


def test_the_demos_week_is_the_golden_one(demo: Store, tmp_path: Path) -> None:
    page = publish_weekly(demo.database, tmp_path)["sv"].read_text(encoding="utf-8")
    told = read_aloud(page, until="Så är bilden gjord")
    assert told.count("\n") < 140, "too long to be read in a review"
    compare(told, "lindvik_week.txt")


@pytest.mark.slow
def test_each_of_the_seven_mornings_is_the_golden_one(demo: Store, tmp_path: Path) -> None:
    """Made in their order, each compared with the morning before it, as a house would have had them."""
    shutil.copytree(demo.folder, tmp_path / "data")
    settings, store = open_settings("lindvik"), Store.at(tmp_path / "data")
    assert settings.demo_moment
    store.pictures.unlink()
    for ago in range(6, -1, -1):
        moment = settings.demo_moment - timedelta(days=ago)
        result = make_picture(store, settings, Run.start(), moment, database=tmp_path / "morning.duckdb")
        assert result.sheet and not result.is_minimal, result.fault
        told = read_aloud(result.sheet.read_text(encoding="utf-8"), until="Tabeller bakom")
        assert ("Första bilden" in told) == (ago == 6) and told.count("\n") < 100
        compare(told, f"lindvik_{moment.astimezone(settings.timezone):%Y-%m-%d}.txt")


def test_what_is_read_aloud_is_what_stands_on_the_page() -> None:
    page = (
        "<style>x</style><h2>1 Källor</h2><table><caption>c</caption><tr><th>Vakt</th><td><strong>3</strong>"
        '<sup><a href="#">q1.1</a></sup></td><td>–</td></tr></table>'
        "<p>Slut<code>abc</code>.</p><h2>Bakom</h2><p>mer</p>"
    )
    assert read_aloud(page, until="Bakom") == "## 1 Källor\nVakt | 3[q1.1] | –\nSlut .\n"
