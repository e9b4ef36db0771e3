"""Laws of versioning: repeats fall away, every difference is kept, order of reading does not matter."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.observed import FIRST, at, new_versions, observations, observed
from warehouse.versions import HEAD


def story(table: pa.Table, *columns: str) -> list[tuple]:
    ordered = table.sort_by([("report_id", "ascending"), ("version", "ascending")])
    return list(zip(*(ordered.column(name).to_pylist() for name in columns), strict=True))


def head_of(versions: pa.Table) -> pa.Table:
    last = {row["report_id"]: row for row in versions.sort_by("version").to_pylist()}
    return pa.Table.from_pylist([{n: row[n] for n in HEAD.names} for row in last.values()], schema=HEAD)


def test_a_record_said_again_unchanged_is_no_new_version():
    result = new_versions(observations(observed("1", 0), observed("1", 1), observed("1", 2)))
    assert story(result.versions, "version", "change_kind") == [(1, "new")]
    assert sum(result.accepted.values()) == 1


def test_a_text_that_goes_back_to_what_it_was_is_three_versions():
    result = new_versions(observations(observed("1", 0, "a"), observed("1", 1, "b"), observed("1", 2, "a")))
    assert story(result.versions, "version", "change_kind", "changed_fields") == [
        (1, "new", ""),
        (2, "changed", "text"),
        (3, "changed", "text"),
    ]


def test_a_withdrawn_report_that_comes_back_is_said_to_have_returned():
    rows = [observed("1", 0), observed("1", 1, observation="withdrawn"), observed("1", 2)]
    result = new_versions(observations(*rows))
    assert story(result.versions, "version", "change_kind") == [(1, "new"), (2, "withdrawn"), (3, "returned")]


def test_what_was_never_there_cannot_be_withdrawn():
    assert new_versions(observations(observed("1", 0, observation="withdrawn"))).versions.num_rows == 0


def test_a_report_keeps_the_moment_it_was_first_seen():
    result = new_versions(observations(observed("1", 0, "a"), observed("1", 5, "b")))
    assert story(result.versions, "first_seen_at") == [(FIRST,), (FIRST,)]


def test_the_newest_version_of_each_report_is_named():
    rows = [observed("1", 0, "a"), observed("2", 0, "a"), observed("1", 1, "b"), observed("2", 2), observed("3", 2)]
    result = new_versions(observations(*rows))
    newest = result.versions.take(pa.array(result.newest))
    assert story(newest, "source_key", "version") == [("1", 2), ("2", 1), ("3", 1)]
    assert new_versions(observations(observed("1", 0, observation="withdrawn"))).newest.tolist() == []


def test_a_word_that_every_delivery_says_is_kept_once():
    versions = new_versions(observations(observed("1", 0, "a"), observed("1", 1, "b"))).versions
    assert versions.column("source_id").chunk(0).dictionary.to_pylist() == ["guard_test"]


def test_two_records_of_one_key_in_one_delivery_are_versions_in_their_order():
    rows = observations(observed("1", 0, "late", record_number=9), observed("1", 0, "early", record_number=2))
    result = new_versions(rows)
    assert story(result.versions, "version", "record_number") == [(1, 2), (2, 9)]


def test_numbering_goes_on_from_what_was_known():
    first = new_versions(observations(observed("1", 0, "a"), observed("2", 0, "a"))).versions
    second = new_versions(observations(observed("1", 1, "b"), observed("2", 1, "a")), head_of(first))
    assert story(second.versions, "report_id", "version", "change_kind", "first_seen_at", "changed_fields") == [
        ("guard_test:1", 2, "changed", FIRST, "text")
    ]


def test_each_report_is_held_against_what_was_known_of_itself():
    told = [{"x": "1"}, {"y": "1"}, {"z": "1"}]
    first = new_versions(observations(*(observed(str(n), 0, fields=fields) for n, fields in enumerate(told)))).versions
    again = [observed(str(n), 1, fields={**told[n], "xyz"[n]: "2"}) for n in (2, 0, 1)]
    second = new_versions(observations(*again, observed("0", 2, "b", fields={"x": "2"})), head_of(first)).versions
    assert story(second, "source_key", "version", "changed_fields") == [
        ("0", 2, "x"), ("0", 3, "text"), ("1", 2, "y"), ("2", 2, "z")
    ]  # fmt: skip


def test_a_known_key_used_again_for_another_event_is_flagged():
    moved = {"category": "vald.ran", "occurred_from": FIRST + timedelta(hours=2)}
    result = new_versions(observations(observed("1", 0, "a"), observed("1", 1, "b", **moved)))
    assert story(result.versions, "dq_flags") == [("",), ("identity_break",)]


def test_a_correction_of_the_category_alone_is_no_identity_break():
    result = new_versions(observations(observed("1", 0, "a"), observed("1", 1, "b", category="vald.ran")))
    assert story(result.versions, "dq_flags") == [("",), ("",)]


def test_a_moved_publication_is_an_identity_break():
    rows = [observed("1", n, str(n), published_at=at(n)) for n in (0, 1)]
    assert story(new_versions(observations(*rows)).versions, "dq_flags") == [("",), ("identity_break",)]


def test_a_change_in_noise_fields_only_is_a_version_flagged_as_noise():
    rows = [observed("1", n, "a", fields={"url": str(n)}, dq_flags="place_unmatched") for n in (0, 1)]
    result = new_versions(observations(*rows), noise_fields={"url"})
    assert story(result.versions, "changed_fields", "dq_flags") == [
        ("", "place_unmatched"),
        ("url", "noise_change,place_unmatched"),
    ]


def test_notes_stand_apart_from_the_versions():
    result = new_versions(observations(observed("1", 0, note_public=None), observed("1", 1, "b")))
    assert "note_public" not in result.versions.column_names
    assert story(result.notes, "version", "note_public") == [(2, "Klotter b.")]


said = st.lists(
    st.tuples(
        st.sampled_from("123"),
        st.integers(0, 5),
        st.sampled_from("ab"),
        st.sampled_from(["seen", "withdrawn", "cancelled"]),
    ),
    max_size=14,
    unique_by=lambda row: (row[0], row[1]),
)


@settings(max_examples=40, deadline=None)
@given(said, st.integers(0, 6), st.randoms(use_true_random=False))
def test_the_versions_do_not_depend_on_row_order_nor_on_how_the_deliveries_are_cut(rows, cut, chance):
    made = [observed(key, hour, text, observation="withdrawn" if gone else "seen") for key, hour, text, gone in rows]
    whole = new_versions(observations(*made)).versions
    chance.shuffle(made)
    first = new_versions(observations(*[r for r in made if r["ingested_at"] < at(cut)])).versions
    second = new_versions(observations(*[r for r in made if r["ingested_at"] >= at(cut)]), head_of(first)).versions
    pieces = pa.concat_tables([first, second])
    order = [("report_id", "ascending"), ("version", "ascending")]
    assert pieces.sort_by(order).equals(whole.sort_by(order))


@pytest.mark.parametrize("column", ["category", "report_id"])
def test_a_missing_required_value_is_refused_without_being_shown(column):
    table = observations(observed("1", 0))
    broken = table.set_column(table.column_names.index(column), column, pa.array([None], pa.string()))
    with pytest.raises(ValueError, match=column):
        new_versions(broken.append_column("row", pc.add(0, pa.array([1]))).drop_columns("row"))


def test_a_record_the_source_cancels_counts_as_seen_and_ends_the_report():
    result = new_versions(observations(observed("1", 0), observed("1", 1, observation="cancelled")))
    assert story(result.versions, "change_kind") == [("new",), ("withdrawn",)]
    assert sum(result.accepted.values()) == 2


def test_a_report_cancelled_before_it_was_heard_of_is_kept_as_withdrawn():
    rows = [observed("1", n, observation="cancelled") for n in (0, 1)]
    result = new_versions(observations(*rows, observed("1", 2)))
    assert story(result.versions, "change_kind") == [("withdrawn",), ("returned",)]
