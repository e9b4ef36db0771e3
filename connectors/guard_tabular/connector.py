"""Guard companies, housing companies and case systems that deliver a table: one connector, one mapping each.

The mapping says what the columns mean (see SOURCE.md); nothing here knows a company. Records of all
deliveries are worked on as one table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from connectors.columns import Column
from connectors.guard_tabular.coverage import coverage, moments_told
from connectors.guard_tabular.mapping import CompanyMapping, check_mapping, read_mapping
from connectors.guard_tabular.notices import word_notices
from connectors.guard_tabular.observations import Meaning, contents, sightings, to_instants
from connectors.guard_tabular.occurrence import read_occurrence
from connectors.guard_tabular.records import Records, stack
from connectors.guard_tabular.refusals import Read, quantities, reject_detail, reject_reasons, too_many_faults
from connectors.guard_tabular.words import categories_of, matches, police_informed, read_action, status_of
from connectors.kit import (
    Delivery,
    DeliveryError,
    DeliveryOutcome,
    FeedContext,
    fingerprint,
    notices_table,
    quarantined,
    reject_row,
    rejects_table,
    visible,
)
from connectors.normalised import Normalised, delivered_table
from connectors.tabular import read_table
from connectors.tabular_notices import table_notices
from warehouse.contract import CONTENT, SIGHTING

__all__ = ["check_mapping", "check_options", "normalise", "spell"]


def check_options(options: Mapping[str, Any]) -> list[str]:
    """The faults in the feed's own settings: the mapping says everything, so there are none to make."""
    return [f"{key}: unknown option; what a company delivers is said in its mapping" for key in sorted(options)]


def normalise(deliveries: Sequence[Delivery], context: FeedContext, previous: Delivery | None) -> Normalised:
    """The reports in the deliveries, by the company's mapping in ``context.mapping``.

    A delivery that cannot be read, lacks a column or has too many faulty records is quarantined whole; a
    record that cannot be a report is rejected with its reason. Raises ValueError when the mapping is missing
    or has faults.
    """
    mapping = _mapping_of(context)
    outcomes: list[DeliveryOutcome] = []
    rejects: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []
    read: list[Read] = []

    def hold(delivery: Delivery, error: DeliveryError) -> None:
        outcome, row = quarantined(delivery, error)
        outcomes.append(outcome)
        if row is not None:
            rejects.append(row)

    for delivery in deliveries:
        try:
            read.append(Read(delivery, read_table(delivery.body(), mapping.table)))
        except DeliveryError as error:
            hold(delivery, error)
    said, where, told = CONTENT.empty_table(), SIGHTING.empty_table(), list[Delivery]()
    filled = [one for one in read if one.table.record_count]
    if filled:
        records = stack([(one.delivery, one.table) for one in filled], mapping)
        occurrence = read_occurrence(records, mapping, mapping.timezone or context.timezone)
        instants = to_instants(occurrence, mapping, context)
        reasons, fields = reject_reasons(records, mapping, occurrence, instants, filled)
        held = too_many_faults(records, reasons, fields, filled, mapping)
        for place, fault in held.items():
            hold(filled[place].delivery, fault)
        read = [one for one in read if all(one is not filled[place] for place in held)]
        stands = ~np.isin(records.delivery, list(held))
        keep = np.flatnonzero(stands & (reasons == ""))
        rejects += [
            reject_row(
                filled[records.delivery[row]].delivery,
                reasons[row],
                record_number=int(records.record_number[row]),
                field=fields[row],
                detail=reject_detail(records, mapping, row, reasons[row], fields[row]),
            )
            for row in np.flatnonzero(stands & (reasons != "")).tolist()
        ]
        meaning, unknown = _meaning(records, mapping, context)
        given = [one.delivery for one in filled]
        told = [one.delivery for place, one in enumerate(filled) if place not in held]
        order = iter(range(len(told)))
        places = [None if place in held else next(order) for place in range(len(filled))]
        is_repeated = records.is_repeated(keep)
        said, unread = contents(records, keep, context, mapping, occurrence, instants, meaning, is_repeated)
        where = sightings(records, keep, meaning, places)
        unread |= occurrence.unread
        notices += word_notices(records, keep, given, unknown, meaning.is_cancelled, is_repeated, unread)
    for one in read:
        found = [
            reject_row(
                one.delivery,
                reject.reason,
                record_number=reject.record_number,
                field=reject.field,
                detail=reject.detail,
            )
            for reject in one.table.rejects
        ]
        rejects += found
        notices += table_notices(one.delivery, one.table)
        delivery, seen = one.delivery, one.table.record_count
        outcomes.append(DeliveryOutcome(delivery.sha256, delivery.received_at, delivery.run_id, "accepted", seen, 0))
    _count(outcomes, rejects)
    hours = moments_told(said, where, told)
    empty = {(one.delivery.sha256, one.delivery.received_at) for one in read if not one.table.record_count}
    for outcome in outcomes:
        if outcome.disposition == "accepted":
            is_empty = (outcome.delivery_sha256, outcome.received_at) in empty
            outcome.covers_from, outcome.covers_until = coverage(outcome, hours, mapping, context, is_empty=is_empty)
    outcomes.sort(key=lambda outcome: (outcome.received_at, outcome.delivery_sha256))
    return Normalised(
        said, where, delivered_table(told, context), rejects_table(rejects), notices_table(notices), outcomes
    ).checked()


def spell(delivery: Delivery, context: FeedContext, field: str, detail: str) -> str | None:
    """The word behind an ``unmapped_word`` notice's fingerprint, made safe to show; None where it is not there.

    For the operator's eyes only, read from the landing zone: the word may be a name. Raises DeliveryError when
    the delivery can no longer be read.
    """
    mapping = _mapping_of(context)
    table = read_table(delivery.body(), mapping.table)
    if not len(table.columns):
        return None
    _, unknown = _meaning(stack([(delivery, table)], mapping), mapping, context)
    words = unknown[field].values if field in unknown else []
    found = {word for each in words for word in each if fingerprint(word) == detail}
    return visible(min(found)) if found else None


def _mapping_of(context: FeedContext) -> CompanyMapping:
    if context.mapping is None:
        raise ValueError(f"feed {context.feed}: no mapping; name one in feeds.toml")
    if faults := check_mapping(context.mapping, context.categories):
        raise ValueError(f"feed {context.feed}: the mapping has faults:\n  " + "\n  ".join(faults))
    return read_mapping(context.mapping)


def _meaning(
    records: Records, mapping: CompanyMapping, context: FeedContext
) -> tuple[Meaning, dict[str, Column[tuple[str, ...]]]]:
    """The coded words of each record, and per field the words nobody knows."""
    category = categories_of(records, mapping, context.categories)
    written = records.column("action").each(lambda text: read_action(text, mapping))
    action = written.each(lambda one: one.code)
    withdrawing, cancelling = mapping.withdrawn.get("action"), mapping.withdrawn.get("status")
    police, unknown_police = police_informed(records, mapping, action)
    status, unknown_status = status_of(records, mapping)
    meaning = Meaning(
        category=category.code,
        category_source=category.spelling,
        has_no_category=category.is_missing,
        is_sensitive=category.is_sensitive,
        is_cancelled=matches(records, mapping.withdrawn),
        action=action,
        police=police,
        quantity=quantities(records, mapping).each(lambda each: each if isinstance(each, int) else None).numbers(),
        status=status,
    )
    unknown: dict[str, Column[tuple[str, ...]]] = {
        "category": category.unknown,
        "action": written.each(
            lambda one: tuple(word for word in one.unknown if not (withdrawing and withdrawing.holds(word)))
        ),
        "police": unknown_police.each(lambda word: (word,) if word else ()),
        "status": unknown_status.each(
            lambda word: (word,) if word and not (cancelling and cancelling.holds(word)) else ()
        ),
    }
    return meaning, unknown


def _count(outcomes: Sequence[DeliveryOutcome], rejects: Sequence[Mapping[str, Any]]) -> None:
    counts: dict[tuple[str, datetime], int] = {}
    for row in rejects:
        key = (row["delivery_sha256"], row["ingested_at"])
        counts[key] = counts.get(key, 0) + row["record_count"]
    for outcome in outcomes:
        outcome.rejected_count = counts.get((outcome.delivery_sha256, outcome.received_at), 0)
