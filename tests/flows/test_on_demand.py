"""A sheet for a meeting, each option of which does what it says."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli import main
from flows.cut import cut_of, settings_of
from flows.opened import open_settings
from flows.store import Store
from tests.flows.crash_sweep import HEADER


def drop(data: Path, name: str, place: str, count: int) -> None:
    folder = data / "drop" / "guard_nordvakt"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}{i};2026-11-1{i};23.1{i};;{place};Klotter;;;Nej;;;;;" for i in range(count)]
    (folder / f"{name}.csv").write_bytes("\r\n".join([HEADER, *lines, ""]).encode("cp1252"))


@pytest.fixture
def told(monkeypatch, tmp_path, capsys):
    """Run the command line over an empty town and return (code, its JSON)."""
    monkeypatch.setenv("LAGESBILD_SETTINGS", "lindvik")
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    def run(*words: str) -> tuple[int, dict]:
        capsys.readouterr()
        code = main([*words, "--json"])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else {}

    return run


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path / "data"


def picture_of(answer: dict) -> dict:
    return json.loads(Path(answer["picture"]["picture_json"]).read_text(encoding="utf-8"))


def aged(data: Path, hours: float) -> None:
    """Let the published sheets have been made that long ago."""
    for path in (data / "published").glob("picture_*.json"):
        picture = json.loads(path.read_text(encoding="utf-8"))
        at = datetime.fromisoformat(picture["head"]["moment_at"]) - timedelta(hours=hours)
        picture["head"]["moment_at"] = at.isoformat().replace("+00:00", "Z")
        path.unlink()
        path.with_name("picture_aged.json").write_text(json.dumps(picture, separators=(",", ":")), encoding="utf-8")


def test_a_briefing_reads_what_was_dropped_and_makes_a_sheet_of_now(told, data):
    drop(data, "A", "Torget", 5)
    code, answer = told("briefing")
    assert code == 0 and {feed["feed"] for feed in answer["feeds"]} == set(open_settings("lindvik").feeds)
    picture = picture_of(answer)
    assert picture["head"]["current_report_count"] == 5
    assert datetime.now(UTC) - datetime.fromisoformat(picture["head"]["moment_at"]) < timedelta(minutes=5)
    assert (data / "published" / "latest.html").exists()


def test_a_briefing_of_a_moment_knows_what_was_known_then_and_asks_nobody(told, data, tmp_path):
    drop(tmp_path, "2026-11-20T0400Z", "Torget", 5)
    archive = tmp_path / "drop" / "guard_nordvakt"
    assert main(["backfill", "guard_nordvakt", str(archive)]) == 0
    drop(data, "B", "Torget", 3)
    assert picture_of(told("briefing")[1])["head"]["current_report_count"] == 8
    latest = (data / "published" / "latest.html").read_bytes()
    attempts = len(list(Store.at(data).landing.attempts()))
    _, answer = told("briefing", "--at", "2026-11-20 06:15")
    assert picture_of(answer)["head"]["current_report_count"] == 5 and answer["feeds"] == []
    assert len(list(Store.at(data).landing.attempts())) == attempts
    assert (data / "published" / "latest.html").read_bytes() == latest


def test_a_briefing_of_some_areas_counts_those_alone_and_says_which_in_its_head(told, data):
    drop(data, "A", "Stortorget", 5)
    drop(data, "B", "Hamntorget", 3)
    whole = picture_of(told("briefing")[1])
    latest = (data / "published" / "latest.html").read_bytes()
    _, answer = told("briefing", "--area", "hamnen")
    part = picture_of(answer)
    assert part["head"]["municipality_name"] == "Lindvik: Hamnen"
    assert [row["area_id"] for row in part["area_status"]] == ["hamnen"]
    assert part["head"]["current_report_count"] == 3 and whole["head"]["current_report_count"] == 8
    assert Path(answer["picture"]["sheet"]).parent.name == "meeting_hamnen"
    assert (data / "published" / "latest.html").read_bytes() == latest


def test_a_briefing_for_partners_is_made_of_what_they_may_see_and_labelled_so(told, data):
    drop(data, "A", "Torget", 5)  # the guards' are TLP:AMBER
    assert picture_of(told("briefing")[1])["head"]["tlp"] == "TLP:AMBER"
    code, answer = told("briefing", "--audience", "partners")
    picture = picture_of(answer)
    assert code == 0 and picture["head"]["tlp"] == "TLP:GREEN" and picture["head"]["current_report_count"] == 0
    told_to_all = {"polisen_events", "felanmalan", "trygghetsvandring", "smhi_varningar", "vma"}
    assert {row["source_id"] for row in picture["source"]} == told_to_all
    page = Path(answer["picture"]["sheet"]).read_text(encoding="utf-8")
    assert "Nordvakt" not in page and "TLP:AMBER" not in page


def test_a_briefing_in_english_leaves_the_wall_s_sheet_in_the_town_s_language(told, data):
    _, answer = told("briefing", "--lang", "en")
    assert answer["picture"]["sheet"].endswith("_en.html")
    assert 'lang="en"' in Path(answer["picture"]["sheet"]).read_text(encoding="utf-8")
    assert 'lang="sv"' in (data / "published" / "latest.html").read_text(encoding="utf-8")
    _, answer = told("briefing", "--lang", "en", "--area", "centrum")
    assert [Path(path).name[-7:] for path in answer["picture"]["sheets"].values()] == ["en.html"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--area", "nowhere"], "no area 'nowhere' in lindvik; there are: centrum, hamnen"),
        (["--area", "Ängelholm"], "no area 'Ängelholm' in lindvik; there are: centrum, hamnen"),
        (["--area", "\x1b[31m"], r"no area '\x1b[31m' in lindvik"),
        (["--area", ""], "no area '' in lindvik"),
        (["--at", "2199-01-01 06:00"], "has not come yet"),
        (["--at", "soon"], "write a moment as"),
        (["--lang", "sv", "--lang", "en"], "one --lang at a time"),
    ],
)
def test_what_cannot_be_asked_for_is_told_in_one_line(told, capsys, words, says):
    assert main(["briefing", *words]) == 2
    assert says in capsys.readouterr().err


def test_a_cut_keeps_the_settings_order_and_names_its_folder():
    lindvik = open_settings("lindvik")
    assert cut_of(lindvik, ["HAMNEN ", "va\u0308stera\u0308ng"], "meeting").areas == (
        "hamnen",
        "vasterang",
    )
    cut = cut_of(lindvik, ["hamnen", "centrum", "hamnen"], "partners")
    assert cut.areas == ("centrum", "hamnen") and cut.name == "partners_centrum-hamnen"
    assert settings_of(lindvik, cut).municipality.name == "Lindvik: Lindviks centrum, Hamnen"
    assert settings_of(lindvik, cut_of(lindvik, [], "meeting")) is lindvik
    with pytest.raises(ValueError, match="no audience 'everybody'"):
        cut_of(lindvik, [], "everybody")


def test_a_dead_server_asked_for_a_briefing_is_told_plainly(told, monkeypatch, capsys):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert main(["briefing", "--api"]) == 1
    assert "Without --api it is made in this process" in capsys.readouterr().err


def test_the_server_of_another_municipality_is_not_asked_for_this_one_s_briefing(told, monkeypatch, capsys):
    """It made the other's sheet, named it as the one asked for, and ended with code 0."""
    asked = []

    def ask(method, path, *_, **__):
        asked.append((method, path))
        return {"id": "1", "parameters": {"data": "/srv/lagesbild/another"}}

    monkeypatch.setattr("flows.on_demand.ask", ask)
    assert main(["briefing", "--api"]) == 1
    assert "the server there is that of /srv/lagesbild/another; `lagesbild up` with" in capsys.readouterr().err
    assert asked == [("GET", "/deployments/name/briefing/briefing")]


def test_a_briefing_waits_by_itself_for_a_run_that_writes_and_not_where_it_is_told_not_to(told, data, monkeypatch):
    """Two at once, or one while what has just arrived is made a sheet of: the second was refused before its meeting."""
    with ExitStack() as another:
        another.enter_context(Store.at(data).writing("picture"))
        assert told("briefing", "--wait", "0")[0] == 5
        monkeypatch.setattr("flows.locks.time.sleep", lambda _: another.close())  # it ends while it is waited for
        assert told("briefing")[0] in (0, 3)
