from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from made_up_police import Police

from connectors.http import Answer, FeedDown, RateRules
from connectors.polisen_events.connector import fetch

NOW = datetime(2026, 8, 21, 4, 20, 14, tzinfo=UTC)


class Source:
    """A client that answers without a network and remembers what it was asked."""

    def __init__(self, status: int = 200, url: str | None = None) -> None:
        self.status, self.url = status, url
        self.asked: list[tuple[str, Any, RateRules, str]] = []

    def get(self, url: str, *, params: Any = None, rules: RateRules, feed: str) -> Answer:
        self.asked.append((url, params, rules, feed))
        return Answer(self.status, b"[]", "application/json", self.url or url, NOW, {})


@pytest.mark.parametrize("query", ["", "?locationname=Haninge", "?type=Brand#x"])
def test_the_whole_feed_is_asked_for_whatever_filter_the_address_holds(police: Police, query: str) -> None:
    source = Source()
    (fetched,) = fetch(police.context(), source, "https://polisen.se/api/events" + query, None)  # type: ignore[arg-type]
    ((url, params, rules, feed),) = source.asked
    assert (url, params, feed) == ("https://polisen.se/api/events", None, "polisen_events")
    assert (rules.min_interval_s, rules.per_hour, rules.per_day) == (10, 60, 1440)
    assert (fetched.body, fetched.received_at, fetched.query) == (b"[]", NOW, None)
    assert fetched.name == "events-2026-08-21T042014Z.json"


@pytest.mark.parametrize(
    ("source", "cause"),
    [(Source(status=304), "http_304"), (Source(url="https://example.org/api/events"), "redirected")],
)
def test_another_status_or_host_is_a_dead_feed_with_its_body_kept(police: Police, source: Source, cause: str) -> None:
    with pytest.raises(FeedDown) as down:
        fetch(police.context(), source, "https://polisen.se/api/events", NOW)  # type: ignore[arg-type]
    assert (down.value.cause, down.value.body) == (cause, b"[]")
