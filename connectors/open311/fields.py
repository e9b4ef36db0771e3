"""What single fields of a request mean: instants, positions, status, and whether it repeats another request."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.columns import Column
from connectors.kit import fingerprint

#: Date, time and offset as GeoReport v2 asks for (ISO 8601), with the liberties servers take.
INSTANT = (
    r"^\s*(?P<date>\d{4}-\d{2}-\d{2})[Tt ](?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\d{0,6}"
    r"\s*(?P<offset>[Zz]|UTC|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?\s*$"
)

#: A decimal number, with the comma a Swedish spreadsheet writes.
DECIMAL = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,20})?")

# fmt: off
#: Fields of GeoReport v2 and its common extensions. Others are taken, and noticed.
KNOWN_FIELDS = frozenset({
    "service_request_id", "token", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
    "address", "address_id", "zipcode", "lat", "latitude", "long", "lng", "lon", "longitude",
    "media_url", "media_urls", "attributes",
    "extended_attributes", "notes", "jurisdiction_id", "title", "detail", "category", "comment_count",
    "interface_used", "agency_sent_datetime", "parent_service_request_id", "duplicate",
})

#: Under what names a position stands: the specification's first, then what servers write instead.
POSITION_FIELDS = (("lat", "latitude"), ("long", "lng", "lon", "longitude"))

#: Who reported, who handles it. Not even a fingerprint is kept: a telephone number can be found from its own.
PERSON_FIELDS = frozenset({
    "requestor", "requestor_name", "requestor_email", "requestor_phone", "reporter", "reporter_name",
    "first_name", "last_name", "name", "email", "phone", "phone_number", "device_id", "account_id",
    "user_id", "owner", "owner_name", "assigned_to", "contact",
})
# fmt: on


#: The commonest way to write an instant; all others are read one rule at a time.
PLAIN_INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"

NAN = float("nan")

#: Fields by which a source says that a request repeats another.
REPEATING = frozenset({"duplicate", "parent_service_request_id", "extended_attributes"})

_TEXTS, _NUMBERS = frozenset({str, type(None)}), frozenset({int, float})

Moments = npt.NDArray[np.datetime64]


def text_of(value: Any) -> str | None:
    """A field's value as text; None for null, blank text, and what is no single value."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)  # as JSON writes it, a tenth of the cost
    return None


def raw_text(value: Any) -> str | None:
    """A field's value as its fingerprint is made of: a text as it stands, null as none, all else as JSON."""
    if value is None or isinstance(value, str):
        return value
    return repr(value) if type(value) in (int, float) else json.dumps(value, sort_keys=True)


def texts_of(column: Column[Any]) -> Column[str | None]:
    """``text_of`` of a column, for a column of mere texts at a fraction of the cost."""
    if _TEXTS.issuperset(map(type, column.values)):
        texts = [None if value is None else value.strip() or None for value in column.values]
        if len(set(texts)) == len(texts):  # each answer stands once, as in ``each``
            return Column(column.codes, texts)
    return column.each(text_of)


def raw_texts(values: Sequence[Any]) -> Sequence[str | None]:
    """``raw_text`` of each of the values."""
    if _TEXTS.issuperset(map(type, values)):
        return values
    return list(map(repr if _NUMBERS.issuperset(map(type, values)) else raw_text, values))


@lru_cache(maxsize=1024)  # a source's records have a few forms
def shown_names(names: tuple[str, ...]) -> dict[str, str]:
    """Field name → the name it is spoken of by in the fingerprints. A field that no specification names stands under a
    fingerprint of its name, since the name too could be anything; fields about persons are left out."""
    named = [name for name in names if name.casefold() not in PERSON_FIELDS]
    return {name: name if name in KNOWN_FIELDS else "x" + fingerprint(name) for name in named}


def instants(texts: Sequence[str | None]) -> tuple[Moments, list[str | None]]:
    """(UTC instants in microseconds with NaT, what is wrong) of ISO 8601 texts.

    The second is None where all is well, else ``missing``, ``no_offset`` or ``bad_datetime``. A time without an
    offset is no instant: guessing the zone would move a report by hours.
    """
    written = pa.array(list(texts), pa.string())
    is_plain = np.asarray(pc.fill_null(pc.match_substring_regex(written, PLAIN_INSTANT), False))
    try:
        plain = written.filter(pa.array(is_plain)).cast(pa.timestamp("us", tz="UTC"))
    except pa.ArrowInvalid:  # one of them is on no calendar
        return _instants(texts)
    moments = np.full(len(written), np.datetime64("NaT", "us"))
    faults = np.full(len(written), None, dtype=object)
    moments[is_plain] = np.asarray(plain.cast(pa.timestamp("us")))
    is_missing = np.asarray(pc.is_null(written))
    faults[is_missing] = "missing"
    rest = np.flatnonzero(~is_plain & ~is_missing)
    if len(rest):
        moments[rest], faults[rest] = _instants(written.take(pa.array(rest)).to_pylist())
    return moments, faults.tolist()


def _instants(texts: Sequence[str | None]) -> tuple[Moments, list[str | None]]:
    """``instants`` of texts in any of ISO 8601's forms."""
    import pandas as pd  # odd forms only: its import is a fifth of an ordinary night

    given = pd.Series(list(texts), dtype="str")
    parts = given.str.extract(INSTANT)
    offset = parts["offset"].str.upper().str.replace("UTC", "Z").str.replace(r"^([+-]\d\d)$", r"\1:00", regex=True)
    joined = parts["date"] + "T" + parts["time"] + offset
    moments = pd.to_datetime(joined, format="ISO8601", utc=True, errors="coerce").astype("datetime64[us, UTC]")
    faults = np.select(
        [given.isna(), moments.notna(), parts["date"].notna() & parts["offset"].isna()],
        ["missing", "", "no_offset"],
        default="bad_datetime",
    )
    return moments.dt.tz_localize(None).to_numpy(), [fault or None for fault in faults.tolist()]


def positions(
    latitudes: Sequence[Any], longitudes: Sequence[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """(latitudes, longitudes, unusable) in degrees as given, NaN for none.

    Unusable: one of the two is missing, or is there and is no number. Whether a position can be right is for
    ``places`` to say.
    """
    latitude, longitude = (np.array(list(map(_degrees, given)), np.float64) for given in (latitudes, longitudes))
    has_latitude, has_longitude = (
        np.array([value is not None and value != "" for value in given], dtype=bool)
        for given in (latitudes, longitudes)
    )
    whole = np.isfinite(latitude) & np.isfinite(longitude)
    unusable = (has_latitude | has_longitude) & ~whole
    return np.where(whole, latitude, np.nan), np.where(whole, longitude, np.nan), unusable


def _degrees(value: Any) -> float:
    text = text_of(value)
    return float(text.replace(",", ".")) if text is not None and DECIMAL.fullmatch(text) else NAN


def status_of(value: Any) -> str:
    """``open`` or ``closed``; ``unknown`` for any other word."""
    word = (text_of(value) or "").casefold()
    return word if word in ("open", "closed") else "unknown"


def repeats_another(record: Mapping[str, Any], key: str) -> bool:
    """Whether the source says that this request is a duplicate, or goes on from another one."""
    extended = record.get("extended_attributes")
    for source in (record, extended if isinstance(extended, Mapping) else {}):
        if source.get("duplicate") is True or str(source.get("duplicate")).casefold() in ("true", "yes", "1"):
            return True
        parent = text_of(source.get("parent_service_request_id"))
        if parent is not None and parent != key:
            return True
    return False
