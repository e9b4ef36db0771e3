"""The second half of the runbook, as far as it needs no server: what is said of feeds, states, alarms and folders.

Each row is made to happen, and then what it says is done. One town with one sheet is made for all; each test copies it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import threading
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows import hear, job, pictures
from flows.cli import main
from flows.results import NO_SHEET
from flows.settings import BUNDLED
from flows.store import Run, Store
from flows.watch import STILL_S, DropFolder, look
from tests.connectors.replay_server import Recorded, ReplayServer
from tests.flows.crash_sweep import HEADER
from tests.flows.intake_keys import Listens, told_port
from tests.flows.mail_server import MailServer
from tests.flows.sheet_alone import sheet_alone
from tests.flows.test_runbook import GUARD, REPORT, Told
from warehouse import manifest as manifest_module

OPERATOR = """
[operator]
kind = "mail"
host = "localhost"
port = {port}
security = "none"
sender = "lagesbild@lindvik.example"
recipients = ["drift@lindvik.example"]
tlp = "TLP:AMBER"
"""


@pytest.fixture(scope="module")
def one_sheet(tmp_path_factory) -> Path:
    """A town whose clock goes, with one report and one sheet."""
    folder = tmp_path_factory.mktemp("one-sheet")
    shutil.copytree(BUNDLED / "lindvik", folder / "lindvik")
    path = folder / "lindvik" / "municipality.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("is_demo = true", "is_demo = false"), encoding="utf-8")
    dropped = folder / "data" / "drop" / GUARD
    dropped.mkdir(parents=True)
    (dropped / "night.csv").write_bytes("\r\n".join([HEADER, REPORT, ""]).encode("cp1252"))
    words = ["--settings", str(folder / "lindvik"), "--data", str(folder / "data")]
    with sheet_alone():
        assert main(["run", "--no-prefect", *words]) == 0
    return folder


@pytest.fixture
def told(one_sheet, tmp_path, capsys, monkeypatch) -> Told:
    for name in ("PREFECT_API_URL", "PREFECT_SERVER_API_AUTH_STRING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("flows.hear.time.sleep", lambda _: None)
    shutil.copytree(one_sheet, tmp_path / "town")
    return Told(tmp_path / "town", capsys)


def test_a_server_open_to_others_without_a_key_is_not_brought_up_and_with_one_or_without_host_it_is(told, monkeypatch):
    brought_up = []

    def bring_up(settings, station, *_):
        brought_up.append(station.host)
        return {"deployed": 0, "closed": 0}

    monkeypatch.setattr("flows.up._bring_up", bring_up)
    code, said = told("up", "--host", "0.0.0.0")
    assert code == 2 and "holds no key" in said and brought_up == []
    assert told("up")[0] == 0
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "operator:" + "x" * 20)
    assert told("up", "--host", "0.0.0.0")[0] == 0
    assert brought_up == ["127.0.0.1", "0.0.0.0"]


def test_a_run_that_made_no_sheet_is_told_why_by_picture(told, monkeypatch):
    from flows.picture import picture

    path = Store.at(told.data).lake.files("report_version")[0]
    content = path.read_bytes()
    path.write_bytes(content[:-8])
    for tell in ("tell_feeds", "tell_picture", "tell_how_feeds_are"):
        monkeypatch.setattr(f"flows.picture.{tell}", lambda *_, **__: None)
    monkeypatch.setattr("flows.picture.read_landed_task", lambda *_: [])
    monkeypatch.setattr("flows.picture.picture_task", lambda *_: pictures_fault(told))
    with pytest.raises(RuntimeError, match=re.escape(NO_SHEET)):
        picture.fn(str(told.settings), str(told.data))
    code, said = told("picture")
    assert code == 4 and "the lake is damaged" in said and "the last good one stands" in said


def pictures_fault(told):
    from flows.make_picture import make_picture
    from flows.opened import open_house

    settings, store = open_house(str(told.settings), str(told.data))
    run = Run.start()
    return make_picture(store, settings, run, run.now())


def test_a_file_dropped_that_no_event_told_of_is_looked_for_by_a_briefing(told):
    told.drop(HEADER, REPORT.replace("N1", "N2"), name="another.csv")
    assert told("briefing")[0] == 0
    assert told.feed()["accepted"] == 2


def test_of_more_files_than_a_look_takes_status_says_how_many_wait_and_collect_takes_them(told, monkeypatch):
    monkeypatch.setattr(hear, "FILES_A_LOOK", 2)
    for n in range(3):
        told.drop(HEADER, REPORT.replace("N1", f"M{n}"), name=f"many-{n}.csv")
    assert told("collect", GUARD)[0] == 3
    code, said = told("status")
    assert code == 3 and f"{GUARD}: not taken: files that wait: 1; a look takes 2," in said
    assert told("collect", GUARD)[0] == 0
    assert "files that wait" not in told("status")[1]


def test_a_feed_that_rests_is_asked_by_name_when_its_cause_is_mended(told, monkeypatch):
    with ReplayServer() as server:
        told.change("feeds.toml", 'folder = "felanmalan"', f'url = "{server.url("/old")}"')
        server.answer("/old/requests.json", Recorded(b"gone", 404))
        for _ in range(3):
            assert told("collect", "felanmalan")[0] == 3
            shutil.rmtree(told.data / "http", ignore_errors=True)  # the pause between two calls, without waiting
        row = told.feed("felanmalan")
        assert (row["last_try"], row["failed_in_a_row"], row["circuit"]) == ("failed http_404", 3, "open")
        assert "felanmalan: 3 runs in a row failed, rests until" in told("status")[1]
        calls = len(server.calls)
        monkeypatch.setattr("flows.refresh.ASKED_LATELY", timedelta(0))  # its folder was looked into a moment ago
        skipped = next(one for one in told.json("briefing")["feeds"] if one["feed"] == "felanmalan")
        assert (skipped["status"], skipped["cause"]) == ("skipped", "resting") and len(server.calls) == calls
        server.answer("/new/requests.json", Recorded(b"[]"))
        told.change("feeds.toml", server.url("/old"), server.url("/new"))
        assert told("collect", "felanmalan")[0] == 0
        assert told.feed("felanmalan")["circuit"] == "closed" and "runs in a row failed" not in told("status")[1]


def test_a_folder_that_hangs_is_named_as_timed_out_and_heard_when_its_disk_answers(told, monkeypatch):
    told.drop(HEADER, REPORT.replace("N1", "N2"), name="another.csv")
    answers, real = threading.Event(), hear.files_in

    def dead(folder):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        answers.wait(60)
        return real(folder)

    with monkeypatch.context() as patched:
        patched.setattr(hear, "files_in", dead)
        patched.setattr(job, "HEAR_DEADLINE_S", 0.1)
        code, said = told("collect", GUARD)
        answers.set()
    assert code == 3 and f"{GUARD}: failed, timeout" in said
    assert told.feed()["last_try"] == "failed timeout"
    assert told("collect", GUARD)[0] == 0 and told.feed()["last_try"] in ("ok", "nothing_new")


def test_a_picture_made_again_that_is_another_says_why(told):
    store = Store.at(told.data)
    path = store.folder / "pictures.jsonl"
    (record,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    zone = ZoneInfo("Europe/Stockholm")
    local = pictures.records(store)[0].moment_at.astimezone(zone)
    at = f"{local:%Y-%m-%d %H:%M}"
    path.write_text(json.dumps({**record, "code_version": "0.0.1", "picture_hash": "0" * 64}) + "\n", encoding="utf-8")
    said = told("picture", "--at", at)[1]
    assert "Made again: not the picture published then" in said and "program version 0.0.1" in said


def test_a_lake_of_a_newer_program_is_read_when_the_program_is_upgraded(told, monkeypatch):
    pointer = Store.at(told.data).lake.pointer
    newer = manifest_module.FORMAT + 1
    text = pointer.read_text(encoding="utf-8")
    old = f'"minimum_reader": {json.loads(text)["minimum_reader"]}'
    assert old in text
    pointer.write_text(text.replace(old, f'"minimum_reader": {newer}'), encoding="utf-8")
    code, said = told("picture")
    assert code == 4 and f"asks for a reader of format {newer}" in said and "Upgrade lagesbild." in said
    monkeypatch.setattr(manifest_module, "FORMAT", newer)  # the upgrade
    assert told("picture")[0] == 0


def test_a_broken_chain_of_states_costs_today_nothing_and_is_closed_by_a_rebuild_and_thirty_days(told, monkeypatch):
    for name in ("N2", "N3"):
        told.drop(HEADER, REPORT.replace("N1", name), name=f"{name}.csv")
        assert told("collect", GUARD)[0] == 0
    chain = sorted((told.data / "lake" / "manifests").iterdir())
    chain[-2].write_bytes(chain[-2].read_bytes() + b" ")
    assert "the state before it was changed" in told("doctor")[1]
    code, said = told("lake", "verify")
    assert code == 3 and "the state before it was changed" in said
    chain[-2].unlink()
    assert "are missing" in told("lake", "verify")[1]
    assert told("picture")[0] == 0
    assert told("rebuild")[0] in (0, 3)
    assert "are missing" in told("lake", "verify")[1]  # still: the older states keep their thirty days
    monkeypatch.setattr("flows.lake_commands.KEEP_STATES_DAYS", 0)
    assert told("housekeeping")[0] == 0
    assert told("lake", "verify")[0] == 0 and "are missing" not in told("doctor")[1]


def test_who_was_not_told_is_told_by_itself_when_the_mail_server_takes_it_again(told, monkeypatch):
    with MailServer() as mail:
        (told.settings / "alarms.toml").write_text(OPERATOR.format(port=mail.port))
        mail.refuses = {"MAIL": "451 try later"}
        assert "not told: operator: the mail server answered 451; it is tried again" in told("run")[1]
        code, said = told("doctor")
        assert code == 3 and "operator was not told of sheet_out" in said
        mail.refuses = {}
        monkeypatch.setattr("flows.telling.is_due", lambda *_: True)  # five minutes, without waiting for them
        assert told("collect", GUARD)[0] in (0, 3)
        assert any("utsättningsbladet" in message["Subject"] for message in mail.mails)
        assert "was not told" not in told("doctor")[1]


def test_a_fault_in_who_is_told_is_named_by_doctor_keeps_no_sheet_back_and_is_gone_when_its_line_is_mended(told):
    alarms = told.settings / "alarms.toml"
    with MailServer() as mail:
        alarms.write_text(OPERATOR.format(port=mail.port).replace("host =", "hosst ="))
        assert told("run")[0] == 0 and mail.mails == []
        code, said = told("doctor")
        assert code == 3 and "nobody is told of anything: " in said and "alarms.toml · operator.hosst" in said
        told.change("alarms.toml", "hosst =", "host =")
        assert "nobody is told" not in told("doctor")[1]
        told("status", "--mail")
        assert len(mail.mails) == 1


def test_a_share_that_is_away_is_looked_for_and_what_was_put_there_meanwhile_is_taken(told, tmp_path):
    store, run = Store.at(told.data), Run.start()
    drop = DropFolder(GUARD, tmp_path / "share")
    (line,) = look(store, drop, run, 0.0)[1]
    assert line == "No such file or directory; what has not landed is tried again"
    drop.folder.mkdir()
    (drop.folder / "meanwhile.csv").write_bytes("\r\n".join([HEADER, REPORT.replace("N1", "N3"), ""]).encode("cp1252"))
    assert look(store, drop, run, 15.0) == (0, [])
    assert settled(store, drop, 15.0 + STILL_S) == (1, ["1 landed"])


def settled(store: Store, drop: DropFolder, now: float) -> tuple[int, list[str]]:
    """What a look at ``now`` finds of files that were written long ago."""
    for path in drop.folder.iterdir():
        os.utime(path, (1_790_000_000,) * 2, follow_symlinks=False)
    look(store, drop, Run.start(), now)
    return look(store, drop, Run.start(), now + STILL_S)


def test_a_link_in_a_drop_folder_is_refused_named_by_status_and_the_file_itself_is_taken(told, tmp_path):
    store = Store.at(told.data)
    drop = DropFolder(GUARD, store.drop / GUARD)
    (tmp_path / "elsewhere.csv").write_bytes("\r\n".join([HEADER, REPORT.replace("N1", "N4"), ""]).encode("cp1252"))
    (drop.folder / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    lines = settled(store, drop, 0.0)[1]
    assert any("refused: is no ordinary file" in line for line in lines) and "link.csv" not in "".join(lines)
    assert f"{GUARD}: not taken: link.csv: is no ordinary file" in told("status")[1]
    (drop.folder / "link.csv").unlink()
    shutil.copy(tmp_path / "elsewhere.csv", drop.folder / "link.csv")
    assert settled(store, drop, 60.0)[0] == 1 and "not taken" not in told("status")[1]


def test_keys_that_others_can_read_stop_the_intake_until_the_file_is_its_owner_s_alone(told, monkeypatch):
    assert told("intake", "--new-key", GUARD)[0] == 0
    path = told.data / "intake.toml"
    path.chmod(0o644)
    code, said = told("intake")
    assert code == 2 and "intake.toml" in said and "chmod 600" in said
    path.chmod(0o600)
    listened = []
    monkeypatch.setattr("flows.intake.server_of", lambda app: Listens(listened))
    told_port(path)
    assert told("intake")[0] == 0 and listened == [1]
    path.write_text(path.read_text().replace("[listen]\n", '[listen]\nhost = "0.0.0.0"\n'))
    code, said = told("intake")
    assert code == 2 and "can be reached from other machines" in said
