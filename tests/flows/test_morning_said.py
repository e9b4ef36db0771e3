"""What `lagesbild morning` writes for the operator at each of its steps: whoever reads the service's log at seven."""

from __future__ import annotations

import shutil

import pytest

from flows import morning as morning_module
from flows.cli import main
from flows.results import PictureResult
from flows.settings import BUNDLED, read_settings
from flows.settings_last import keep_last_good
from flows.store import Store
from warehouse.manifest import LakeError


@pytest.fixture
def town(tmp_path, monkeypatch):
    """A town without a sheet, whose pictures fail; the folder with its settings and data."""
    shutil.copytree(BUNDLED / "lindvik", tmp_path / "lindvik")
    monkeypatch.setenv("LAGESBILD_SETTINGS", str(tmp_path / "lindvik"))
    monkeypatch.setenv("LAGESBILD_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    fails_with(monkeypatch, KeyError("Kalle Kanari"))
    return tmp_path


def fails_with(monkeypatch, *faults: Exception | PictureResult) -> None:
    """Let each picture in turn fail with one of ``faults``, and every further one with the last."""
    left = list(faults)

    def make_picture(*_, **__):
        fault = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(fault, Exception):
            raise fault
        return fault

    monkeypatch.setattr(morning_module, "make_picture", make_picture)


def said(capsys, code: int) -> list[str]:
    capsys.readouterr()
    assert main(["morning"]) == code
    return capsys.readouterr().err.splitlines()


def test_a_page_in_the_sheet_s_place_is_said_where_it_is(town, capsys):
    (line,) = [line for line in said(capsys, 4) if line.startswith("an emergency sheet")]
    (page,) = (town / "data" / "published").glob("nodblad_*.html")
    assert line == f"an emergency sheet says why, and what is known: {page}"


def test_a_page_that_cannot_be_written_anywhere_is_said_whole(town, monkeypatch, capsys):
    monkeypatch.setattr(morning_module, "write_page", lambda *_: None)
    lines = said(capsys, 4)
    at = lines.index("not even an emergency sheet could be written; here it is:")
    assert lines[at + 1] == "<!DOCTYPE html>" and lines[at + 2].startswith("<html ")
    assert any(line.endswith("</main></body></html>") for line in lines)


def test_the_settings_that_stand_in_are_said_with_what_is_wrong_with_today_s(town, capsys):
    keep_last_good(Store.at(town / "data"), read_settings(town / "lindvik"))
    (town / "lindvik" / "thresholds.toml").write_text("")
    lines = said(capsys, 4)
    assert lines[0] == "17 faults in the settings of lindvik:"
    kept = town / "data" / "last_good_settings" / "lindvik"
    assert f"the sheet is made with the settings of the last good one, kept in {kept}" in lines


def test_a_run_that_is_gone_round_is_named_and_a_picture_that_fails_beside_it_costs_no_page(town, monkeypatch, capsys):
    monkeypatch.setattr(morning_module, "MORNING_WAIT_S", 0.1)
    with Store.at(town / "data").writing("a night that hangs"):
        lines = said(capsys, 4)
    (line,) = [line for line in lines if "a night that hangs" in line]
    assert line.endswith(" The sheet is made beside it, of what is in the lake.")
    assert any(line.startswith("an emergency sheet says why") for line in lines)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (KeyError("Kalle Kanari"), "that failed too: KeyError at test_morning_said.py:"),
        (PictureResult(fault="a check failed"), "that failed too: a check failed"),
    ],
)
def test_a_lake_that_is_made_anew_beside_the_damaged_one_is_said_and_so_is_that_this_failed_too(
    town, monkeypatch, capsys, second, words
):
    fails_with(monkeypatch, LakeError("the lake is damaged"), second)
    lines = said(capsys, 4)
    assert "the sheet is made of all that has landed, in a lake beside it" in lines
    assert any(line.startswith(words) for line in lines) and "Kalle" not in "".join(lines)
