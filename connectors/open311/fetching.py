"""Asks an Open311 server for a rolling window of requests, and makes sure that nothing in it was left out.

Servers give at most 1,000 requests an answer and do not say when they held some back: an answer that large is
asked again in halves. Where a server pages, pages are read until one brings nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from connectors.http_rate import RateRules
from connectors.kit import DeliveryError, FeedContext, Fetched
from connectors.open311.options import OPTIONS
from connectors.open311.reading import read_contents

if TYPE_CHECKING:
    from connectors.http import HttpClient

#: The longest span GeoReport v2 allows between start_date and end_date.
LONGEST_WINDOW = timedelta(days=90)

#: Halves share this much, so that a server that leaves out its window's edges loses nothing.
OVERLAP = timedelta(minutes=1)

#: A window this short is not halved further: a thousand requests within it are not a town's.
SHORTEST_WINDOW = timedelta(minutes=10)

#: Parameter names for a window over the time of report (the specification's) or of change (an extension).
WINDOW_PARAMETERS = {
    "requested": ("start_date", "end_date"),
    "updated": ("updated_after", "updated_before"),
}


@dataclass(frozen=True)
class Window:
    start: datetime
    end: datetime

    def halves(self) -> tuple[Window, Window]:
        middle = self.start + (self.end - self.start) / 2
        return Window(self.start, middle + OVERLAP), Window(middle, self.end)


def fetch(context: FeedContext, client: HttpClient, url: str, since: datetime | None) -> list[Fetched]:
    """Every answer it takes to hold all requests from ``window_days`` before ``since`` until now, in order.

    ``url`` is the server's GeoReport root; ``since`` is the moment of the last accepted delivery, None for a first
    fetch, which reads the longest window. A moment in the future is read as now. Each answer's ``query`` says
    what was asked, and in ``stopped`` why a paging ended early (``repeated_page``, ``page_cap``) or that a
    window was full and could not be halved (``record_cap``).

    Raises FeedDown from the client, and with a reason of ``read_contents`` for an answer that cannot be read: then
    nothing is handed over, and the next fetch begins where this one did.
    """
    options = {**OPTIONS, **context.options}
    now = client.now()
    newest = min(since, now) if since is not None else now - LONGEST_WINDOW
    start = newest - timedelta(days=options["window_days"]) if since is not None else newest
    asking = _Asking(client, context.feed, f"{url.rstrip('/')}/requests.{options['form']}", options)
    answers: list[Fetched] = []
    for window in _windows(start, now):
        answers += asking.whole(window)
    return answers


def _windows(start: datetime, end: datetime) -> Iterator[Window]:
    """``start`` to ``end`` in windows the specification allows, oldest first."""
    while end - start > LONGEST_WINDOW:
        yield Window(start, start + LONGEST_WINDOW)
        start += LONGEST_WINDOW - OVERLAP
    yield Window(start, end)


@dataclass(frozen=True)
class _Asking:
    client: HttpClient
    feed: str
    url: str
    options: Mapping[str, Any]

    def whole(self, window: Window) -> list[Fetched]:
        """The window's answers, halved until none is full."""
        answers, count = self._pages(window)
        if count < self.options["record_cap"]:
            return answers
        if window.end - window.start <= SHORTEST_WINDOW:
            return [*answers[:-1], _stopped(answers[-1], "record_cap")]
        earlier, later = window.halves()
        return answers + self.whole(earlier) + self.whole(later)

    def _pages(self, window: Window) -> tuple[list[Fetched], int]:
        """(answers, records in them) of one window; one answer where the server does not page."""
        answers: list[Fetched] = []
        seen: set[str] = set()
        page_size, count = self.options["page_size"], 0
        for page in range(1, self.options["page_cap"] + 1):
            answer = self._ask(window, page if page_size else None)
            answers.append(answer)
            records = _records(answer)
            keys = {str(record.get("service_request_id")) for record in records if isinstance(record, dict)}
            if not page_size:
                return answers, len(records)
            if not records:
                return answers, count
            if keys <= seen:
                answers[-1] = _stopped(answer, "repeated_page")
                return answers, count
            count += len(keys - seen)
            seen |= keys
        answers[-1] = _stopped(answers[-1], "page_cap")
        return answers, count

    def _ask(self, window: Window, page: int | None) -> Fetched:
        options = self.options
        from_name, until_name = WINDOW_PARAMETERS[options["window_by"]]
        asked = {from_name: _stamp(window.start), until_name: _stamp(window.end)}
        if options["jurisdiction_id"]:
            asked["jurisdiction_id"] = options["jurisdiction_id"]
        if page is not None:
            asked |= {"page": str(page), "page_size": str(options["page_size"])}
        rules = RateRules(options["min_interval_s"], options["per_hour"], options["per_day"])
        answer = self.client.get(self.url, params=asked, rules=rules, feed=self.feed)
        name = f"requests-{window.start:%Y%m%dT%H%M%SZ}-{window.end:%Y%m%dT%H%M%SZ}-p{page or 1}"
        name = f"{name}.{options['form']}"
        return Fetched(answer.body, answer.received_at, name, answer.media_type, urlencode(asked))


def _records(answer: Fetched) -> list[Any]:
    """What the answer holds. One that cannot be read is no answer to its window: were the others handed over without
    it, the next fetch would begin after them and the window be lost."""
    try:
        return read_contents(answer.body).records
    except DeliveryError as error:
        from connectors.http import FeedDown  # loaded by who asks a source, not by who reads what landed

        raise FeedDown(error.reason, error.detail, body=answer.body) from None


def _stopped(answer: Fetched, reason: str) -> Fetched:
    query = f"{answer.query}&{urlencode({'stopped': reason})}"
    return Fetched(answer.body, answer.received_at, answer.name, answer.media_type, query)


def _stamp(moment: datetime) -> str:
    """``2026-11-23T05:00:00Z``: the specification's form, in UTC so that no + has to survive a query."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
