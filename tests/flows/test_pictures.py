"""A published picture can be made again, byte for byte, whatever came later; and says so, or why it is not."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows import pictures
from flows.cli import main
from flows.compared import said_by_meeting
from flows.make_picture import make_picture, previous_moment
from flows.moments import moment_of
from flows.opened import open_house
from flows.snapshots import follow
from flows.store import Run, Store
from tests.flows.made_up_nights import FEED, MORNING, read_nights
from tests.flows.published import bytes_of, change_settings, edit, made_again, publish_then
from warehouse import build
from warehouse.current import is_current
from warehouse.present import present_of
from warehouse.trail import append_chained

#: What a record says beside its moment.
RECORD = {
    "moment": {},
    "settings": "0" * 64,
    "languages": ["sv"],
    "journal_seq": 1,
    "manifest": 1,
    "code_version": "0",
    "picture_hash": "0" * 64,
    "said": {"moment_at": None},
}


def test_a_picture_is_made_again_byte_for_byte_whatever_came_later(town, capsys):
    published = town / "data" / "published"
    before = bytes_of(published)
    assert len(before) > 20
    change_settings(town)
    read_nights(town / "data", 4, 5)  # an archive of earlier times, landed later; it corrects what was known
    store = Store.at(town / "data")
    tried = pictures.records(store)[0].moment_at - timedelta(minutes=5)  # told later, by a clock that was put back
    store.landing.note_attempt(FEED, run_id="r", started_at=tried, ended_at=tried, status="failed", cause="timeout")
    assert main(["lake", "compact"]) == 0
    shutil.rmtree(published)
    told = made_again(town, capsys)
    assert told["verdict"].startswith("identical to the picture published then")
    assert bytes_of(published) == before


def test_a_morning_is_made_from_what_is_kept_of_the_present_and_again_from_all_versions(town, monkeypatch):
    was_kept, real = [], build.build

    def noted(inputs, *target, **asked):
        was_kept.append(inputs.present is not None)
        return real(inputs, *target, **asked)

    monkeypatch.setattr(build, "build", noted)
    settings, store = open_house(str(town / "lindvik"), str(town / "data"))
    moment = moment_of(MORNING, settings)
    hashes = {
        make_picture(store, settings, Run.start(), moment).picture_hash,
        make_picture(store, settings, Run.start(), moment, is_past=True, again=True).picture_hash,
    }
    manifest = store.lake.manifest()  # and as an older program leaves it
    feeds = {feed: replace(state, current="") for feed, state in manifest.feeds.items()}
    files = [file for file in manifest.files if not is_current(file)]
    written = {"written_at": moment, "run_id": "r", "code_version": "0", "what": "older"}
    store.lake.commit(manifest, files=files, feeds=feeds, **written)
    hashes.add(make_picture(store, settings, Run.start(), moment).picture_hash)
    assert was_kept == [True, False, False] and len(hashes) == 1 and None not in hashes
    read_nights(town / "data", 4, 4)
    manifest = store.lake.manifest()
    span = (manifest.feeds[FEED].first_accepted_at, manifest.feeds[FEED].last_accepted_at)
    assert span == ("2025-10-01T23:55:00+00:00", "2025-10-04T23:55:00+00:00")
    read_nights(town / "data", 5, 5)
    assert store.lake.manifest().feeds[FEED].last_accepted_at == "2025-10-05T23:55:00+00:00"
    assert present_of(store.lake, manifest, moment + timedelta(days=9), None, settings.timezone)
    assert sum(file.row_count for file in manifest.files if file.table == "report") == 20


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
    changed = {"picture_hash": "0" * 64, "program": "0" * 32, "of_a_newer_program": 1}
    store.pictures.write_text(json.dumps({**line, **changed}) + "\n")
    assert "whose files have changed since" in made_again(town, capsys)["verdict"]
    store.pictures.write_text(json.dumps({**line, "picture_hash": "0" * 64}) + "\n")
    assert "files have changed" not in made_again(town, capsys)["verdict"]


def test_a_minute_without_a_picture_has_the_settings_that_were_in_force(town, capsys):
    change_settings(town)
    assert main(["picture", "--at", "2025-10-03 06:00", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (
        "no picture of that minute is recorded" in told["verdict"] and "settings are those of today" in told["verdict"]
    )
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
    (kept,) = store.settings_kept.glob("*.json")
    edit(kept, "Lindviks centrum", "Mitten")
    told = made_again(town, capsys)
    assert "Mitten" not in Path(told["picture_json"]).read_text(encoding="utf-8")


def test_equal_settings_are_kept_once(town):
    assert main(["picture"]) == 0
    store = Store.at(town / "data")
    assert len(list(store.settings_kept.glob("*.json"))) == 1 and len(pictures.records(store)) == 2


def test_a_picture_that_cannot_be_recorded_is_published_and_says_so(town, capsys):
    store = Store.at(town / "data")
    store.pictures.unlink()
    store.pictures.mkdir()
    assert main(["picture"]) == 0
    assert "the picture is not recorded" in capsys.readouterr().err


def test_a_kill_between_sheet_and_record_leaves_the_sheet_and_the_answer_says_there_is_no_record(
    town, capsys, monkeypatch
):
    store = Store.at(town / "data")
    record = pictures.records(store)[0]
    store.pictures.unlink()
    local = record.moment_at.astimezone(ZoneInfo("Europe/Stockholm"))

    def killed(*_):
        raise KeyboardInterrupt

    shutil.rmtree(store.published)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("flows.make_picture.record_picture", killed)
        publish_then(town)
    assert (store.published / "latest.html").exists() and not pictures.records(store)
    capsys.readouterr()
    assert main(["picture", "--at", f"{local:%Y-%m-%d %H:%M}", "--json"]) == 0
    assert "no picture of that minute is recorded" in json.loads(capsys.readouterr().out)["verdict"]


def test_settings_kept_by_an_older_program_are_filled_in_from_todays_and_the_answer_names_what(town, capsys):
    store = Store.at(town / "data")
    (kept,) = store.settings_kept.glob("*.json")
    tables = json.loads(kept.read_text(encoding="utf-8"))
    del tables["action"]
    area, limits = tables["area"], tables["threshold"]
    area["columns"] = [column for column in area["columns"] if column[0] != "is_approximate"]
    area["columns"].append(["gone_since", "string"])
    area["rows"] = [{**row, "gone_since": "x"} for row in area["rows"]]
    limits["rows"] = [row for row in limits["rows"] if row["name"] != "q_watch"]
    content = json.dumps(tables).encode()
    digest = hashlib.sha256(content).hexdigest()
    (store.settings_kept / f"{digest}.json").write_bytes(content)
    line = json.loads(store.pictures.read_text())
    store.pictures.write_text(json.dumps({**line, "settings": digest, "picture_hash": "0" * 64}) + "\n")
    change_settings(town)
    told = made_again(town, capsys)
    assert "today's stand in for area.is_approximate, action, threshold q_watch" in told["verdict"]
    assert "Nya centrum" not in Path(told["picture_json"]).read_text(encoding="utf-8")


def test_since_last_counts_from_the_picture_recorded_when_its_folder_was_tidied(town):
    edit(town / "lindvik" / "municipality.toml", '"same_time_yesterday"', '"last_published"')
    settings, store = open_house(str(town / "lindvik"), str(town / "data"))
    made = pictures.records(store)[0].moment_at
    later = made + timedelta(days=3, hours=1)
    shutil.rmtree(store.published)
    assert previous_moment(store, settings, later) == made


def flip(path: Path, place: int) -> None:
    body = bytearray(path.read_bytes())
    body[place] ^= 1
    path.write_bytes(body)


@pytest.mark.snapshot
def test_damage_in_what_a_morning_does_not_read_costs_the_snapshot_and_not_the_sheet(town):
    settings, store = open_house(str(town / "lindvik"), str(town / "data"))
    moment = moment_of(MORNING, settings)
    store.snapshot.unlink(missing_ok=True)
    (path, *_) = store.lake.files("delivery")
    flip(path, 10)
    fault = make_picture(store, settings, Run.start(), moment).fault
    assert fault and fault.startswith("the lake is damaged") and path.name in fault
    later = make_picture(store, settings, Run.start(), moment + timedelta(days=500))
    follow(store, Run.start(), later)
    assert later.sheet and later.fault is None and not store.snapshot.exists()
    assert any("the analysts' snapshot is not renewed" in said and path.name in said for said in later.warnings)
    path.write_bytes(path.read_bytes()[:-1])  # cut: that is seen at a glance
    fault = make_picture(store, settings, Run.start(), moment + timedelta(days=501)).fault
    assert fault and fault.startswith("the lake is damaged")


def test_a_file_of_years_ago_that_cannot_even_be_opened_is_named(town):
    settings, store = open_house(str(town / "lindvik"), str(town / "data"))
    (path, *_) = store.lake.files("report_version")
    flip(path, -1)
    fault = make_picture(store, settings, Run.start(), moment_of(MORNING, settings)).fault
    assert fault and fault.startswith("the lake is damaged") and path.name in fault


def test_of_years_of_records_only_the_last_ones_are_parsed(tmp_path, monkeypatch):
    """A line is some 30 kB, and each new picture asks what the last meeting's said."""
    store = Store.at(tmp_path)
    days = [datetime(2026, 10, 1, 4, 15, tzinfo=UTC) - timedelta(days=n) for n in range(300, -1, -1)]
    lines = [{"moment_at": day.isoformat(), **RECORD, "picture_hash": f"{n:064}"} for n, day in enumerate(days)]
    append_chained(store.pictures, lines)
    parsed, real = [], pictures.recorded
    monkeypatch.setattr("flows.compared.recorded", lambda line: parsed.append(line) or real(line))
    assert said_by_meeting(store, days[-1], days[-1]) == (RECORD["said"], f"{299:064}") and len(parsed) == 1
    assert said_by_meeting(store, days[0], days[1]) == (RECORD["said"], f"{0:064}") and len(parsed) == 2
    assert [one.moment_at for one in pictures.recorded_as(store, f"{7:064}")] == [days[7]]
    looked_at = list(itertools.islice(pictures.recorded_back(store), 2))
    assert [at for at, _ in looked_at] == [days[-1], days[-2]]
    assert [at for at, _ in pictures.recorded_back(store)] == days[::-1]


def test_records_of_a_clock_put_back_are_found_by_their_moments(tmp_path):
    store = Store.at(tmp_path)
    order = [3, 5, 4, 1, 2]
    moments = [datetime(2026, 10, day, 4, 15, tzinfo=UTC) for day in order]
    append_chained(store.pictures, [{"moment_at": at.isoformat(), **RECORD} for at in moments])
    assert [at.day for at, _ in pictures.recorded_back(store)] == [5, 4, 3, 2, 1]
