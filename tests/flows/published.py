"""A town of three nights with one published picture, which a test may change as it likes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

from flows import pictures
from flows.cli import main
from flows.make_picture import make_picture
from flows.moments import moment_of
from flows.opened import open_house
from flows.store import Run, Store
from tests.flows.made_up_nights import MORNING, read_nights

TOWN = Path(__file__).resolve().parents[2] / "flows" / "municipality" / "lindvik"


def publish_once(folder: Path) -> None:
    """Settings and data of the town in ``folder``, its three nights read and its picture published."""
    read_nights(folder / "data", 1, 3)
    shutil.copytree(TOWN, folder / "lindvik")
    publish_then(folder)


def publish_then(folder: Path) -> None:
    """Publish the picture of a morning when the nights are news, as the house did that morning."""
    settings, store = open_house(str(folder / "lindvik"), str(folder / "data"))
    result = make_picture(store, settings, Run.start(), moment_of(MORNING, settings))
    assert result.sheet and result.fault is None and not result.is_minimal


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def change_settings(town: Path) -> None:
    edit(town / "lindvik" / "thresholds.toml", "repeat_count = { value = 3", "repeat_count = { value = 30")
    edit(town / "lindvik" / "areas.geojson", "Lindviks centrum", "Nya centrum")
    edit(town / "lindvik" / "places.csv", ",Stortorget,", ",Stora torget,")


def made_again(town: Path, capsys, minutes: int = 0) -> dict:
    record = pictures.records(Store.at(town / "data"))[0]
    local = record.moment_at.astimezone(ZoneInfo("Europe/Stockholm"))
    capsys.readouterr()
    assert main(["picture", "--at", f"{local:%Y-%m-%d %H:%M}", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """The picture's files: JSON, sheet, methods page, and what stands in the folder beside them."""
    found = [*folder.glob("*_9901_*"), *folder.glob("*_9901_*/*")]
    return {path.name: path.read_bytes() for path in found if path.is_file()}
