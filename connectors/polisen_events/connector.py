"""The police's public notices (polisen.se/api/events) → the contract's tables. Traps and terms: SOURCE.md.

A delivery is one answer, a *window*: the 500 notices changed last. ``normalise`` walks the windows in the
order they were received and needs of the past only the last accepted window, so that one call over a year, a
call a night and any cutting between give the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from connectors.http_rate import RateRules
from connectors.kit import Delivery, DeliveryError, FeedContext, Fetched, fingerprint, visible
from connectors.normalised import Normalised
from connectors.polisen_events.collect import Collector
from connectors.polisen_events.entries import Pieces
from connectors.polisen_events.title import read_title, tidy
from connectors.polisen_events.windows import Window, read_window, refuse_filtered

if TYPE_CHECKING:
    from connectors.http import HttpClient

#: The police's rules of use for open data (read 2026-11): ten seconds between calls, 60 an hour, 1,440 a day.
RATE_RULES = RateRules(min_interval_s=10, per_hour=60, per_day=1440)

#: Fields whose change says nothing of the event: in December 2024 363 urls lost and won a slash, and
#: positions carry rounding noise. Versions are kept; the versioning step flags them.
NOISE_FIELDS = frozenset({"url", "location.gps"})

#: What an honest answer looks like (29,328 answers of 2023–2026): always 500 records and at least 41 types,
#: where the answers to other people's queries had at most 3. A made-up town's smaller feed sets its own.
OPTIONS: Mapping[str, Any] = {"window_length": 500, "minimum_types": 10, "minimum_overlap": 0.5}


def check_options(options: Mapping[str, Any]) -> list[str]:
    """The faults in a feed's options, in plain words. All options may be left out."""
    faults = [f"{name}: no such option; known are {', '.join(OPTIONS)}" for name in sorted(set(options) - set(OPTIONS))]
    for name, least in (("window_length", 1), ("minimum_types", 0)):
        value = options.get(name, OPTIONS[name])
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            faults.append(f"{name}: give a whole number from {least} up")
    overlap = options.get("minimum_overlap", OPTIONS["minimum_overlap"])
    if not isinstance(overlap, int | float) or isinstance(overlap, bool) or not 0 <= overlap <= 1:
        faults.append("minimum_overlap: give a share from 0 to 1")
    return faults


def fetch(context: FeedContext, client: HttpClient, url: str, since: datetime | None) -> list[Fetched]:
    """The source's present window. Raises FeedDown; what came instead of an answer is then in its ``body``.

    Always asks the whole, unfiltered feed: a query in ``url`` is left out, because the source at times
    answers a filter with another one's result. ``since`` changes nothing, as all records are compared every
    time.
    """
    from connectors.http import FeedDown  # loaded by who asks a source, not by who reads what landed

    asked = urlsplit(url)
    answer = client.get(
        urlunsplit((asked.scheme, asked.netloc, asked.path, "", "")), rules=RATE_RULES, feed=context.feed
    )
    if answer.status != 200:
        raise FeedDown(f"http_{answer.status}", "the source did not answer with its feed", body=answer.body)
    if urlsplit(answer.url).hostname != asked.hostname:
        raise FeedDown("redirected", "the answer came from another host than was asked", body=answer.body)
    name = f"events-{answer.received_at:%Y-%m-%dT%H%M%SZ}.json"
    return [Fetched(answer.body, answer.received_at, name, answer.media_type)]


def normalise(deliveries: Sequence[Delivery], context: FeedContext, previous: Delivery | None) -> Normalised:
    """The tables of ``deliveries``; ``previous`` is the last accepted delivery before them.

    Raises ValueError where the options are wrong or the result breaks the contract; never for what a delivery
    holds.
    """
    if faults := check_options(context.options):
        raise ValueError("options of feed " + context.feed + ": " + "; ".join(faults))
    options = {**OPTIONS, **context.options}
    collector = Collector(context)
    known: Pieces = {}
    before = _known_window(previous, known)
    for delivery in sorted(deliveries, key=lambda d: (d.received_at, d.sha256)):
        try:
            window = read_window(delivery.body(), known)
            refuse_filtered(window, options, before, delivery.received_at)
            collector.accept(delivery, window, before)
            before = (delivery.received_at, window)
        except DeliveryError as error:
            collector.refuse(delivery, error)
    return collector.normalised()


def _known_window(previous: Delivery | None, known: Pieces) -> tuple[datetime, Window] | None:
    """The last accepted window, or None where there is none that can still be read."""
    if previous is None:
        return None
    try:
        return previous.received_at, read_window(previous.body(), known)
    except DeliveryError:
        return None


def spell(delivery: Delivery, context: FeedContext, field: str, detail: str) -> str | None:
    """The word behind an ``unmapped_category`` or ``unmapped_place`` notice's fingerprint, made safe to show; None
    where it is not there. Raises DeliveryError when the delivery can no longer be read.
    """
    for _, record in read_window(delivery.body()).records:
        words = {
            "type": tidy(record.type),
            "name": read_title(record.name).place,
            "location.name": tidy(record.location_name or ""),
        }
        if fingerprint(words.get(field, "")) == detail:
            return visible(words[field])
    return None
