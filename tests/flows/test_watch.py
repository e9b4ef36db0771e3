"""The drop folders under watch: what is taken when it has come to rest, and what never is."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows import watch as watch_module
from flows.hear import is_open_for_writing
from flows.settings import BUNDLED, read_settings
from flows.store import Run, Store
from flows.watch import STILL_S, DropFolder, drop_folders, look
from tests.conftest import PROJECT

FEED = "guard_nordvakt"


@pytest.fixture
def store(tmp_path) -> Store:
    return Store.at(tmp_path / "data")


@pytest.fixture
def drop(store) -> DropFolder:
    return DropFolder(FEED, store.drop / FEED)


def put(drop: DropFolder, name: str, content: bytes = b"x") -> Path:
    drop.folder.mkdir(parents=True, exist_ok=True)
    path = drop.folder / name
    path.write_bytes(content)
    os.utime(path, (time.time() - 100, time.time() - 100))  # read_still need not wait for it
    return path


def looks(store: Store, drop: DropFolder, *moments: float) -> list[tuple[int, list[str]]]:
    return [look(store, drop, Run.start(), moment) for moment in moments]


def attempts(store: Store) -> list[tuple[str, str | None, int]]:
    return [(one.status, one.cause, one.delivery_count) for one in Store(store.folder).landing.attempts()]


def test_a_file_is_taken_once_when_it_has_looked_the_same_for_long_enough(store, drop):
    put(drop, "a.csv")
    assert looks(store, drop, 0, STILL_S - 0.1) == [(0, []), (0, [])]
    assert looks(store, drop, STILL_S, 9, 99) == [(1, ["1 landed"]), (0, []), (0, [])]
    assert attempts(store) == [("ok", None, 1)]
    put(drop, "a.csv", b"another night")
    assert looks(store, drop, 100, 100 + STILL_S)[-1][0] == 1
    assert len(store.landing.deliveries(FEED)) == 2


def test_a_file_that_grows_is_left_alone_while_one_beside_it_is_taken(store, drop):
    growing = put(drop, "growing.csv")
    put(drop, "whole.csv", b"whole")
    for second in range(10):
        growing.write_bytes(b"x" * (second + 2))
        look(store, drop, Run.start(), float(second))
    assert [one.name for one in store.landing.deliveries(FEED)] == ["whole.csv"]
    os.utime(growing, (time.time() - 50, time.time() - 50))
    looks(store, drop, 20, 20 + STILL_S)
    assert store.landing.deliveries(FEED)[-1].size == 11


def test_a_file_that_its_writer_holds_open_is_left_alone_however_long_the_writer_pauses(store, drop):
    path = put(drop, "slow.csv")
    with path.open("ab") as writer:
        writer.write(b"half")
        writer.flush()
        os.utime(path, (time.time() - 100, time.time() - 100))
        told = looks(store, drop, 0, STILL_S, 60, 3600)
        with path.open("rb") as reader:
            if sys.platform != "linux" and not is_open_for_writing(reader.fileno()):
                pytest.skip("this system does not tell who writes")
        assert [count for count, _ in told] == [0, 0, 0, 0]
        writer.write(b" and half")
    os.utime(path, (time.time() - 50, time.time() - 50))
    assert looks(store, drop, 3601, 3601 + STILL_S)[-1][0] == 1
    assert [one.size for one in store.landing.deliveries(FEED)] == [len(b"xhalf and half")]


def test_what_a_partner_is_writing_is_not_swept_away_when_a_run_begins(store, drop):
    path = put(drop, ".part-of-theirs")
    with store.writing("a run"):
        assert path.exists()


def test_a_file_renamed_into_place_is_taken_and_its_unfinished_name_is_not(store, drop):
    path = put(drop, "a.csv.part")
    looks(store, drop, 0, 10, 20)
    assert not store.landing.deliveries(FEED)
    path.rename(drop.folder / "a.csv")
    looks(store, drop, 21, 21 + STILL_S)
    assert [one.name for one in store.landing.deliveries(FEED)] == ["a.csv"]


def test_links_and_pipes_are_refused_once_and_the_log_holds_no_name(store, drop, tmp_path):
    put(drop, "a.csv")
    (tmp_path / "secret").write_text("secret")
    (drop.folder / "anna-andersson.csv").symlink_to(tmp_path / "secret")
    os.mkfifo(drop.folder / "pipe.csv")
    (drop.folder / "\x1b[31mb\n.csv").symlink_to("nowhere")
    (drop.folder / "folder").mkdir()
    told = looks(store, drop, 0, STILL_S, 20, 40)
    assert told[1][0] == 1 and len(told[1][1]) == 4 and told[2:] == [(0, []), (0, [])]
    assert not any("anna" in line or "\x1b" in line for line in told[1][1])
    assert attempts(store) == [("ok", "file_refused", 1)]
    assert "\x1b" not in str([one.detail for one in store.landing.attempts()])


def test_of_many_files_at_once_the_rest_is_taken_at_the_looks_after(store, drop, monkeypatch):
    monkeypatch.setattr("flows.hear.FILES_A_LOOK", 2)
    for n in range(5):
        put(drop, f"{n}.csv")
    told = looks(store, drop, 0, STILL_S, STILL_S + 1, STILL_S + 2, STILL_S + 3)
    assert told[1:] == [
        (2, ["2 landed", "3 wait for the next look"]),
        (2, ["2 landed", "1 wait for the next look"]),
        (1, ["1 landed"]),
        (0, []),
    ]
    assert attempts(store) == [("ok", "files_wait", 2), ("ok", "files_wait", 2), ("ok", None, 1)]


def test_what_a_run_took_before_is_not_taken_again(store, drop):
    from flows.hear import land_folder

    put(drop, "a.csv")
    land_folder(store, FEED, drop.folder, Run.start())
    assert looks(store, drop, 0, STILL_S) == [(0, []), (0, [])]
    assert attempts(store) == []


def test_a_file_lands_while_a_run_writes(store, drop):
    put(drop, "a.csv")
    with store.writing("a long night"):
        assert looks(store, drop, 0, STILL_S)[-1] == (1, ["1 landed"])


def test_a_folder_of_ours_is_made_and_a_missing_one_of_others_is_told_once_until_it_is_there(store, drop, tmp_path):
    looks(store, drop, 0)
    assert drop.folder.is_dir()
    share = DropFolder(FEED, tmp_path / "share")
    told = looks(store, share, 0, 1, 20, 40)
    assert [len(lines) for _, lines in told] == [1, 0, 0, 0] and "No such file" in told[0][1][0]
    put(share, "a.csv")
    assert looks(store, share, 60, 60 + STILL_S)[-1] == (1, ["1 landed"])


def test_a_full_disk_is_told_once_and_the_file_lands_when_there_is_room(store, drop, monkeypatch):
    put(drop, "a.csv")

    def full(*_, **__):
        tried.append(1)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    tried: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.landing.write_many", full)
        told = looks(store, drop, 0, STILL_S, STILL_S + 1, STILL_S + 20)
        assert [len(lines) for _, lines in told] == [0, 1, 0, 0] and "No space left" in told[1][1][0]
        assert len(tried) == 2  # a disk that is full is not asked every second
    assert looks(store, drop, 60)[-1] == (1, ["1 landed"])


def test_every_feed_with_a_drop_folder_is_watched_and_no_other():
    settings = read_settings(BUNDLED / "haninge")
    watched = {one.feed for one in drop_folders(Store.at("/nowhere"), settings)}
    assert watched == {feed.feed for feed in settings.feeds.values() if feed.folder} and "polisen_events" not in watched


def test_the_command_watches_until_it_is_stopped_and_a_second_one_goes_away(tmp_path):
    command = [sys.executable, "-m", "flows.cli", "watch", "--settings", "lindvik", "--data", str(tmp_path)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "LAGESBILD"))}
    process = subprocess.Popen(command, cwd=PROJECT, env=clean, stderr=subprocess.PIPE, text=True)
    try:
        count = len(drop_folders(Store.at(tmp_path), read_settings(BUNDLED / "lindvik")))
        assert process.stderr.readline().endswith(f" watching {count} folders\n")
        second = subprocess.run(command, cwd=PROJECT, env=clean, capture_output=True, text=True, timeout=600)
        assert second.returncode == 5 and "another `lagesbild watch`" in second.stderr
        folder = tmp_path / "drop" / FEED
        deadline = time.monotonic() + 600
        while not folder.is_dir() and time.monotonic() < deadline:
            time.sleep(0.05)
        (folder / "night.csv").write_bytes(b"a;b\r\n")
        while not Store(tmp_path).landing.deliveries(FEED) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(Store(tmp_path).landing.deliveries(FEED)) == 1
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(300) == 0


def test_a_change_of_the_feeds_is_taken_in_and_one_with_faults_changes_nothing(store, tmp_path):
    import shutil

    from flows.console import Console

    shutil.copytree(BUNDLED / "lindvik", tmp_path / "lindvik")
    settings = read_settings(tmp_path / "lindvik")
    drops = drop_folders(store, settings)
    feeds = tmp_path / "lindvik" / "feeds.toml"
    whole = feeds.read_text(encoding="utf-8")
    feeds.write_text("[broken", encoding="utf-8")
    same, still = watch_module._taken_in(store, settings, drops, Console())
    assert same is settings and still is drops
    (tmp_path / "lindvik").rename(tmp_path / "away")  # as while another takes its place: the watch ended
    same, still = watch_module._taken_in(store, settings, drops, Console())
    assert same is settings and still is drops
    (tmp_path / "away").rename(tmp_path / "lindvik")
    feeds.write_text(whole.replace('folder = "felanmalan"', 'folder = "elsewhere"'), encoding="utf-8")
    _, fresh = watch_module._taken_in(store, settings, drops, Console())
    assert {one.folder.name for one in fresh} - {one.folder.name for one in drops} == {"elsewhere"}
    assert sum(one in drops for one in fresh) == len(drops) - 1  # the others keep what they know


def test_what_landed_before_a_kill_and_was_never_read_is_told_at_the_next_start(store, drop, monkeypatch):
    from flows import arrivals

    told: list[str] = []
    monkeypatch.setattr(arrivals, "emit", lambda _, resource, **__: told.append(resource) or True)
    settings, untold = read_settings(BUNDLED / "lindvik"), arrivals.Untold()
    watch_module.tell_unread(store, settings, untold)
    assert untold.tell() and told == []
    put(drop, "a.csv")
    looks(store, drop, 0, STILL_S)
    watch_module.tell_unread(store, settings, untold)
    assert untold.tell() and told == [f"lagesbild.feed.{FEED}"]
