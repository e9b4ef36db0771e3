"""One HTTP transfer that cannot outlast its deadline or outgrow its cap.

A read timeout counts from the last byte, so a source that drips one byte at a time never trips it. Here the
transfer runs in a thread of its own; when the deadline passes, its socket is shut down under it. That covers
name resolution, connecting, TLS, headers and body alike.

The adapter of ``requests`` is called directly: a session would add cookies, proxies and ``.netrc`` logins
from the environment, and would read the whole body of a redirect into memory before saying that it is one.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

#: Bytes asked of the socket at a time; what may be held beyond the cap.
CHUNK_BYTES = 65_536

#: The headers that say how long a body is; without them its end is the connection's end.
LENGTH_HEADERS = frozenset({"content-length", "transfer-encoding"})

#: zlib's word for "gzip or zlib, tell it from the header".
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class TransferFailed(Exception):
    """A transfer that gave no answer. ``cause`` is one word of snake_case; the message holds no address."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True)
class Received:
    """A whole answer: its status, its headers and its body, decoded where it came compressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class _Line:
    """The transfer's connection as seen by the one who watches the time."""

    may_be_private: bool
    is_cut: bool = False
    connected: socket.socket | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def opened(self, connected: socket.socket) -> None:
        """Called when a connection stands, before the request is sent."""
        if not self.may_be_private and _is_private(connected):
            raise TransferFailed("private_address")
        with self.lock:
            self.connected = connected
            if self.is_cut:
                _shut(connected)

    def cut(self) -> None:
        with self.lock:
            self.is_cut = True
            if self.connected is not None:
                _shut(self.connected)


def transfer(
    request: requests.PreparedRequest,
    *,
    deadline_s: float,
    byte_cap: int,
    verify: bool | str = True,
    may_be_private: bool = False,
) -> Received:
    """Send ``request`` and return the whole answer, whatever its status; a redirect is an answer too.

    ``deadline_s`` covers the transfer from name to last byte; ``byte_cap`` is the most the body may hold,
    sent or unpacked; of an answer that is no 200 what the cap allows is kept. ``may_be_private`` allows
    addresses outside the public internet: the check is made on the address connected to, so a name that
    answers differently the second time changes nothing.

    Raises TransferFailed with ``timeout``, ``too_large``, ``refused``, ``dns``, ``tls``, ``dropped``,
    ``truncated``, ``unreachable``, ``private_address``, ``bad_encoding``, ``bad_http`` or ``transport``.
    """
    line = _Line(may_be_private)
    results: list[Received | str] = []

    def run() -> None:
        try:
            results.append(_receive(request, line, deadline_s, byte_cap, verify))
        except Exception as error:  # every failure becomes a word here: the originals hold addresses and keys
            results.append(_cause(error))

    worker = threading.Thread(target=run, name="http-transfer", daemon=True)
    worker.start()
    worker.join(deadline_s)
    if worker.is_alive():
        line.cut()
        worker.join(1.0)  # a cut socket ends it at once; a name lookup cannot be cut and is left behind
        raise TransferFailed("timeout")
    result = results[0]
    if isinstance(result, str):
        raise TransferFailed(result)
    return result


def _receive(
    request: requests.PreparedRequest, line: _Line, deadline_s: float, byte_cap: int, verify: bool | str
) -> Received:
    """The transfer itself, in the thread that may be cut."""
    adapter = _WatchedAdapter(line.opened)
    try:
        response = adapter.send(request, stream=True, timeout=(deadline_s, deadline_s), verify=verify, proxies={})
        with response:
            declared = response.headers.get("Content-Length", "")
            is_wanted = response.status_code == 200
            if is_wanted and declared.isdecimal() and int(declared) > byte_cap:
                raise TransferFailed("too_large")
            pieces = response.raw.stream(CHUNK_BYTES, decode_content=False)
            body = bytearray()
            for piece in _decoded(pieces, response.headers.get("Content-Encoding", ""), byte_cap):
                body += piece
                if len(body) > byte_cap:
                    if is_wanted:
                        raise TransferFailed("too_large")
                    del body[byte_cap:]  # the status says what is wrong; a sample of its page is enough
                    break
            if is_wanted and not body and not any(name in response.headers for name in LENGTH_HEADERS):
                raise TransferFailed("dropped")  # headers that break off read as an answer with nothing in it
            return Received(response.status_code, response.headers, bytes(body))
    finally:
        adapter.close()


def _decoded(pieces: Iterator[bytes], encoding: str, byte_cap: int) -> Iterator[bytes]:
    """The body's pieces unpacked, at most a chunk at a time, so that a small bomb stays small.

    We ask for ``identity``; some servers pack all the same. One layer is unpacked, two are refused.
    """
    word = encoding.strip().lower()
    if word in ("", "identity"):
        yield from pieces
        return
    if word not in ("gzip", "x-gzip", "deflate"):
        raise TransferFailed("bad_encoding")
    unpacker = zlib.decompressobj(wbits=GZIP_OR_ZLIB)
    for piece in pieces:
        waiting = piece
        while waiting:
            if unpacker.eof:  # a further member: packed files may be laid end to end
                unpacker = zlib.decompressobj(wbits=GZIP_OR_ZLIB)
            yield unpacker.decompress(waiting, CHUNK_BYTES)
            waiting = unpacker.unconsumed_tail or unpacker.unused_data
    while unpacked := unpacker.decompress(b"", CHUNK_BYTES):  # what the last piece held beyond a chunk
        yield unpacked
    if not unpacker.eof:
        raise TransferFailed("truncated")


class _WatchedAdapter(HTTPAdapter):
    """The adapter of ``requests`` with connections that report themselves as soon as they stand."""

    def __init__(self, opened: Callable[[socket.socket], None]) -> None:
        self._opened = opened
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        opened = self._opened

        class PlainConnection(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                opened(self.sock)

        class TlsConnection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                opened(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = PlainConnection

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = TlsConnection

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}


def _is_private(connected: socket.socket) -> bool:
    """Whether the other end stands outside the public internet (loopback, link-local, an inner network)."""
    address = ipaddress.ip_address(connected.getpeername()[0].partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


def _shut(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):  # gone already, which is what was wanted
        # The plain socket's own shutdown: that of TLS takes apart what the other thread still reads.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _cause(error: BaseException) -> str:
    """One word for what went wrong, from the innermost error that says something."""
    chain = _chain(error)
    if said := [each.cause for each in chain if isinstance(each, TransferFailed)]:
        return said[0]
    if isinstance(error, urllib3.exceptions.ProtocolError):  # bare only while the body is read
        return "truncated"
    for kinds, word in _CAUSES:
        if any(isinstance(each, kinds) for each in chain):
            return word
    unreachable = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}
    if any(isinstance(each, OSError) and each.errno in unreachable for each in chain):
        return "unreachable"
    return "transport"


def _chain(error: BaseException) -> list[BaseException]:
    """The error and all it was raised from; urllib3 hides the origin in ``reason`` or in its arguments."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseException) and not any(each is known for known in found):
            found.append(each)
            waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found


_CAUSES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((socket.gaierror, urllib3.exceptions.NameResolutionError), "dns"),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), "dropped"),
    ((ssl.SSLError, urllib3.exceptions.SSLError, ssl.CertificateError), "tls"),
    ((ConnectionRefusedError,), "refused"),
    ((TimeoutError, urllib3.exceptions.TimeoutError), "timeout"),
    ((urllib3.exceptions.IncompleteRead, urllib3.exceptions.InvalidChunkLength), "truncated"),
    ((ConnectionError, http.client.RemoteDisconnected), "dropped"),
    ((zlib.error,), "bad_encoding"),
    ((http.client.HTTPException, urllib3.exceptions.ProtocolError), "bad_http"),
)
