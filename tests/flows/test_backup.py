"""A house made again from what the runbook says to back up, and nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from flows.cli import main
from flows.store import Store
from tests.flows.made_up_nights import MORNING
from tests.flows.published import publish_once
from warehouse.contract import LAKE_TABLES

RUNBOOK = Path(__file__).resolve().parents[2] / "flows" / "README.md"


def backed_up() -> list[str]:
    """The names that the runbook's table of the data folder marks: back this up."""
    rows = re.findall(r"^\| (.*?) \|.*\*\*no: back this up\*\* \|$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    return [name.strip("/") for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_what_the_runbook_says_to_back_up_makes_the_house_again_to_the_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_once(tmp_path)
    lost, found = Store.at(tmp_path / "data"), Store.at(tmp_path / "restored")
    before = {name: lost.lake.content_hash(name) for name in LAKE_TABLES}
    (code,) = re.findall(r'<code class="chain"[^>]*>(\w+)<', (lost.published / "latest.html").read_text())
    assert {"landed", "pictures.jsonl", "settings", "handouts.jsonl", "public_blocks"} <= set(backed_up())
    found.folder.mkdir(mode=0o750)
    for name in backed_up():
        path = lost.folder / name
        if path.is_dir():
            shutil.copytree(path, found.folder / name)
        elif path.exists():
            shutil.copy2(path, found.folder / name)
    shutil.rmtree(lost.folder)
    monkeypatch.setenv("LAGESBILD_SETTINGS", str(tmp_path / "lindvik"))
    monkeypatch.setenv("LAGESBILD_DATA", str(found.folder))
    capsys.readouterr()
    main(["rebuild"])  # code 3: it differs from the empty lake that stood there
    assert {name: found.lake.content_hash(name) for name in LAKE_TABLES} == before
    capsys.readouterr()
    assert main(["picture", "--at", MORNING, "--json"]) == 0
    assert "identical to the picture published then" in capsys.readouterr().out
    assert main(["audit", code]) == 0 and main(["lake", "verify"]) == 0
