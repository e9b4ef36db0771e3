"""The meeting's decision through a real server and worker: from the form to the register and the next sheet. Slow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flows.insats import insats_entries
from flows.opened import open_house
from flows.server_api import ServerAway
from flows.store import utc_now
from tests.flows.raised import Raised

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FORM = "record_decision/record_decision"
#: A place whose name, in the municipality's own list, is an attack on the page that prints it.
HOSTILE = "<script>alert(1)</script>"
#: What somebody might write into a form that took texts: a name and an identity number of Skatteverket's test series.
PERSON = "Kanariefågel Kanariesson 19811218-9876"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raised]:
    town = Raised(tmp_path_factory.mktemp("decided"))
    places = town.settings / "places.csv"
    places.write_text(places.read_text(encoding="utf-8") + f"skumt,{HOSTILE},,torg,public,centrum,58.901,16.989\n")
    town.up()
    yield town
    town.down()


def decide(town: Raised, **values: object) -> str:
    stop = (utc_now() + timedelta(days=9)).date().isoformat()
    told = {"insats_type": "kontroll", "category": "vald.misshandel", "owner": "polis", "place": "skumt", "stop": stop}
    return town.run(FORM, **{**told, "clock_from": 20, "clock_until": 24, "planned": 4, **values})


def kept_by_prefect(town: Raised) -> list[Path]:
    kept = [path for path in (town.data / "prefect").rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"prefect.db", "server.log", "worker.log"}
    return kept


def test_what_the_form_was_told_is_in_the_register_and_on_the_next_sheet_as_text(town: Raised) -> None:
    assert town.ended(decide(town)) == "COMPLETED", town.words()
    settings, store = open_house(str(town.settings), str(town.data))
    (entry,) = insats_entries(store, settings)
    assert (entry["place_id"], entry["owner_id"], entry["planned_dose"]) == ("skumt", "polis", 4)
    assert (entry["clock_from"], entry["clock_until"], entry["problem"]) == (
        "20:00",
        "24:00",
        "Kontroll mot misshandel",
    )

    assert town.ended(town.run("picture/picture")) == "COMPLETED", town.words()
    newest = max(town.store.published.glob("picture_*.json"), key=lambda path: path.stat().st_mtime)
    picture = json.loads(newest.read_bytes())
    (decision,) = picture["decision"]
    assert (decision["entry_id"], decision["place_label"]) == (entry["entry_id"], HOSTILE)
    assert [row["problem"] for row in picture["effort"]] == ["Kontroll mot misshandel"]
    page = (town.store.published / "latest.html").read_text(encoding="utf-8")
    assert "Kontroll mot misshandel" in page and "&lt;script&gt;" in page and "<script" not in page


def test_a_text_of_anybodys_is_refused_by_the_server_and_kept_nowhere(town: Raised) -> None:
    _, store = open_house(str(town.settings), str(town.data))
    before = store.landing.last_seq()
    for field in (
        "place",
        "area",
        "owner",
        "category",
        "insats_type",
        "unit",
        "settings",
        "data",
        "planned",
        "start",
        "stop",
    ):
        with pytest.raises(ServerAway, match="409"):
            pytest.fail(f"{field} took it: run {decide(town, **{field: PERSON})}")
    with pytest.raises(ServerAway, match="409"):
        decide(town, planned=8112189876)
    assert store.landing.last_seq() == before
    for path in kept_by_prefect(town):
        content = path.read_bytes()
        for canary in ("Kanariefågel", "Kanariesson", "19811218-9876", "8112189876"):
            assert canary.encode() not in content, f"{canary} is in {path.name}"


def test_prefect_keeps_the_choices_as_ids_and_nothing_they_stand_for(town: Raised) -> None:
    run = decide(town, category="ordning.storning")
    assert town.ended(run) == "COMPLETED", town.words()
    told = town.ask("GET", f"/flow_runs/{run}")["parameters"]
    assert (told["place"], told["owner"], told["category"]) == ("skumt", "polis", "ordning.storning")
    for path in kept_by_prefect(town):
        content = path.read_bytes()
        for text in (HOSTILE, "Kontroll mot misshandel", "Kontroll mot ordningsst", "Lokalpolisområde Lindvik"):
            # The form's own choices are ids too: no name of a place or an owner is in the server's record.
            assert text.encode() not in content, f"{text} is in {path.name}"
