"""From a row back to the delivery, the run and the program that read it, however long ago the lake let it go."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from flows import store
from flows.cli import main
from flows.store import Store
from tests.flows.crash_sweep import deliver
from tests.flows.sheet_alone import sheet_alone
from warehouse.states import drop_states, kept_numbers

pytestmark = pytest.mark.snapshot


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two nights, each read by a program of its own version; all states but the last let go."""
    data = tmp_path_factory.mktemp("trace") / "data"
    words = ["--settings", "lindvik", "--data", str(data)]
    with pytest.MonkeyPatch.context() as patch, sheet_alone():
        for night, version in ((1, "0.0.8"), (2, "0.0.9")):
            deliver(data, night)
            patch.setattr(store, "code_version", lambda version=version: version)
            assert main(["run", "--no-prefect", *words]) in (0, 3)
    drop_states(Store.at(data).lake, datetime.now(UTC) + timedelta(days=9))
    assert main(["picture", *words]) in (0, 3)
    return words


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, list[dict[str, str]]]:
    assert main([*words, "--json"]) == 0
    told: dict[str, list[dict[str, str]]] = json.loads(capsys.readouterr().out)
    return told


def test_a_report_s_program_and_run_are_known_when_its_state_is_gone(where, capsys):
    assert len(kept_numbers(Store.at(where[-1]).lake)) == 1
    runs = set()
    for night, version in ((1, "0.0.8"), (2, "0.0.9")):
        told = answer(capsys, "trace", f"guard_nordvakt:N{night}3", *where)
        (row,) = told["report_versions"]
        (delivery,) = told["deliveries"]
        assert row["code_version"] == delivery["code_version"] == version
        assert row["read_run_id"] == delivery["read_run_id"] and row["delivery_sha256"] == delivery["delivery_sha256"]
        runs.add(row["read_run_id"])
    assert len(runs) == 2


def test_the_same_way_back_is_a_query(where, capsys):
    asked = "FROM core.lineage('guard_nordvakt:N13')"
    (row,) = answer(capsys, "sql", asked, *where)["rows"]
    assert row["code_version"] == "0.0.8" and row["run_id"] and row["read_run_id"]


@pytest.mark.slow
def test_what_was_read_anew_was_read_by_the_program_that_did(where, capsys):
    assert main(["rebuild", *where]) in (0, 3)
    assert main(["picture", *where]) in (0, 3)
    capsys.readouterr()
    (row,) = answer(capsys, "trace", "guard_nordvakt:N13", *where)["report_versions"]
    assert row["code_version"] not in ("0.0.8", "0.0.9", None)
