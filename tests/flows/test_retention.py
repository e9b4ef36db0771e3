"""Landed bytes are erased when their feed's time for them is out, and everything that was made of them stands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli import main
from flows.ingest import ingest_feed
from flows.opened import open_house
from flows.pending import has_unread
from flows.retention import OVERDUE_DAYS, erase_old_bytes, retention_findings
from flows.settings import Settings
from flows.store import Run, Store
from tests.flows.crash_sweep import HEADER
from tests.flows.made_up_nights import FEED, MORNING, read_nights
from tests.flows.published import TOWN, edit, publish_then
from tests.flows.sheet_alone import sheet_alone
from warehouse.contract import LAKE_TABLES
from warehouse.manifest import LakeError

#: Thirty days after noon of the third of October: the nights of the first and the second are older.
NOW = datetime(2025, 11, 2, 12, tzinfo=UTC)
House = tuple[Settings, Store]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four nights, each of which corrects the one before, and their picture, in a town that keeps bytes 30 days."""
    folder = tmp_path_factory.mktemp("retention")
    read_nights(folder / "data", 1, 4)
    shutil.copytree(TOWN, folder / "lindvik")
    feeds = folder / "lindvik" / "feeds.toml"
    before, _, after = feeds.read_text(encoding="utf-8").partition(f"[{FEED}]")
    limited = after.replace("retention = { days = 730,", "retention = { days = 730, landed_days = 30,", 1)
    feeds.write_text(f"{before}[{FEED}]{limited}", encoding="utf-8")
    settings, store = open_house(str(folder / "lindvik"), str(folder / "data"))
    ingest_feed(store, settings, FEED, run_at(NOW), remake=True)  # read with these settings
    with sheet_alone():
        publish_then(folder)
    return folder


@pytest.fixture
def house(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[House]:
    for name in ("data", "lindvik"):
        shutil.copytree(made / name, tmp_path / name)
    (tmp_path / "data").chmod(0o750)
    monkeypatch.setenv("LAGESBILD_SETTINGS", str(tmp_path / "lindvik"))
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    capsys.readouterr()
    yield open_house(str(tmp_path / "lindvik"), str(tmp_path / "data"))


def run_at(now: datetime) -> Run:
    return Run.start(now=lambda: now)


def standing(store: Store) -> list[bool]:
    return [store.landing.object_path(one.sha256).exists() for one in store.landing.deliveries(FEED)]


def hashes(store: Store) -> dict[str, str]:
    return {name: store.lake.content_hash(name) for name in LAKE_TABLES}


def land(store: Store, night: str, received_at: datetime) -> None:
    body = "\r\n".join([HEADER, night, ""]).encode("cp1252")
    store.landing.land(FEED, body, received_at=received_at, landed_at=received_at, name="late.csv", run_id="r")


def faults(settings: Settings, store: Store, now: datetime = NOW) -> list[str]:
    return [text for is_fault, text in retention_findings(store, settings, now) if is_fault]


def test_bytes_go_when_their_time_is_out_and_everything_made_of_them_stands(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, store = house
    before = hashes(store)
    assert erase_old_bytes(store, settings, run_at(NOW)) == {"landed_erased": 2}
    assert standing(store) == [False, False, True, True] and hashes(store) == before
    assert erase_old_bytes(store, settings, run_at(NOW)) == {"landed_erased": 0}  # again is harmless
    assert faults(settings, store) == [] and not has_unread(store, FEED)
    assert main(["doctor", "--json"]) in (0, 3)
    told = [one for one in json.loads(capsys.readouterr().out)["findings"] if "disk:" not in one["finding"]]
    overdue = [one["finding"] for one in told if one["is_fault"]]  # by the real clock the others are overdue too
    assert all("stand beyond their time" in one for one in overdue)
    assert any("those of 2 deliveries are erased, the newest of 2025-10-02" in one["finding"] for one in told)
    for words in (["lake", "verify"], ["audit"], ["rebuild"]):
        assert main(words) == 0, words
        assert "FAULT" not in capsys.readouterr().out
    assert hashes(store) == before
    assert main(["picture", "--at", MORNING, "--json"]) == 0
    assert "identical" in capsys.readouterr().out


def test_a_feed_without_such_a_limit_keeps_everything(house: House) -> None:
    settings, store = house
    edit(settings.folder / "feeds.toml", "landed_days = 30, ", "")
    kept, _ = open_house(str(settings.folder), str(store.folder))
    assert erase_old_bytes(store, kept, run_at(NOW + timedelta(days=900))) == {"landed_erased": 0}
    assert all(standing(store)) and list(retention_findings(store, kept, NOW)) == []


def test_what_is_not_read_yet_and_what_the_next_delivery_is_compared_with_are_kept(house: House) -> None:
    settings, store = house
    land(store, "X1;2025-10-05;23.10;;Torget;Klotter;;;Nej;;;;;", NOW)
    assert erase_old_bytes(store, settings, run_at(NOW + timedelta(days=900))) == {"landed_erased": 0}
    ingest_feed(store, settings, FEED, run_at(NOW))
    assert erase_old_bytes(store, settings, run_at(NOW + timedelta(days=900))) == {"landed_erased": 4}
    assert standing(store) == [False] * 4 + [True]


def test_a_delivery_between_those_that_stand_is_read_in_its_place_beside_what_the_erased_ones_said(
    house: House, tmp_path: Path
) -> None:
    settings, store = house
    whole = Store.at(shutil.copytree(store.folder, tmp_path / "whole"))
    erase_old_bytes(store, settings, run_at(NOW))
    for one in (store, whole):
        land(one, "N30;2025-10-03;23.10;;Torget;Rån;;;Nej;;;;;", datetime(2025, 10, 4, 12, tzinfo=UTC))
        assert ingest_feed(one, settings, FEED, run_at(NOW)).remade
    assert hashes(store) == hashes(whole)


def test_a_delivery_from_a_time_that_is_erased_comes_too_late_and_breaks_nothing(house: House) -> None:
    settings, store = house
    erase_old_bytes(store, settings, run_at(NOW))
    before = hashes(store)
    land(store, "X1;2025-10-01;23.10;;Torget;Rån;;;Nej;;;;;", datetime(2025, 10, 2, 12, tzinfo=UTC))
    assert not has_unread(store, FEED)
    ingest_feed(store, settings, FEED, run_at(NOW))
    assert hashes(store) == before
    assert erase_old_bytes(store, settings, run_at(NOW)) == {"landed_erased": 1}


def test_bytes_that_another_delivery_consists_of_too_stay_for_it(house: House) -> None:
    settings, store = house
    first = store.landing.deliveries(FEED)[0]
    body = store.landing.object_path(first.sha256).read_bytes()
    store.landing.land("felanmalan", body, received_at=NOW, landed_at=NOW, name="same", run_id="r")
    erase_old_bytes(store, settings, run_at(NOW))
    assert standing(store) == [True, False, True, True] and faults(settings, store) == []


def test_a_job_killed_before_the_bytes_went_is_told_of_and_ended_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, store = house

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.removal.sweep_removed", killed)
        with pytest.raises(KeyboardInterrupt):
            erase_old_bytes(store, settings, run_at(NOW))
    assert all(standing(store)) and len(faults(settings, store)) == 1
    assert erase_old_bytes(store, settings, run_at(NOW)) == {"landed_erased": 0}
    assert standing(store) == [False, False, True, True] and faults(settings, store) == []


def test_a_job_that_is_not_run_is_a_fault(house: House) -> None:
    settings, store = house
    assert faults(settings, store, NOW) == []  # within the days that a weekly job may take
    assert len(faults(settings, store, NOW + timedelta(days=OVERDUE_DAYS))) == 1


def spoil(store: Store, of: Callable[[str], bool]) -> None:
    for file in store.lake.manifest().files:
        if of(file.table):
            path = store.lake.folder / file.path
            path.write_bytes(path.read_bytes()[:-9] + b"000000000")


def test_a_damaged_file_of_what_erased_bytes_said_is_not_given_a_fresh_hash(house: House) -> None:
    settings, store = house
    erase_old_bytes(store, settings, run_at(NOW))
    spoil(store, lambda table: table == "report_version")
    with pytest.raises(LakeError):
        ingest_feed(store, settings, FEED, run_at(NOW), remake=True)


def test_a_rebuild_of_a_damaged_manifest_keeps_the_lake_that_cannot_be_made_again(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, store = house
    erase_old_bytes(store, settings, run_at(NOW))
    store.lake.pointer.write_bytes(b"{")
    assert main(["rebuild"]) == 3
    assert f"{FEED}: what was made of deliveries whose bytes are erased" in capsys.readouterr().out
    assert len(list(store.folder.glob("lake-damaged-*"))) == 1
