"""The first half of the runbook (flows/README.md), rehearsed: each red thing made to happen, then what the row says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from connectors.http import TRIES
from flows.cli import main
from flows.settings import BUNDLED
from flows.store import Store
from tests.connectors.polisen_events.made_up_police import window
from tests.connectors.replay_server import Recorded, ReplayServer
from tests.flows.crash_sweep import HEADER

GUARD, POLICE = "guard_nordvakt", "polisen_events"


class Told:
    """The command line over a town of its own, made in ``folder`` where none is there: its code, and what it said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings, self.data, self._capsys = folder / "lindvik", folder / "data", capsys
        if not self.settings.exists():
            shutil.copytree(BUNDLED / "lindvik", self.settings)

    def __call__(self, *words: str) -> tuple[int, str]:
        self._capsys.readouterr()
        code = main([*words, "--settings", str(self.settings), "--data", str(self.data)])
        said = self._capsys.readouterr()
        return code, said.out + said.err

    def json(self, *words: str) -> dict:
        self._capsys.readouterr()
        main([*words, "--json", "--settings", str(self.settings), "--data", str(self.data)])
        return json.loads(self._capsys.readouterr().out)

    def change(self, name: str, old: str, new: str) -> None:
        path = self.settings / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def own_mapping(self) -> None:
        (self.settings / "mappings").mkdir(exist_ok=True)
        shared = BUNDLED.parents[1] / "connectors" / "guard_tabular" / "mappings" / "nordvakt.toml"
        shutil.copy(shared, self.settings / "mappings" / "nordvakt.toml")

    def drop(self, *lines: str, name: str = "night.csv") -> None:
        folder = self.data / "drop" / GUARD
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))

    def feed(self, feed: str = GUARD) -> dict:
        return next(row for row in self.json("status")["feeds"] if row["feed"] == feed)


@pytest.fixture
def told(tmp_path, capsys, monkeypatch) -> Told:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr("flows.hear.time.sleep", lambda _: None)
    return Told(tmp_path, capsys)


REPORT = "N1;2026-10-10;23.10;;Torget;Klotter;;;Nej;;;;;"


@pytest.mark.parametrize(
    ("answer", "cause", "tries"),
    [
        (Recorded(b"later", 429, {"Retry-After": "3600"}), "rate_limited", 1),
        (Recorded(b"", 302, {"Location": "https://elsewhere.example/"}), "redirected", 1),
        (Recorded(b"gone", 404), "http_404", 1),
        (Recorded(b"who are you", 401), "auth", 1),
        (Recorded(b"out of order", 503), "http_5xx", TRIES),
    ],
)
def test_a_source_that_does_not_answer_is_named_by_its_cause_and_heard_when_that_is_mended(told, answer, cause, tries):
    with ReplayServer() as server:
        options = "options = { window_length = 12, minimum_types = 4, minimum_overlap = 0.5 }"
        told.change("feeds.toml", f'folder = "{POLICE}"', f'url = "{server.url("/old")}"\n{options}')
        server.answer("/old", answer)
        server.answer("/new", Recorded(json.dumps(window(*range(20, 8, -1))).encode()))
        code, said = told("collect", POLICE)
        assert code == 3 and f"failed, {cause}" in said
        assert cause in told.feed(POLICE)["last_try"] and "lagesbild.html" not in said
        assert len(server.calls) == tries  # what is permanent is asked once
        if cause == "rate_limited":  # the rules are kept on disk across runs: nothing is asked before its time
            assert "not before" in told("collect", POLICE)[1] and len(server.calls) == 1
            return
        told.change("feeds.toml", server.url("/old"), server.url("/new"))
        shutil.rmtree(told.data / "http")  # the ten seconds between two calls, without waiting for them
        assert told("collect", POLICE)[0] in (0, 3)
        assert told.feed(POLICE)["last_try"] == "ok"


def test_a_column_that_a_partner_renamed_is_added_to_the_mapping_and_read_by_a_rebuild(told):
    told.drop(HEADER.replace("Datum", "Dag"), REPORT)
    assert told("run")[0] == 3
    assert told.feed()["quarantined"] == 1 and "column_missing" in told("rejects", GUARD)[1]
    told.own_mapping()
    told.change("mappings/nordvakt.toml", 'date = ["Datum"]', 'date = ["Datum", "Dag"]')
    assert told("rebuild")[0] == 3  # it differs, as it should
    row = told.feed()
    assert (row["quarantined"], row["accepted"]) == (0, 1)
    assert told("run")[0] == 0


def test_records_that_were_refused_are_read_by_a_rebuild_when_the_mapping_is_corrected(told):
    told.drop(HEADER, REPORT, "N2;11/10/2026;23.10;;Torget;Klotter;;;Nej;;;;;")
    assert told("run")[0] == 0
    assert told.feed()["rejected"] == 1 and "night" not in told("rejects", GUARD)[1]
    told.own_mapping()
    told.change("mappings/nordvakt.toml", 'date_formats = ["%Y-%m-%d"]', 'date_formats = ["%Y-%m-%d", "%d/%m/%Y"]')
    assert GUARD in told("status")[1].partition("read with other settings than today's")[2]
    assert told("rebuild")[0] == 3
    row = told.feed()
    assert (row["rejected"], row["accepted"]) == (0, 2)
    assert "read with other settings" not in told("status")[1]


def test_a_word_nobody_knows_is_shown_by_words_and_known_after_a_rebuild(told):
    told.drop(HEADER, REPORT.replace("Klotter", "Väggmålning"))
    assert told("run")[0] == 0
    assert "väggmålning" in told("words", GUARD)[1]
    assert "väggmålning" not in told("rejects", "--notices", GUARD)[1]
    told.own_mapping()
    told.change("mappings/nordvakt.toml", '"Klotter" =', '"Väggmålning" = "skada.klotter"\n"Klotter" =')
    assert told("rebuild")[0] == 3
    assert "no unknown words" in told("words", GUARD)[1]


def test_a_fault_in_a_connector_leaves_its_feed_as_it_stood_and_the_next_run_takes_it_up(told, monkeypatch):
    told.drop(HEADER, REPORT)

    def broken(*_):
        raise KeyError("Kalle Kanari")

    with monkeypatch.context() as patched:
        patched.setattr("connectors.guard_tabular.connector.normalise", broken)
        code, said = told("run")
    assert code == 3 and f"{GUARD}: failed, connector_fault: KeyError at test_runbook.py:" in said
    assert "Kalle" not in said and (told.data / "published" / "latest.html").exists()
    assert told("run")[0] == 0 and told.feed()["accepted"] == 1


def test_a_damaged_lake_is_made_again_and_the_picture_with_it(told):
    told.drop(HEADER, REPORT)
    assert told("run")[0] == 0
    path = Store.at(told.data).lake.files("report_version")[0]
    path.write_bytes(path.read_bytes()[:-8])
    code, said = told("run")
    assert code == 4 and "the lake is damaged" in said
    assert told("rebuild")[0] == 3
    assert told("picture")[0] == 0
    assert "0 damaged" in told("doctor")[1]


def test_a_failed_check_is_named_and_the_old_sheet_stands(told, monkeypatch, tmp_path):
    import warehouse.findings as findings

    told.drop(HEADER, REPORT)
    assert told("run")[0] == 0
    latest = (told.data / "published" / "latest.html").read_bytes()
    checks = tmp_path / "checks"
    shutil.copytree(findings.CHECKS, checks)
    (checks / "fail_made_up.sql").write_text("-- A rule that nothing keeps.\nSELECT 1 AS row_number;\n")
    monkeypatch.setattr(findings, "CHECKS", checks)
    code, said = told("picture")
    assert code == 4 and "fail_made_up" in said and "the last good one stands" in said
    assert (told.data / "published" / "latest.html").read_bytes() == latest


def test_another_run_in_the_way_is_waited_for_where_that_is_asked(told):
    import threading

    store, may_end = Store.at(told.data), threading.Event()

    def hold() -> None:
        with store.writing("the first"):
            may_end.wait(600)

    holder = threading.Thread(target=hold)
    holder.start()
    while not (told.data / "lock").exists() or b"the first" not in (told.data / "lock").read_bytes():
        pass
    assert told("picture")[0] == 5
    threading.Timer(0.3, may_end.set).start()
    assert told("picture", "--wait", "60")[0] == 0
    holder.join()


def test_broken_settings_are_stood_in_for_listed_by_doctor_and_mended(told):
    told.drop(HEADER, REPORT)
    assert told("run")[0] == 0
    for path in (told.data / "published").glob("picture_*.json"):
        path.unlink()  # no sheet is out this morning
    told.change("feeds.toml", 'owner_org = "Nordvakt AB"', 'owner_organisation = "Nordvakt AB"')
    assert told("morning")[0] == 3
    assert "Inställningarna har fel" in (told.data / "published" / "latest.html").read_text(encoding="utf-8")
    code, said = told("doctor")
    assert code == 2 and "feeds.toml · guard_nordvakt.owner_org" in said
    told.change("feeds.toml", 'owner_organisation = "Nordvakt AB"', 'owner_org = "Nordvakt AB"')
    assert told("run")[0] == 0
    assert "Inställningarna har fel" not in (told.data / "published" / "latest.html").read_text(encoding="utf-8")


def test_an_emergency_sheet_names_its_reason_and_the_next_good_sheet_takes_its_place(told, monkeypatch):
    told.drop(HEADER, REPORT)
    with monkeypatch.context() as patched:
        patched.setattr("flows.morning.make_picture", lambda *_, **__: 1 / 0)
        assert told("morning")[0] == 4
    latest = told.data / "published" / "latest.html"
    assert "Ett fel i programmet." in latest.read_text(encoding="utf-8")
    assert told("run")[0] == 0
    assert "Nödblad" not in latest.read_text(encoding="utf-8")
