"""The command line: exit codes, plain messages, JSON where it is asked for, nothing heavy for --help."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from flows.cli import main, parser
from flows.moments import moment_of
from flows.store import Store
from tests.flows.crash_sweep import deliver


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LAGESBILD_SETTINGS", "lindvik")
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return tmp_path / "data"


def test_help_imports_nothing_but_the_standard_library():
    code = (
        "import sys, flows.cli; flows.cli.parser(); "
        "print([m for m in ('pandas', 'pyarrow', 'duckdb', 'prefect', 'pydantic', 'requests') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_every_verb_says_what_it_does():
    verbs = parser()._subparsers._group_actions[0].choices
    asked = {"demo", "run", "collect", "picture", "backfill", "status", "rejects", "rebuild", "doctor"}
    assert asked <= set(verbs)
    assert all(verb.description for verb in verbs.values())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "--settings", "nowhere"], "no such settings folder"),
        (["collect", "nobody"], "no feed 'nobody' in lindvik"),
        (["picture", "--at", "yesterday"], 'write a moment as "2025-10-24 06:00"'),
        (["picture", "--at", "9999-12-31 23:59"], "write a moment as"),
        (["picture", "--at", "0001-01-01 00:00+02:00"], "write a moment as"),
        (["picture", "--at", "2199-01-01 06:00"], "has not come yet"),
        (["picture", "--at", "0001-01-01 00:00"], "write a moment as"),
        (["picture", "--at", "9999-12-31T23:59:59-05:00"], "write a moment as"),
        (["picture", "--at", "0206-10-10 06:00"], "nothing was received before 2000; is the year right?"),
        (["backfill", "guard_nordvakt", "/no/such/folder"], "no such folder"),
    ],
)
def test_a_fault_of_usage_is_one_plain_line_and_code_2(data, capsys, words, says):
    assert main(words) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("wait", ["-3", "nan", "inf", "1e9", "soon"])
def test_a_time_to_wait_that_is_none_is_refused(data, capsys, wait):
    """With nan a run would have waited for ever for another one to end."""
    with pytest.raises(SystemExit) as ended:
        main(["run", "--wait", wait])
    assert ended.value.code == 2 and "--wait: invalid seconds value" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "read", "says"),
    [
        ("2026-10-25 02:30", "2026-10-25 00:30", "came twice; 2026-10-25 02:30+02:00 is meant, the first"),
        ("2026-10-25 02:30+01:00", "2026-10-25 01:30", ""),
        ("2026-03-29 02:30", "2026-03-29 01:30", "put forward past that time; 2026-03-29 03:30+02:00 is meant"),
        ("2026-03-29 03:00", "2026-03-29 01:00", ""),
    ],
)
def test_a_local_time_that_comes_twice_or_never_is_read_as_the_house_does_and_said(written, read, says):
    told = []
    moment = moment_of(written, SimpleNamespace(timezone=ZoneInfo("Europe/Stockholm")), told.append)
    assert f"{moment:%Y-%m-%d %H:%M}" == read and moment.utcoffset() == timedelta(0)
    assert says in "".join(told) and bool(told) == bool(says)


def test_faulty_settings_are_told_all_at_once_and_code_2(tmp_path, capsys):
    (tmp_path / "municipality.toml").write_text('id = "x"\nname = 5\n')
    assert main(["status", "--settings", str(tmp_path), "--data", str(tmp_path / "d")]) == 2
    told = capsys.readouterr().err
    assert "municipality.toml" in told and "feeds.toml" in told


def test_another_run_in_the_way_is_code_5_and_says_which(data, capsys):
    with Store.at(data).writing("the first"):
        assert main(["picture"]) == 5
    assert f"process {os.getpid()} (the first" in capsys.readouterr().err


def test_a_run_without_any_delivery_still_makes_a_sheet(data, capsys):
    assert main(["run", "--json"]) in (0, 3)
    answer = json.loads(capsys.readouterr().out)
    assert Path(answer["picture"]["sheet"]).exists()
    assert {feed["status"] for feed in answer["feeds"]} == {"nothing_new"}


def test_a_delivery_is_read_once_and_the_sums_are_told(data, capsys):
    deliver(data, 1)
    assert main(["collect", "guard_nordvakt", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["ingested"]
    assert (first["seen"], first["accepted"], first["rejected"], first["duplicate"]) == (9, 9, 0, 0)
    assert main(["collect", "guard_nordvakt"]) == 0
    assert "nothing_new" in capsys.readouterr().out


def test_a_damaged_lake_gives_no_new_sheet_and_the_last_good_one_stands(data, capsys):
    deliver(data, 1)
    assert main(["run"]) in (0, 3)
    store = Store.at(data)
    before = {path: path.read_bytes() for path in store.published.rglob("*") if path.is_file()}
    path = store.lake.files("report_version")[0]
    path.write_bytes(path.read_bytes()[:-8])
    capsys.readouterr()
    assert main(["picture"]) == 4
    assert "rebuild" in capsys.readouterr().err
    assert {p: p.read_bytes() for p in store.published.rglob("*") if p.is_file()} == before
    assert main(["rebuild"]) == 3
    assert main(["picture"]) == 0


def test_rejects_and_status_and_doctor_answer_in_json(data, capsys):
    deliver(data, 1)
    main(["run"])
    capsys.readouterr()
    for verb, key in (("rejects", "by_reason"), ("status", "feeds"), ("doctor", "findings")):
        assert main([verb, "--json"]) in (0, 3)
        assert key in json.loads(capsys.readouterr().out)


def test_the_doctor_finds_a_flipped_bit_and_a_torn_journal(data, capsys):
    deliver(data, 1)
    main(["run"])
    capsys.readouterr()
    assert main(["doctor"]) == 3
    assert "chmod 750" in capsys.readouterr().out
    data.chmod(0o750)
    assert main(["doctor"]) == 0
    store = Store.at(data)
    path = store.lake.files("report_version")[0]
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    journal = store.landing.journal
    journal.write_bytes(journal.read_bytes() + b'{"torn\n')
    capsys.readouterr()
    assert main(["doctor"]) == 3
    told = capsys.readouterr().out
    assert told.count("FAULT") == 3 and "1 lines that cannot be read" in told


def test_a_full_disk_gives_code_4_the_old_sheet_stands_and_the_next_run_goes_on(data, capsys, monkeypatch):
    deliver(data, 1)
    assert main(["run"]) in (0, 3)
    store = Store.at(data)
    before = (store.published / "latest.html").read_bytes()
    deliver(data, 2)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert main(["run"]) == 4
    assert "No space left" in capsys.readouterr().err
    assert (store.published / "latest.html").read_bytes() == before
    assert main(["run"]) in (0, 3)
    assert not store.lake.verify()
    assert sum(f.row_count for f in store.lake.manifest().files if f.table == "report_version") == 18


def test_a_reader_that_has_seen_enough_is_no_fault(data):
    words = f"{sys.executable} -m flows.cli status | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True)
    assert "unexpected" not in done.stderr and "BrokenPipe" not in done.stderr


def test_status_answers_where_neither_data_folder_nor_home_is_there_yet(data, tmp_path, monkeypatch, capsys):
    """A user made for the service has no home, and the folder is made by the first run."""
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    assert main(["status", "--json"]) in (0, 3)
    assert json.loads(capsys.readouterr().out)["disk_free_bytes"] > 0 and not data.exists()


def torn(manifest: bytes) -> bytes:
    return manifest[:9]


def of_an_older_contract(manifest: bytes) -> bytes:
    return json.dumps({**json.loads(manifest), "contract_version": 1}).encode()


@pytest.mark.parametrize("spoilt", [torn, of_an_older_contract])
def test_a_rebuild_makes_the_lake_again_when_its_manifest_cannot_be_used(data, capsys, spoilt):
    deliver(data, 1)
    assert main(["run"]) in (0, 3)
    store = Store.at(data)
    before = store.lake.content_hash("report_version")
    store.lake.pointer.write_bytes(spoilt(store.lake.pointer.read_bytes()))
    capsys.readouterr()
    assert main(["picture"]) == 4
    assert "run `lagesbild rebuild`" in capsys.readouterr().err
    assert main(["rebuild"]) == 3
    assert store.lake.content_hash("report_version") == before
    assert main(["picture"]) == 0
    assert not list(data.glob("lake-damaged-*"))


@pytest.mark.parametrize("mark", [{"format": 9, "minimum_reader": 9}, {"contract_version": 9999}])
def test_a_rebuild_leaves_a_lake_of_a_newer_program_alone(data, capsys, mark):
    deliver(data, 1)
    main(["run"])
    store = Store.at(data)
    newer = {**json.loads(store.lake.pointer.read_bytes()), **mark}
    store.lake.pointer.write_text(json.dumps(newer))
    capsys.readouterr()
    assert main(["rebuild"]) == 1
    assert "Upgrade" in capsys.readouterr().err
    assert json.loads(store.lake.pointer.read_bytes()) == newer
