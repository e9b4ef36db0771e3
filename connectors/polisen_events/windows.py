"""One answer of the police: its records, whether it is honest, and what left it since the one before.

The source always answers with its latest 500 notices, the most recently changed first. Sometimes it answers
with what somebody else asked for (its cache mixes up queries), which looks like a sudden quiet or a wave of
one kind of crime; such an answer must not be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from connectors.kit import DeliveryError, fingerprint
from connectors.strict_json import decode, refuse_deep

#: Without these a list of objects is not this feed at all.
SHAPE_KEYS = ("id", "datetime", "name", "type")
RECORD_KEYS = (*SHAPE_KEYS, "summary", "url", "location")
LOCATION_KEYS = ("name", "gps")

#: Characters of one field. The longest real one has under 250.
LONGEST_FIELD = 10_000

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

#: What a summary can be read as (texts.py) and what the scan finds in one (connectors/pii.py): the only words
#: that an erased summary may bring along.
MARKS = frozenset({"press_notice", "announcement", "note_withheld", "summary_cut"})
PII_KINDS = frozenset({"identity_number", "phone", "email", "plate", "house_number", "too_long"})

_FINGERPRINT = re.compile(r"[0-9a-f]{8}")


class Erased(NamedTuple):
    """What is left of a summary taken out: its fingerprint, and the words it was read as (see texts.py)."""

    fingerprint: str
    marks: str
    pii: str


class Record(NamedTuple):
    """One notice as sent. None is JSON's null: the source says that it does not know."""

    id: int
    datetime: str
    name: str
    type: str
    summary: str | Erased | None
    url: str | None
    location_name: str | None
    location_gps: str | None


_FIELDS_OF, _PLACE_OF = itemgetter(*Record._fields[:6], "location"), itemgetter(*LOCATION_KEYS)
_TEXT, _SHAPE = {str}, frozenset(SHAPE_KEYS)


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
    def last_told(self) -> dict[int, Record]:
        """The readable record of each id."""
        return {record.id: record for _, record in self.records}


class Missing(NamedTuple):
    """Ids of the window before that are gone: taken away, or past the tail. Both in the order they stood."""

    vanished: list[int]
    left_tail: list[int]


class Piece(NamedTuple):
    """One entry of an answer, read. The same text is one object, however many windows it stood in."""

    read: Record | tuple[str, str]  # or (reason, field) why it is refused
    id: int | None
    type: str | None
    absent: tuple[str, ...]  # shape keys it lacks
    new_fields: tuple[tuple[str, str], ...]  # (where, fingerprint of the name)


#: What was read of each entry's text, within one call over many windows.
Pieces = dict[bytes, Piece]

_BETWEEN = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*\{")  # JSON's blanks alone: \s lets two more through
_LIST = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*\{(.*)\}[ \t\r\n]*\][ \t\r\n]*", re.DOTALL)


def read_window(body: bytes, known: Pieces | None = None) -> Window:
    """The records of one answer; a faulty record is set aside, a broken shape refuses the answer.

    ``known`` remembers what was read of each entry, since windows repeat most of the one before. Raises DeliveryError:
    those of ``strict_json.decode``, not_a_list, missing_keys, mostly_unreadable, too_deep.
    """
    pieces = _cut(body, {} if known is None else known)
    if pieces is None:
        pieces = _whole(decode(body))
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
        reason = f"{len(window.faults)} of {window.length} records cannot be read, first: {window.faults[0].reason}"
        raise DeliveryError("mostly_unreadable", reason, window.length)
    return window


def _cut(body: bytes, known: Pieces) -> list[Piece] | None:
    """The entries of a body that is plainly a list of objects, each distinct text read once; else None.

    Where the body is ``[`` texts ``]`` with commas between and each text by itself is an object, JSON's grammar says
    that the body is the list of those objects. A cut inside a text or a nested list leaves halves that are none.
    """
    found = _LIST.fullmatch(body)
    if found is None or b"\xef\xbb\xbf" in body:
        return None
    texts = _BETWEEN.split(found[1])
    try:
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            known.update(zip(fresh, map(_piece, _objects(fresh)), strict=True))
    except DeliveryError:
        return None  # the whole body's own reason is told
    return [known[text] for text in texts]


def _objects(texts: Sequence[bytes]) -> list[Any]:
    """The objects whose insides the texts are, all parsed at once. Raises DeliveryError where any is none.

    No text holds a place to cut at, so the list made of them has one between two texts and no other. Two entries of
    a list of objects always have one between them: where there are as many entries as texts, each text is an entry.
    """
    value = decode(b"[{" + b"},{".join(texts) + b"}]")
    if len(value) != len(texts) or set(map(type, value)) != {dict}:
        raise DeliveryError("not_json", "the answer was cut inside an entry")
    return list(value)


def _whole(value: Any) -> list[Piece]:
    if not isinstance(value, list):
        raise DeliveryError("not_a_list", "the answer is JSON but not a list of notices")
    for number, entry in enumerate(value, start=1):
        if not isinstance(entry, dict):
            raise DeliveryError("missing_keys", f"entry {number} is not an object", len(value))
        if absent := [key for key in SHAPE_KEYS if key not in entry]:
            raise DeliveryError("missing_keys", f"record {number} has no {', '.join(absent)}", len(value))
    return [_piece(entry) for entry in value]


def _piece(entry: Mapping[str, Any]) -> Piece:
    if not entry.keys() >= _SHAPE:
        absent = tuple(key for key in SHAPE_KEYS if key not in entry)
        return Piece(("missing_field", absent[0]), None, None, absent, ())
    type_ = entry["type"].strip() if isinstance(entry["type"], str) else None
    id = entry["id"] if _is_id(entry["id"]) else None
    return Piece(read_record(entry), id, type_, (), tuple(_new_fields(entry)))


def read_record(entry: Mapping[str, Any]) -> Record | tuple[str, str]:
    """The record in one object, or (reason, field) why it is refused: missing_field, wrong_type, too_long."""
    try:
        id, *texts, location = _FIELDS_OF(entry)
        texts += _PLACE_OF(location)
    except (KeyError, TypeError):
        return _read_record(entry)
    if set(map(type, texts)) == _TEXT and len(max(texts, key=len)) <= LONGEST_FIELD and type(id) is int and id > 0:
        return Record(id, *texts)
    return _read_record(entry)


def _read_record(entry: Mapping[str, Any]) -> Record | tuple[str, str]:
    """``read_record`` a field at a time: for what is not all text, and to tell why an entry is refused."""
    for key in RECORD_KEYS:
        if key not in entry:
            return "missing_field", key
    location = entry["location"]
    if location is None:
        location = dict.fromkeys(LOCATION_KEYS)
    if not isinstance(location, dict):
        return "wrong_type", "location"
    for key in LOCATION_KEYS:
        if key not in location:
            return "missing_field", f"location.{key}"
    if not _is_id(entry["id"]):
        return "wrong_type", "id"
    summary = read_erased(entry["summary"])
    texts = {
        **{key: entry[key] for key in ("datetime", "name", "type", "url")},
        "summary": None if isinstance(summary, Erased) else summary,
        **{f"location.{key}": location[key] for key in LOCATION_KEYS},
    }
    for key, text in texts.items():
        if not isinstance(text, str) and (text is not None or key in SHAPE_KEYS):
            return "wrong_type", key
        if text is not None and len(text) > LONGEST_FIELD:
            return "too_long", key
    return Record(
        entry["id"],
        entry["datetime"],
        entry["name"],
        entry["type"],
        summary,
        entry["url"],
        location["name"],
        location["gps"],
    )


def read_erased(summary: Any) -> Any:
    """The Erased in the object that ``erase`` leaves behind; anything else as it stands."""
    if not isinstance(summary, dict) or not set(summary) <= {"erased", "marks", "pii"}:
        return summary
    digest, marks, pii = summary.get("erased"), summary.get("marks", ""), summary.get("pii", "")
    if not (isinstance(digest, str) and isinstance(marks, str) and isinstance(pii, str)):
        return summary
    if not _FINGERPRINT.fullmatch(digest) or not _words(marks) <= MARKS or not _words(pii) <= PII_KINDS:
        return summary
    return Erased(digest, marks, pii)


def _words(joined: str) -> set[str]:
    return set(joined.split(",")) if joined else set()


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
        known = set(previous[1].ids)
        share = sum(id in known for id in window.ids) / window.length
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
    here = set(now.ids)
    stood = list(dict.fromkeys(before.ids))
    if here.issuperset(stood):
        return Missing([], [])
    said = now.last_told
    was = before.last_told
    witnesses, at = 0, len(stood)
    while at and witnesses < WITNESSES:  # from the tail up
        at -= 1
        id = stood[at]
        # Two records of one id in a window say the same: one that says something else is a fault (id_conflict).
        witnesses += id in here and (id not in was or said.get(id, was[id]) == was[id])
    return Missing([id for id in stood[:at] if id not in here], [id for id in stood[at:] if id not in here])


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _new_fields(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(where, fingerprint of the name) of each field nobody has seen before."""
    location = entry.get("location")
    for where, have, known in (("", entry, RECORD_KEYS), ("location", location, LOCATION_KEYS)):
        if isinstance(have, dict) and len(have) > len(known):
            for name in have.keys() - set(known):
                refuse_deep(have[name])
                yield where, fingerprint(name)
