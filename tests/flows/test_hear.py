"""A drop folder: what is taken, once, and what is refused without harm."""

from __future__ import annotations

import os
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.hear import WAITS, hear, land_folder, note_folder, read_still
from flows.settings import BUNDLED, read_settings
from flows.store import Run, Store
from tests.connectors.replay_server import Recorded, ReplayServer


@pytest.fixture
def drop(tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def store(tmp_path) -> Store:
    return Store.at(tmp_path / "data")


def old_file(path, content: bytes = b"x", age_s: float = 100) -> None:
    path.write_bytes(content)
    stamp = path.stat().st_mtime - age_s
    os.utime(path, (stamp, stamp))


def take(store: Store, folder):
    return land_folder(store, "guard_test", folder, Run.start())


def test_one_look_takes_so_many_files_and_bytes_the_oldest_first_and_says_what_waits(store, tmp_path, monkeypatch):
    """2,000 files in one folder took 43 s of a night, with the sheet behind them."""
    monkeypatch.setattr("flows.hear.FILES_A_LOOK", 3)
    monkeypatch.setattr("flows.hear.BYTES_A_LOOK", 100)
    link = tmp_path / "link.csv"  # refused each time, and must not stand in the way of the others
    link.symlink_to("elsewhere")
    os.utime(link, (1, 1), follow_symlinks=False)
    for name, size, age_s in (("f", 101, 10), ("e", 99, 20), ("d", 1, 30), ("c", 1, 40), ("b", 1, 50), ("a", 1, 60)):
        old_file(tmp_path / f"{name}.csv", name.encode() * size, age_s)
    taken = []
    for _ in range(4):
        landed, refused = take(store, tmp_path)
        assert [one.name for one in refused if one.reason != WAITS] == ["link.csv"]
        waiting = sorted(one.name for one in refused if one.reason == WAITS)
        taken.append((" ".join(one.name[0] for one in landed), " ".join(name[0] for name in waiting)))
        attempt = note_folder(store, "guard_test", Run.start(), datetime.now(UTC), landed, refused)
        assert (attempt.cause == "files_wait") == bool(waiting)
        assert (f"files that wait: {len(waiting)};" in (attempt.detail or "")) == bool(waiting)
    assert taken == [("a b c", "d e f"), ("d e", "f"), ("f", ""), ("", "")]


def test_files_are_taken_oldest_first_and_left_where_they_lie(store, drop):
    old_file(drop / "b.csv", b"older", 200)
    old_file(drop / "a.csv", b"newer", 100)
    landed, refused = take(store, drop)
    assert [d.name for d in landed] == ["b.csv", "a.csv"] and not refused
    assert landed[0].received_at < landed[1].received_at
    assert sorted(path.name for path in drop.iterdir()) == ["a.csv", "b.csv"]


def test_a_file_that_lies_there_is_heard_once_and_one_sent_again_is_heard_again(store, drop):
    old_file(drop / "a.csv", b"zero", 200)
    assert len(take(store, drop)[0]) == 1
    assert len(take(Store.at(store.folder), drop)[0]) == 0
    old_file(drop / "a.csv", b"zero", 50)
    assert len(take(store, drop)[0]) == 1


@pytest.mark.parametrize("name", ["x.csv.filepart", "~$x.xlsx", ".x.csv", "x.tmp"])
def test_a_name_of_an_unfinished_file_is_left_alone(store, drop, name):
    old_file(drop / name)
    assert take(store, drop) == ([], [])


def test_links_pipes_and_sockets_are_refused_without_a_hang_and_the_rest_is_taken(store, drop, tmp_path):
    old_file(tmp_path / "secret.csv", b"secret")
    old_file(tmp_path / "other.csv", b"with one name only")
    (drop / "link.csv").symlink_to(tmp_path / "other.csv")
    (drop / "dangling.csv").symlink_to(tmp_path / "nothing")
    os.link(tmp_path / "secret.csv", drop / "hard.csv")
    os.mkfifo(drop / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(drop / "socket.csv"))
        (drop / "folder.csv").mkdir()
        old_file(drop / "good.csv", b"good")
        landed, refused = take(store, drop)
    assert [d.name for d in landed] == ["good.csv"]
    assert sorted(r.name for r in refused) == ["dangling.csv", "hard.csv", "link.csv", "pipe.csv", "socket.csv"]


def test_a_file_still_being_written_is_left_for_the_next_run(drop, monkeypatch):
    path = drop / "a.csv"
    path.write_bytes(b"first half")

    def grow(_):
        with path.open("ab") as file:
            file.write(b"second half")

    monkeypatch.setattr("flows.hear.time.sleep", grow)
    assert "still being written" in read_still(path)


HOSTILE = [
    "'); DROP TABLE t; --.csv",
    "[1]*.csv",
    "-rf.csv",
    "a\nb.csv",
    "\x1b]0;x\x07.csv",
    "ö" * 120 + ".csv",
    "‮.csv",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_label(store, drop, name):
    old_file(drop / name, name.encode())
    (landed,), refused = take(store, drop)
    assert not refused
    assert landed.name.isprintable()
    stored = store.landing.object_path(landed.sha256)
    assert stored.name == landed.sha256 and stored.read_bytes() == name.encode()


def test_a_name_that_is_no_utf8_is_taken(store, drop):
    Path(os.fsdecode(os.fsencode(drop) + b"/\xff\xfe.csv")).write_bytes(b"x")
    (landed,), _ = take(store, drop)
    assert landed.name.isprintable()


def test_a_missing_drop_folder_is_said(store, tmp_path):
    assert take(store, tmp_path / "nowhere")[1][0].reason == "the drop folder is missing"


def test_the_status_of_the_last_answer_is_journalled_and_none_where_nobody_answered(store, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.hear.time.sleep", lambda _: None)
    shutil.copytree(BUNDLED / "lindvik", tmp_path / "lindvik")
    feeds = tmp_path / "lindvik" / "feeds.toml"
    with ReplayServer() as server:
        url = server.url("/v2")
        text = feeds.read_text(encoding="utf-8").replace('folder = "felanmalan"', f'url = "{url}"')
        feeds.write_text(text, encoding="utf-8")
        settings = read_settings(tmp_path / "lindvik")
        told = []
        for answer in (Recorded(b"[]"), Recorded(b"gone", 404), Recorded(b"out of order", 503)):
            server.answer("/v2/requests.json", answer)
            told.append(hear(store, settings, "felanmalan", Run.start()))
            shutil.rmtree(store.http_state)
    told.append(hear(store, settings, "felanmalan", Run.start()))
    assert [(one.cause, one.http_status) for one in told] == [
        (None, 200),
        ("http_404", 404),
        ("http_5xx", 503),
        ("refused", None),
    ]
    kept = Store.at(store.folder).landing.attempt_table().column("http_status").to_pylist()
    assert kept == [200, 404, 503, None]
