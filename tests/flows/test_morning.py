"""The sheet that must be out by 06:15: whatever is broken, it comes out, or a page that says why and what is known."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import emergency, job
from flows import morning as morning_module
from flows.cli import main
from flows.results import cause_of, named
from flows.settings import BUNDLED
from flows.store import Store
from tests.flows.sheet_alone import sheet_alone
from tests.flows.test_on_demand import aged, data, drop, picture_of, told

__all__ = ["data", "told"]  # fixtures


def test_in_the_morning_nothing_is_done_where_the_sheet_is_out(told, data):
    told("briefing")
    before = sorted(path.name for path in (data / "published").iterdir())
    assert told("morning") == (0, {"is_out": True, "moment": told("morning")[1]["moment"]})
    assert sorted(path.name for path in (data / "published").iterdir()) == before


def test_in_the_morning_a_sheet_is_made_of_what_landed_before_any_feed_is_asked(told, data, monkeypatch):
    told("briefing")
    aged(data, 3)
    drop(data, "A", "Torget", 5)
    seen = []
    real = job.hear

    def hear(store, settings, feed, run):
        seen.append(len(list((data / "published").glob("picture_9901*.json"))))
        return real(store, settings, feed, run)

    monkeypatch.setattr(job, "hear", hear)
    code, answer = told("morning")
    assert code in (0, 3) and seen and seen[0] == 1  # a sheet stood before the first feed was asked
    assert picture_of(answer)["head"]["current_report_count"] == 5


def test_in_the_morning_a_run_that_does_not_let_go_is_gone_round(told, data, monkeypatch, capsys):
    drop(data, "A", "Torget", 5)
    told("briefing")
    aged(data, 3)
    monkeypatch.setattr(morning_module, "MORNING_WAIT_S", 0.1)
    store = Store.at(data)
    database, state = store.database.read_bytes(), store.lake.manifest()
    with store.writing("a night that hangs"):
        code, answer = told("morning")
    assert code == 0 and picture_of(answer)["head"]["current_report_count"] == 5
    assert store.database.read_bytes() == database and store.lake.manifest() == state


@pytest.fixture(scope="module")
def last_night(tmp_path_factory) -> Path:
    """A folder with settings and data of a town whose last sheet is three hours old, and a file dropped since."""
    folder = tmp_path_factory.mktemp("last-night")
    shutil.copytree(BUNDLED / "lindvik", folder / "lindvik")
    drop(folder / "data", "A", "Torget", 5)
    words = ["--settings", str(folder / "lindvik"), "--data", str(folder / "data")]
    with sheet_alone():
        assert main(["briefing", "--no-prefect", *words]) == 0
    aged(folder / "data", 3)
    drop(folder / "data", "B", "Torget", 3)
    return folder


@pytest.fixture
def broken(last_night, tmp_path, monkeypatch, told) -> Path:
    """A copy of it to break."""
    shutil.copytree(last_night, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("LAGESBILD_SETTINGS", str(tmp_path / "lindvik"))
    return tmp_path


def pages(broken: Path) -> list[Path]:
    return sorted((broken / "data" / "published").glob("nodblad_*.html"))


def cut_file(lake: Path) -> None:
    path = next((lake / "report_version").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-8])


def of_another_program(lake: Path) -> None:
    text = (lake / "manifest.json").read_text()
    (lake / "manifest.json").write_text(text.replace('"contract_version": ', '"contract_version": 9'))


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda lake: (lake / "manifest.json").write_bytes(b"{"), id="no manifest"),
        pytest.param(lambda lake: shutil.rmtree(lake / "report_version"), id="files gone"),
        pytest.param(cut_file, id="a file cut"),
        pytest.param(of_another_program, id="columns of another program"),
    ],
)
def test_a_lake_that_cannot_be_read_is_made_anew_beside_it_and_the_sheet_says_so(broken, told, harm):
    lake = broken / "data" / "lake"
    harm(lake)
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}
    code, answer = told("morning")
    assert code == 3 and picture_of(answer)["head"]["current_report_count"] == 5  # B was not heard yet
    page = (broken / "data" / "published" / "latest.html").read_text(encoding="utf-8")
    assert page == Path(answer["picture"]["sheet"]).read_text(encoding="utf-8")
    assert "Datalagret kunde inte läsas. Bladet är gjort på nytt ur allt som tagits emot." in page
    assert pages(broken) == []
    assert {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()} == before


def test_a_lake_that_is_gone_is_read_anew_as_if_nothing_was(broken, told):
    shutil.rmtree(broken / "data" / "lake")
    code, answer = told("morning")
    assert code == 0 and picture_of(answer)["head"]["current_report_count"] == 8


@pytest.mark.parametrize("is_gone", [False, True])
def test_settings_that_cannot_be_read_are_stood_in_for_by_those_of_the_last_good_sheet(broken, told, is_gone):
    folder = broken / "lindvik"
    if is_gone:
        folder.rename(broken / "elsewhere")
    else:
        (folder / "feeds.toml").write_text("[guard_nordvakt\n")
    code, answer = told("morning")
    assert code == 3 and picture_of(answer)["head"]["current_report_count"] == 8
    page = Path(answer["picture"]["sheet"]).read_text(encoding="utf-8")
    assert "Inställningarna har fel. Bladet är gjort med dem som gällde för det senaste goda bladet." in page
    kept = broken / "data" / "last_good_settings" / "lindvik"
    assert (kept / "feeds.toml").read_bytes() == (BUNDLED / "lindvik" / "feeds.toml").read_bytes()


def test_without_any_settings_a_page_says_why_what_the_last_sheet_said_and_what_came_since(broken, told):
    shutil.rmtree(broken / "data" / "last_good_settings")
    (broken / "lindvik" / "thresholds.toml").write_text("")
    (broken / "data" / "published" / "utsattningsblad_aged_sv.html").touch()
    store = Store.at(broken / "data")
    at = datetime.now(UTC)
    store.landing.land("guard_nordvakt", b"new", received_at=at, landed_at=at, name="x", run_id="r")
    code, answer = told("morning")
    assert code == 4 and answer["picture"]["cause"] == "settings"
    (path,) = pages(broken)
    page = path.read_text(encoding="utf-8")
    assert (broken / "data" / "published" / "latest.html").read_text(encoding="utf-8") == page
    assert "<h1>Nödblad Lindvik</h1>" in page and "TLP:AMBER" in page and "har fel och inga tidigare goda" in page
    assert "Den är 3 timmar gammal" in page and "Hela bladet: <a href=" in page
    clock = at.astimezone(zoneinfo.ZoneInfo("Europe/Stockholm")).strftime("%H.%M")
    assert (
        f"<td>Nordvakt, ordningsvakter i centrum</td><td>{clock}</td><td>2</td>" in page and "thresholds.toml" in page
    )
    picture = json.loads((broken / "data" / "published" / "picture_aged.json").read_bytes())
    assert picture["summary"][0]["sentence_sv"] in page


def test_a_torn_journal_costs_what_was_torn_and_nothing_else(broken, told):
    with (broken / "data" / "landed" / "journal.jsonl").open("ab") as journal:
        journal.write(b'\x00\xff not a line\n{"kind": "delivery", "seq": 9')
    code, answer = told("morning")
    assert code == 0 and picture_of(answer)["head"]["current_report_count"] == 8


def test_a_journal_that_cannot_be_read_costs_the_picture_and_the_page_says_so(broken, told):
    journal = broken / "data" / "landed" / "journal.jsonl"
    journal.unlink()
    journal.mkdir()
    code, _ = told("morning")
    (path,) = pages(broken)
    page = path.read_text(encoding="utf-8")
    assert code == 4 and "Disken kan inte läsas eller skrivas." in page and "Journalen kan inte läsas" in page


def fills(monkeypatch, data: Path, while_there: str) -> None:
    """A disk that is full for as long as ``while_there`` takes its place on it."""
    from warehouse import files

    real = files.sync

    def sync(path: Path) -> None:
        if (data / while_there).exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path)

    monkeypatch.setattr(files, "sync", sync)


def test_on_a_full_disk_the_bytes_kept_for_it_hold_a_page_that_says_so(broken, told, monkeypatch):
    assert (broken / "data" / "reserve").stat().st_size == emergency.RESERVE_BYTES
    fills(monkeypatch, broken / "data", "reserve")
    code, answer = told("morning")
    (path,) = pages(broken)
    assert code == 4 and answer["picture"]["emergency"] == str(path)
    assert "Disken är full." in path.read_text(encoding="utf-8")
    assert (broken / "data" / "published" / "latest.html").read_bytes() == path.read_bytes()
    assert told("briefing", "--no-prefect")[0] == 0  # there is room: the next good sheet takes its place
    latest = broken / "data" / "published" / "latest.html"
    assert latest.read_bytes() != path.read_bytes() and (broken / "data" / "reserve").exists()


def test_on_a_disk_that_takes_nothing_at_all_the_page_is_put_aside_or_said(broken, told, monkeypatch, capsys, tmp_path):
    fills(monkeypatch, broken / "data", "landed")
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    code, _ = told("morning")
    assert code == 4 and len(list(aside.rglob("nodblad_*.html"))) == 1 and pages(broken) == []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    capsys.readouterr()
    assert main(["morning"]) == 4
    assert "Disken är full." in capsys.readouterr().err


def test_databases_that_are_broken_or_held_by_somebody_cost_nothing(broken, told):
    (broken / "data" / "lagesbild-build.duckdb").write_bytes(b"no database")
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(broken / "data" / "lagesbild.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as analyst:
        assert analyst.stdout.readline() == b"held\n"
        code, answer = told("morning")
        analyst.stdin.close()
    assert code == 0 and picture_of(answer)["head"]["current_report_count"] == 8
    assert answer["picture"]["warnings"] == [line for line in answer["picture"]["warnings"] if "snapshot" not in line]


def test_without_time_zone_data_the_page_is_in_utc_and_says_so(broken, told, monkeypatch):
    for name in {"tzdata", *(name for name in sys.modules if name.startswith("tzdata."))}:
        monkeypatch.setitem(sys.modules, name, None)  # also what an earlier test had loaded of it
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        code, answer = told("morning")
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()
    (path,) = pages(broken)
    page = path.read_text(encoding="utf-8")
    assert code == 4 and answer["picture"]["cause"] == "zone"
    assert "Tidszonsdata saknas på maskinen." in page and " UTC" in page and "Nordvakt" in page


def test_a_fault_nobody_thought_of_is_told_by_its_place_and_never_by_its_words(broken, told, monkeypatch):
    def fault(*_, **__):
        raise KeyError("Kalle Kanari")

    monkeypatch.setattr(morning_module, "make_picture", fault)
    code, answer = told("morning")
    (path,) = pages(broken)
    page = path.read_text(encoding="utf-8")
    assert code == 4 and "Ett fel i programmet." in page and "KeyError at test_morning.py:" in page
    assert "Kalle" not in page + json.dumps(answer)


def test_the_page_in_english_escapes_what_it_quotes():
    known = emergency.Known("<b>Town</b>", "en", last_lines=("<i>",), last_at=datetime(2026, 11, 26, tzinfo=UTC))
    page = emergency.page(known, "check", "<script>\x1b[2J", datetime(2026, 11, 26, 6, 10, tzinfo=UTC))
    assert "Emergency sheet &lt;b&gt;Town&lt;/b&gt;" in page and "A check of the numbers failed" in page
    assert "<script" not in page and "<i>" not in page and "\x1b" not in page and "It is 6 hours old." in page


def told_of(*faults: Exception) -> list[str]:
    told = []
    for fault in faults:
        try:
            raise fault
        except Exception as error:
            told.append(named(error))
    return told


def test_each_fault_has_its_word():
    from warehouse.manifest import LakeError

    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    faults = [LakeError("x"), full, RuntimeError(str(full)), PermissionError(13, "no"), KeyError("x")]
    assert [cause_of(fault) for fault in faults] == ["lake", "disk_full", "disk_full", "disk", "fault"]
    # What DuckDB says holds a path, and may hold a value: of it only what the system says is told.
    (told,) = told_of(RuntimeError(f"could not write 'Kalle': {os.strerror(errno.ENOSPC)}"))
    assert told.startswith("RuntimeError: No space left on device at test_morning.py:")
    for language in ("sv", "en"):
        words = emergency.texts(language)
        assert all(words.get(f"why.{word}") for word in ("lake", "check", "disk_full", "disk", "settings", "zone"))
