"""The client against servers that speak HTTP badly: nothing may outlast its deadline or outgrow its cap."""

from __future__ import annotations

import gzip
import resource
import socket
import threading
import time
import zlib
from pathlib import Path

import pytest
from http_clock import LOOSE, Clock, client_at
from replay_server import Recorded, ReplayServer, Script, drip, raw_server, send_and_close

from connectors.http import Answer, FeedDown

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD = HEAD + b"Content-Length: 2\r\n\r\n[]"
DEADLINE_S = 0.4


def get(folder: Path, url: str, **given: object) -> Answer:
    return client_at(folder, Clock(), **given).get(url, rules=LOOSE, feed="felanmalan")


@pytest.mark.parametrize(
    "script",
    [
        drip(HEAD + b"Content-Length: 5000\r\n\r\n" + b"x" * 5000, 0.05),
        drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"y" * 5000, 0.05),
        lambda connection: time.sleep(250),
    ],
    ids=["slow body", "slow headers", "no answer"],
)
def test_a_source_that_drips_is_cut_at_the_deadline_of_the_whole_transfer(script: Script, tmp_path: Path) -> None:
    with raw_server(script) as (url, calls):
        started = time.monotonic()
        with pytest.raises(FeedDown) as caught:
            get(tmp_path, url, deadline_s=DEADLINE_S)
        took_s = time.monotonic() - started
    assert caught.value.cause == "timeout"
    assert len(calls) == 1
    assert DEADLINE_S <= took_s < 100  # whole it would take 250 s


def test_a_cut_transfer_leaves_no_thread_behind(tmp_path: Path) -> None:
    with raw_server(drip(HEAD + b"X: " + b"y" * 1_000, 0.05)) as (url, _):
        with pytest.raises(FeedDown):
            get(tmp_path, url, deadline_s=0.2)
        assert not [each for each in threading.enumerate() if each.name == "http-transfer"]


@pytest.mark.parametrize(
    ("cut", "cause"),
    [
        (HEAD + b'Content-Length: 1000\r\n\r\n[{"half": 1', "truncated"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[1,2,\r\n", "truncated"),
        (HEAD[:30], "dropped"),
        (b"", "dropped"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "bad_http"),
    ],
    ids=["short body", "missing last chunk", "half headers", "nothing", "not HTTP"],
)
def test_an_answer_that_breaks_off_is_no_answer_and_is_asked_for_again(cut: bytes, cause: str, tmp_path: Path) -> None:
    with raw_server(send_and_close(cut), send_and_close(GOOD)) as (url, calls):
        assert get(tmp_path, url).body == b"[]"
        assert len(calls) == 2
    with raw_server(send_and_close(cut)) as (url, calls), pytest.raises(FeedDown) as caught:
        get(tmp_path, url)
    assert caught.value.cause == cause
    assert len(calls) == 4


def _endless(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def test_an_endless_body_is_stopped_at_the_cap(tmp_path: Path) -> None:
    with raw_server(_endless) as (url, calls), pytest.raises(FeedDown) as caught:
        get(tmp_path, url, byte_cap=1_000_000)
    assert (caught.value.cause, len(calls)) == ("too_large", 1)


def test_a_body_said_to_be_larger_than_the_cap_is_not_read(tmp_path: Path) -> None:
    head_only = send_and_close(HEAD + b"Content-Length: 999999999999\r\n\r\n")
    with raw_server(head_only) as (url, _), pytest.raises(FeedDown) as caught:
        get(tmp_path, url)
    assert caught.value.cause == "too_large"


def test_a_body_of_exactly_the_cap_is_an_answer(replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer("/x", Recorded(b"x" * 1_000))
    assert len(get(tmp_path, replay_server.url("/x"), byte_cap=1_000).body) == 1_000
    with pytest.raises(FeedDown):
        get(tmp_path, replay_server.url("/x"), byte_cap=999)


@pytest.mark.parametrize("status", [200, 302, 500])
def test_a_packed_bomb_is_refused_at_the_cap_without_filling_the_memory(
    status: int, replay_server: ReplayServer, tmp_path: Path
) -> None:
    pack = zlib.compressobj(9, wbits=31)
    bomb = b"".join(pack.compress(bytes(10_000_000)) for _ in range(40)) + pack.flush()  # 400 MB unpacked
    headers = {"Content-Encoding": "gzip", "Location": "/elsewhere"}
    replay_server.answer("/x", Recorded(bomb, status, headers))
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FeedDown) as caught:
        get(tmp_path, replay_server.url("/x"), byte_cap=2_000_000)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert caught.value.cause == {200: "too_large", 302: "redirected", 500: "http_5xx"}[status]
    assert grown_kb < 60_000


@pytest.mark.parametrize(
    ("word", "packed"),
    [
        ("gzip", gzip.compress(b"a" * 300_000, mtime=0)),
        ("x-gzip", gzip.compress(b"a" * 100_000, mtime=0) + gzip.compress(b"a" * 200_000, mtime=0)),
        ("deflate", zlib.compress(b"a" * 300_000)),
        ("identity", b"a" * 300_000),
    ],
)
def test_a_body_packed_once_is_unpacked_whole(
    word: str, packed: bytes, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(packed, headers={"Content-Encoding": word}))
    assert get(tmp_path, replay_server.url("/x")).body == b"a" * 300_000


@pytest.mark.parametrize(
    ("word", "packed", "cause"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(b"a", mtime=0), mtime=0), "bad_encoding"),
        ("br", b"\x0b\x00\x80a\x03", "bad_encoding"),
        ("gzip", b"[]", "bad_encoding"),
        ("gzip", gzip.compress(b"a" * 9, mtime=0)[:-9], "truncated"),
    ],
)
def test_a_packing_that_cannot_be_read_whole_is_refused(
    word: str, packed: bytes, cause: str, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/x", Recorded(packed, headers={"Content-Encoding": word}))
    with pytest.raises(FeedDown) as caught:
        get(tmp_path, replay_server.url("/x"))
    assert caught.value.cause == cause
