"""Decisions told to the house: landed and journalled like any delivery, numbered once, in Swedish words."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.cli import main
from flows.insats import add_insats
from flows.opened import open_settings
from flows.store import Run, Store
from warehouse.register_versions import read_register_head

ADD = ["--type", "kontroll", "--place", "Hamntorget", "--owner", "polis", "--stop", "2030-01-31", "--planned", "3"]


@pytest.fixture
def words(tmp_path) -> list[str]:
    return ["--settings", "lindvik", "--data", str(tmp_path / "data")]


def entries(words: list[str]) -> list[dict]:
    lake = Store.at(words[3]).lake
    return read_register_head("insats", lake.files("insats")).to_pylist()


def test_a_decision_is_landed_numbered_and_listed(words, capsys):
    before = datetime.now(ZoneInfo("Europe/Stockholm")).year
    assert main(["insats", "add", "Kontroll av cyklar", *ADD, *words, "--json"]) == 0
    number = json.loads(capsys.readouterr().out)["number"]
    after = datetime.now(ZoneInfo("Europe/Stockholm")).year
    assert number in (f"{before}-001", f"{after}-001")  # the town's year when the command ran
    (entry,) = entries(words)
    assert (entry["source_key"], entry["place_id"], entry["owner_id"]) == (number, "hamntorget", "polis")
    assert (entry["insats_status"], entry["planned_dose"]) == ("planerad", 3)
    journal = [json.loads(line) for line in (Path(words[3]) / "landed" / "journal.jsonl").read_text().splitlines()]
    assert [(line["feed"], line["name"]) for line in journal if line["kind"] == "delivery"] == [
        ("beslut", "insats-add.csv")
    ]
    assert main(["insats", "list", *words, "--json"]) == 0
    assert [row["nummer"] for row in json.loads(capsys.readouterr().out)["insatser"]] == [number]


def test_an_outcome_is_the_next_version_of_the_same_insats(words, capsys):
    main(["insats", "add", "Kontroll", *ADD, *words])
    number = entries(words)[0]["source_key"]
    assert main(["insats", "done", number, "--done", "2", "--outcome", "Lugnt; ring 070-174 06 05", *words]) == 0
    (entry,) = entries(words)
    assert (entry["version"], entry["change_kind"], entry["insats_status"]) == (2, "changed", "klar")
    assert (entry["done_dose"], entry["planned_dose"], entry["place_id"]) == (2, 3, "hamntorget")
    assert entry["changed_fields"] == "done_dose,insats_status,outcome" and "070" not in entry["outcome"]
    capsys.readouterr()
    assert main(["insats", "list", *words]) == 0
    assert capsys.readouterr().out.strip() == "inget"


def test_what_cannot_be_read_is_said_in_swedish_and_nothing_is_landed(words, capsys):
    assert main(["insats", "add", "x", "--owner", "Kalle Karlsson", "--stop", "snart", "--type", "bus", *words]) == 2
    said = capsys.readouterr().err
    assert "Ägare: står inte i owners.csv" in said and "Slut: kan inte läsas" in said and "Typ: okänt ord" in said
    assert "Karlsson" not in said and entries(words) == []
    assert not (Path(words[3]) / "landed" / "objects").exists() or not any(
        path.is_file() for path in (Path(words[3]) / "landed" / "objects").rglob("*")
    )
    assert main(["insats", "done", "2026-999", *words]) == 2
    assert "ingen insats med det numret" in capsys.readouterr().err


def test_an_insats_kept_in_a_file_is_changed_in_the_file(words, capsys):
    folder = Path(words[3]) / "drop" / "insatser"
    folder.mkdir(parents=True)
    (folder / "insatser.csv").write_text("Nr;Problem;Status\nI-1;Klotter;Pågår\n", encoding="utf-8")
    assert main(["collect", "insatser", *words]) == 0
    assert main(["insats", "done", "I-1", *words]) == 2
    assert "läses från fil: ändra den där" in capsys.readouterr().err


def test_two_who_record_at_once_get_a_number_each(words):
    command = [sys.executable, "-m", "flows.cli", "insats", "add", "Kontroll", *ADD, *words, "--wait", "60"]
    started = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(one.communicate(timeout=600)[1], one.returncode) for one in started] == [(b"", 0)] * 3
    assert [entry["source_key"][-3:] for entry in entries(words)] == ["001", "002", "003"]


def test_the_form_asks_for_choices_alone_and_words_the_problem_itself(words, monkeypatch):
    from prefect.utilities.callables import parameter_schema

    from flows.forms import shaped
    from flows.record_decision import record_decision

    settings = open_settings("lindvik")
    fields = shaped(parameter_schema(record_decision).model_dump(), settings)["properties"]
    free = set()
    for name, field in fields.items():
        for kind in field.get("anyOf", [field]):
            if kind.get("type") == "string" and "enum" not in kind and kind.get("format") != "date":
                free.add(name)
    assert free == {"settings", "data"}
    assert fields["owner"]["enum"][0] == "trygghet" and "hamntorget" in fields["place"]["enum"]
    key = record_decision.fn(
        "kontroll",
        "skada.klotter",
        "vaktare",
        date(2030, 1, 31),
        "lindvik",
        words[3],
        place="hamntorget",
        planned=2,
        clock_from=21,
        clock_until=2,
    )
    (entry,) = entries(words)
    assert (entry["source_key"], entry["problem"], entry["place_id"]) == (key, "Kontroll mot klotter", "hamntorget")
    assert (entry["clock_from"], entry["clock_until"]) == ("21:00", "02:00")


def test_a_text_with_a_separator_quotes_or_line_breaks_stays_one_cell(words):
    store, settings = Store.at(words[3]), open_settings("lindvik")
    with store.writing("test"):
        add_insats(store, settings, Run.start(), {"problem": 'Skylt "Stopp;\nVägen" är borta', "owner": "teknik"})
    assert entries(words)[0]["problem"] == 'Skylt "Stopp; Vägen" är borta'


def test_while_another_run_writes_a_decision_waits_or_is_refused(words, capsys):
    with Store.at(words[3]).writing("another"):
        assert main(["insats", "add", "Kontroll", *ADD, *words]) == 5
        assert main(["insats", "done", "2026-001", *words]) == 5
    assert "is writing" in capsys.readouterr().err and entries(words) == []
