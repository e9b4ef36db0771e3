"""Every delivery is durable, once, as it was sent; a journal a crash tore is still read."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import PROJECT
from warehouse.landing import Attempt, Landing

NOW = datetime(2026, 10, 1, 5, 0, tzinfo=UTC)


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landed")


def land(landing: Landing, body: bytes, hours: float = 0, feed: str = "guard_test"):
    at = NOW + timedelta(hours=hours)
    return landing.land(feed, body, received_at=at, landed_at=NOW, name="a.csv", run_id="r")


def test_the_bytes_stand_under_their_hash_and_the_journal_names_them(landing):
    landed = land(landing, b"\xff\x00as sent")
    assert landing.object_path(landed.sha256).read_bytes() == b"\xff\x00as sent"
    assert Landing(landing.folder).deliveries("guard_test") == [landed]


def test_the_same_delivery_landed_again_changes_nothing(landing):
    land(landing, b"x")
    before = landing.journal.read_bytes()
    assert land(landing, b"x") is None
    assert land(Landing(landing.folder), b"x") is None
    assert landing.journal.read_bytes() == before


def test_the_same_bytes_at_another_time_are_a_delivery_of_their_own(landing):
    assert land(landing, b"x").seq == 1
    assert land(landing, b"x", hours=1).seq == 2


def test_a_line_torn_by_a_crash_is_passed_over_and_the_next_one_stands_whole(landing):
    land(landing, b"1")
    land(landing, b"2")
    torn = landing.journal.read_bytes()[:-20]
    landing.journal.write_bytes(torn)
    again = Landing(landing.folder)
    assert [d.seq for d in again.deliveries("guard_test")] == [1]
    assert again.has_torn_tail
    assert land(again, b"3") is not None
    fresh = Landing(landing.folder)
    assert [d.sha256[:4] for d in fresh.deliveries("guard_test")] == [
        d.sha256[:4] for d in again.deliveries("guard_test")
    ]
    assert len(fresh.deliveries("guard_test")) == 2
    assert fresh.torn_lines == 1


def test_journal_numbers_only_grow_also_after_a_torn_line(landing):
    for n in range(3):
        land(landing, bytes([n]))
    landing.journal.write_bytes(landing.journal.read_bytes()[:-5])
    again = Landing(landing.folder)
    land(again, b"new")
    seqs = [e.seq for e in Landing(landing.folder).entries()]
    assert seqs == sorted(set(seqs))


def test_an_attempt_is_kept_with_its_cause(landing):
    landing.note_attempt("f", run_id="r", started_at=NOW, ended_at=NOW, status="failed", cause="timeout")
    (attempt,) = Landing(landing.folder).attempts()
    assert isinstance(attempt, Attempt)
    assert landing.attempt_table().to_pylist()[0]["cause"] == "timeout"


def test_a_name_full_of_terminal_codes_is_one_plain_line_in_the_journal(landing):
    landing.land("f", b"x", received_at=NOW, landed_at=NOW, name="a\x1b]0;x\n‮.csv", run_id="r")
    assert landing.journal.read_bytes().count(b"\n") == 1
    assert landing.journal.read_bytes().isascii() and b"\x1b" not in landing.journal.read_bytes()


def test_an_erased_object_is_replaced_and_its_bytes_are_gone(landing):
    landed = land(landing, b"with a name")
    landing.note_erasure("guard_test", landed.sha256, b"without", erased_at=NOW, text_count=1)
    assert not landing.object_path(landed.sha256).exists()
    replaced = Landing(landing.folder).erasures()[landed.sha256]
    assert landing.object_path(replaced).read_bytes() == b"without"


def test_what_several_processes_land_at_once_has_numbers_of_its_own_and_nothing_is_torn(tmp_path):
    """The intake, the watcher and a run write to one journal."""
    code = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from warehouse.landing import Landing\n"
        "landing, now = Landing(Path(sys.argv[1])), datetime(2026, 1, 1, tzinfo=UTC)\n"
        "for n in range(60):\n"
        "    landing.land(sys.argv[2], b'%d' % n, received_at=now, landed_at=now, name='x', run_id='r')\n"
    )
    who = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), feed], cwd=PROJECT) for feed in "abc"]
    assert [one.wait(60) for one in who] == [0, 0, 0]
    landing = Landing(tmp_path)
    assert [entry.seq for entry in landing.entries()] == list(range(1, 181))
    assert landing.torn_lines == 0 and not landing.has_torn_tail
