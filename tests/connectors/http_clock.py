"""A clock that only sleeping moves, and a client that uses it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.http import HttpClient, RateRules

LOOSE = RateRules(min_interval_s=0, per_hour=1_000, per_day=10_000)
AGENT = "lagesbild-test/1 (+kontakt@example.se)"


class Clock:
    """Stands at ``moment``; ``sleep`` moves it and keeps what was slept."""

    def __init__(self, moment: datetime = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)) -> None:
        self.moment = moment
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


def client_at(folder: Path, clock: Clock, **given: Any) -> HttpClient:
    """A client for a server on this machine, without chance in its waits."""
    settings: dict[str, Any] = {
        "allow_plain_http_hosts": frozenset({"127.0.0.1"}),
        "jitter": lambda: 0.0,
        "deadline_s": 5.0,
    }
    return HttpClient(AGENT, folder, now=clock.now, sleep=clock.sleep, **(settings | given))
