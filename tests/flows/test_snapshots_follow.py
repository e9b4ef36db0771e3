"""The analysts' copy follows a sheet when the writer's lock is free, and holds up nobody who needs a sheet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import flows.snapshots
from flows.cli import main
from flows.results import PictureResult
from flows.snapshots import follow, note_to_copy
from flows.store import Run, Store
from warehouse.manifest import Manifest

#: A picture whose copying says which run's it is and whether its build stands, and goes on when it is told to.
COPIES_WHEN_TOLD = """
import sys
import flows.snapshots
import warehouse.build
from flows.cli import main

def make(store, build, manifest, wanted):
    print(wanted.run_id, build.exists(), file=sys.__stdout__, flush=True)
    sys.stdin.readline()
    return ""

flows.snapshots.make = make
warehouse.build.add_week = lambda con: []
sys.exit(main(["picture", "--json"]))
"""


@pytest.mark.snapshot
def test_a_briefing_is_made_while_another_picture_is_copied_which_then_copies_the_briefing_s_too(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", COPIES_WHEN_TOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin and other.stdout
        try:
            first = other.stdout.readline().split()
            assert main(["briefing", "--no-prefect"]) in (0, 3)
            assert "snapshot" not in capsys.readouterr().err
            assert list(Store.at(town / "data").copying.glob(".part-*.duckdb"))  # what is copied is not swept away
        finally:
            other.stdin.write("\n")
            other.stdin.flush()
        second = other.stdout.readline().split()
        other.stdin.write("\n")
        other.stdin.flush()
        other.stdout.read()
        assert other.wait() in (0, 3)
    assert first[1:] == second[1:] == ["True"] and first[0] != second[0]
    assert not list(Store.at(town / "data").copying.glob(".part-*"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What each copy read, without copying it."""
    copied: list[bytes] = []
    monkeypatch.setattr(flows.snapshots, "is_due", lambda *_: True)
    monkeypatch.setattr(flows.snapshots, "make", lambda store, build, *_: copied.append(build.read_bytes()) or "")
    return copied


def publish(store: Store, content: bytes, is_due: bool = True) -> PictureResult:
    unfinished = store.folder / "unfinished"
    unfinished.write_bytes(content)
    unfinished.replace(store.database)
    note_to_copy(store, Run.start(), Manifest(), "hash", is_due)
    return PictureResult(sheet=store.published / "sheet.html")


def test_a_picture_is_copied_once_and_never_an_older_one_over_a_newer(tmp_path: Path, made: list[bytes]) -> None:
    store = Store.at(tmp_path)
    older = publish(store, b"older")
    newer = publish(store, b"newer")
    for result in (newer, older, newer):
        follow(store, Run.start(), result)
        assert result.warnings == []
    assert made == [b"newer"]


def test_tables_made_without_the_week_s_are_not_copied_even_where_the_copy_is_due_by_now(
    tmp_path: Path, made: list[bytes]
) -> None:
    store = Store.at(tmp_path)
    result = publish(store, b"without the week's tables", is_due=False)
    follow(store, Run.start(), result)
    assert made == [] and result.warnings == []


def test_a_copy_that_another_made_meanwhile_is_not_made_again(
    tmp_path: Path, made: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.at(tmp_path)
    result = publish(store, b"due when it was built")
    monkeypatch.setattr(flows.snapshots, "is_due", lambda *_: False)
    follow(store, Run.start(), result)
    assert made == [] and result.warnings == []


def test_a_build_swapped_in_before_its_note_is_not_copied_under_the_name_of_the_one_before(
    tmp_path: Path, made: list[bytes]
) -> None:
    store = Store.at(tmp_path)
    result = publish(store, b"older")
    (tmp_path / "built").write_bytes(b"newer, not published yet")
    (tmp_path / "built").replace(store.database)
    follow(store, Run.start(), result)
    assert made == [] and result.warnings == []


def test_a_fault_of_the_copy_is_told_once_and_a_killed_copy_is_made_up_for(
    tmp_path: Path, made: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.at(tmp_path)
    publish(store, b"killed before it was copied")
    again = PictureResult(sheet=tmp_path / "sheet.html")
    (store.copying / ".part-build.duckdb").write_bytes(b"left by the kill")
    with monkeypatch.context() as patched:
        patched.setattr(flows.snapshots, "make", lambda *_: 1 / 0)
        follow(store, Run.start(), again)
    assert [line for line in again.warnings if "not renewed, the last one stands: ZeroDivisionError" in line]
    follow(store, Run.start(), again)
    assert made == [] and len(again.warnings) == 1
    publish(store, b"the next")
    follow(store, Run.start(), again)
    assert made == [b"the next"]


def test_where_another_copies_nobody_waits(tmp_path: Path, made: list[bytes]) -> None:
    from flows.locks import held

    store = Store.at(tmp_path)
    result = publish(store, b"a build")
    with held(store.copying / "lock"):
        follow(store, Run.start(), result)
    assert made == [] and result.warnings == []
    follow(store, Run.start(), result)
    assert made == [b"a build"]
