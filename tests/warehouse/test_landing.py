"""Every delivery is durable, once, as it was sent; a journal a crash tore is still read."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from warehouse.landing import Arrival, Attempt, Landing

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
    assert [d.seq for d in again.entries()] == [1] and again.has_torn_tail
    assert land(again, b"3") is not None
    fresh = Landing(landing.folder)
    assert [d.sha256[:4] for d in fresh.deliveries("guard_test")] == [
        d.sha256[:4] for d in again.deliveries("guard_test")
    ]
    assert len(fresh.entries()) == 2 and fresh.torn_lines == 1


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
    assert [one.wait(300) for one in who] == [0, 0, 0]
    landing = Landing(tmp_path)
    assert [entry.seq for entry in landing.entries()] == list(range(1, 181))
    assert landing.torn_lines == 0 and not landing.has_torn_tail


def arrivals(*bodies: bytes) -> list[Arrival]:
    return [Arrival(body, NOW + timedelta(hours=hour), "a.csv") for hour, body in enumerate(bodies)]


def land_all(landing: Landing, *bodies: bytes):
    return landing.land_all("guard_test", arrivals(*bodies), landed_at=NOW, run_id="r")


def test_a_batch_is_journalled_in_its_order_and_what_is_known_of_it_is_not_landed_again(landing):
    land(landing, b"known")
    same = Arrival(b"new", NOW + timedelta(hours=1), "b.csv")
    answers = landing.land_all(
        "guard_test", [*arrivals(b"known", b"new"), same, *arrivals(b"new")], landed_at=NOW, run_id="r"
    )
    assert [one and one.seq for one in answers] == [None, 2, None, 3]
    assert Landing(landing.folder).deliveries("guard_test")[1:] == [answers[1], answers[3]]
    assert land_all(Landing(landing.folder), b"known", b"new") == [None, None]
    assert all(landing.object_path(one.sha256).read_bytes() == b"new" for one in answers if one)


def test_a_batch_is_durable_before_the_journal_names_any_of_it(landing, monkeypatch):
    """Each body before it gets its name, each folder after all its names, then the journal, once."""
    steps: list[tuple[str, str]] = []
    real_fsync, real_replace, real_write = os.fsync, os.replace, os.write

    def path_of(descriptor: int) -> str:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink()).removeprefix(f"{landing.folder}/")

    monkeypatch.setattr(os, "fsync", lambda fd: steps.append(("sync", path_of(fd))) or real_fsync(fd))
    monkeypatch.setattr(os, "write", lambda fd, b: steps.append(("write", path_of(fd))) or real_write(fd, b))
    monkeypatch.setattr(
        os,
        "replace",
        lambda old, new: steps.append(("name", str(old.relative_to(landing.folder)))) or real_replace(old, new),
    )
    landed = land_all(landing, b"1", b"2", b"3")
    temps = [path for step, path in steps if step == "name"]
    folders = {f"objects/{one.sha256[:2]}" for one in landed}
    assert len(temps) == 3 and len(folders) == 3
    written = steps.index(("write", "journal.jsonl"))
    for temp in temps:
        at = [steps.index((step, temp)) for step in ("write", "sync", "name")]
        assert at == sorted(at)
        assert at[-1] < max(n for n, step in enumerate(steps) if step == ("sync", str(Path(temp).parent))) < written
    assert steps[written:].count(("sync", "journal.jsonl")) == 1
    assert [step for step in steps if step == ("write", "journal.jsonl")] == steps[written : written + 1]


def test_a_disk_that_fills_up_inside_a_batch_names_nothing_and_leaves_no_half(landing, monkeypatch):
    real_write, left = os.write, 5

    def write(descriptor: int, content: bytes) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(left, len(content))
        left -= taken
        return real_write(descriptor, content[:taken])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space left"):
        land_all(landing, b"abc", b"defg")
    monkeypatch.undo()
    assert landing.last_seq() == 0 and not [path for path in landing.folder.rglob("*") if path.name.startswith(".part")]
    landed = land_all(landing, b"abc", b"defg")
    assert [(one.seq, landing.object_path(one.sha256).read_bytes()) for one in landed] == [(1, b"abc"), (2, b"defg")]


def test_a_line_the_disk_took_only_a_part_of_is_not_called_landed(landing, monkeypatch):
    """A write that meets the end of the disk takes what fits and complains only at the next one."""
    real_write, is_full = os.write, False

    def write(descriptor: int, content: bytes) -> int:
        nonlocal is_full
        if Path(f"/proc/self/fd/{descriptor}").readlink().name != "journal.jsonl":
            return real_write(descriptor, content)
        if is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        is_full = True
        return real_write(descriptor, content[: len(content) - 30])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space left"):
        land_all(landing, b"1", b"2")
    monkeypatch.undo()
    assert [one and one.seq for one in land_all(landing, b"1", b"2")] == [None, 2]
    fresh = Landing(landing.folder)
    assert [one.seq for one in fresh.entries()] == [1, 2] and fresh.torn_lines == 1


def test_a_batch_killed_at_any_step_loses_nothing_the_journal_names_and_is_taken_up_again(tmp_path):
    """kill -9 before every write, fsync and rename; then what stands, and the same batch again."""
    code = """
import hashlib, json, os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from warehouse.files import sweep_temp_files
from warehouse.landing import Arrival, Landing
now = datetime(2026, 1, 1, tzinfo=UTC)
batches = [[Arrival(b"%d" % n, now + timedelta(hours=n), "x") for n in some] for some in ([0], [0, 1, 2])]
def run(folder):
    for batch in batches:
        Landing(folder).land_all("f", batch, landed_at=now, run_id="r")
def killed(folder, point):
    step = 0
    def counted(real):
        def call(*args, **kwargs):
            nonlocal step
            step += 1
            if step == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)
        return call
    for name in ("write", "fsync", "replace"):
        setattr(os, name, counted(getattr(os, name)))
    run(folder)
    os._exit(0)
def stands(folder):
    landing = Landing(folder)
    named = landing.deliveries("f")
    whole = [hashlib.sha256(landing.object_path(d.sha256).read_bytes()).hexdigest() == d.sha256 for d in named]
    return len(named), all(whole), len({d.seq for d in named}) == len(named)
answers, point = [], 0
while True:
    point += 1
    folder = Path(sys.argv[1]) / str(point)
    if (child := os.fork()) == 0:
        killed(folder, point)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    after = stands(folder)
    sweep_temp_files(folder)
    run(folder)
    answers.append((ended, after, stands(folder)))
    if ended == 0:
        break
print(json.dumps(answers))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=PROJECT, capture_output=True, check=True)
    answers = json.loads(done.stdout)
    assert {ended for ended, _, _ in answers[:-1]} == {-9} and answers[-1] == [0, [3, True, True], [3, True, True]]
    assert len(answers) > 20 and {after[0] for _, after, _ in answers} == {0, 1, 3}
    assert all(after[1:] == [True, True] and end == [3, True, True] for _, after, end in answers)
