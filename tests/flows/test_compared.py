"""Which picture the next one is compared with, and that it is made again byte for byte with what was said then."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from flows import pictures
from flows.compared import said_again, said_by_meeting
from flows.make_picture import last_meeting, make_picture
from flows.moments import moment_of
from flows.opened import open_house
from flows.results import PictureResult
from flows.settings import Settings
from flows.store import Run, Store
from tests.flows.made_up_nights import read_nights
from tests.flows.sheet_alone import sheet_alone

TOWN = Path(__file__).resolve().parents[2] / "flows" / "municipality" / "lindvik"
MORNINGS = ("2025-10-05 06:15", "2025-10-06 06:15")


def published(settings: Settings, store: Store, morning: str, **how: bool) -> PictureResult:
    result = make_picture(store, settings, Run.start(), moment_of(morning, settings), **how)
    assert result.sheet and result.fault is None and not result.is_minimal, result.fault
    return result


def numbers(result: PictureResult) -> dict:
    assert result.picture_json
    return json.loads(result.picture_json.read_bytes())


@pytest.fixture(scope="module")
def two_mornings(tmp_path_factory) -> Path:
    """Three nights and a morning's picture, two nights more and the next morning's; each test works on a copy."""
    folder = tmp_path_factory.mktemp("compared")
    shutil.copytree(TOWN, folder / "lindvik")
    places = folder / "lindvik" / "places.csv"
    places.write_text(places.read_text(encoding="utf-8").replace(",Stortorget,", ",Torget,"), encoding="utf-8")
    settings, store = open_house(str(folder / "lindvik"), str(folder / "data"))
    with sheet_alone():
        read_nights(store.folder, 1, 3)
        published(settings, store, MORNINGS[0])
        read_nights(store.folder, 4, 5)
        published(settings, store, MORNINGS[1])
    return folder


@pytest.fixture
def house(two_mornings, tmp_path, monkeypatch) -> tuple[Settings, Store]:
    for name in ("data", "lindvik"):
        shutil.copytree(two_mornings / name, tmp_path / name)
    return open_house(str(tmp_path / "lindvik"), str(tmp_path / "data"))


def test_the_second_morning_is_compared_with_the_first_which_is_compared_with_none(house):
    _, store = house
    first, second = pictures.records(store)
    assert (first.earlier, second.earlier) == ("", first.picture_hash)
    sheets = sorted(store.published.glob("utsattningsblad_*.html"))
    texts = [path.read_text(encoding="utf-8") for path in sheets]
    assert "Första bilden: inget att jämföra med." in texts[0] and "Jämfört med bild" not in texts[0]
    assert "Jämfört med bild 2025-278-0615" in texts[1] and "Första bilden" not in texts[1]


def test_either_morning_is_made_again_to_the_byte_after_reports_of_earlier_times_came_late(house):
    settings, store = house
    was = {path.name: path.read_bytes() for path in store.published.glob("*_9901_*") if path.is_file()}
    read_nights(store.folder, 6, 9)
    shutil.rmtree(store.published)
    for morning in reversed(MORNINGS):
        verdict = published(settings, store, morning, is_past=True, again=True).verdict
        assert verdict and verdict.startswith("identical to the picture published then"), verdict
    assert {path.name: path.read_bytes() for path in store.published.glob("*_9901_*") if path.is_file()} == was


def test_what_the_first_said_stands_though_its_published_files_and_the_lake_say_otherwise_now(house):
    settings, store = house
    before = numbers(published(settings, store, MORNINGS[1], is_past=True))
    read_nights(store.folder, 6, 7)
    shutil.rmtree(store.published)
    said, _ = said_by_meeting(
        store, last_meeting(settings, moment_of(MORNINGS[1], settings)), moment_of(MORNINGS[1], settings)
    )
    assert said == pictures.records(store)[0].said
    assert before["earlier"]["earlier_number"] == said["picture_number"]


def test_pictures_made_since_the_meeting_are_passed_over(house):
    settings, store = house
    noon = moment_of("2025-10-06 12:00", settings)
    published(settings, store, "2025-10-06 11:00")
    said, digest = said_by_meeting(store, last_meeting(settings, noon), noon)
    assert said and said["picture_number"] == "2025-279-0615"
    assert digest == pictures.records(store)[1].picture_hash


def test_a_record_from_before_this_is_told_of_by_its_published_numbers_or_not_at_all(house):
    _, store = house
    lines = [json.loads(line) for line in store.pictures.read_text().splitlines()]
    first = {key: value for key, value in lines[0].items() if key not in ("said", "earlier")}
    store.pictures.write_text("".join(json.dumps(line) + "\n" for line in (first, lines[1])))
    old, new = pictures.records(store)
    assert said_again(store, old) == (None, "made before pictures were compared with earlier ones")
    said, doubt = said_again(store, new)
    assert said == lines[0]["said"] and doubt is None
    shutil.rmtree(store.published)
    assert (
        said_again(store, new)[1] == f"the picture it was compared with ({old.picture_hash[:12]}) is no longer recorded"
    )


def test_a_part_is_compared_with_the_last_picture_of_the_same_part(house):
    from flows.cut import cut_of

    settings, store = house
    part = cut_of(settings, ["centrum"], "meeting")
    first, second, third = (
        make_picture(store, settings, Run.start(), moment_of(MORNINGS[1], settings) + timedelta(hours=n), cut=cut)
        for n, cut in ((1, part), (2, part), (3, cut_of(settings, ["hamnen"], "meeting")))
    )
    told = [numbers(result)["earlier"]["earlier_number"] for result in (first, second, third)]
    assert told == [None, "2025-279-0715", None]
