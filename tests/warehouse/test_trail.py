"""A chained journal: no line of it can be edited or removed unseen, and with an anchor no tail either."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.files import append_line
from warehouse.trail import anchor_of, append_chained, look_through


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "journal.jsonl"
    append_chained(path, [{"number": 0, "text": "å" * 50}])
    append_chained(path, [{"number": number, "text": "å" * 50} for number in range(1, 4)])
    append_chained(path, [{"number": 4, "text": "å" * 50}])
    return path


def test_a_journal_as_it_was_written_is_whole_and_its_anchors_hold(journal: Path) -> None:
    early = anchor_of(journal)
    append_chained(journal, [{"number": 5}])
    trail = look_through(journal, [early, anchor_of(journal), (0, "")])
    assert (trail.lines, trail.unchained, trail.faults) == (6, 0, [])


@pytest.mark.parametrize("line", range(4))
@pytest.mark.parametrize("how", ["edited", "removed", "doubled", "swapped", "unnamed", "emptied"])
def test_no_line_but_the_last_can_be_changed_unseen(journal: Path, line: int, how: str) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    if how == "edited":
        lines[line] = lines[line].replace(f'"number":{line}'.encode(), b'"number":9')
    elif how == "removed":
        del lines[line]
    elif how == "doubled":
        lines.insert(line, lines[line])
    elif how == "swapped":
        lines[line], lines[line + 1] = lines[line + 1], lines[line]
    elif how == "emptied":
        lines[line] = b"\n"
    else:
        values = json.loads(lines[line])
        del values["after"]
        lines[line] = json.dumps(values).encode() + b"\n"
    journal.write_bytes(b"".join(lines))
    assert look_through(journal).faults


def test_a_tail_cut_off_or_written_anew_is_seen_by_the_anchor_alone(journal: Path) -> None:
    anchor = anchor_of(journal)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]))
    assert look_through(journal).faults == []
    assert len(look_through(journal, [anchor]).faults) == 1
    for number in (7, 8):  # as long as before, and well chained
        append_chained(journal, [{"number": number, "text": "å" * 50}])
    assert anchor_of(journal)[0] == anchor[0] and look_through(journal).faults == []
    assert len(look_through(journal, [anchor]).faults) == 1
    journal.unlink()
    assert len(look_through(journal, [anchor]).faults) == 1


def test_a_line_torn_by_a_kill_is_no_fault_and_what_comes_after_it_covers_it(journal: Path) -> None:
    whole = anchor_of(journal)
    journal.write_bytes(journal.read_bytes() + b'{"number":5,"aft')
    assert anchor_of(journal) == whole and look_through(journal, [whole]).faults == []
    for number in (6, 7):
        append_chained(journal, [{"number": number}])
    assert look_through(journal, [whole, anchor_of(journal)]).faults == []
    journal.write_bytes(journal.read_bytes().replace(b'{"number":5,"aft', b'{"number":5,"oft'))
    assert look_through(journal).faults


def test_what_stood_there_before_lines_were_chained_is_counted_and_covered_by_the_first_that_is(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    for number in range(3):
        append_line(path, json.dumps({"number": number}))
    append_chained(path, [{"number": 3}])
    append_chained(path, [{"number": 4}])
    trail = look_through(path, [anchor_of(path)])
    assert (trail.lines, trail.unchained, trail.faults) == (5, 3, [])
    append_line(path, json.dumps({"number": 5}))  # by a program that does not chain, or by hand
    assert len(look_through(path).faults) == 1
    path.write_bytes(path.read_bytes().replace(b'"number": 1', b'"number": 9'))
    assert len(look_through(path).faults) == 2


def test_a_journal_longer_than_what_is_read_at_once_is_chained_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    for size in (200_000, 10, 65_535, 65_536, 1):
        append_chained(path, [{"text": "x" * size}])
    assert look_through(path, [anchor_of(path)]).faults == []
    path.write_bytes(path.read_bytes().replace(b"x" * 65_536, b"x" * 65_535 + b"y"))
    assert look_through(path).faults


def test_of_no_journal_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert anchor_of(tmp_path / "none") == (0, "") and look_through(tmp_path / "none").lines == 0
