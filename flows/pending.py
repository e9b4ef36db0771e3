"""Which landed deliveries are not in the lake yet, in the feed's own order, and cut into what is read at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.kit import Delivery
from flows.store import Store
from warehouse.journal import stood_for
from warehouse.landing import Landed
from warehouse.manifest import FeedState
from warehouse.removal import key_of

#: How many deliveries, or bytes of them, are read at once: bounds memory in a back-fill of years. 64 MB of the
#: police's JSON became about 700 MB of Python objects (measured 2026-11 on the replay archive).
CHUNK_DELIVERIES = 400
CHUNK_BYTES = 32_000_000


def chunks_of(pending: Sequence[Landed]) -> Iterator[list[Landed]]:
    chunk: list[Landed] = []
    size = 0
    for landed in pending:
        if chunk and (len(chunk) >= CHUNK_DELIVERIES or size + landed.size > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(landed)
        size += landed.size
    if chunk:
        yield chunk


def deliveries_of(store: Store, chunk: Sequence[Landed]) -> list[Delivery]:
    landing = store.landing
    erasures = landing.erasures()

    def delivery(landed: Landed) -> Delivery:
        stored = stood_for(landed.sha256, erasures)[-1]
        return Delivery(
            landed.feed,
            landed.sha256,
            landed.received_at,
            landed.name,
            landed.run_id,
            landing.object_path(stored),
            landed.media_type,
            landed.query,
            stored,
        )

    return [delivery(landed) for landed in chunk]


def last_accepted(store: Store, feed: str, state: FeedState) -> Delivery | None:
    if state.last_accepted_seq is None:
        return None
    landed = store.landing.delivery(state.last_accepted_seq)
    return deliveries_of(store, [landed])[0] if landed and landed.feed == feed else None


def has_unread(store: Store, feed: str) -> bool:
    """Whether a delivery of the feed has landed that is not in the lake yet."""
    return bool(unread(store, feed, store.lake.manifest().feeds.get(feed, FeedState())))


def unread(store: Store, feed: str, state: FeedState) -> list[Landed]:
    """The feed's deliveries that are not in the lake, in the order they were journalled.

    One from a time whose bytes were erased already came too late: its own time is out, and what comes after it was
    numbered without it.
    """
    found = [d for d in store.landing.deliveries(feed, state.journal_seq) if not _is_read(d, state)]
    erased = erased_until(store, feed) if found else None
    return found if erased is None else [d for d in found if order_of(d) > erased[0]]


def erased_until(store: Store, feed: str) -> tuple[tuple[datetime, str], int] | None:
    """The place of the feed's newest delivery whose bytes were erased since their time was out, and the last journal
    number of those; None where all bytes are kept."""
    removed = store.landing.removals()
    landed = store.landing.deliveries(feed) if removed else []
    gone = [d for d in landed if key_of(d) in removed]
    return (max(map(order_of, gone)), max(d.seq for d in gone)) if gone else None


def _is_read(landed: Landed, state: FeedState) -> bool:
    """Whether a reading that a kill cut short had come to this delivery: it went in the feed's own order."""
    return landed.seq <= state.reading_seq and state.newest is not None and order_of(landed) <= as_order(state.newest)


def order_of(landed: Landed) -> tuple[datetime, str]:
    return landed.received_at, landed.sha256


def as_order(newest: tuple[str, str]) -> tuple[datetime, str]:
    return datetime.fromisoformat(newest[0]), newest[1]


def landed_delivery(store: Store, feed: str, sha256: str) -> Delivery | None:
    """The feed's landed delivery with this hash, the last one where it came more than once; None where none did."""
    found = [landed for landed in store.landing.deliveries(feed) if landed.sha256 == sha256]
    return deliveries_of(store, found[-1:])[0] if found else None
