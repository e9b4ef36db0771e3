"""A few words with a server that is busy: the sheet waits a moment, who was told to bring it up waits longer."""

from __future__ import annotations

import pytest

from flows import server_api
from flows.server_api import BUSY_S, PATIENT_S, ServerAway, ask


class Clock:
    """A clock that goes on by what is slept."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(server_api.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(server_api.time, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("more", "waits"), [({}, BUSY_S), ({"busy_s": PATIENT_S}, PATIENT_S)])
def test_a_question_is_put_again_while_the_database_is_busy_and_no_longer_than_asked(monkeypatch, more, waits):
    clock, asked = Clock(monkeypatch), []

    class Busy:
        status_code, ok, text, content = 503, False, "", b""

    class Session:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def request(self, *_, **__):
            asked.append(clock.now)
            return Busy()

    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setattr(server_api, "_session", Session)
    with pytest.raises(ServerAway, match="HTTP 503"):
        ask("POST", "/flow_runs/filter", {}, **more)
    assert len(asked) >= 4 and waits - 1 < asked[-1] <= waits + 1e-9
