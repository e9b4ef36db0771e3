"""The audit trail: decisions, hand-outs and deliveries cannot be edited or cut off unseen."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from flows.cli import main
from flows.handouts import MADE_FROM, record
from flows.opened import open_settings
from flows.settings_kept import keep_settings
from flows.settings_read import keep_files
from flows.store import Store
from tests.flows.crash_sweep import deliver

DECISION = ["insats", "add", "Kontroll", "--owner", "trygghet", "--stop", "2099-12-01"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with a delivery, a decision, two hand-outs and the sheet that anchors them."""
    data = tmp_path_factory.mktemp("audit") / "data"
    deliver(data, 1)
    assert main([*DECISION, "--settings", "lindvik", "--data", str(data)]) == 0
    store = Store.at(data)
    for number in range(2):
        record(store, datetime.now(UTC), f"q:5.{number}", "csv", 3, b"", {"sql": "", **dict.fromkeys(MADE_FROM, "")})
    assert main(["run", "--no-prefect", "--settings", "lindvik", "--data", str(data)]) in (0, 3)
    return data


@pytest.fixture
def store(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Store:
    shutil.copytree(made, tmp_path / "data")
    (tmp_path / "data").chmod(0o750)
    capsys.readouterr()
    return Store.at(tmp_path / "data")


def faults(store: Store, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    code = main([*words, "--settings", "lindvik", "--data", str(store.folder), "--json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    found = [one["finding"] for one in findings if one["is_fault"] and "disk:" not in one["finding"]]
    assert code == (3 if any(one["is_fault"] for one in findings) else 0)
    return found


def code_on(sheet: Path) -> str:
    (code,) = re.findall(r"Kedja <code [^>]*>([0-9a-f]{16})</code>", sheet.read_text(encoding="utf-8"))
    return str(code)


def test_of_a_house_as_it_was_left_everything_holds_and_the_code_on_paper_is_known(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_on(store.published / "latest.html")
    assert faults(store, capsys, "audit", code.upper()) == []
    assert faults(store, capsys, "doctor") == []
    assert len(faults(store, capsys, "audit", "0" * 16)) == 1
    assert main(["audit", "hello", "--settings", "lindvik", "--data", str(store.folder)]) == 2


def cut(path: Path, lines: int) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-lines]))


def edit(path: Path, before: bytes, after: bytes) -> None:
    assert before in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(before, after))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: cut(s.handouts, 1), id="the last hand-out is cut off"),
        pytest.param(lambda s: s.handouts.unlink(), id="the hand-outs are removed"),
        pytest.param(lambda s: edit(s.handouts, b"q:5.0", b"q:5.9"), id="a hand-out is edited"),
        pytest.param(lambda s: edit(s.handouts, b"q:5.1", b"q:5.9"), id="the last hand-out is edited"),
        pytest.param(lambda s: cut(s.landing.journal, 3), id="the journal's tail is cut off"),
        pytest.param(
            lambda s: edit(s.landing.journal, b"insats-add.csv", b"insats-odd.csv"), id="a decision is renamed"
        ),
        pytest.param(lambda s: cut(s.pictures, 1), id="the record of the picture is cut off"),
        pytest.param(lambda s: edit(s.pictures, b"; handouts ", b"; handouts 9"), id="an anchor is edited"),
    ],
)
def test_a_trail_that_was_changed_is_found(
    store: Store, change: Callable[[Store], None], capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_on(store.published / "latest.html")
    change(store)
    found = faults(store, capsys, "doctor") + faults(store, capsys, "audit", code)
    assert any("audit trail" in one or code in one for one in found), found


def test_landed_bytes_that_were_changed_are_found(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    decision = next(d for d in store.landing.deliveries("beslut"))
    path = store.landing.object_path(decision.sha256)
    edit(path, b"Kontroll", b"Kontrall")
    assert any(decision.sha256 in one for one in faults(store, capsys, "audit"))


def test_kept_settings_that_were_changed_or_are_gone_are_found_and_written_anew_when_they_are_used_again(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    made, read = next(store.settings_kept.glob("*.json")), next(store.settings_kept.glob("read/*.json"))
    before = {path: path.read_bytes() for path in (made, read)}
    for path, content in before.items():
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :])
    found = faults(store, capsys, "audit")
    assert all(any(path.name in one for one in found) for path in before), found
    made.unlink()
    assert any(made.name in one for one in faults(store, capsys, "audit"))
    keep_files(store, open_settings("lindvik"))
    assert read.read_bytes() == before[read]
    config = {"threshold": pa.table({"threshold": ["x"], "value": [1.0]})}
    path = store.settings_kept / f"{keep_settings(store.settings_kept, config)}.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:-2])
    keep_settings(store.settings_kept, config)
    assert path.read_bytes() == whole


def test_a_trail_cut_together_with_its_record_and_sheets_is_found_by_the_code_on_paper(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_on(store.published / "latest.html")
    cut(store.handouts, 1)
    cut(store.pictures, 1)
    shutil.rmtree(store.published)
    assert faults(store, capsys, "audit") == []
    assert any(code in one for one in faults(store, capsys, "audit", code))
