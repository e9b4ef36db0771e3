"""Small registers kept as CSV or XLSX: insatser, planned events, school holidays, resources, walks, assessments.

Which register a feed is, and whether a delivery is the whole of it or only what changed, is said in the feed's
options; what its columns mean stands in ``fields.csv`` and, where a municipality has others, in its mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors.kit import Delivery, DeliveryError, FeedContext, reject_row
from connectors.normalised import Normalised
from connectors.register_tabular.entries import Entries, read_entries
from connectors.register_tabular.fields import Register, mapping_faults, option_faults, register_of
from connectors.registers import Told, told_of
from connectors.tabular import FORM_REASONS, read_table
from connectors.tabular_notices import table_notices

__all__ = ["check_mapping", "check_options", "normalise"]

#: A delivery with more faulty rows than this share is held whole: the file changed shape. Two rows always may be
#: wrong. As for guard companies (guard_tabular), decided 2026-11-26.
REJECT_SHARE, FAULTS_ALLOWED = 0.25, 2


def check_options(options: Mapping[str, Any]) -> list[str]:
    """The faults in the feed's options: which register it is, and what a delivery of it holds."""
    return option_faults(options)


def check_mapping(mapping: Mapping[str, Any], categories: Mapping[str, Any]) -> list[str]:
    """The faults in a municipality's own headers, words and dates."""
    return mapping_faults(mapping)


def normalise(deliveries: Sequence[Delivery], context: FeedContext, previous: Delivery | None) -> Normalised:
    """The register's entries as the deliveries tell them. Raises ValueError where options or mapping have faults.

    A delivery that cannot be read, lacks a column or has too many faulty rows is quarantined whole; a row that lacks
    what its register cannot do without is rejected with its reason.
    """
    if faults := [*option_faults(context.options), *mapping_faults(context.mapping or {})]:
        raise ValueError(f"feed {context.feed}: " + "; ".join(faults))
    name = str(context.options["register"])
    read = partial(_read, register=register_of(name, context.mapping), context=context)
    is_whole = context.options.get("delivers", "whole") == "whole"
    return told_of(name, deliveries, context, read, is_whole=is_whole)


def _read(delivery: Delivery, register: Register, context: FeedContext) -> Told:
    table = read_table(delivery.body(), register.table)
    entries = read_entries(delivery, table, register, context)
    _refuse_too_many(entries, table.record_count)
    rejects = [
        reject_row(delivery, one.reason, record_number=one.record_number, field=one.field, detail=one.detail)
        for one in entries.rejects
    ]
    notices = [*table_notices(delivery, table), *entries.notices]
    return Told(table.record_count, entries.rows, rejects, notices, entries.held)


def _refuse_too_many(entries: Entries, record_count: int) -> None:
    faulty = [one for one in entries.rejects if one.reason not in FORM_REASONS]
    if len(faulty) > FAULTS_ALLOWED and len(faulty) > REJECT_SHARE * record_count:
        words = ", ".join(sorted({one.reason for one in faulty}))
        raise DeliveryError(
            "too_many_rejects",
            f"{len(faulty)} av {record_count} rader är felaktiga ({words}), gränsen är {REJECT_SHARE:.0%};"
            " leveransen hålls, se om filens form ändrats",
            record_count,
        )
