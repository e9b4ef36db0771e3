"""What all connectors share: the delivery they read, the context they read it in, the tables they return.

A connector is a module ``connectors.<kind>.connector`` with

* ``check_options(options) -> list[str]``: the faults in the feed's own settings, in plain words;
* ``normalise(deliveries, context, previous) -> Normalised`` (normalised.py): a pure function of landed deliveries;
* ``fetch(context, client, url, since) -> list[Fetched]`` where the feed is pulled over HTTP (see ``http.py``);
* ``spell(delivery, context, field, detail) -> str | None``: the word behind a notice's fingerprint, for the operator.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.marks import fingerprint
from warehouse.contract import NOTICE, REJECT

if TYPE_CHECKING:
    from connectors.places import Places

#: A source's own key is shown as it stands only when it is this plain; else it is a fingerprint.
PLAIN_KEY = re.compile(r"[A-Za-z0-9ÅÄÖåäö][A-Za-z0-9ÅÄÖåäö._/-]{0,39}")

#: What in a key could be a person: four letters in a row (a name), and, its marks taken out, an identity number
#: (a co-ordination number has the day and sixty, an interim one a letter), a telephone number, a plate. Wider
#: than ``pii.scan``, which spares dates and times: a fingerprint does for a key, and names are told by nobody.
_NAME_LIKE = re.compile(r"[^\W\d_]{4}")
_KEY_MARKS = re.compile(r"[._/-]")
_PERSON_LIKE = re.compile(
    r"(?<!\d)(?:18|19|20)?\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01]|[6-8]\d|9[01])[\dA-Za-z]\d{3}(?!\d)"
    r"|(?<!\d)(?:0|(?:00)?46)[1-9]\d{6,9}(?!\d)"
    r"|[A-Za-z]{3}\d\d[\dA-Za-z](?![\dA-Za-z])"
)

#: Keys that need no closer look: two letters are no name and no plate, seven digits no identity or telephone number.
_SURELY_NUMBER = re.compile(r"(?:[A-Z]{1,2}-?)?[0-9]{1,7}")


class DeliveryError(Exception):
    """A whole delivery cannot be read; it goes to quarantine with this reason.

    ``reason`` is one word of snake_case for tables; ``detail`` a sentence without payload text.
    """

    def __init__(self, reason: str, detail: str, record_count: int = 0) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail, self.record_count = reason, detail, record_count


@dataclass(frozen=True)
class Delivery:
    """One landed delivery: the bytes as sent, and what the journal says of them."""

    feed: str
    sha256: str
    received_at: datetime  # UTC; for an archive the time the archive says it was received
    name: str  # the sender's name for it: a label, never a path
    run_id: str
    path: Path  # where the bytes stand, named by hash
    media_type: str | None = None
    query: str | None = None  # what was asked for, where the feed was asked; never a secret
    stored_sha256: str | None = None  # other than sha256 only where withdrawn texts were erased from the bytes

    def body(self) -> bytes:
        """The bytes as sent (save for erased texts). Raises DeliveryError when they are gone or were changed."""
        try:
            body = self.path.read_bytes()
        except OSError as error:
            raise DeliveryError(
                "landed_bytes_missing", "the stored bytes cannot be read from the landing zone"
            ) from error
        if hashlib.sha256(body).hexdigest() != (self.stored_sha256 or self.sha256):
            raise DeliveryError("landed_bytes_damaged", "the stored bytes no longer have the hash in the journal")
        return body


@dataclass(frozen=True)
class Fetched:
    """One answer from a source, not yet landed. ``body`` is landed whatever ``status`` says."""

    body: bytes
    received_at: datetime
    name: str
    media_type: str | None = None
    query: str | None = None


@dataclass(frozen=True)
class Category:
    """One line of the house vocabulary (``warehouse/categories.csv``)."""

    code: str
    sv: str
    en: str
    counts_as: str
    severity: int
    finest_precision: str  # plats, omrade, kommun or lan


@dataclass(frozen=True)
class Owner:
    """One line of a municipality's ``owners.csv``: an organisation or a role that may own a measure, never a person."""

    owner_id: str
    name: str
    role: str  # kommun, polis, ordningsvakt, vaktare, bostad, skola or annan
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Municipality:
    code: str
    name: str
    county_code: str
    county_name: str


@dataclass(frozen=True)
class FeedContext:
    """All a connector may know besides the deliveries: settings and reference data, no clock, no network."""

    feed: str
    owner_org: str
    timezone: ZoneInfo
    municipality: Municipality
    municipalities: tuple[Municipality, ...]
    categories: Mapping[str, Category]
    places: Places
    tlp: str = "TLP:AMBER"
    retain_days: int = 730
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, Any] | None = None
    owners: tuple[Owner, ...] = ()


@dataclass
class DeliveryOutcome:
    """What became of one delivery. accepted and duplicate are counted later, against what was known before."""

    delivery_sha256: str
    received_at: datetime
    run_id: str
    disposition: str  # accepted or quarantined
    seen_count: int
    rejected_count: int
    reason: str | None = None
    covers_from: datetime | None = None
    covers_until: datetime | None = None


def surely_numbers(texts: Sequence[str | None] | pa.Array) -> npt.NDArray[np.bool_]:
    """Which of many keys are so plainly numbers that ``source_key`` leaves them as they stand."""
    written = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    found = pc.match_substring_regex(written, rf"^(?:{_SURELY_NUMBER.pattern})\z")
    return np.asarray(pc.fill_null(found, False), dtype=bool)


def source_keys(texts: Sequence[str]) -> list[str]:
    """``source_key`` of each of many keys."""
    is_number = surely_numbers(texts).tolist()
    return [text if sure else source_key(text) for text, sure in zip(texts, is_number, strict=True)]


def source_key(raw: str) -> str:
    """The source's own key where it is a plain number, else ``x`` and 16 hex digits of its SHA-256.

    A partner may write anything in the column of numbers, also whom the report is about.
    """
    if _SURELY_NUMBER.fullmatch(raw):
        return raw
    tidy = unicodedata.normalize("NFC", raw).strip()
    is_number = PLAIN_KEY.fullmatch(tidy) and any(c.isdigit() for c in tidy) and not _NAME_LIKE.search(tidy)
    return tidy if is_number and not _PERSON_LIKE.search(_KEY_MARKS.sub("", tidy)) else "x" + fingerprint(raw, 16)


def visible(text: str, limit: int = 80) -> str:
    """Text made safe for a log line or terminal: control, bidi and unassigned characters as escapes, cut at limit."""
    safe = "".join(
        c
        if c == " " or unicodedata.category(c)[0] in "LNPS" or unicodedata.category(c) == "Mn"
        else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def retain_until(received_at: datetime, days: int) -> date:
    """The last day a row may be kept."""
    return (received_at + timedelta(days=days)).date()


def reject_row(
    delivery: Delivery,
    reason: str,
    *,
    record_number: int | None,
    field: str | None = None,
    detail: str | None = None,
    record_count: int = 1,
) -> dict[str, Any]:
    """One row of REJECT. ``detail`` says what is wrong without saying what stood there."""
    return {
        "source_id": delivery.feed,
        "delivery_sha256": delivery.sha256,
        "ingested_at": delivery.received_at,
        "record_number": record_number,
        "record_count": record_count,
        "reason": reason,
        "field": field,
        "detail": detail,
    }


def notice_row(
    delivery: Delivery,
    notice: str,
    *,
    field: str | None,
    detail: str | None,
    record_count: int,
    first_record_number: int | None,
) -> dict[str, Any]:
    """One row of NOTICE. Words that no vocabulary knows stand as fingerprints: they could be anything."""
    return {
        "source_id": delivery.feed,
        "delivery_sha256": delivery.sha256,
        "ingested_at": delivery.received_at,
        "notice": notice,
        "field": field,
        "detail": detail,
        "record_count": record_count,
        "first_record_number": first_record_number,
    }


def rejects_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=REJECT)


def notices_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=NOTICE)


def quarantined(delivery: Delivery, error: DeliveryError) -> tuple[DeliveryOutcome, dict[str, Any] | None]:
    """The outcome and the reject row of a delivery refused whole. All its records count as rejected."""
    outcome = DeliveryOutcome(
        delivery.sha256,
        delivery.received_at,
        delivery.run_id,
        "quarantined",
        seen_count=error.record_count,
        rejected_count=error.record_count,
        reason=error.reason,
    )
    row = reject_row(delivery, error.reason, record_number=None, detail=error.detail, record_count=error.record_count)
    return outcome, row
