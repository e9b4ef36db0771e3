"""Municipal requests over Open311 GeoReport v2 → the contract's tables. Terms, traps and limits: SOURCE.md.

A request tells that somebody reported something and when; not when it happened. What people wrote, who they are
and who answers them stays in the landing zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import pyarrow.compute as pc

from connectors.kit import (
    Delivery,
    DeliveryError,
    DeliveryOutcome,
    FeedContext,
    fingerprint,
    notice_row,
    notices_table,
    quarantined,
    rejects_table,
    visible,
)
from connectors.normalised import Normalised, delivered_table
from connectors.open311.fetching import WINDOW_PARAMETERS, fetch
from connectors.open311.fields import instants, text_of
from connectors.open311.options import check_options
from connectors.open311.plainly import read_plainly
from connectors.open311.reading import Contents, read_contents
from connectors.open311.records import Records
from connectors.open311.rows import REASONS, rows_of
from connectors.open311.services import check_mapping

__all__ = ["check_mapping", "check_options", "fetch", "normalise"]

#: Requests of an answer that may be faulty: this many always, and up to this share. More is no slip but another form,
#: and an answer read as all but empty would look like a quiet day. The police's share too; decided 2026-11-27.
FAULTS_ALLOWED, UNREADABLE_SHARE = 2, 0.5

#: Which delivery: its hash and when it was received.
Key: TypeAlias = tuple[str, datetime]

#: Why a fetch stopped short, as it wrote in the delivery's query.
STOPPED = frozenset({"repeated_page", "page_cap", "record_cap"})


def normalise(deliveries: Sequence[Delivery], context: FeedContext, previous: Delivery | None) -> Normalised:
    """The tables of ``deliveries``. ``previous`` changes nothing: each request is whole in itself.

    An answer most of whose records are faulty is held whole: its form changed, and what it does not tell is no silence.
    Raises ValueError where options or mapping are wrong or the result breaks the contract; never for what a
    delivery holds.
    """
    faults = check_options(context.options) + check_mapping(context.mapping or {}, context.categories)
    if faults:
        raise ValueError(f"settings of feed {context.feed}: " + "; ".join(faults))
    tables = _tables(deliveries, context, {})
    return _tables(deliveries, context, held) if (held := _mostly_unreadable(tables)) else tables


def _mostly_unreadable(tables: Normalised) -> dict[Key, DeliveryError]:
    """The accepted deliveries of which more is faulty than FAULTS_ALLOWED and UNREADABLE_SHARE let pass."""
    faulty: dict[Key, list[str]] = {}
    is_fault = pc.and_(
        pc.is_valid(tables.rejects.column("record_number")),
        pc.not_equal(tables.rejects.column("reason"), "not_safety_related"),
    )
    for row in tables.rejects.filter(is_fault).to_pylist():
        faulty.setdefault((row["delivery_sha256"], row["ingested_at"]), []).append(row["reason"])
    held = {}
    for one in tables.outcomes:
        reasons = faulty.get((one.delivery_sha256, one.received_at), [])
        if len(reasons) > FAULTS_ALLOWED and len(reasons) > UNREADABLE_SHARE * one.seen_count:
            words = ", ".join(sorted(set(reasons)))
            detail = f"{len(reasons)} of {one.seen_count} requests cannot be read ({words}); {REASONS[reasons[0]]}"
            held[one.delivery_sha256, one.received_at] = DeliveryError("mostly_unreadable", detail, one.seen_count)
    return held


def _tables(deliveries: Sequence[Delivery], context: FeedContext, held: Mapping[Key, DeliveryError]) -> Normalised:
    """``normalise`` of deliveries of which those in ``held`` are refused whole."""
    records = Records()
    told: list[Delivery] = []
    outcomes: list[DeliveryOutcome] = []
    rejects: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []
    for delivery in sorted(deliveries, key=lambda d: (d.received_at, d.sha256)):
        try:
            if fault := held.get((delivery.sha256, delivery.received_at)):
                raise fault
            contents = _contents(delivery, context)
        except DeliveryError as error:
            outcome, row = quarantined(delivery, error)
            outcomes.append(outcome)
            if row is not None:
                rejects.append(row)
            continue
        requests = contents.records if contents.kind == "requests" else []
        records.add(requests)
        notices += _notices(delivery, contents)
        outcomes.append(_outcome(delivery, len(requests)))
        told.append(delivery)
    rows = rows_of(records, told, context)
    rejected: dict[tuple[str, datetime], int] = {}
    for row in rows.rejects:
        key = (row["delivery_sha256"], row["ingested_at"])
        rejected[key] = rejected.get(key, 0) + 1
    for outcome in outcomes:
        if outcome.disposition == "accepted":
            outcome.rejected_count = rejected.get((outcome.delivery_sha256, outcome.received_at), 0)
    return Normalised(
        contents=rows.contents,
        sightings=rows.sightings,
        deliveries=delivered_table(told, context),
        rejects=rejects_table(rejects + rows.rejects),
        notices=notices_table(notices + rows.notices),
        outcomes=outcomes,
    ).checked()


def spell(delivery: Delivery, context: FeedContext, field: str, detail: str) -> str | None:
    """The word behind a ``service_unmapped`` or ``status_unknown`` notice's fingerprint, made safe to show, with the
    service's name where there is one; None where it is not there.

    For the operator's eyes only, read from the landing zone: the word may be anything. Raises DeliveryError when
    the delivery can no longer be read.
    """
    for record in read_contents(delivery.body()).records:
        if not isinstance(record, dict):
            continue
        word = text_of(record.get(field)) or text_of(record.get("service_name"))
        if word is not None and fingerprint(word) == detail:
            name = text_of(record.get("service_name")) if field == "service_code" else None
            return visible(f"{word} ({name})" if name and name != word else word)
    return None


def _contents(delivery: Delivery, context: FeedContext) -> Contents:
    """The delivery's records. Raises DeliveryError, also for an empty list where the feed never has one."""
    body = delivery.body()
    table = read_plainly(body)
    contents = read_contents(body) if table is None else Contents("requests", table, "utf-8", is_misdeclared=False)
    is_first_page = _asked(delivery, "page") in (None, "1")
    if not len(contents.records) and is_first_page and not context.options.get("allow_empty", True):
        raise DeliveryError("empty_delivery", "the answer holds no request, and this feed always has some")
    return contents


def _notices(delivery: Delivery, contents: Contents) -> list[dict[str, Any]]:
    """What is to be said of the delivery as a whole."""
    count = len(contents.records)
    said: list[tuple[str, str | None]] = []
    if contents.kind == "services":
        said.append(("service_list", None))
    if contents.is_misdeclared:
        said.append(("encoding_fallback", contents.encoding))
    if (stopped := _asked(delivery, "stopped")) in STOPPED and stopped is not None:
        said.append((stopped, None))
    return [
        notice_row(delivery, notice, field=None, detail=detail, record_count=count, first_record_number=None)
        for notice, detail in said
    ]


def _outcome(delivery: Delivery, seen_count: int) -> DeliveryOutcome:
    """The accepted delivery's outcome; it covers the window that was asked for, where one was."""
    bounds: list[datetime | None] = []
    for names in zip(*WINDOW_PARAMETERS.values(), strict=True):
        asked = next((value for name in names if (value := _asked(delivery, name))), None)
        if asked is None:
            bounds.append(None)
            continue
        moments, faults = instants([asked])
        bounds.append(None if faults[0] else moments[0].item().replace(tzinfo=UTC))
    return DeliveryOutcome(
        delivery.sha256,
        delivery.received_at,
        delivery.run_id,
        "accepted",
        seen_count=seen_count,
        rejected_count=0,
        covers_from=bounds[0],
        covers_until=bounds[1],
    )


def _asked(delivery: Delivery, name: str) -> str | None:
    """One parameter of what was asked for."""
    return parse_qs(delivery.query or "").get(name, [None])[-1]
