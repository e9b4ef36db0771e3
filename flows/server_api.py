"""A few words with a Prefect server over plain HTTP.

Importing Prefect costs seconds and a watcher or the command line needs only a question or two, so this is the whole
client they use: the address and the key from the environment, two seconds, nothing kept.

    PREFECT_API_URL           where the server is, ``http://127.0.0.1:4200/api``
    PREFECT_API_AUTH_STRING   ``name:password``, where the server asks for one
"""

from __future__ import annotations

import base64
import os
import time
import uuid
from itertools import chain, repeat
from typing import Any

import requests

#: Seconds a server gets to answer: on one machine it answers in milliseconds, and the sheet waits.
TIMEOUT_S = 2.0
#: Seconds between the tries to get past a busy database; the last one again and again.
BUSY_PAUSES_S = (0.1, 0.3, 0.9)
#: How many seconds of that the sheet waits for.
BUSY_S = 1.3
#: And who was told to bring the server up, or asked it for a run: `up` and a briefing ended at its 503, at a load of
#: 15 on two cores. Decided 2026-11-26.
PATIENT_S = 30.0


class ServerAway(Exception):
    """No server answered, or it refused. The message holds the address and the HTTP status, never what was sent."""


def api_url() -> str | None:
    """The server's address, without a slash at the end; None where the environment names none."""
    return (os.environ.get("PREFECT_API_URL") or "").rstrip("/") or None


def server_answers(url: str | None = None) -> bool:
    """Whether ``url``, or the server the environment names, is up."""
    url = url or api_url()
    if not url:
        return False
    try:
        with _session() as session:
            return bool(session.get(f"{url}/health", timeout=TIMEOUT_S).ok)
    except requests.RequestException:
        return False


def ask(method: str, path: str, body: Any = None, *, timeout_s: float = TIMEOUT_S, busy_s: float = BUSY_S) -> Any:
    """The server's answer to one request, from JSON; None where it has no content. Raises ServerAway.

    Where the server guards against forged requests (CSRF), the token it asks for is fetched first, for this
    request alone. A server on SQLite answers 503 while another of its own writes holds the database (2 of 40 in a
    burst, 2026-11-26): then the question, which changed nothing, is put again for ``busy_s`` seconds.
    """
    url = api_url()
    if not url:
        raise ServerAway("PREFECT_API_URL names no server")
    try:
        with _session() as session:
            until = time.monotonic() + busy_s
            for pause_s in chain(BUSY_PAUSES_S, repeat(BUSY_PAUSES_S[-1])):
                answer = session.request(method, f"{url}{path}", json=body, timeout=timeout_s)
                if answer.status_code == 403 and "CSRF" in answer.text:
                    _fetch_token(session, url, timeout_s)
                    answer = session.request(method, f"{url}{path}", json=body, timeout=timeout_s)
                if answer.status_code != 503 or time.monotonic() + pause_s > until:
                    break
                time.sleep(pause_s)
            if not answer.ok:
                raise ServerAway(f"{url}{path}: HTTP {answer.status_code}")
            return answer.json() if answer.content else None
    except (requests.RequestException, ValueError, KeyError) as error:
        raise ServerAway(f"{url}{path}: {type(error).__name__}") from None


def _fetch_token(session: requests.Session, url: str, timeout_s: float) -> None:
    client = str(uuid.uuid4())
    token = session.get(f"{url}/csrf-token", params={"client": client}, timeout=timeout_s).json()["token"]
    session.headers.update({"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": client})


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a proxy set for the feeds' sake is not the way to our own server
    if key := os.environ.get("PREFECT_API_AUTH_STRING"):
        session.headers["Authorization"] = "Basic " + base64.b64encode(key.encode()).decode()
    return session
