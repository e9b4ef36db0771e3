"""What the server is told of arrivals: all of it, once, as soon as there is a server."""

from __future__ import annotations

import threading

from flows import arrivals
from flows.arrivals import Untold, keep_telling


def test_what_no_server_took_is_told_when_one_does_and_never_twice(monkeypatch):
    told: list[tuple[str, str, int]] = []
    is_up = False

    def emit(name: str, resource: str, deliveries: int) -> bool:
        if is_up:
            told.append((name, resource, deliveries))
        return is_up

    monkeypatch.setattr(arrivals, "emit", emit)
    untold = Untold()
    untold.add("a", 1)
    untold.add("b", 1)
    untold.add("a", 2)
    assert not untold.tell() and told == []
    is_up = True
    assert untold.tell() and untold.tell()
    assert told == [
        ("lagesbild.delivery.landed", "lagesbild.feed.a", 3),
        ("lagesbild.delivery.landed", "lagesbild.feed.b", 1),
    ]


def test_it_is_told_at_once_and_the_teller_ends_when_it_is_stopped(monkeypatch):
    was_told, has_come, stops = threading.Event(), threading.Event(), threading.Event()
    monkeypatch.setattr(arrivals, "emit", lambda *_, **__: was_told.set() or True)
    untold = Untold()
    teller = threading.Thread(target=keep_telling, args=(untold, has_come, stops, 60.0), daemon=True)
    teller.start()
    untold.add("a", 1)
    has_come.set()
    assert was_told.wait(300)
    stops.set()
    has_come.set()
    teller.join(300)
    assert not teller.is_alive()
