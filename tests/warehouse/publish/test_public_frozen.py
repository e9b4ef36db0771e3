"""Two publications of the same four weeks, and somebody who keeps both and subtracts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.warehouse.publish.page import Page
from tests.warehouse.publish.test_public import COUNTED
from tests.warehouse.rows import Town, local
from warehouse.publish import public
from warehouse.publish.public import publish_public

FROM, UNTIL = date(2026, 10, 5), date(2026, 11, 1)  # the newest whole block on Monday 23 November 2026
STEM = f"oppen_lagesbild_9999_{FROM}_{UNTIL}_TLP-CLEAR"


def town_with(late: int = 0) -> Town:
    """Enough everywhere for nothing to be hidden; ``late`` reports of one block of the table came afterwards."""
    town = Town()
    town.heard("guard_a", 371)
    for area in ("centrum", "norra", None):
        for n in range(20 + (late if area == "centrum" else 0)):
            town.report(f"{area}-{n}", local(49 - n % 28, "14:00"), category="vald.misshandel", area_id=area)
    return town


def published(town: Town, folder: Path, feeds: Sequence[str] = ("guard_a",), languages: Sequence[str] = ("sv",)) -> str:
    files = publish_public(town.build(folder, COUNTED).path, folder / "oppen", folder / "kept", feeds, languages)
    return files["json"].read_text(encoding="utf-8")


def learnt(first: str, second: str) -> list[int]:
    """What who keeps two publications works out: every difference between two printed numbers of one cell."""
    one, two = (json.loads(text) for text in (first, second))
    cells = [(a, b) for rows in zip(one["counts"], two["counts"], strict=False) for a, b in zip(*rows, strict=False)]
    cells.append((one["sensitive_count"], two["sensitive_count"]))
    return [b - a for a, b in cells if a is not None and b is not None and a != b]


def test_who_subtracts_two_publications_of_one_block_learns_nothing_of_a_late_report(tmp_path: Path) -> None:
    first = published(town_with(), tmp_path)
    second = published(town_with(late=1), tmp_path)
    assert learnt(first, second) == [] and second == first
    # The attack works on counts that were made anew, or this test would prove nothing.
    (tmp_path / "elsewhere").mkdir()
    assert 1 in learnt(first, published(town_with(late=1), tmp_path / "elsewhere"))


def test_other_feeds_and_a_page_in_another_language_repeat_the_published_values(tmp_path: Path) -> None:
    first = published(town_with(), tmp_path)
    town = town_with(late=3)
    town.heard("guard_b", 371)
    town.report("b", local(40, "14:00"), source_id="guard_b", category="vald.ran", area_id="norra")
    assert published(town, tmp_path, ("guard_a", "guard_b"), ("sv", "en")) == first
    pages = [Page((tmp_path / "oppen" / f"{STEM}_{x}.html").read_text(encoding="utf-8")).text() for x in ("sv", "en")]
    pages = [page.replace("\N{NO-BREAK SPACE}", " ") for page in pages]
    assert "Talen är låsta som de var mån 23 nov 2026" in pages[0]
    assert "The numbers are locked as they were on Mon 23 Nov 2026" in pages[1]


def test_a_block_stays_locked_where_the_published_folder_was_tidied(tmp_path: Path) -> None:
    first = published(town_with(), tmp_path)
    for path in (tmp_path / "oppen").iterdir():
        path.unlink()
    assert published(town_with(late=2), tmp_path) == first


def test_a_block_that_an_older_program_published_is_locked_as_it_stands(tmp_path: Path) -> None:
    told = json.loads(published(town_with(), tmp_path))
    del told["counted_day"]
    (tmp_path / "oppen" / f"{STEM}.json").write_text(json.dumps(told), encoding="utf-8")
    for path in (tmp_path / "kept").iterdir():
        path.unlink()
    again = json.loads(published(town_with(late=2), tmp_path))
    assert again["counts"] == told["counts"] and again["counted_day"] is None


def test_a_locked_block_that_cannot_be_read_is_never_counted_anew(tmp_path: Path) -> None:
    first = published(town_with(), tmp_path)
    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_text(first[:-40], encoding="utf-8")
    with pytest.raises(ValueError, match=r"locked numbers.*back-up"):
        published(town_with(late=2), tmp_path)
    assert (tmp_path / "oppen" / f"{STEM}.json").read_text(encoding="utf-8") == first


def test_nothing_is_published_that_was_not_locked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    real = public.write_bytes
    monkeypatch.setattr(public, "write_bytes", lambda path, content: (written.append(path), real(path, content)))
    published(town_with(), tmp_path)
    assert written[0].parent.name == "kept" and {path.parent.name for path in written[1:]} == {"oppen"}


def test_four_weeks_without_numbers_are_not_locked(tmp_path: Path) -> None:
    published(Town(), tmp_path)
    assert json.loads(published(town_with(), tmp_path))["counts"][0][0] == 20
