"""An event carries ids and counts, goes out where a server answers, and never gets in anybody's way."""

from __future__ import annotations

import pytest

from flows.events import CHANGED, LANDED, emit, feed_resource, tell_change
from flows.ingest import Ingested
from flows.results import FeedResult


def test_an_event_names_the_feed_and_counts(listener):
    assert emit(LANDED, feed_resource("guard_nordvakt"), deliveries=2, bytes=1234)
    (event,) = listener.events
    assert event["event"] == "lagesbild.delivery.landed"
    assert event["resource"]["prefect.resource.id"] == "lagesbild.feed.guard_nordvakt"
    assert event["payload"] == {"deliveries": 2, "bytes": 1234}


def test_an_event_passes_a_server_that_asks_for_a_key_and_a_token(listener, monkeypatch):
    listener.csrf, listener.key = True, "Basic bmFtZTpzZWNyZXQ="
    assert not emit(CHANGED, feed_resource("felanmalan"))
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "name:secret")
    assert emit(CHANGED, feed_resource("felanmalan"))
    assert len(listener.events) == 1


@pytest.mark.parametrize(
    ("name", "resource", "counts"),
    [
        ("lagesbild.feed.said", "lagesbild.feed.felanmalan", {}),
        (LANDED, "Anna Svensson, Storgatan 4", {}),
        (LANDED, "lagesbild.feed.Rån 700101-1234.csv", {}),
        (LANDED, "lagesbild.feed.felanmalan", {"words": "Anna Svensson"}),
        (LANDED, "lagesbild.feed.felanmalan", {"is_new": True}),
    ],
)
def test_what_is_no_name_resource_or_count_of_ours_is_never_sent(listener, name, resource, counts):
    assert emit(name, resource, **counts) is False
    assert listener.events == []


def test_without_a_server_or_with_a_dead_one_an_event_is_lost_in_silence(listener, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert emit(LANDED, feed_resource("felanmalan")) is False
    monkeypatch.delenv("PREFECT_API_URL")
    assert emit(LANDED, feed_resource("felanmalan")) is False
    assert listener.events == []


def test_a_reading_that_made_a_version_a_reject_or_a_quarantine_is_told_and_one_that_said_the_same_is_not(listener):
    for told, done in (
        (False, None),
        (False, Ingested("vma", deliveries=1, seen=3, duplicate=3)),
        (True, Ingested("vma", deliveries=1, versions=1)),  # a message that is no more told: no record, but a version
        (True, Ingested("vma", deliveries=1, seen=1, rejected=1)),
        (True, Ingested("vma", deliveries=1, quarantined=1)),
        (True, Ingested("vma", remade=True)),
    ):
        listener.events.clear()
        assert tell_change(FeedResult("vma", "ok", ingested=done)) is told
        assert [event["event"] for event in listener.events] == [CHANGED] * told
