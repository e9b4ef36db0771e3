"""The intake on a real socket: what lands, what is refused and how, and that nothing said twice lands twice."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from flows import intake as intake_module
from flows import pushes
from flows.arrivals import Untold
from flows.hear import land_folder
from flows.intake import server_of
from flows.pushes import Intake
from flows.signatures import signature
from flows.store import Run, Store
from tests.flows.intake_keys import FEED, FEEDS, KEY, OTHER, whsec, write
from tests.tls_issuer import self_signed


class Listening:
    """An intake that listens on a free port, in a thread."""

    def __init__(self, folder: Path, listen: str = "", port_scheme: str = "http") -> None:
        self.store = Store.at(folder / "data")
        self.said: list[str] = []
        keys = f'[keys]\n{FEED} = ["{whsec(OTHER)}", "{whsec(KEY)}"]\n'
        self.file = write(self.store.folder / "intake.toml", f"[listen]\n{listen}\n{keys}")
        self.app = Intake(self.store, FEEDS, self.said.append, Untold())
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.url = f"{port_scheme}://127.0.0.1:{self.port}"
        self.server = server_of(self.app)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.door]}, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(300)
        assert not self.thread.is_alive()

    def push(
        self,
        body: bytes = b"a;b\r\n",
        identity: str = "id-1",
        feed: str = FEED,
        key: bytes = KEY,
        at: int | None = None,
        method: str = "POST",
        **headers: str,
    ) -> tuple[int, str]:
        at = int(time.time()) if at is None else at
        signed = {
            "webhook-id": identity,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(key, identity, at, body),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        answer = requests.request(
            method, f"{self.url}/push/{feed}", data=body, headers=signed, timeout=300, verify=False
        )
        return answer.status_code, answer.json()["status"] if method != "HEAD" else ""

    def deliveries(self) -> list[bytes]:
        landing = Store(self.store.folder).landing
        return [landing.object_path(one.sha256).read_bytes() for one in landing.deliveries(FEED)]


@contextmanager
def listening(folder: Path, *words: str) -> Iterator[Listening]:
    one = Listening(folder, *words)
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture
def here(tmp_path) -> Iterator[Listening]:
    with listening(tmp_path) as one:
        yield one


def test_a_signed_push_is_on_the_disk_before_it_is_answered_and_the_feed_counts_as_heard(here):
    assert here.push(b"hej", content_type="text/csv; charset=utf-8") == (201, "landed")
    assert here.deliveries() == [b"hej"]
    landing = Store(here.store.folder).landing
    (delivery,) = landing.deliveries(FEED)
    assert (delivery.name, delivery.media_type) == ("push id-1", "text/csv")
    (attempt,) = landing.attempts()
    assert (attempt.status, attempt.delivery_count) == ("ok", 1)


def test_the_same_push_again_is_answered_and_lands_once_and_its_id_with_another_body_is_refused(here):
    assert here.push(b"hej")[0] == 201
    assert here.push(b"hej") == (200, "landed before")
    assert here.push(b"nej")[0] == 409
    assert here.push(b"hej", identity="id-2")[0] == 201  # a night may be like another
    assert here.deliveries() == [b"hej", b"hej"]


def test_a_dropped_file_of_the_name_a_push_has_keeps_no_push_out(here):
    folder = here.store.drop / FEED
    folder.mkdir(parents=True)
    (folder / "push id-1").write_bytes(b"another")
    land_folder(here.store, FEED, folder, Run.start())
    assert here.push(b"hej") == (201, "landed")
    assert here.deliveries() == [b"another", b"hej"]


def test_an_id_is_known_again_after_a_restart(tmp_path):
    with listening(tmp_path) as one:
        assert one.push(b"hej")[0] == 201
    with listening(tmp_path) as one:
        assert one.push(b"hej")[0] == 200 and one.push(b"nej")[0] == 409
        assert one.deliveries() == [b"hej"]


@pytest.mark.parametrize(
    ("push", "status", "told"),
    [
        ({"key": b"x" * 32}, 401, "not by a key"),
        ({"feed": "felanmalan"}, 401, "not by a key"),
        ({"feed": "nobody"}, 401, "not by a key"),
        ({"feed": "../x"}, 404, "no such address"),
        ({"at": 1_000_000_000}, 401, "from our clock"),
        ({"identity": "a b"}, 400, "webhook-id"),
        ({"identity": "a.1"}, 400, "webhook-id"),
        ({"webhook_timestamp": "x"}, 400, "webhook-timestamp"),
        ({"webhook_signature": "v2,x"}, 401, "webhook-signature"),
        ({"method": "GET"}, 405, "only POST"),
        ({"method": "PUT"}, 405, "only POST"),
        ({"body": b""}, 400, "empty"),
        ({"content_encoding": "gzip"}, 415, "content-encoding"),
    ],
)
def test_what_is_refused_is_told_in_one_line_without_what_was_sent_and_nothing_lands(here, push, status, told):
    got, line = here.push(**{"body": b"hemligt", **push})
    assert got == status and told in line and "hemligt" not in line
    assert here.deliveries() == [] and not any("hemligt" in said for said in here.said)


def test_the_old_and_the_new_key_count_until_the_old_is_taken_out_without_a_restart(here):
    assert here.push(identity="a", key=OTHER)[0] == here.push(identity="b", key=KEY)[0] == 201
    write(here.file, f'[keys]\n{FEED} = ["{whsec(KEY)}"]\n')
    assert here.push(identity="c", key=OTHER)[0] == 401
    assert here.push(identity="d", key=KEY)[0] == 201
    write(here.file, "[keys\n")
    assert here.push(identity="e", key=KEY)[0] == 201
    assert any("the keys of before count" in said for said in here.said)


def test_a_body_that_is_too_large_is_refused_when_it_says_so_and_when_it_does_not(here, monkeypatch):
    monkeypatch.setattr(pushes, "BODY_BYTES", 1000)
    head = f"POST /push/{FEED} HTTP/1.1\r\nHost: x\r\nwebhook-id: a\r\nwebhook-timestamp: 1\r\n"
    with socket.create_connection(("127.0.0.1", here.port), 20) as raw:  # refused before any of it is sent
        raw.sendall(head.encode() + b"Content-Length: 1001\r\n\r\n")
        assert raw.recv(1000).startswith(b"HTTP/1.1 413")
    with socket.create_connection(("127.0.0.1", here.port), 20) as raw:  # in pieces, with no length stated
        raw.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        raw.sendall((b"1f4\r\n" + b"x" * 500 + b"\r\n") * 3)
        assert raw.recv(1000).startswith(b"HTTP/1.1 413")
    assert here.push(b"x" * 1000)[0] == 201


def test_too_many_pushes_at_once_and_in_a_minute_are_told_to_come_again(here, monkeypatch):
    monkeypatch.setattr(pushes, "PUSHES_A_MINUTE", 2)
    assert [here.push(identity=f"i{n}")[0] for n in range(3)] == [201, 201, 429]
    assert here.push(identity="x", key=b"x" * 32)[0] == 401  # a stranger uses up nobody's minute
    monkeypatch.setattr(pushes, "BODIES", 0)
    assert here.push()[0] == 503


def test_slow_heads_and_bodies_are_cut_off_and_others_are_served_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setattr(intake_module, "HEAD_S", 0.5)
    monkeypatch.setattr(pushes, "BODY_S", 0.5)
    with listening(tmp_path) as here:
        slow = socket.create_connection(("127.0.0.1", here.port), 20)
        slow.sendall(b"POST /push/")
        half = socket.create_connection(("127.0.0.1", here.port), 20)
        half.sendall(
            f"POST /push/{FEED} HTTP/1.1\r\nHost: x\r\nwebhook-id: a\r\nwebhook-timestamp: 1\r\n"
            "Content-Length: 10\r\n\r\nabc".encode()
        )
        assert here.push()[0] == 201
        assert slow.recv(100) == b""
        assert half.recv(1000).startswith(b"HTTP/1.1 408")
        slow.close()
        half.close()


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EIO, 500)])
def test_a_full_or_broken_disk_is_our_fault_and_the_push_lands_when_it_comes_again(here, monkeypatch, number, status):
    def full(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("warehouse.landing.write_many", full)
        got, line = here.push(b"hej")
        assert got == status and "nothing landed" in line
    assert here.push(b"hej") == (201, "landed")
    assert here.deliveries() == [b"hej"]


def test_a_delivery_lands_while_a_run_writes(here):
    with here.store.writing("a long night"):
        assert here.push(b"hej")[0] == 201


def test_twenty_at_once_land_each_once_with_numbers_of_their_own(here):
    threads = [threading.Thread(target=here.push, args=(b"x%d" % n, f"id-{n % 10}-{n}")) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    landing = Store(here.store.folder).landing
    assert len(landing.deliveries(FEED)) == 20
    numbers = [entry.seq for entry in landing.entries()]
    assert numbers == sorted(set(numbers)) and len(numbers) == 40


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_with_a_certificate_it_speaks_tls_and_nothing_else(tmp_path):
    self_signed(tmp_path / "data", "intake")
    with listening(tmp_path, 'certificate = "intake.pem"\nprivate_key = "intake.key"', "https") as here:
        assert here.push()[0] == 201
        with pytest.raises(requests.ConnectionError):
            requests.post(f"http://127.0.0.1:{here.port}/push/{FEED}", timeout=300)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_a_renewed_certificate_counts_without_a_restart_and_one_that_does_not_fit_changes_nothing(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(intake_module, "CERTIFICATE_S", 0.05)
    folder, stops = tmp_path / "data", threading.Event()
    self_signed(folder, "intake")
    with listening(tmp_path, 'certificate = "intake.pem"\nprivate_key = "intake.key"', "https") as here:
        used = intake_module.certificate_marks(here.app)
        keeper = threading.Thread(target=intake_module.keep_certificate, args=(here.server, here.app, stops, used))

        def shown() -> str:
            return ssl.get_server_certificate(("127.0.0.1", here.port), timeout=300)

        def until_said(word: str) -> None:
            deadline = time.monotonic() + 300
            while not any(word in line for line in here.said):
                assert time.monotonic() < deadline, here.said
                time.sleep(0.02)

        first, key = shown(), (folder / "intake.key").read_bytes()
        self_signed(folder, "intake")
        keeper.start()  # on a busy machine its first look may come after a renewal
        try:
            until_said("is renewed")
            assert shown() != first and here.push()[0] == 201
            second = shown()
            (folder / "intake.key").write_bytes(key)
            until_said("cannot be used")
            assert shown() == second and here.push(identity="b")[0] == 201
        finally:
            stops.set()
            keeper.join()
