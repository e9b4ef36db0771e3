"""The one HTTP client: polite, bounded in time and size, and silent about secrets.

What it does whatever the source does: names itself, keeps the source's rate rules over restarts
(``http_rate.py``), is not sent an unchanged answer twice by a source that marks them (``http_kept.py``), ends within
its deadline and byte cap (``http_transfer.py``), follows no redirect, takes nothing from the environment, always
checks certificates, tries again only what may pass, and says what went wrong in one word that a table can hold.
"""

from __future__ import annotations

import contextlib
import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests

from connectors.http_kept import Kept, keep, read_kept
from connectors.http_rate import LONGEST_HOLD_S, Budget, NoTurn, RateRules, Turns
from connectors.http_transfer import Received, TransferFailed, transfer

__all__ = ["Answer", "FeedDown", "HttpClient", "RateRules", "asked_wait_s"]

log = logging.getLogger(__name__)

#: Tries in all. A source that fails four times over some ten seconds is down, not unlucky.
TRIES = 4

#: Seconds before the second try, doubled for each further one; jitter adds up to as much again, so that many
#: municipalities asking one source at 05:00 do not come back in step.
BACKOFF_S = 1.0

#: Failures that may be gone in a moment. A transfer cut at its deadline is not among them: it had its time.
PASSING = frozenset({"refused", "dns", "dropped", "truncated", "unreachable", "bad_http", "http_5xx", "rate_limited"})

WORDS = {
    "refused": "the host refuses connections",
    "dns": "the host's name gives no address",
    "timeout": "the answer was not whole at the deadline",
    "tls": "the certificate or the TLS connection was not accepted",
    "dropped": "the connection was dropped before the answer was whole",
    "truncated": "the answer was shorter than it said",
    "unreachable": "there is no route to the host",
    "too_large": "the answer is larger than the cap",
    "private_address": "the host's address is not on the public internet and the host is not listed as local",
    "bad_encoding": "the answer's compression is of a kind that is not read",
    "bad_http": "the answer is not HTTP",
    "transport": "the transfer failed",
    "auth": "the source refuses our right to read it; check the agreement and the key",
    "redirected": "the source sends us to another address; redirects are not followed, check the feed's url",
    "http_5xx": "the source reports a fault of its own",
    "rate_limited": "the source's rate rules allow no call yet",
    "plain_http": "only https is allowed for this host",
    "bad_url": "the feed's url must be https://host/…, without a name or password in it",
}


@dataclass(frozen=True)
class Answer:
    """A whole answer with status 200. ``url`` is without its query, which may hold a key.

    Where the source said that nothing changed (304) it is the answer kept, and ``received_at`` when it said so.
    """

    status: int
    body: bytes
    media_type: str | None  # lower case, without parameters
    url: str
    received_at: datetime  # UTC, when the last byte was here
    headers: Mapping[str, str]


class FeedDown(Exception):
    """The feed gave nothing to read. The run goes on; the picture says so.

    ``cause`` is one word for tables, ``detail`` a sentence without address, query or payload, ``retry_at``
    when the source may be asked again where that is known, ``body`` what came instead of an answer (to be
    landed).
    """

    def __init__(self, cause: str, detail: str, *, retry_at: datetime | None = None, body: bytes | None = None) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause, self.detail, self.retry_at, self.body = cause, detail, retry_at, body


class HttpClient:
    """A client for one run. All waiting goes through ``sleep`` and all dating through ``now``.

    ``deadline_s`` bounds one transfer, ``budget_s`` one ``get`` with its waits and tries, ``byte_cap`` one
    body. Hosts in ``allow_plain_http_hosts`` may be read without TLS and at a private address, those in
    ``allow_private_hosts`` at a private address. ``ca_file`` holds the certificates trusted instead of the
    public ones; there is no way to trust none. ``jitter`` gives numbers in [0, 1).

    Raises ValueError where ``user_agent`` holds no contact: the sources' terms ask for one.
    """

    def __init__(
        self,
        user_agent: str,
        state_folder: Path,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        deadline_s: float = 60,
        byte_cap: int = 20_000_000,
        allow_plain_http_hosts: frozenset[str] = frozenset(),
        ca_file: Path | None = None,
        budget_s: float = 300,
        allow_private_hosts: frozenset[str] = frozenset(),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if not re.fullmatch(r"[\x20-\x7e]*(@|https?://)[\x20-\x7e]*", user_agent):
            raise ValueError("user_agent: give a name and a contact (mail address or web page), in plain ASCII")
        self._user_agent, self._now, self._jitter = user_agent, now, jitter
        self._deadline_s, self._byte_cap, self._budget_s = deadline_s, byte_cap, budget_s
        self._plain = frozenset(host.lower() for host in allow_plain_http_hosts)
        self._private = self._plain | frozenset(host.lower() for host in allow_private_hosts)
        self._verify: bool | str = True if ca_file is None else str(ca_file)
        self._turns, self._state_folder = Turns(state_folder, now=now, sleep=sleep), state_folder
        self._sleep = sleep
        #: HTTP status of the last answer, whatever came of it; None where there was none.
        self.last_status: int | None = None

    def now(self) -> datetime:
        """The run's clock (UTC), for connectors that must say until when they ask."""
        return self._now()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        rules: RateRules,
        feed: str,
        may_be_kept: bool = False,
    ) -> Answer:
        """GET ``url`` and return the whole answer, or raise FeedDown.

        ``rules`` are kept under the name ``feed``; each try counts against them. A passing failure is tried
        again, TRIES times in all, while the budget lasts; 429 and 503 wait as long as Retry-After says. With
        ``may_be_kept`` the source is asked whether its last answer still holds, by the mark it gave it (ETag).
        """
        request, host = self._request(url, params)
        address = str(request.url)
        kept = read_kept(self._state_folder, feed, address) if may_be_kept else None
        if kept is not None:
            request.headers["If-None-Match"] = kept.mark
        budget = Budget(self._budget_s)
        failure: FeedDown | None = None
        for attempt in range(1, TRIES + 1):
            if failure is not None:
                pause_s = BACKOFF_S * 2 ** (attempt - 2) * (1 + self._jitter())
                if pause_s > budget.left_s:
                    break
                log.info("%s: %s, try %d in %.1f s", feed, failure.cause, attempt, pause_s)
                budget.spend(pause_s)
                self._sleep(pause_s)
            barred_until: datetime | None = None
            try:
                with self._turns.turn(feed, rules, budget) as turn:
                    result = self._transfer(request, host, budget)
                    received_at = self._now()
                    self.last_status = None if isinstance(result, str) else result.status
                    asked_s = asked_wait_s(result, received_at)
                    if asked_s is not None:
                        turn.hold(received_at, asked_s)
            except NoTurn as early:
                barred_until = early.retry_at
            if barred_until is not None:  # outside the except: no exception of ours carries another one along
                failure = failure or _down("rate_limited", 0)
                failure.retry_at = barred_until
                break
            cause = result if isinstance(result, str) else _cause_of(result.status, kept)
            if cause is None:
                answer = _answer(result, url, received_at, kept)
                if may_be_kept and answer.body is not getattr(kept, "body", None):
                    mark = answer.headers.get("ETag")
                    keep(self._state_folder, feed, address, mark, answer.body, answer.media_type)
                return answer
            body = None if isinstance(result, str) else result.body
            failure = _down(cause, attempt, body)
            if asked_s is not None:
                failure.retry_at = received_at + timedelta(seconds=asked_s)
            if cause not in PASSING or (asked_s or 0) > budget.left_s:
                break
        assert failure is not None
        raise failure

    def _request(self, url: str, params: Mapping[str, str] | None) -> tuple[requests.PreparedRequest, str]:
        """The request as it will be sent, and its host. Raises FeedDown for an address we do not call."""
        headers = {"User-Agent": self._user_agent, "Accept-Encoding": "identity", "Connection": "close"}
        request: requests.PreparedRequest | None = None
        with contextlib.suppress(ValueError):  # what requests says of a bad address repeats it
            parts = urlsplit(url)
            if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc:
                request = requests.Request("GET", url, headers=headers, params=params).prepare()
        if request is None or not parts.hostname:
            raise _down("bad_url", 0)
        if parts.scheme == "http" and parts.hostname not in self._plain:
            raise _down("plain_http", 0)
        return request, parts.hostname

    def _transfer(self, request: requests.PreparedRequest, host: str, budget: Budget) -> Received | str:
        """One transfer: the answer, or the word for why there is none."""
        started = time.monotonic()  # a span of real time, for the budget; dates come from ``now``
        try:
            return transfer(
                request,
                deadline_s=max(min(self._deadline_s, budget.left_s), 0.001),
                byte_cap=self._byte_cap,
                verify=self._verify,
                may_be_private=host in self._private,
            )
        except TransferFailed as failed:
            return failed.cause
        finally:
            budget.spend(time.monotonic() - started)


def _cause_of(status: int, kept: Kept | None) -> str | None:
    """The word for an answer's status, None for 200, and for 304 where we have what it says is unchanged."""
    if status == 200 or (status == 304 and kept is not None):
        return None
    if 300 <= status < 400:
        return "redirected"
    if status in (401, 403, 407):
        return "auth"
    if status == 429:
        return "rate_limited"
    return "http_5xx" if 500 <= status < 600 else f"http_{status}"


def _down(cause: str, tries: int, body: bytes | None = None) -> FeedDown:
    words = WORDS.get(cause, "the source has nothing to read at this address; check the feed's url")
    return FeedDown(cause, words if tries < 2 else f"{words} ({tries} tries)", body=body)


def _answer(received: Received | str, url: str, received_at: datetime, kept: Kept | None) -> Answer:
    assert not isinstance(received, str)
    parts = urlsplit(url)
    bare = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if received.status == 304 and kept is not None:
        return Answer(200, kept.body, kept.media_type, bare, received_at, received.headers)
    media_type = received.headers.get("Content-Type", "").partition(";")[0].strip().lower() or None
    return Answer(received.status, received.body, media_type, bare, received_at, received.headers)


def asked_wait_s(result: Received | str, now: datetime) -> float | None:
    """Seconds a 429 or 503 asks us to stay away (RFC 9110, 10.2.3), at most LONGEST_HOLD_S, or None.

    A negative or unreadable value, or a date already past, says nothing: the backoff holds.
    """
    if isinstance(result, str) or result.status not in (429, 503):
        return None
    text = result.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        seconds = float(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            seconds = (aware - now).total_seconds()
        except (ValueError, OverflowError):
            return None
    return min(seconds, LONGEST_HOLD_S) if seconds > 0 else None
