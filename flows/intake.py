"""``lagesbild intake``: listens where ``intake.toml`` says, for the application of ``pushes.py``.

uvicorn speaks HTTP, as it does in Prefect's server; a connection's whole time is bounded here, as uvicorn waits for
ever for a slow head.
"""

from __future__ import annotations

import argparse
import socket
import ssl
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.arrivals import Untold, keep_telling
from flows.commands import DONE, LOCKED, UNEXPECTED, feed_of, opened
from flows.console import Console
from flows.intake_settings import IntakeFault, intake_file, new_key
from flows.opened import UsageError
from flows.pushes import BODY_S, Intake
from flows.station import find_server
from flows.turns import only_one

#: Seconds for the head of a request.
HEAD_S = 10.0
CONNECTIONS = 64
#: Seconds between two looks for a renewed certificate.
CERTIFICATE_S = 60.0


def server_of(intake: Intake) -> Any:
    """The uvicorn server of the application; ``run(sockets=[…])`` serves until SIGTERM."""
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Bounded(H11Protocol):
        """A connection that ends by itself: one request, a bounded time for its head and for all of it."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.loop.call_later(HEAD_S, self._end_without_head)
            self.loop.call_later(HEAD_S + BODY_S + 30, self.transport.abort)

        def _end_without_head(self) -> None:
            if self.cycle is None:
                self.transport.abort()

    settings = intake.settings
    return uvicorn.Server(
        uvicorn.Config(
            intake,
            http=Bounded,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=16_384,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=10,
            ssl_certfile=settings.certificate,
            ssl_keyfile=settings.private_key,
        )
    )


def keep_certificate(server: Any, intake: Intake, stops: threading.Event, used: list[int]) -> None:
    """Take in a renewed certificate until ``stops`` is set: it counts for the connections after, without a restart.

    ``used`` are the marks of the one the server began with, taken before it was read: this may begin any time later. A
    pair that does not fit, as between the writing of its two files, is tried again at the next look.
    """
    files = _certificate(intake)
    while files and not stops.wait(CERTIFICATE_S):
        if server.started and (marks := _marks(files)) != used:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files[0], files[1])
                server.config.ssl.load_cert_chain(files[0], files[1])
            except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
                intake.say(f"the new certificate cannot be used ({type(error).__name__}); the one of before counts")
            else:
                used = marks
                intake.say("the certificate is renewed")


def certificate_marks(intake: Intake) -> list[int]:
    """What tells the certificate of now from a renewed one; empty where there is none."""
    return _marks(_certificate(intake))


def _certificate(intake: Intake) -> list[Path]:
    return [path for path in (intake.settings.certificate, intake.settings.private_key) if path]


def _marks(files: list[Path]) -> list[int]:
    try:
        return [path.stat().st_mtime_ns for path in files]
    except OSError:
        return []


def intake(arguments: argparse.Namespace, console: Console) -> int:
    """Take pushes until stopped; or make a key."""
    settings, store = opened(arguments)
    path = intake_file(store)
    try:
        if getattr(arguments, "new_key", None):
            arguments.feed = arguments.new_key
            return _show_new_key(feed_of(arguments, settings), path, console)
        find_server(store)

        def say(line: str) -> None:
            console.complain(f"{datetime.now(settings.timezone):%Y-%m-%d %H:%M:%S} {line}")

        app = Intake(store, dict(settings.feeds), say, Untold())
    except IntakeFault as fault:
        raise UsageError(str(fault)) from None
    with only_one(store, "intake") as is_ours:
        if not is_ours:
            console.complain(f"{store.folder}: another `lagesbild intake` is at it. Nothing was changed.")
            return LOCKED
        listen = app.settings
        try:
            family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
            door = socket.create_server((listen.host, listen.port), family=family)
        except OSError as error:
            console.complain(f"{listen.host}, port {listen.port}: {error.strerror}. Nothing listens; see {path}")
            return UNEXPECTED
        stops = threading.Event()
        told = (app.untold, app.has_come, stops)
        threading.Thread(target=keep_telling, args=told, daemon=True).start()
        used = certificate_marks(app)
        server = server_of(app)
        threading.Thread(target=keep_certificate, args=(server, app, stops, used), daemon=True).start()
        scheme = "https" if listen.certificate else "http"
        say(f"listening on {scheme}://{listen.host}:{door.getsockname()[1]} for {len(listen.keys)} partners")
        server.run(sockets=[door])
        stops.set()
        say("stopped")
    return DONE


def _show_new_key(feed: str, path: Path, console: Console) -> int:
    key = new_key(path, feed)
    console.answer({"feed": feed, "key": key, "file": path})
    console.say(
        f"{key}",
        f"the key of {feed}, shown this once: give it to the partner by a way that is as safe. It counts from now on",
        f"beside those in {path}; take the old one out of there when the partner has changed.",
    )
    return DONE
