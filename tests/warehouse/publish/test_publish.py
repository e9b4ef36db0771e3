from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import warehouse.publish
from tests.warehouse.publish import made_up_picture, made_up_rows
from tests.warehouse.publish.hostile_morning import hostile
from tests.warehouse.publish.page import Page
from warehouse.publish import publish, published_back
from warehouse.publish.minimal import render_minimal
from warehouse.publish.picture_json import read_picture


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "town.duckdb"
    made_up_picture.database(made_up_picture.ordinary(), path).close()
    return path


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_files_carry_day_time_label_and_language_in_their_names(database: Path, tmp_path: Path) -> None:
    published = publish(database, tmp_path / "out", ["sv", "en"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "latest.html",
        "latest_en.html",
        "metod_9999_2026-10-16_0630_TLP-AMBER_en.html",
        "metod_9999_2026-10-16_0630_TLP-AMBER_sv.html",
        "picture_9999_2026-10-16_0630_TLP-AMBER.json",
        "underlag_9999_2026-10-16_0630_TLP-AMBER",
        "utsattningsblad_9999_2026-10-16_0630_TLP-AMBER_en.html",
        "utsattningsblad_9999_2026-10-16_0630_TLP-AMBER_sv.html",
    ]
    assert published.sheet.name.endswith("_sv.html")
    assert published.latest.read_bytes() == published.sheet.read_bytes()
    assert json.loads(published.picture_json.read_bytes())["picture_hash"] == published.picture_hash
    assert published.picture_hash in published.sheet.read_text(encoding="utf-8")
    assert not published.is_degraded


def test_publishing_twice_gives_the_same_bytes(database: Path, tmp_path: Path) -> None:
    first = _files(publish(database, tmp_path / "a").sheet.parent)
    second = _files(publish(database, tmp_path / "b").sheet.parent)
    assert first == second


def test_a_page_that_cannot_be_rendered_becomes_a_plain_one(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise KeyError("a payload text")

    monkeypatch.setattr(warehouse.publish, "render", broken)
    published = publish(database, tmp_path / "out", ["sv", "en"])
    assert published.degraded == {"sv": "KeyError", "en": "KeyError"}
    text = Page(published.sheet.read_text(encoding="utf-8")).text()
    assert "Förenklad sida" in text
    assert "TLP:AMBER" in text
    assert "Misshandel" in text
    assert published.picture_hash in text
    assert published.latest.read_bytes() == published.sheet.read_bytes()


def test_the_plain_page_takes_a_picture_that_lacks_anything() -> None:
    for picture in ({}, {"head": None, "source": [None, {}], "event": "x"}):
        page = Page(render_minimal(picture, "en"))
        assert page.unclosed == page.faults == []
        assert "nothing" in page.text()


def test_the_plain_page_holds_hostile_text_as_text() -> None:
    picture = read_picture(made_up_picture.database(hostile()))
    html = render_minimal(picture, "sv")
    page = Page(html)
    assert page.faults == page.unclosed == page.comments == []
    assert not set(page.tags()) & {"script", "img", "svg", "a"}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "://" not in html


def test_a_failed_write_leaves_the_old_page_and_no_part_behind(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = publish(database, tmp_path / "out")
    before = _files(tmp_path / "out")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("warehouse.files.sync", full)
    with pytest.raises(OSError, match="No space left"):
        publish(database, tmp_path / "out")
    assert _files(tmp_path / "out") == before
    assert published.sheet.is_file()


def test_a_name_in_the_data_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    rows = made_up_picture.ordinary()
    rows["head"][0]["municipality_code"] = "../../etc/x"
    made_up_picture.database(rows, tmp_path / "d.duckdb").close()
    published = publish(tmp_path / "d.duckdb", tmp_path / "out")
    assert published.sheet.parent == tmp_path / "out"
    assert published.sheet.name == "utsattningsblad_etc-x_2026-10-16_0630_TLP-AMBER_sv.html"


def test_no_language_is_refused(database: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one language"):
        publish(database, tmp_path, [])


def test_a_picture_of_the_past_is_published_beside_the_latest_and_not_over_it(database: Path, tmp_path: Path) -> None:
    published = publish(database, tmp_path / "out")
    before = published.latest.read_bytes()
    rows = made_up_picture.ordinary()
    moment = made_up_rows.MOMENT - timedelta(days=7)
    rows["head"][0].update(moment_at=moment, local_day=moment.date())
    made_up_picture.database(rows, tmp_path / "past.duckdb").close()
    past = publish(tmp_path / "past.duckdb", tmp_path / "out")
    assert past.sheet.is_file()
    assert published.latest.read_bytes() == before
    newest, older = published_back(tmp_path / "out")
    assert newest == (datetime(2026, 10, 16, 4, 30, tzinfo=UTC), published.picture_json)
    assert older == (moment, past.picture_json)


def test_nothing_is_published_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert not list(published_back(tmp_path / "nowhere"))
