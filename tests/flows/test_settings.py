"""A municipality's settings: what is read, and that every fault is told at once, with what to write."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from shapely.geometry import Point

from flows.settings import BUNDLED, Settings, SettingsError, read_settings


@pytest.fixture(scope="module")
def lindvik() -> Settings:
    return read_settings(BUNDLED / "lindvik")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the made-up town's settings that a test may spoil."""
    return Path(shutil.copytree(BUNDLED / "lindvik", tmp_path / "lindvik"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, f"{file} no longer holds {old}"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(folder: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(folder)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("name", sorted(p.name for p in BUNDLED.iterdir() if p.is_dir()))
def test_every_bundled_municipality_can_be_read(name: str) -> None:
    settings = read_settings(BUNDLED / name)
    assert settings.id == name
    assert settings.municipality in settings.municipalities
    assert list(settings.feeds)
    assert [feed.position for feed in settings.feeds.values()] == list(range(1, len(settings.feeds) + 1))
    assert len(settings.places.areas) >= 8


@pytest.mark.parametrize(("name", "places"), [("lindvik", 150), ("haninge", 25)])
def test_the_bundled_areas_lie_side_by_side_and_places_lie_in_theirs(name: str, places: int) -> None:
    read = read_settings(BUNDLED / name).places
    for one, other in combinations(read.areas, 2):
        assert one.geometry.intersection(other.geometry).area < 1e-9, (one.area_id, other.area_id)
    outlines = {area.area_id: area.geometry for area in read.areas}
    assert len(read.gazetteer) >= places
    for place in read.gazetteer:
        inside = [
            area_id for area_id, outline in outlines.items() if outline.covers(Point(place.longitude, place.latitude))
        ]
        assert inside == ([place.area_id] if place.area_id else []), place.place_id
    names = Counter(name.casefold() for place in read.gazetteer for name in (place.name, *place.aliases))
    assert max(names.values()) == 1


def test_a_feed_carries_its_mapping_and_what_is_expected_of_it(lindvik: Settings) -> None:
    feed = lindvik.feeds["guard_nordvakt"]
    assert feed.mapping is not None and feed.mapping["company"] == "Nordvakt AB"
    assert (feed.every_hours, feed.late_after_hours, feed.down_after_hours) == (24, 30, 54)
    assert feed.loss_after_hours is None and feed.is_trend_source and feed.retain_days == 730
    assert feed.expected_reason and feed.expected_decided == dt.date(2026, 9, 1)
    assert not lindvik.feeds["polisen_events"].is_trend_source


def test_a_mapping_beside_the_settings_goes_before_the_shared_one(folder: Path) -> None:
    shared = Path(__file__).resolve().parents[2] / "connectors" / "guard_tabular" / "mappings" / "nordvakt.toml"
    own = folder / "mappings" / "nordvakt.toml"
    own.write_text(shared.read_text(encoding="utf-8").replace("Nordvakt AB", "Another AB"), encoding="utf-8")
    mapping = read_settings(folder).feeds["guard_nordvakt"].mapping
    assert mapping is not None and mapping["company"] == "Another AB"


def test_a_context_holds_what_a_connector_may_know(lindvik: Settings) -> None:
    context = lindvik.context("felanmalan")
    assert (context.feed, context.owner_org, context.tlp) == ("felanmalan", "Lindviks kommun", "TLP:GREEN")
    assert context.timezone.key == "Europe/Stockholm"
    assert context.categories["vald.ran"].severity == 4
    with pytest.raises(KeyError, match="guard_nordvakt"):
        lindvik.context("guard_nordwakt")


def test_the_demo_moment_is_the_friday_morning_in_utc(lindvik: Settings) -> None:
    assert lindvik.demo_moment == dt.datetime(2026, 10, 16, 4, 15, tzinfo=dt.UTC)


def test_a_relative_drop_folder_lies_below_the_data_folders_drop(lindvik: Settings, tmp_path: Path) -> None:
    assert lindvik.feeds["guard_tryggve"].drop_folder(tmp_path) == tmp_path / "drop" / "guard_tryggve"
    assert read_settings(BUNDLED / "haninge").feeds["polisen_events"].drop_folder(tmp_path) is None


def test_faults_of_all_files_come_in_one_message(folder: Path) -> None:
    change(folder, "municipality.toml", 'language = "sv"', 'language = "se"')
    change(folder, "feeds.toml", 'title_sv = "Nordvakt, ordningsvakter i centrum"\n', "")
    change(folder, "feeds.toml", "every_hours = 6\n", "every_hours = 600\n")
    change(folder, "thresholds.toml", "value = 3, unit", 'value = "3", unit')
    change(folder, "areas.geojson", '"area_id": "hamnen"', '"area_id": "centrum"')
    (folder / "places.csv").unlink()
    said = "\n".join(faults(folder))
    assert "municipality.toml · language · is not one of the allowed words · write 'sv' or 'en'" in said
    assert 'feeds.toml · guard_nordvakt.title_sv · is missing · write title_sv = "' in said
    assert "feeds.toml · polisen_events.expectations.every_hours · is 600, above late_after_hours which is 8" in said
    assert "thresholds.toml · minimum_count.value · is not a number · write value = 3" in said
    assert "places.csv · is not there" in said


def test_a_fault_in_an_area_is_told_with_its_file_and_feature(folder: Path) -> None:
    change(folder, "areas.geojson", '"area_id": "hamnen"', '"area_id": "centrum"')
    said = faults(folder)
    assert any(line.startswith("areas.geojson · feature 2 · ") and "twice" in line for line in said)


def test_an_unknown_key_is_refused_with_the_one_that_was_meant(folder: Path) -> None:
    change(folder, "feeds.toml", "late_after_hours = 30", "late_after_hour = 30")
    change(folder, "thresholds.toml", "q_signal =", "q_signals =")
    said = faults(folder)
    want = "feeds.toml · guard_nordvakt.expectations.late_after_hour · is not a setting"
    assert f"{want} · did you mean 'late_after_hours'?" in said
    assert "thresholds.toml · q_signals · is not a threshold · did you mean 'q_signal'?" in said
    assert any(line.startswith("thresholds.toml · q_signal · is missing") for line in said)


@pytest.mark.parametrize(
    ("file", "old", "key"),
    [
        ("thresholds.toml", ", decided = 2026-09-01 }", "decided"),
        ("feeds.toml", 'reason = "Two years, so that an event can be read beside the same season.", ', "reason"),
        ("municipality.toml", "decided = 2026-09-01\n", "decided"),
    ],
)
def test_a_number_without_reason_or_date_is_refused(folder: Path, file: str, old: str, key: str) -> None:
    change(folder, file, old, " }" if old.endswith("}") else "")
    assert any(f".{key} · is missing" in line for line in faults(folder))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("feeds.toml", "[guard_nordvakt]", "[Guard-1]", "is no feed id"),
        ("feeds.toml", 'folder = "guard_nordvakt"', 'folder = "../guard"', "climbs out of the data folder"),
        ("feeds.toml", 'folder = "guard_nordvakt"', 'folder = "guard_tryggve"', "is the folder of"),
        ("feeds.toml", 'folder = "polisen_events"', 'url = "http://polisen.se"', "write url = "),
        ("feeds.toml", 'folder = "polisen_events"', 'url = "https://me:secret@host/api"', "write url = "),
        ("feeds.toml", 'folder = "polisen_events"\n', "", "has neither a url nor a folder"),
        ("feeds.toml", 'kind = "open311"', 'kind = "open312"', "is not one of the allowed words"),
        ("feeds.toml", 'mapping = "nordvakt"', 'mapping = "nordvagt"', "did you mean 'nordvakt'?"),
        ("feeds.toml", 'mapping = "nordvakt"\n', "", "guard_nordvakt.mapping · is missing"),
        ("feeds.toml", 'mapping = "nordvakt"', 'mapping = "../nordvakt"', "guard_nordvakt.mapping"),
        ("thresholds.toml", "q_signal = { value = 0.10", "q_signal = { value = 0.30", "is above q_watch"),
        ("thresholds.toml", "repeat_days = { value = 14", "repeat_days = { value = 14.5", "not whole"),
        ("thresholds.toml", "severe_from = { value = 4", "severe_from = { value = 9", "write 0 to 5"),
        ("municipality.toml", "Europe/Stockholm", "Europe/Stokholm", "is no time zone known here"),
        ("municipality.toml", "06:15:00+02:00", "06:15:00", "has no offset"),
        ("municipality.toml", 'morning = "06:15"', 'morning = "6.15"', 'write morning = "06:15"'),
        ("municipality.toml", 'code = "9901"', 'code = "9902"', "do not stand in municipalities.csv"),
        ("municipality.toml", 'id = "lindvik"', 'id = "lindvig"', "is not the folder's name"),
        ("mappings/trygghetsvandring.toml", "[category]", "[categori]", "mappings/trygghetsvandring.toml"),
        ("mappings/trygghetsvandring.toml", "plats.sikt", "plats.sigt", "mappings/trygghetsvandring.toml"),
        ("thresholds.toml", "q_signal =", "q_signal", "is not TOML"),
    ],
)
def test_each_wrong_setting_is_refused_and_named(folder: Path, file: str, old: str, new: str, said: str) -> None:
    change(folder, file, old, new)
    lines = faults(folder)
    assert any(said in line for line in lines), lines


def test_a_file_that_cannot_be_read_has_one_fault_and_no_others_that_follow_from_it(folder: Path) -> None:
    change(folder, "feeds.toml", "[guard_nordvakt]", "[guard_nordvakt")
    (line,) = faults(folder)
    assert "feeds.toml" in line and "is not TOML" in line


def test_a_fault_shows_no_password_of_an_address(folder: Path) -> None:
    change(folder, "feeds.toml", 'folder = "polisen_events"', 'url = "https://me:secret@host/api"')
    assert "secret" not in "\n".join(faults(folder))


def test_an_option_no_connector_knows_is_refused(folder: Path) -> None:
    change(
        folder,
        "feeds.toml",
        "[polisen_events.expectations]",
        "[polisen_events.options]\nwindow = 3\n[polisen_events.expectations]",
    )
    assert any("feeds.toml · polisen_events.options · window" in line for line in faults(folder))


def test_the_digest_follows_every_file_and_not_the_folders_place(folder: Path, lindvik: Settings) -> None:
    assert read_settings(folder).digest() == lindvik.digest()
    seen = {lindvik.digest()}
    for file in ("municipality.toml", "feeds.toml", "thresholds.toml", "mappings/trygghetsvandring.toml"):
        with (folder / file).open("a", encoding="utf-8") as out:
            out.write("# one more line\n")
        seen.add(read_settings(folder).digest())
    change(folder, "places.csv", "Torget", "Stora torget")
    seen.add(read_settings(folder).digest())
    assert len(seen) == 6
    labels = set(lindvik.file_bodies)
    assert {"warehouse/categories.csv", "connectors/guard_tabular/mappings/nordvakt.toml"} <= labels


def test_importing_the_settings_is_light() -> None:
    code = "import flows.settings, sys; print(sorted({'pandas', 'pyarrow', 'prefect', 'numpy'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_the_owners_are_organisations_and_roles_that_every_connector_may_know(lindvik: Settings) -> None:
    owners = {owner.owner_id: owner for owner in lindvik.context("insatser").owners}
    assert owners["ordningsvakter"].role == "ordningsvakt" and "Nordvakt" in owners["ordningsvakter"].aliases


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Kalle K,Kalle K,kommun,", "has no owner_id of its own"),
        ("polis,Polisen,polis,", "has no owner_id of its own"),
        ("ny,Nya laget,konsult,", "has an unknown owner_role"),
        ("ny,,kommun,", "has no owner_name"),
        ("ny,Nya laget,kommun", "has other columns"),
    ],
)
def test_a_wrong_owner_is_refused_with_its_line(folder: Path, line: str, said: str) -> None:
    path = folder / "owners.csv"
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"owners.csv · line 10 · {said}"):
        read_settings(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('role = "register"', 'role = "municipal"', "insatser.role"),
        ('register = "insats", delivers', 'register = "insatser", delivers', "register: is unknown"),
        ('folder = "insatser"', 'url = "https://example.org/"', "cannot be read by register_tabular"),
    ],
)
def test_a_register_s_feed_says_that_it_is_one_and_which(folder: Path, old: str, new: str, said: str) -> None:
    path = folder / "feeds.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        read_settings(folder)
