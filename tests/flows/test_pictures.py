"""A published picture can be made again, byte for byte, whatever came later; and says so, or why it is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows import pictures
from flows.cli import main
from flows.store import Store
from tests.flows.made_up_nights import read_nights

TOWN = Path(__file__).resolve().parents[2] / "flows" / "municipality" / "lindvik"


@pytest.fixture(scope="module")
def published_once(tmp_path_factory) -> Path:
    """A town of three nights with one published picture; each test works on a copy."""
    folder = tmp_path_factory.mktemp("published")
    read_nights(folder / "data", 1, 3)
    shutil.copytree(TOWN, folder / "lindvik")
    words = ["--settings", str(folder / "lindvik"), "--data", str(folder / "data")]
    assert main(["picture", *words]) == 0
    return folder


@pytest.fixture
def town(published_once, tmp_path, monkeypatch, capsys) -> Path:
    for name in ("data", "lindvik"):
        shutil.copytree(published_once / name, tmp_path / name)
    monkeypatch.setenv("LAGESBILD_SETTINGS", str(tmp_path / "lindvik"))
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    capsys.readouterr()
    return tmp_path


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def change_settings(town: Path) -> None:
    edit(town / "lindvik" / "areas.geojson", "Lindviks centrum", "Nya centrum")
    edit(town / "lindvik" / "places.csv", ",Stortorget,", ",Stora torget,")


def made_again(town: Path, capsys, minutes: int = 0) -> dict:
    record = pictures.records(Store.at(town / "data"))[0]
    local = record.moment_at.astimezone(ZoneInfo("Europe/Stockholm"))
    capsys.readouterr()
    assert main(["picture", "--at", f"{local:%Y-%m-%d %H:%M}", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*_9901_*")}


def test_a_picture_is_made_again_byte_for_byte_whatever_came_later(town, capsys):
    published = town / "data" / "published"
    before = bytes_of(published)
    assert len(before) == 2
    change_settings(town)
    read_nights(town / "data", 4, 5)  # an archive of earlier times, landed later; it corrects what was known
    assert main(["lake", "compact"]) == 0
    shutil.rmtree(published)
    told = made_again(town, capsys)
    assert told["verdict"].startswith("identical to the picture published then")
    assert bytes_of(published) == before


def test_the_one_that_was_published_is_not_written_over(town, capsys):
    published = town / "data" / "published"
    before = {path: path.stat().st_mtime_ns for path in published.glob("*_9901_*")}
    told = made_again(town, capsys)
    assert Path(told["sheet"]).parent == published / "again"
    assert before == {path: path.stat().st_mtime_ns for path in published.glob("*_9901_*")}
    assert bytes_of(published / "again") == bytes_of(published)


def test_a_difference_is_told_with_its_reason(town, capsys):
    store = Store.at(town / "data")
    line = json.loads(store.pictures.read_text())
    store.pictures.write_text(json.dumps({**line, "picture_hash": "0" * 64, "code_version": "0.0.1"}) + "\n")
    told = made_again(town, capsys)["verdict"]
    assert told.startswith("not the picture published then") and "program version 0.0.1" in told


def test_a_minute_without_a_picture_has_the_settings_that_were_in_force(town, capsys):
    change_settings(town)
    assert main(["picture", "--at", "2025-10-03 06:00", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "no picture of that minute" in told["verdict"] and "settings are those of today" in told["verdict"]
    store = Store.at(town / "data")
    line = json.loads(store.pictures.read_text())
    store.pictures.write_text(json.dumps({**line, "moment_at": "2025-10-02T04:15:00+00:00"}) + "\n")
    assert main(["picture", "--at", "2025-10-03 06:00", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "settings are those of 2025-10-02 04:15Z" in told["verdict"]
    assert "Nya centrum" not in Path(told["picture_json"]).read_text(encoding="utf-8")


def test_a_torn_line_is_passed_over_and_closed_off(town, capsys):
    store = Store.at(town / "data")
    whole = store.pictures.read_bytes()
    store.pictures.write_bytes(whole + whole[:50])
    assert len(pictures.records(store)) == 1
    assert main(["picture"]) == 0
    assert len(pictures.records(store)) == 2


def test_settings_that_were_tampered_with_are_not_believed(town, capsys):
    store = Store.at(town / "data")
    (kept,) = store.settings_kept.iterdir()
    edit(kept, "Lindviks centrum", "Mitten")
    told = made_again(town, capsys)
    assert "Mitten" not in Path(told["picture_json"]).read_text(encoding="utf-8")


def test_equal_settings_are_kept_once(town):
    assert main(["picture"]) == 0
    store = Store.at(town / "data")
    assert len(list(store.settings_kept.iterdir())) == 1 and len(pictures.records(store)) == 2


def test_a_picture_that_cannot_be_recorded_is_published_and_says_so(town, capsys):
    store = Store.at(town / "data")
    store.pictures.unlink()
    store.pictures.mkdir()
    assert main(["picture"]) == 0
    assert "the picture is not recorded" in capsys.readouterr().err
