"""Which records are refused and why, in words that help and without what stood there; when a whole delivery is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from connectors.columns import Column
from connectors.guard_tabular.mapping import CompanyMapping
from connectors.guard_tabular.notices import shape_of
from connectors.guard_tabular.numbers import QUANTITY_CAP, read_quantity
from connectors.guard_tabular.observations import Instants
from connectors.guard_tabular.occurrence import Occurrence
from connectors.guard_tabular.records import Records
from connectors.guard_tabular.words import matches
from connectors.kit import Delivery, DeliveryError
from connectors.tabular import FORM_REASONS, Tabular

#: How far a company's clock may go before ours until a time counts as the future.
CLOCK_SLACK = timedelta(minutes=15)

#: Times before this are slips: no system that delivers today was in use, and an empty date is often 1900.
EARLIEST = np.datetime64("1990-01-01", "us")

#: Faulty records a delivery may always have, so that one bad row does not hold a night of three.
FAULTS_ALLOWED = 2

#: Reject reasons that are no faults of the delivery and never hold it.
HARMLESS = FORM_REASONS | {"outside_table"}


#: What the other reasons say, in words.
REASONS_SV = {
    "outside_table": "inget sägs om vad som hänt eller när: rubrik eller fotnot",
    "date_absurd": f"före {EARLIEST.astype('datetime64[Y]')}",
    "future": "senare än när leveransen togs emot; fel datum, eller dag och månad i omvänd ordning",
    "quantity_out_of_range": f"antal ska vara 0–{QUANTITY_CAP}",
}


@dataclass
class Read:
    """One delivery that could be read as a table."""

    delivery: Delivery
    table: Tabular


def quantities(records: Records, mapping: CompanyMapping) -> Column[int | str | None]:
    """How many, None where nothing is said, or in a word why it cannot be read."""
    return records.column("quantity").each(lambda text: read_quantity(text, decimal_comma=mapping.decimal_comma))


def reject_reasons(
    records: Records, mapping: CompanyMapping, occurrence: Occurrence, instants: Instants, read: Sequence[Read]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """(reason or '', field or None) of each record; the first reason that applies."""
    received = np.array(
        [one.delivery.received_at.astimezone(UTC).replace(tzinfo=None) for one in read], dtype="datetime64[us]"
    )
    latest = received[records.delivery] + np.timedelta64(int(CLOCK_SLACK.total_seconds()), "s")
    numbers = quantities(records, mapping)
    quantity = np.array([*numbers.values, None], dtype=object)[numbers.codes]
    bad_quantity = np.array([isinstance(value, str) for value in numbers.values], dtype=bool)[numbers.codes]
    dating = next(name for name in ("interval", "moment", "date", "reported") if name in mapping.table.columns)
    is_future = np.greater(instants.start, latest) | np.greater(instants.reported, latest)
    tests: list[tuple[npt.NDArray[np.bool_], Any, str | None]] = [
        (matches(records, lists), reason, None) for reason, lists in mapping.refused.items()
    ]
    tests += [
        ((records.filled <= 1) | _says_nothing(records, occurrence), "outside_table", None),
        (occurrence.is_unreadable, "date_unreadable", dating),
        ((occurrence.start < EARLIEST) | (occurrence.reported < EARLIEST), "date_absurd", dating),
        (is_future, "future", dating),
        (bad_quantity, quantity, "quantity"),
    ]
    reasons = np.full(len(records), "", dtype=object)
    fields = np.full(len(records), None, dtype=object)
    for applies, reason, field in tests:
        applies &= reasons == ""
        reasons[applies] = reason[applies] if isinstance(reason, np.ndarray) else reason
        fields[applies] = field
    return reasons, fields


def _says_nothing(records: Records, occurrence: Occurrence) -> npt.NDArray[np.bool_]:
    """Which records are two cells that tell neither what nor when: "Antal;;;12", a foot of the table."""
    has_word = records.each("category", bool, np.bool_) | records.each("category_code", bool, np.bool_)
    return (records.filled <= 2) & ~has_word & np.isnat(occurrence.start) & np.isnat(occurrence.reported)


def reject_detail(records: Records, mapping: CompanyMapping, row: int, reason: str, field: str | None) -> str | None:
    """What an operator needs to mend it, without what stood there: the cell's shape beside what the mapping reads."""
    if reason not in ("date_unreadable", "quantity_unreadable"):
        return REASONS_SV.get(reason)
    shape = shape_of(records.column(field or "").of_rows(np.array([row]))[0])
    if reason == "quantity_unreadable":
        return f"skrivet som {shape}; ett heltal väntas"
    formats = mapping.date_formats if field == "date" else mapping.moment_formats
    return f"skrivet som {shape}; mappningen läser {', '.join(formats)}"


def too_many_faults(
    records: Records,
    reasons: npt.NDArray[Any],
    fields: npt.NDArray[Any],
    read: Sequence[Read],
    mapping: CompanyMapping,
) -> dict[int, DeliveryError]:
    """The deliveries, by place, whose share of faulty records says that the file changed shape."""
    harmless = HARMLESS | mapping.refused.keys()
    refused = np.flatnonzero(reasons != "")
    is_faulty = np.zeros(len(reasons), dtype=bool)
    is_faulty[refused] = [reason not in harmless for reason in reasons[refused].tolist()]
    counts = np.bincount(records.delivery[is_faulty], minlength=len(read))
    held = {}
    for place, one in enumerate(read):
        own = [reject for reject in one.table.rejects if reject.reason not in harmless]
        faulty = int(counts[place]) + len(own)
        if faulty > FAULTS_ALLOWED and faulty > mapping.reject_share * one.table.record_count:
            rows = np.flatnonzero(is_faulty & (records.delivery == place)).tolist()
            words = sorted({reasons[row] for row in rows} | {reject.reason for reject in own})
            detail = (
                f"{faulty} av {one.table.record_count} poster är felaktiga ({', '.join(words)}), gränsen är"
                f" {mapping.reject_share:.0%}; leveransen hålls, se om filens form ändrats"
            )
            if rows:  # a format that changed is seen in the first of them
                said = reject_detail(records, mapping, rows[0], reasons[rows[0]], fields[rows[0]])
                detail += f"; post {records.record_number[rows[0]]}, fältet {fields[rows[0]]}: {said}" if said else ""
            held[place] = DeliveryError("too_many_rejects", detail, one.table.record_count)
    return held
