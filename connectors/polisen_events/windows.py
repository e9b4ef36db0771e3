"""One answer of the police: its records, whether it is honest, and what left it since the one before.

The source always answers with its latest 500 notices, the most recently changed first. Sometimes it answers
with what somebody else asked for (its cache mixes up queries), which looks like a sudden quiet or a wave of
one kind of crime; such an answer must not be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from connectors.kit import DeliveryError
from connectors.polisen_events.entries import Piece, Pieces, Record, cut, whole
from connectors.strict_json import decode

#: The overlap rule speaks of a window at most this old. An honest window spans 5.4 to 7.8 days, so in a day
#: 64 to 93 of its 500 notices are new: far from the half that would have to be.
OVERLAP_AGE = timedelta(hours=24)

#: So many of the records that stood below a missing one must remain for it to count as taken away; fewer, and
#: it may have left at the tail, where order wavers by a few places. Found both deletions of 14 days of
#: archive (2025-10-19 to 11-01) and nothing else.
WITNESSES = 5

#: More refused records than this share, and the source has changed its format: the window is not evidence of
#: anything.
UNREADABLE_SHARE = 0.5


class Fault(NamedTuple):
    """Why one record was refused, without saying what stood there."""

    record_number: int
    reason: str
    field: str | None


@dataclass
class Window:
    """One readable answer. Record numbers start at 1; ``ids`` stand in the answer's order, also of refused
    records."""

    length: int
    records: list[tuple[int, Record]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    type_count: int = 0
    new_fields: dict[tuple[str, str], list[int]] = field(default_factory=dict)  # (where, name) → record numbers

    @cached_property
    def stand(self) -> dict[int, None]:
        """Each id once, in the answer's order."""
        return dict.fromkeys(self.ids)

    @cached_property
    def last_told(self) -> dict[int, Record]:
        """The readable record of each id."""
        return {record.id: record for _, record in self.records}


class Missing(NamedTuple):
    """Ids of the window before that are gone: taken away, or past the tail. Both in the order they stood."""

    vanished: list[int]
    left_tail: list[int]


_READ, _ID, _TYPE, _IS_PLAIN = (itemgetter(Piece._fields.index(name)) for name in ("read", "id", "type", "is_plain"))


def read_window(body: bytes, known: Pieces | None = None) -> Window:
    """The records of one answer; a faulty record is set aside, a broken shape refuses the answer.

    ``known`` remembers what was read of each entry, since windows repeat most of the one before. Raises DeliveryError:
    those of ``strict_json.decode``, not_a_list, missing_keys, mostly_unreadable, too_deep.
    """
    pieces = cut(body, {} if known is None else known)
    if pieces is None:
        pieces = whole(decode(body))
    if (plain := _plain_window(pieces)) is not None:
        return plain
    for number, piece in enumerate(pieces, start=1):
        if piece.absent:
            raise DeliveryError("missing_keys", f"record {number} has no {', '.join(piece.absent)}", len(pieces))
    window = Window(len(pieces))
    first_by_id: dict[int, Record] = {}
    for number, piece in enumerate(pieces, start=1):
        for field_ in piece.new_fields:
            window.new_fields.setdefault(field_, []).append(number)
        if piece.id is not None:
            window.ids.append(piece.id)
        read = piece.read
        if isinstance(read, Record) and (first := first_by_id.setdefault(read.id, read)) is not read and first != read:
            read = ("id_conflict", "id")
        if isinstance(read, Record):
            window.records.append((number, read))
        else:
            window.faults.append(Fault(number, *read))
    window.type_count = len({piece.type for piece in pieces} - {None})
    if len(window.faults) > UNREADABLE_SHARE * window.length:
        fault = window.faults[0]
        where = f", field {fault.field}" if fault.field else ""
        reason = f"{len(window.faults)} of {window.length} records cannot be read, first: {fault.reason}{where}"
        raise DeliveryError("mostly_unreadable", reason, window.length)
    return window


def _plain_window(pieces: Sequence[Piece]) -> Window | None:
    """The window of entries that are all plain, each with an id of its own, as nearly always; else None."""
    if not all(map(_IS_PLAIN, pieces)):
        return None
    ids = list(map(_ID, pieces))
    if len(set(ids)) != len(ids):
        return None
    records = list(enumerate(map(_READ, pieces), start=1))
    return Window(len(pieces), records, ids=ids, type_count=len(set(map(_TYPE, pieces))))


def refuse_filtered(
    window: Window,
    options: Mapping[str, Any],
    previous: tuple[datetime, Window] | None,
    received_at: datetime,
) -> None:
    """Raises DeliveryError filtered_response where the answer belongs to somebody else's query.

    ``options`` hold window_length (records), minimum_types (distinct types) and minimum_overlap (share of the
    records that also stood in the last accepted window, asked only where that is at most OVERLAP_AGE old).
    """
    signs = []
    if window.length != options["window_length"]:
        signs.append(f"{window.length} records instead of {options['window_length']}")
    if window.type_count < options["minimum_types"]:
        signs.append(f"{window.type_count} types, at least {options['minimum_types']} expected")
    if previous is not None and window.length and received_at - previous[0] <= OVERLAP_AGE:
        share = sum(map(previous[1].stand.__contains__, window.ids)) / window.length
        if share < options["minimum_overlap"]:
            signs.append(
                f"{share:.0%} of the records stood in the window before, {options['minimum_overlap']:.0%} expected"
            )
    if signs:
        raise DeliveryError("filtered_response", "; ".join(signs), window.length)


def missing_since(before: Window, now: Window) -> Missing:
    """What stood in ``before`` and is not in ``now``: taken away, or only past the tail.

    Only a record that says the same in both is a witness: an edit moves a notice to the top, so after an outage of
    days a handful of edited old ones would bear false witness against all that aged out above them.
    """
    here = now.stand
    if here.keys() >= before.stand.keys():
        return Missing([], [])
    stood = list(before.stand)
    said = now.last_told
    was = before.last_told
    witnesses, at = 0, len(stood)
    while at and witnesses < WITNESSES:  # from the tail up
        at -= 1
        id = stood[at]
        # Two records of one id in a window say the same: one that says something else is a fault (id_conflict).
        witnesses += id in here and (id not in was or said.get(id, was[id]) == was[id])
    return Missing([id for id in stood[:at] if id not in here], [id for id in stood[at:] if id not in here])
