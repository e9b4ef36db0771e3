"""One entry of an answer: the notice in it, or why it is refused. Windows repeat most of the one before, so each
distinct text is read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from connectors.kit import DeliveryError, fingerprint
from connectors.strict_json import BETWEEN_OBJECTS, LIST_OF_OBJECTS, decode, refuse_deep

#: Without these a list of objects is not this feed at all.
SHAPE_KEYS = ("id", "datetime", "name", "type")
RECORD_KEYS = (*SHAPE_KEYS, "summary", "url", "location")
LOCATION_KEYS = ("name", "gps")

#: Characters of one field. The longest real one has under 250.
LONGEST_FIELD = 10_000

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


class Piece(NamedTuple):
    """One entry of an answer, read. The same text is one object, however many windows it stood in."""

    read: Record | tuple[str, str]  # or (reason, field) why it is refused
    id: int | None
    type: str | None
    absent: tuple[str, ...]  # shape keys it lacks
    new_fields: tuple[tuple[str, str], ...]  # (where, fingerprint of the name)
    is_plain: bool = False  # a record, and no field that is new


#: What was read of each entry's text, within one call over many windows.
Pieces = dict[bytes, Piece]


def cut(body: bytes, known: Pieces) -> list[Piece] | None:
    """The entries of a body that is plainly a list of objects, each distinct text read once; else None.

    Where the body is ``[`` texts ``]`` with commas between and each text by itself is an object, JSON's grammar says
    that the body is the list of those objects. A cut inside a text or a nested list leaves halves that are none.
    """
    found = LIST_OF_OBJECTS.fullmatch(body)
    if found is None or b"\xef\xbb\xbf" in body:
        return None
    texts = BETWEEN_OBJECTS.split(found[1][1:-1])
    pieces = list(map(known.get, texts))
    if None not in pieces:
        return pieces  # type: ignore[return-value]
    try:
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
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


def whole(value: Any) -> list[Piece]:
    if not isinstance(value, list):
        raise DeliveryError("not_a_list", "the answer is JSON but not a list of notices")
    for number, entry in enumerate(value, start=1):
        if not isinstance(entry, dict):
            raise DeliveryError("missing_keys", f"entry {number} is not an object", len(value))
        if absent := [key for key in SHAPE_KEYS if key not in entry]:
            raise DeliveryError("missing_keys", f"record {number} has no {', '.join(absent)}", len(value))
    return [_piece(entry) for entry in value]


def _piece(entry: Mapping[str, Any]) -> Piece:
    read = read_record(entry)
    if type(read) is Record and len(entry) == len(RECORD_KEYS) and _has_only_known(entry["location"]):
        return Piece(read, read.id, read.type.strip(), (), (), is_plain=True)
    if not entry.keys() >= _SHAPE:
        absent = tuple(key for key in SHAPE_KEYS if key not in entry)
        return Piece(("missing_field", absent[0]), None, None, absent, ())
    type_ = entry["type"].strip() if isinstance(entry["type"], str) else None
    id = entry["id"] if _is_id(entry["id"]) else None
    return Piece(read, id, type_, (), tuple(_new_fields(entry)))


def _has_only_known(location: Any) -> bool:
    return isinstance(location, dict) and len(location) == len(LOCATION_KEYS)


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
