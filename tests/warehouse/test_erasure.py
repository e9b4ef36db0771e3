"""A withdrawn text is erased when its time is out; that it was there stays."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.observed import at, new_versions, observations, observed
from tests.warehouse.test_lake import commit
from warehouse.erasure import erased_in, erased_notes, not_erased, withdrawn_texts, without
from warehouse.lake import Lake


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(tmp_path / "lake")


def versions_withdrawn(lake: Lake, hours: float) -> list[int]:
    table = withdrawn_texts(lake.files("report_version"), "guard_test", "text", at(hours))
    return table.column("version").to_pylist()


def test_a_replaced_text_is_withdrawn_from_the_moment_it_was_replaced(lake):
    commit(lake, observed("1", 0, "name"), observed("1", 10, "no name"))
    assert versions_withdrawn(lake, 9) == []
    assert versions_withdrawn(lake, 10) == [1]


def test_a_text_that_stands_is_not_withdrawn_by_a_change_of_something_else(lake):
    rows = [observed("1", n, "same", fields={"url": str(n)}) for n in (0, 1)]
    commit(lake, *rows)
    assert versions_withdrawn(lake, 99) == []


def test_a_text_that_came_back_is_not_withdrawn(lake):
    commit(lake, observed("1", 0, "a"), observed("1", 1, "b"), observed("1", 2, "a"))
    assert versions_withdrawn(lake, 99) == [2]


def test_a_report_that_was_taken_down_has_its_text_withdrawn_until_it_returns(lake):
    gone = observed("1", 1, "a", observation="withdrawn", note_public=None)
    commit(lake, observed("1", 0, "a"), gone)
    assert versions_withdrawn(lake, 99) == [1, 2]
    back = Lake(lake.folder.parent / "back")
    commit(back, observed("1", 0, "a"), gone, observed("1", 2, "a"))
    assert versions_withdrawn(back, 99) == []


def test_erased_notes_take_the_place_of_the_texts(lake):
    commit(lake, observed("1", 0, "name"), observed("1", 10, "no name"), observed("2", 0, "other"))
    withdrawn = withdrawn_texts(lake.files("report_version"), "guard_test", "text", at(99))
    (file,) = lake.files("note")
    rest = without(file, withdrawn)
    assert sorted(rest.column("note_public").to_pylist()) == ["Klotter no name.", "Klotter other."]
    (row,) = erased_notes(withdrawn).to_pylist()
    assert (row["report_id"], row["version"], row["note_public"], row["is_erased"]) == ("guard_test:1", 1, None, True)
    pq.write_table(erased_notes(withdrawn), lake.folder / "erased.parquet")
    assert not_erased([lake.folder / "erased.parquet"], withdrawn).num_rows == 0


def test_versions_read_from_erased_bytes_are_the_versions_read_before():
    before = new_versions(observations(observed("1", 0), observed("1", 1, "b")))
    erased = observed("1", 0, note_public=None, dq_flags="text_erased")
    after = new_versions(observations(erased, observed("1", 1, "b")))
    assert after.versions.equals(before.versions)
    assert after.notes.select(["version", "note_public", "is_erased"]).to_pylist() == [
        {"version": 1, "note_public": None, "is_erased": True},
        {"version": 2, "note_public": "Klotter b.", "is_erased": False},
    ]


def test_a_file_of_an_older_state_is_found_when_it_holds_a_text_that_no_longer_stands(lake):
    commit(lake, observed("1", 0, "name"), observed("1", 10, "no name"), observed("2", 0, "other"))
    withdrawn = withdrawn_texts(lake.files("report_version"), "guard_test", "text", at(99))
    (old,) = lake.files("note")
    rest = without(old, withdrawn)
    standing = lake.folder / "standing.parquet"
    pq.write_table(rest, standing)
    assert erased_in([old], [standing], withdrawn) == [old]
    assert erased_in([standing], [standing], withdrawn) == []
    # Numbered otherwise, as before the feed was made anew: it is the text that must not stand.
    numbered = lake.folder / "numbered.parquet"
    pq.write_table(rest.set_column(1, "version", pa.array([7] * rest.num_rows, pa.int32())), numbered)
    assert erased_in([numbered], [standing], withdrawn) == []
    assert erased_in([old], [standing], withdrawn.slice(0, 0)) == []
