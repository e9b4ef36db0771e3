"""The fetch against a server that behaves like the real ones: caps, pages, changes under way, loops."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from http_clock import Clock, client_at
from open311_town import context, delivery, request
from replay_server import Call, Recorded, ReplayServer

from connectors.http import FeedDown
from connectors.kit import Fetched
from connectors.open311.connector import check_options, fetch, normalise
from connectors.open311.reading import read_contents

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
QUICK = {"min_interval_s": 0}
PATH = "/georeport/v2/requests.json"


def run(server: ReplayServer, folder: Path, since: datetime | None = YESTERDAY, **options: Any) -> list[Fetched]:
    client = client_at(folder / "state", Clock(NOW))
    return fetch(context(QUICK | options), client, server.url("/georeport/v2/"), since)


def ids(answers: list[Fetched]) -> list[str]:
    return [r["service_request_id"] for a in answers for r in read_contents(a.body).records]


def stops(answers: list[Fetched]) -> list[str | None]:
    return [parse_qs(answer.query or "").get("stopped", [None])[0] for answer in answers]


def asked_windows(server: ReplayServer) -> list[tuple[datetime, datetime]]:
    return [
        (datetime.fromisoformat(c.params["start_date"]), datetime.fromisoformat(c.params["end_date"]))
        for c in server.calls
    ]


def town(count: int, span: timedelta = timedelta(days=7)) -> list[dict[str, Any]]:
    """Requests spread evenly over the span before NOW, newest first."""
    moments = [NOW - span * n / count for n in range(count)]
    return [
        request(service_request_id=str(n), requested_datetime=f"{moment:%Y-%m-%dT%H:%M:%S+00:00}")
        for n, moment in enumerate(moments)
    ]


def serving(requests: list[dict[str, Any]], cap: int, *, pages: bool = False) -> Callable[[Call], Recorded]:
    """A server that keeps to the window, gives at most ``cap`` requests of it, and pages where it can."""

    def answer(call: Call) -> Recorded:
        start, end = (datetime.fromisoformat(call.params[name]) for name in ("start_date", "end_date"))
        within = [r for r in requests if start <= datetime.fromisoformat(r["requested_datetime"]) < end][:cap]
        if pages:
            size = min(int(call.params["page_size"]), 40)
            first = (int(call.params["page"]) - 1) * size
            within = within[first : first + size]
        return Recorded(json.dumps(within).encode())

    return answer


def test_the_window_reaches_back_from_the_last_delivery_so_that_changes_are_read_again(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer(PATH, Recorded(b"[]"))
    answers = run(replay_server, tmp_path, jurisdiction_id="lindby.se")
    assert asked_windows(replay_server) == [(YESTERDAY - timedelta(days=7), NOW)]
    assert replay_server.calls[0].params["jurisdiction_id"] == "lindby.se"
    assert [(a.body, a.received_at) for a in answers] == [(b"[]", NOW)]
    assert "start_date=2026-11-15T05%3A00%3A00Z" in (answers[0].query or "")
    assert answers[0].name == "requests-20261115T050000Z-20261123T050000Z-p1.json"


@pytest.mark.parametrize(
    ("since", "start"),
    [
        (None, NOW - timedelta(days=90)),
        (datetime(2999, 12, 31, tzinfo=UTC), NOW - timedelta(days=7)),
        (NOW, NOW - timedelta(days=7)),
    ],
)
def test_a_first_fetch_reads_the_longest_window_and_a_moment_ahead_is_read_as_now(
    since: datetime | None, start: datetime, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer(PATH, Recorded(b"[]"))
    run(replay_server, tmp_path, since)
    assert asked_windows(replay_server) == [(start, NOW)]


def test_a_long_silence_is_read_in_windows_that_overlap_and_none_is_too_long(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer(PATH, Recorded(b"[]"))
    run(replay_server, tmp_path, NOW - timedelta(days=300))
    windows = asked_windows(replay_server)
    assert windows[0][0] == NOW - timedelta(days=307) and windows[-1][1] == NOW
    assert all(end - start <= timedelta(days=90) for start, end in windows)
    assert all(later[0] < earlier[1] for earlier, later in itertools.pairwise(windows))


@pytest.mark.parametrize("count", [0, 999, 1_000, 2_500])
def test_a_full_answer_is_asked_again_in_halves_until_every_request_is_here(
    count: int, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer_by(PATH, serving(town(count), 1_000))
    answers = run(replay_server, tmp_path)
    assert set(ids(answers)) == {str(n) for n in range(count)} - {"0"}  # one stands on the window's end
    assert (len(answers) > 1) == (count > 1_000)
    given = [
        delivery(tmp_path, a.body, query=a.query, received_at=NOW + timedelta(seconds=n)) for n, a in enumerate(answers)
    ]
    tables = normalise(given, context(), None)
    assert len(set(tables.observations.column("source_key").to_pylist())) == max(count - 1, 0)


def test_two_halves_overlap_so_that_a_server_that_leaves_out_its_edges_loses_nothing(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    middle = NOW - timedelta(days=4)  # of the eight days asked for
    requests = [request(service_request_id=str(n)) for n in range(20)]
    for n, each in enumerate(requests):
        each["requested_datetime"] = (middle + timedelta(hours=n - 10)).isoformat()

    def without_edges(call: Call) -> Recorded:
        start, end = (datetime.fromisoformat(call.params[name]) for name in ("start_date", "end_date"))
        within = [r for r in requests if start < datetime.fromisoformat(r["requested_datetime"]) < end]
        return Recorded(json.dumps(within[:15]).encode())

    replay_server.answer_by(PATH, without_edges)
    first, earlier, later = run(replay_server, tmp_path, record_cap=15)
    assert len(ids([first])) == 15
    assert set(ids([earlier, later])) == {str(n) for n in range(20)}


def test_a_window_of_minutes_that_is_still_full_ends_the_halving_and_says_so(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer_by(PATH, serving(town(60, timedelta(minutes=5)), 10))
    answers = run(replay_server, tmp_path, record_cap=10)
    assert "record_cap" in stops(answers)
    assert len(answers) < 60


def test_pages_are_read_until_nothing_new_comes_even_where_they_are_smaller_than_asked(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer_by(PATH, serving(town(101), 1_000, pages=True))
    answers = run(replay_server, tmp_path, page_size=100)
    assert [len(read_contents(a.body).records) for a in answers] == [40, 40, 20, 0]
    assert len(set(ids(answers))) == 100
    assert stops(answers) == [None] * 4


def test_a_request_that_arrives_between_two_pages_costs_no_other_one(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    requests = town(80)
    answer = serving(requests, 1_000, pages=True)

    def mutating(call: Call) -> Recorded:
        recorded = answer(call)
        if call.params["page"] == "1":  # reported between the pages, with an old time: all the others move down
            requests.insert(1, request(service_request_id="late", requested_datetime="2026-11-22T05:00:00Z"))
        return recorded

    replay_server.answer_by(PATH, mutating)
    answers = run(replay_server, tmp_path, page_size=40)
    assert {str(n) for n in range(1, 80)} <= set(ids(answers))
    given = [
        delivery(tmp_path, a.body, query=a.query, received_at=NOW + timedelta(seconds=n)) for n, a in enumerate(answers)
    ]
    rows = normalise(given, context(), None).observations.to_pylist()
    twice = [row["source_hash"] for row in rows if row["source_key"] == "40"]
    assert len(twice) == 2 and len(set(twice)) == 1  # seen twice, the same: the second is a duplicate


def test_a_server_that_does_not_page_is_noticed_after_two_calls(replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer(PATH, Recorded(json.dumps(town(30)).encode()))
    answers = run(replay_server, tmp_path, page_size=50)
    assert (len(replay_server.calls), stops(answers)) == (2, [None, "repeated_page"])


def test_pages_without_end_stop_at_the_cap(replay_server: ReplayServer, tmp_path: Path) -> None:
    def endless(call: Call) -> Recorded:
        return Recorded(json.dumps([request(service_request_id=call.params["page"])]).encode())

    replay_server.answer_by(PATH, endless)
    answers = run(replay_server, tmp_path, page_size=1, page_cap=5)
    assert (len(replay_server.calls), stops(answers)) == (5, [None] * 4 + ["page_cap"])


@pytest.mark.parametrize(
    ("body", "cause"),
    [(b"<html>login</html>", "html_answer"), (b"", "empty_body"), (b'[{"service_request_id"', "bad_json"),
     (b'{"errors": [{"code": 500}]}', "error_answer")],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_a_dead_feed_with_its_body_kept(
    body: bytes, cause: str, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer(PATH, Recorded(body))
    with pytest.raises(FeedDown) as caught:
        run(replay_server, tmp_path, page_size=10)
    assert (caught.value.cause, caught.value.body) == (cause, body)


def test_one_unreadable_window_after_a_long_outage_leaves_the_outage_to_the_next_fetch(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    whole = Recorded(json.dumps(town(30)).encode())
    replay_server.answer(PATH, Recorded(whole.body[:100]), whole)
    with pytest.raises(FeedDown):  # else the later windows would stand as the last accepted, and this one be lost
        run(replay_server, tmp_path, NOW - timedelta(days=200))


def test_a_failure_half_way_hands_over_nothing_so_that_the_next_fetch_begins_here_again(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer(PATH, Recorded(json.dumps(town(30)).encode()), Recorded(b"", 401))
    with pytest.raises(FeedDown) as caught:
        run(replay_server, tmp_path, page_size=50)
    assert caught.value.cause == "auth"


def test_xml_and_the_window_of_changes_are_asked_for_where_the_settings_say_so(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    body = b"<service_requests><request><service_request_id>1</service_request_id></request></service_requests>"
    replay_server.answer("/georeport/v2/requests.xml", Recorded(body))
    answers = run(replay_server, tmp_path, form="xml", window_by="updated", window_days=1)
    assert ids(answers) == ["1"]
    assert replay_server.calls[0].params == {
        "updated_after": "2026-11-21T05:00:00Z", "updated_before": "2026-11-23T05:00:00Z",
    }  # fmt: skip


def test_the_servers_rules_are_kept_between_pages(replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer_by(PATH, serving(town(101), 1_000, pages=True))
    clock = Clock(NOW)
    fetch(
        context({"min_interval_s": 2, "page_size": 40}), client_at(tmp_path, clock),
        replay_server.url("/georeport/v2"), YESTERDAY,
    )  # fmt: skip
    assert clock.slept == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(("options", "is_right"), [({"page_size": 20}, True), ({"page_size": 10}, False), ({}, True)])
def test_pages_that_end_before_a_full_window_are_refused_in_the_settings(
    options: dict[str, Any], is_right: bool
) -> None:
    assert [fault.split(":")[0] for fault in check_options(options)] == ([] if is_right else ["page_cap"])
