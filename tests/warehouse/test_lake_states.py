"""Older states: kept in a chain, gone back to whole or not at all, let go when their time is out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.warehouse.observed import FIRST, at, observed
from tests.warehouse.test_lake import commit
from warehouse.lake import Lake
from warehouse.manifest import FORMAT, FeedState, LakeError, Manifest
from warehouse.states import chain_faults, changes, drop_states, kept_numbers, roll_back, state, states, verify_all


@pytest.fixture
def lake(tmp_path) -> Lake:
    """A lake of three states, each a day after the one before."""
    lake = Lake(tmp_path / "lake")
    for night in range(3):
        commit(lake, observed(f"{night}", night), batch=f"b{night}")
    for number in (1, 2, 3):  # the test's commit writes them all at one moment
        retime(lake, number, at(24 * number).isoformat())
    return lake


def retime(lake: Lake, number: int, written_at: str) -> None:
    """Give a state another time, and its followers the chain that fits."""
    import hashlib

    parent = lake.state_path(number - 1)
    manifest = replace(state(lake, number), written_at=written_at)
    if parent.exists():
        manifest = replace(manifest, parent_sha256=hashlib.sha256(parent.read_bytes()).hexdigest())
    lake.state_path(number).write_bytes(manifest.to_bytes())
    if number == lake.manifest().number:
        lake.pointer.write_bytes(manifest.to_bytes())


def back(lake: Lake, number: int) -> Manifest:
    return roll_back(lake, number, written_at=at(100), run_id="back", code_version="0")


def newer(lake: Lake, **values) -> None:
    """The lake as a newer program would have left it."""
    stands = json.loads(lake.pointer.read_bytes())
    stands["files"] = [{**f, "colour": "blue"} for f in stands["files"]]
    lake.pointer.write_text(json.dumps({**stands, "mood": "good", **values}))


def test_an_older_program_refuses_a_newer_lake_politely_and_changes_nothing(lake):
    newer(lake, format=FORMAT + 1, minimum_reader=FORMAT + 1)
    before = lake.pointer.read_bytes()
    for attempt in (lake.manifest, lambda: back(lake, 1), lambda: list(states(lake))):
        with pytest.raises(LakeError, match=rf"reader of format {FORMAT + 1}.*Nothing was changed. Upgrade"):
            attempt()
    assert lake.pointer.read_bytes() == before


def test_an_older_program_reads_what_a_newer_one_added_but_does_not_write_over_it(lake):
    known = lake.manifest().files
    newer(lake, format=FORMAT + 1)
    assert lake.manifest().files == known
    before = lake.pointer.read_bytes()
    with pytest.raises(LakeError, match="It may read"):
        commit(lake, observed("9", 9), batch="b9")
    assert lake.pointer.read_bytes() == before


def test_the_chain_of_an_untouched_lake_holds(lake, tmp_path):
    assert chain_faults(lake) == []
    assert chain_faults(Lake(tmp_path / "none")) == []


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda lake: lake.state_path(2).unlink(), "states 2 to 2 are missing"),
        (lambda lake: lake.state_path(3).unlink(), "00000003.json: missing"),
        (lambda lake: lake.state_path(2).write_bytes(b"{"), "cannot be read"),
        (lambda lake: lake.pointer.write_bytes(lake.pointer.read_bytes() + b"\n"), "differs from manifest.json"),
        (lambda lake: lake.state_path(1).write_bytes(lake.state_path(2).read_bytes()), "is of state 2"),
        (
            lambda lake: lake.state_path(2).write_bytes(replace(state(lake, 2), what="nothing").to_bytes()),
            "00000003.json: the state before it was changed",
        ),
    ],
)
def test_a_broken_chain_of_manifests_is_told(lake, damage, says):
    damage(lake)
    assert any(says in fault for fault in chain_faults(lake))


def test_a_manifest_of_a_run_killed_before_its_commit_never_counts(lake):
    orphan = replace(lake.manifest(), number=4, what="never")
    lake.state_path(4).write_bytes(orphan.to_bytes())
    assert chain_faults(lake) == [] and kept_numbers(lake) == [1, 2, 3]
    with pytest.raises(LakeError, match="no state 4; kept are 1 to 3"):
        back(lake, 4)
    commit(lake, observed("9", 9), batch="b9")
    assert chain_faults(lake) == [] and lake.manifest().what == "test"


def test_what_a_state_changed_is_told_per_table(lake):
    told = {c.table: c for c in changes(state(lake, 2), state(lake, 3))}
    assert set(told) == {"report_version", "note"}
    change = told["report_version"]
    assert (change.files_added, change.files_removed, change.rows, change.rows_more) == (1, 0, 3, 1)


def test_going_back_gives_the_older_files_and_marks_as_a_new_state(lake):
    after = back(lake, 1)
    assert after.number == 4 and after.what == "roll back to state 1"
    assert after.files == state(lake, 1).files and after.feeds == {"guard_test": FeedState(journal_seq=1)}
    assert len(lake.files("report_version")) == 1 and chain_faults(lake) == [] and not lake.verify()


def test_going_back_can_itself_be_undone(lake):
    stood = lake.manifest()
    back(lake, 1)
    assert back(lake, 3).files == stood.files


def test_going_back_twice_writes_nothing_the_second_time(lake):
    assert back(lake, 3).number == 3
    assert back(lake, 1).number == back(lake, 1).number == 4


@pytest.mark.parametrize(("number", "says"), [(0, "no state 0"), (9, "no state 9; kept are 1 to 3")])
def test_a_state_that_is_not_there_is_refused(lake, number, says):
    with pytest.raises(LakeError, match=says):
        back(lake, number)
    assert lake.manifest().number == 3


def test_a_state_whose_files_were_taken_away_is_closed_and_says_so_politely(lake):
    back(lake, 1)
    lake.remove_unlisted()  # what a rebuild does
    found = verify_all(lake)
    assert found.faults == [] and found.closed == {2: 2, 3: 4}
    with pytest.raises(LakeError, match=r"state 3 cannot be gone back to: 4 of its 6 files.*state 4 stands"):
        back(lake, 3)
    assert lake.manifest().number == 4


def test_a_damaged_older_state_is_not_gone_back_to(lake):
    path = lake.folder / state(lake, 1).files[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(LakeError, match="state 1 is damaged"):
        back(lake, 1)


def test_a_missing_file_of_the_present_state_is_a_fault(lake):
    lake.files("note")[0].unlink()
    found = verify_all(lake)
    assert len(found.faults) == 1 and "missing" in found.faults[0] and "rebuild" in found.faults[0]


def test_a_flipped_bit_is_found_in_any_kept_state(lake):
    back(lake, 1)
    only_in_3 = ({f.path for f in state(lake, 3).files} - {f.path for f in state(lake, 2).files}).pop()
    path = lake.folder / only_in_3
    content = bytearray(path.read_bytes())
    content[50] ^= 1
    path.write_bytes(content)
    assert [fault.split(":")[0] for fault in verify_all(lake).faults] == [only_in_3]


def test_the_state_that_stood_at_the_limit_is_kept_and_the_older_ones_go(lake):
    back(lake, 2)
    dropped = drop_states(lake, at(24 * 2) + timedelta(hours=1))
    assert dropped.states == 1 and kept_numbers(lake) == [2, 3, 4]
    assert chain_faults(lake) == [] and verify_all(lake).closed == {}


def test_files_that_only_dropped_states_list_go_with_them(lake):
    back(lake, 1)
    dropped = drop_states(lake, at(24 * 200))
    assert (dropped.states, dropped.files) == (3, 4) and dropped.bytes > 0
    assert kept_numbers(lake) == [4] and lake.stray_files() == [] and not lake.verify()
    assert drop_states(lake, at(24 * 200)).states == 0


def test_states_before_missing_ones_go_when_their_time_is_out_and_with_them_the_fault(lake):
    back(lake, 1)
    lake.state_path(2).unlink()
    assert chain_faults(lake) == ["manifests/: states 2 to 2 are missing"]
    assert drop_states(lake, at(24 * 200)).states == 2
    assert kept_numbers(lake) == [4] and chain_faults(lake) == []


def test_nothing_younger_than_the_limit_is_dropped(lake):
    back(lake, 1)
    assert drop_states(lake, FIRST).states == 0
    assert len(list(states(lake))) == 4 and verify_all(lake).closed == {}
