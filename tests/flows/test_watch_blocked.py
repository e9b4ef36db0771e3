"""A drop folder that does not answer, or fails as nobody thought of: the others are watched on, and it is said once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from flows import watch as watch_module
from flows.arrivals import Untold
from flows.watch import BLOCKED_S, DropFolder, blocked_lines
from tests.flows.test_watch import FEED, drop, put, store

__all__ = ["drop", "store"]  # fixtures


def test_a_disk_that_never_answers_holds_up_its_own_folder_alone_and_is_told_of_once(store, drop, monkeypatch):
    """As a share whose server is gone: the listing does not come back, and no signal reaches it."""
    dead, answers = DropFolder("felanmalan", store.drop / "felanmalan"), threading.Event()
    real = watch_module.files_in

    def listing(folder: Path):
        if folder == dead.folder:
            answers.wait(600)
        return real(folder)

    monkeypatch.setattr(watch_module, "files_in", listing)
    monkeypatch.setattr(watch_module, "LOOK_S", 0.01)
    monkeypatch.setattr(watch_module, "STILL_S", 0.05)
    put(dead, "b.csv")
    said: list[str] = []
    untold, has_come = Untold(), threading.Event()
    threads = [
        threading.Thread(
            target=watch_module.keep_looking, args=(store, one, untold, has_come, said.append), daemon=True
        )
        for one in (dead, drop)
    ]
    for thread in threads:
        thread.start()
    put(drop, "a.csv")
    until(lambda: said == [f"{FEED}: 1 landed"])
    until(lambda: dead.looking_since is not None)
    assert not store.landing.deliveries("felanmalan")
    lines = [watch_module.blocked_lines([dead, drop], dead.looking_since + seconds) for seconds in (29, 30, 31, 3600)]
    told = "felanmalan: has not answered for 30 s; the other folders are watched as before"
    assert lines == [[], [told], [], []]
    answers.set()
    until(lambda: store.landing.deliveries("felanmalan"))
    until(lambda: watch_module.blocked_lines([dead, drop], time.monotonic()) == ["felanmalan: answers again"])
    for one in (dead, drop):
        one.leaves.set()
    for thread in threads:
        thread.join(300)
    assert not any(thread.is_alive() for thread in threads)


def until(what, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_fault_nobody_thought_of_is_said_and_the_folder_is_watched_on(store, drop, monkeypatch):
    def broken(*_):
        raise KeyError("anna-andersson.csv")

    monkeypatch.setattr(watch_module, "look", broken)
    monkeypatch.setattr(watch_module, "LOOK_S", 0.01)
    said: list[str] = []
    arguments = (store, drop, Untold(), threading.Event(), said.append)
    thread = threading.Thread(target=watch_module.keep_looking, args=arguments, daemon=True)
    thread.start()
    until(lambda: said)
    time.sleep(0.1)
    assert thread.is_alive() and len(said) == 1 and said[0].startswith(f"{FEED}: KeyError at test_watch_blocked.py:")
    drop.leaves.set()
    thread.join(300)


def test_a_share_that_does_not_answer_is_told_of_and_said_to_answer_again():
    drop = DropFolder(FEED, Path("/share"), looking_since=0.0)
    (line,) = blocked_lines([drop], BLOCKED_S)
    assert line.startswith(f"{FEED}: has not answered for 30 s")
    drop.looking_since = None
    assert blocked_lines([drop], BLOCKED_S + 1) == [f"{FEED}: answers again"]
