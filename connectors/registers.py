"""What connectors of registers share: each delivery's entries, read or refused whole, into what the lake takes.

A register here is anything whose entries stand until they are told otherwise: a list the municipality keeps, but also
the warnings that are out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from connectors.kit import (
    Delivery,
    DeliveryError,
    DeliveryOutcome,
    FeedContext,
    fingerprint,
    notice_row,
    notices_table,
    quarantined,
    reject_row,
    rejects_table,
    retain_until,
)
from connectors.normalised import Normalised, RegisterTold, delivered_table
from connectors.strict_json import refuse_deep
from connectors.times import instant_of
from warehouse.contract import CONTENT, SIGHTING, register_said

#: Warnings and messages of other years are slips.
FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass
class Told:
    """What one delivery tells: ``rows`` (``register_said``), its rejects and notices as rows, how many records it had.

    ``held`` are the entries whose records were there and were refused: they are not withdrawn by being refused. None
    where a refused record does not even say which entry it is: then nothing is withdrawn by this delivery.
    """

    seen_count: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    held: frozenset[str] | None = frozenset()


class Doubts:
    """What is noticed in one delivery's records, gathered: one notice for a kind, however many records it is about."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str | None], list[int]] = {}

    def add(self, notice: str, name: str, record_number: int, *, word: str | None = None) -> None:
        """``word``, where it is one that no vocabulary knows, is told by its fingerprint alone."""
        key = (notice, name, fingerprint(word) if word is not None else None)
        self._found.setdefault(key, [0, record_number])[0] += 1

    def rows(self, delivery: Delivery) -> list[dict[str, Any]]:
        """The notices as rows of NOTICE, in the order of their first records."""
        ordered = sorted(self._found.items(), key=lambda item: (item[1][1], item[0][:2], item[0][2] or ""))
        return [
            notice_row(delivery, notice, field=name, detail=detail, record_count=count, first_record_number=first)
            for (notice, name, detail), (count, first) in ordered
        ]


def entry_of(delivery: Delivery, context: FeedContext, key: str, record_number: int) -> dict[str, Any]:
    """What every entry says of itself, without its flags: whose it is, and where it was told."""
    return {
        "entry_id": f"{context.feed}:{key}",
        "source_id": context.feed,
        "source_key": key,
        "owner_org": context.owner_org,
        "delivery_sha256": delivery.sha256,
        "run_id": delivery.run_id,
        "ingested_at": delivery.received_at,
        "record_number": record_number,
        "tlp": context.tlp,
        "retain_until": retain_until(delivery.received_at, context.retain_days),
    }


class Record(NamedTuple):
    """One record of an answer: its key where it has one, why it can be no entry where it cannot, and what it says."""

    key: str | None
    refusal: tuple[str, str, str] | None  # reason, field, detail
    said: Any


def told_records(
    delivery: Delivery,
    context: FeedContext,
    records: Iterable[Record],
    entry: Callable[[Any, int, Doubts], dict[str, Any]],
) -> Told:
    """What an answer of records tells; ``entry`` gives the columns of one, what is doubtful in it goes to its Doubts.

    Raises DeliveryError no_record_read where there are records and none of them became an entry: the form changed.
    """
    told, doubts = Told(0), Doubts()
    seen: set[str] = set()
    held: set[str] = set()
    is_sure = True
    for number, (key, refusal, said) in enumerate(records, 1):
        told.seen_count = number
        if refusal is None and key is None:
            refusal = ("no_key", "id", "the record has no number")
        if refusal is None and key in seen:
            refusal = ("key_repeated", "id", "the same number stood on an earlier record; that one holds")
        if refusal is None:
            try:
                refuse_deep(said)
            except DeliveryError as error:
                refusal = (error.reason, "id", error.detail)
        if refusal is not None or key is None:
            reason, name, detail = refusal or ("", "", "")
            told.rejects.append(reject_row(delivery, reason, record_number=number, field=name, detail=detail))
            is_sure = is_sure and key is not None
            held |= {f"{context.feed}:{key}"} if key else set()
            continue
        seen.add(key)
        told.rows.append(entry_of(delivery, context, key, number) | entry(said, number, doubts))
    if told.seen_count and not told.rows:
        raise DeliveryError("no_record_read", "none of the records can be read; the form changed", told.seen_count)
    told.held = frozenset(held) if is_sure else None
    told.notices = doubts.rows(delivery)
    return told


def told_of(
    register: str,
    deliveries: Sequence[Delivery],
    context: FeedContext,
    read: Callable[[Delivery], Told],
    *,
    is_whole: bool,
) -> Normalised:
    """The answer of ``normalise`` for a register. ``read`` gives what one delivery tells, or raises DeliveryError.

    A delivery that cannot be read is quarantined whole, and withdraws nothing.
    """
    outcomes: list[DeliveryOutcome] = []
    rejects: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    accepted: list[Delivery] = []
    held: dict[tuple[str, datetime], frozenset[str] | None] = {}
    for delivery in deliveries:
        try:
            told = read(delivery)
        except DeliveryError as error:
            outcome, row = quarantined(delivery, error)
            outcomes.append(outcome)
            rejects += [row] if row else []
            continue
        accepted.append(delivery)
        rows += told.rows
        rejects += told.rejects
        notices += told.notices
        held[delivery.sha256, delivery.received_at] = told.held
        outcomes.append(
            DeliveryOutcome(
                delivery.sha256,
                delivery.received_at,
                delivery.run_id,
                "accepted",
                told.seen_count,
                len(told.rejects),
            )
        )
    return Normalised(
        CONTENT.empty_table(),
        SIGHTING.empty_table(),
        delivered_table(accepted, context),
        rejects_table(rejects),
        notices_table(notices),
        outcomes,
        told=RegisterTold(register, pa.Table.from_pylist(rows, schema=register_said(register)), is_whole, held),
    ).checked()


def text_of(value: Any) -> str | None:
    """A text with its blanks tidied; None for anything else and for one with nothing in it."""
    return " ".join(value.split()) or None if isinstance(value, str) else None


def mapping_of(value: Any) -> Mapping[str, Any]:
    """An object of an answer, an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def instant_in(holder: Mapping[str, Any], name: str, number: int, doubts: Doubts, flags: set[str]) -> datetime | None:
    """A time of a record. Unknown where it is not told, and, with a notice, where it has no offset or is no time."""
    told = holder.get(name)
    if told is None:
        return None
    moment = instant_of(told) if isinstance(told, str) else None
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        doubts.add("value_unreadable", name, number)
        flags.add(f"{name}_unreadable")
        return None
    return moment
