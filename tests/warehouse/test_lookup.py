"""Looking things up in the journal finds what reading all of it finds."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.warehouse.test_landing import NOW, land
from warehouse.landing import Attempt, Erasure, Landed, Landing
from warehouse.removal import remove_before


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landed")


def attempt(landing: Landing, feed: str, day: int, status: str = "ok"):
    at = NOW + timedelta(days=day)
    return landing.note_attempt(feed, run_id=f"r{day}", started_at=at, ended_at=at, status=status)


@pytest.fixture
def lively(landing) -> Landing:
    """A journal with everything in it: deliveries of two feeds, attempts, an erasure, a torn line and a torn tail."""
    land(landing, b"a")
    attempt(landing, "guard_test", 0, "failed")
    erased = land(landing, b"b", feed="other")
    attempt(landing, "other", 40)
    with landing.journal.open("ab") as journal:
        journal.write(b'{"kind":"delivery","seq":5,"fe\n')
    land(landing, b"c", hours=1)
    landing.note_erasure("other", erased.sha256, b"less", erased_at=NOW, text_count=1)
    attempt(landing, "guard_test", 80)
    with landing.journal.open("ab") as journal:
        journal.write(b'{"kind":"attempt","seq":99,"feed":"guard_test"')
    return Landing(landing.folder)


def test_what_is_looked_up_in_the_journal_is_what_reading_all_of_it_finds(lively):
    whole = Landing(lively.folder)
    entries = whole.entries()
    assert lively.last_seq() == entries[-1].seq
    for feed in ("guard_test", "other", "third"):
        for after in range(10):
            expected = [one for one in whole.deliveries(feed) if one.seq > after]
            assert lively.deliveries(feed, after) == expected, (feed, after)
        assert list(lively.named(feed, "a.csv")) == whole.deliveries(feed) and not list(lively.named(feed, "b.csv"))
        tries = [one for one in entries if isinstance(one, Attempt) and one.feed == feed]
        assert lively.first_attempt(feed) == (tries[0] if tries else None)
        assert list(lively.attempts_back(feed)) == tries[::-1]
    assert list(lively.attempts_back()) == list(whole.attempts())[::-1]
    assert [lively.delivery(one.seq) for one in entries] == [None if type(e) is not Landed else e for e in entries]
    remove_before(lively, "guard_test", NOW + timedelta(minutes=30), removed_at=NOW)
    assert {sha256 for _, sha256, _ in lively.removals()} == {entries[0].sha256}
    assert lively.erasures() == {one.sha256: one.replaced_by for one in entries if isinstance(one, Erasure)} != {}
    assert lively.attempt_table().equals(whole.attempt_table()) and lively.attempt_table().num_rows == 3


def test_attempts_from_before_a_moment_are_left_out_and_those_of_a_clock_put_back_are_not(lively):
    since = NOW + timedelta(days=75)
    assert lively.attempt_table(since=since)["run_id"].to_pylist() == ["r80"]
    attempt(lively, "guard_test", 50)  # by a clock put back by a month
    assert lively.attempt_table(since=since)["run_id"].to_pylist() == ["r80", "r50"]


def test_a_few_deliveries_are_known_again_without_reading_the_journal_whole(lively, monkeypatch):
    monkeypatch.setattr(lively, "entries", lambda: pytest.fail("read whole"))
    assert land(lively, b"a") is None and land(lively, b"c", hours=1) is None
    assert land(lively, b"a", hours=2) and land(lively, b"a", feed="third") and land(lively, b"new")
    erased = land(lively, b"b", feed="other")  # its bytes are gone, the journal still knows them
    assert erased is None


def test_a_journal_of_another_hand_is_read_line_by_line(landing):
    land(landing, b"a")
    entry = json.loads(landing.journal.read_text())
    landing.journal.write_text(json.dumps(dict(reversed(entry.items()))) + "\n")
    other = Landing(landing.folder)
    assert other.last_seq() == 1 and [one.sha256 for one in other.deliveries("guard_test", -1)] == [entry["sha256"]]


def test_an_empty_journal_and_none_have_no_entries(landing):
    assert landing.last_seq() == 0 and landing.erasures() == {} and landing.delivery(1) is None
    landing.folder.mkdir(parents=True)
    landing.journal.touch()
    assert landing.last_seq() == 0 and list(landing.attempts_back()) == []
