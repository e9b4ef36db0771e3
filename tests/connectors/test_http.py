"""The client against servers that answer: what is an answer, what is tried again, what is said."""

from __future__ import annotations

import socket
import threading
import traceback
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from http_clock import AGENT, LOOSE, Clock, client_at
from replay_server import Recorded, ReplayServer

from connectors.http import FeedDown, HttpClient, RateRules

OK = Recorded(b"[]", headers={"Content-Type": "Application/JSON; charset=utf-8"})


def down(client: HttpClient, url: str, rules: RateRules = LOOSE) -> FeedDown:
    with pytest.raises(FeedDown) as caught:
        client.get(url, rules=rules, feed="felanmalan")
    return caught.value


def test_an_answer_holds_body_type_moment_and_address_without_its_query(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/requests.json", OK)
    clock = Clock()
    answer = client_at(tmp_path, clock).get(
        replay_server.url("/requests.json?q=1"), params={"key": "hemlig å&b"}, rules=LOOSE, feed="felanmalan"
    )
    assert (answer.status, answer.body, answer.media_type) == (200, b"[]", "application/json")
    assert answer.received_at == clock.moment
    assert answer.headers["content-type"] == "Application/JSON; charset=utf-8"
    assert answer.url == replay_server.url("/requests.json")
    assert replay_server.calls[0].params == {"q": "1", "key": "hemlig å&b"}


def test_the_client_names_itself_and_asks_for_bytes_as_they_are(replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer("/x", OK)
    client_at(tmp_path, Clock()).get(replay_server.url("/x"), rules=LOOSE, feed="felanmalan")
    headers = replay_server.calls[0].headers
    assert headers["user-agent"] == AGENT
    assert headers["accept-encoding"] == "identity"
    assert "cookie" not in headers


@pytest.mark.parametrize("agent", ["lagesbild", "", "lagesbild (+kontakt@example.se)\r\nX-Evil: 1"])
def test_a_user_agent_without_contact_or_with_a_line_break_is_refused(agent: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="contact"):
        HttpClient(agent, tmp_path, now=Clock().now, sleep=Clock().sleep)


def test_a_burst_of_server_faults_is_tried_again_with_growing_waits_until_it_passes(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(b"", 500), Recorded(b"", 502), Recorded(b"", 503), OK)
    clock = Clock()
    answer = client_at(tmp_path, clock, jitter=lambda: 0.5).get(replay_server.url("/x"), rules=LOOSE, feed="felanmalan")
    assert answer.body == b"[]"
    assert clock.slept == [1.5, 3.0, 6.0]


def test_a_lasting_server_fault_is_given_up_after_four_tries_and_its_body_kept(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(b"<html>fault</html>", 500))
    error = down(client_at(tmp_path, Clock()), replay_server.url("/x"))
    assert (error.cause, error.body, len(replay_server.calls)) == ("http_5xx", b"<html>fault</html>", 4)
    assert "4 tries" in error.detail


def test_waits_that_do_not_fit_the_budget_end_the_tries(replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer("/x", Recorded(b"", 500))
    clock = Clock()
    error = down(client_at(tmp_path, clock, budget_s=2.5), replay_server.url("/x"))
    assert (error.cause, clock.slept) == ("http_5xx", [1.0])


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (400, "http_400"),
        (404, "http_404"),
        (410, "http_410"),
        (401, "auth"),
        (403, "auth"),
        (204, "http_204"),
    ],
)
def test_what_will_not_pass_is_asked_once(status: int, cause: str, replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer("/x", Recorded(b"", status), OK)
    clock = Clock()
    error = down(client_at(tmp_path, clock), replay_server.url("/x"))
    assert (error.cause, len(replay_server.calls), clock.slept) == (cause, 1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "http://127.0.0.1:1/", "http://169.254.169.254/", "/same-host", "http://["],
)
def test_no_redirect_is_followed_and_its_body_is_kept(
    status: int, target: str, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(b"Object moved", status, {"Location": target}))
    replay_server.answer("/same-host", OK)
    error = down(client_at(tmp_path, Clock()), replay_server.url("/x"))
    assert (error.cause, error.body) == ("redirected", b"Object moved")
    assert [call.path for call in replay_server.calls] == ["/x"]


def test_429_is_waited_out_for_as_many_seconds_as_it_says(replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer("/x", Recorded(b"", 429, {"Retry-After": "30"}), OK)
    clock = Clock()
    client_at(tmp_path, clock).get(replay_server.url("/x"), rules=LOOSE, feed="felanmalan")
    assert sum(clock.slept) == pytest.approx(30)


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000"])
def test_503_is_waited_out_until_the_date_it_says(zone: str, replay_server: ReplayServer, tmp_path: Path) -> None:
    clock = Clock()
    until = format_datetime(clock.moment + timedelta(seconds=45), usegmt=True).replace("GMT", zone)
    replay_server.answer("/x", Recorded(b"", 503, {"Retry-After": until}), OK)
    client_at(tmp_path, clock).get(replay_server.url("/x"), rules=LOOSE, feed="felanmalan")
    assert sum(clock.slept) == pytest.approx(45)


@pytest.mark.parametrize("said", ["-5", "soon", "", "Fri, 01 Jan 1999 00:00:00 GMT", "1e9", "99999999999999999999"])
def test_a_retry_after_that_says_nothing_useful_leaves_the_ordinary_wait(
    said: str, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(b"", 429, {"Retry-After": said}), OK)
    clock = Clock()
    client_at(tmp_path, clock).get(replay_server.url("/x"), rules=LOOSE, feed="felanmalan")
    assert clock.slept == [1.0]


def test_a_date_already_past_is_not_given_as_the_time_to_come_back(replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer("/x", Recorded(b"", 429, {"Retry-After": "Fri, 01 Jan 1999 00:00:00 GMT"}))
    error = down(client_at(tmp_path, Clock()), replay_server.url("/x"))
    assert (error.cause, error.retry_at, len(replay_server.calls)) == ("rate_limited", None, 4)


def test_a_year_in_retry_after_ends_the_try_at_once_and_bars_the_feed_for_a_day_at_most(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(b"", 429, {"Retry-After": "31536000"}), OK)
    clock = Clock()
    error = down(client_at(tmp_path, clock), replay_server.url("/x"))
    assert (error.cause, clock.slept) == ("rate_limited", [])
    assert error.retry_at == clock.moment + timedelta(days=1)

    clock.moment += timedelta(hours=23)  # a later run, another process: the source still wants to be left alone
    again = down(client_at(tmp_path, clock), replay_server.url("/x"))
    assert (again.cause, again.retry_at, len(replay_server.calls)) == ("rate_limited", error.retry_at, 1)

    clock.moment += timedelta(hours=1, seconds=1)
    answer = client_at(tmp_path, clock).get(replay_server.url("/x"), rules=LOOSE, feed="felanmalan")
    assert answer.body == b"[]"


def test_a_fault_that_asks_for_a_wait_keeps_its_own_cause_and_says_when(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(b"", 503, {"Retry-After": "3600"}))
    clock = Clock()
    error = down(client_at(tmp_path, clock), replay_server.url("/x"))
    assert (error.cause, error.retry_at) == ("http_5xx", clock.moment + timedelta(hours=1))


def test_a_closed_port_is_tried_four_times_and_called_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    clock = Clock()
    error = down(client_at(tmp_path, clock), f"http://127.0.0.1:{port}/")
    assert (error.cause, clock.slept) == ("refused", [1.0, 2.0, 4.0])


def test_a_name_without_address_is_called_dns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_address(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_address)
    client = client_at(tmp_path, Clock(), allow_plain_http_hosts=frozenset({"feed.invalid"}))
    assert down(client, "http://feed.invalid/").cause == "dns"


def test_a_name_lookup_that_hangs_is_cut_at_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: waited.wait(600))
    client = client_at(tmp_path, Clock(), deadline_s=0.2, allow_plain_http_hosts=frozenset({"feed.invalid"}))
    error = down(client, "http://feed.invalid/")
    waited.set()
    assert error.cause == "timeout"


def test_a_name_that_leads_to_a_private_address_is_refused_before_anything_is_sent(
    replay_server: ReplayServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, *rest, **more: ask("127.0.0.1", port, *rest, **more))
    url = replay_server.url("/x", host="kommun.example").replace("http:", "https:")
    client = client_at(tmp_path, Clock(), allow_plain_http_hosts=frozenset())
    monkeypatch.setattr("connectors.http_transfer.HTTPSConnection.connect", _plain_connect)
    assert down(client, url).cause == "private_address"
    assert replay_server.calls == []


def _plain_connect(connection: object) -> None:
    """Connect without TLS, which is beside this test's point."""
    connection.sock = socket.create_connection((connection.host, connection.port))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://example.se/requests.json", "plain_http"),
        ("https://user:hemligt@example.se/", "bad_url"),
        ("file:///etc/passwd", "bad_url"),
        ("https://", "bad_url"),
        ("https://[::1", "bad_url"),
        ("https://exa mple.se/", "bad_url"),
    ],
)
def test_an_address_that_is_not_plainly_https_is_refused_without_a_call(url: str, cause: str, tmp_path: Path) -> None:
    assert down(client_at(tmp_path, Clock()), url).cause == cause


def test_the_environment_cannot_send_us_through_a_proxy(
    replay_server: ReplayServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    replay_server.answer("/x", OK)
    assert client_at(tmp_path, Clock()).get(replay_server.url("/x"), rules=LOOSE, feed="felanmalan").body == b"[]"


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_no_failure_carries_the_query_or_the_payload_in_its_message_or_its_origins(
    status: int, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(b"CANARY-BODY" * 9, status))
    client = client_at(tmp_path, Clock(), byte_cap=50)
    url, secret = replay_server.url("/x?api_key=CANARY-KEY"), {"token": "CANARY-TOKEN"}
    with pytest.raises(FeedDown) as caught:
        client.get(url, params=secret, rules=LOOSE, feed="felanmalan")
    assert caught.value.cause == {200: "too_large", 302: "redirected", 404: "http_404", 500: "http_5xx"}[status]
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caught.value.detail
    assert "CANARY" not in shown


def test_the_client_shows_the_runs_clock(tmp_path: Path) -> None:
    clock = Clock()
    assert client_at(tmp_path, clock).now() == clock.moment
