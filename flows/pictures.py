"""The record of the pictures that were published: from what each was made, so that it can be made again.

A picture follows from the lake, the settings, what "since last" counted from, and the tries to hear the feeds. The lake
keeps every version; settings change and folders are tidied. So each published picture leaves a line in
``pictures.jsonl``, and its settings stand in ``settings/`` under their own hash: equal settings are kept once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from flows.settings_kept import keep_settings
from flows.settings_read import spans_of
from flows.store import Store, program_digest
from warehouse.landing import CLOCK_SET_BACK
from warehouse.lookup import lines_back, lines_with, newest_first
from warehouse.manifest import Spans, as_spans
from warehouse.trail import append_chained

if TYPE_CHECKING:
    from warehouse.manifest import Manifest

#: How a line begins.
_HEAD = re.compile(rb'\{"moment_at": ?"([0-9T:.+-]+)",')


@dataclass(frozen=True)
class Recorded:
    """One published picture. ``moment`` is its row of ``config.moment``, ``settings`` names its other tables.

    ``read_to`` and ``read_with`` say, by feed, up to which journal number its deliveries were in the lake, and with
    which settings they had been read (a program that did not keep those knew the digest of the last). ``said`` is what
    later pictures are compared with (earlier.py of the warehouse) and ``earlier`` the hash of the picture it was itself
    compared with, empty for none; None in records of a program that did neither. ``anchor`` is where the audit trail
    stood (audit.py), as printed at its foot. ``program`` is ``store.program_digest``, None of a program that had none.
    """

    moment_at: datetime
    moment: Mapping[str, Any]
    settings: str
    languages: tuple[str, ...]
    journal_seq: int
    manifest: int
    code_version: str
    picture_hash: str
    read_to: Mapping[str, int] = field(default_factory=dict)
    read_with: Mapping[str, Spans] = field(default_factory=dict)
    said: Mapping[str, Any] | None = None
    earlier: str | None = None
    anchor: str | None = None
    program: str | None = None

    def is_in(self, feed: str, seq: int) -> bool:
        """Whether the lake held the delivery of that journal number; a record of the first kind knows the journal."""
        return seq <= (self.read_to.get(feed, 0) if self.read_to else self.journal_seq)


def record_picture(
    store: Store,
    config: Mapping[str, pa.Table],
    languages: Sequence[str],
    manifest: Manifest,
    journal_seq: int,
    picture_hash: str,
    said: Mapping[str, Any],
    earlier: str,
    anchor: str | None = None,
) -> Recorded:
    """Write down what the picture just published was made from, and said; durable on return. Raises OSError.

    ``manifest`` and ``journal_seq`` are the lake's state and the last journal number that its build was given.
    """
    digest = keep_settings(store.settings_kept, config)
    (row,) = config["moment"].to_pylist()
    record = Recorded(
        row["moment_at"],
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()},
        digest,
        tuple(languages),
        journal_seq,
        manifest.number,
        row["code_version"],
        picture_hash,
        {feed: state.journal_seq for feed, state in manifest.feeds.items()},
        {feed: spans_of(state) for feed, state in manifest.feeds.items()},
        said,
        earlier,
        anchor,
        program_digest(),
    )
    values = {**asdict(record), "moment_at": record.moment_at.isoformat()}
    append_chained(store.pictures, [values])
    return record


def records(store: Store) -> list[Recorded]:
    """All published pictures, in the order they were made. A torn or foreign line is passed over."""
    lines = store.pictures.read_bytes().splitlines() if store.pictures.exists() else ()
    return [record for line in lines if (record := recorded(line))]


def recorded_back(store: Store) -> Iterator[tuple[datetime, bytes]]:
    """(moment, its line for ``recorded``) of the published pictures, that of the newest moment first.

    Read from the end, as far as is asked for: a line is some 30 kB, and there is one for every picture there ever was.
    """
    lines = ((moment, line) for line in lines_back(store.pictures) if (moment := _moment_of(line)))
    return newest_first(lines, CLOCK_SET_BACK)


def recorded_as(store: Store, picture_hash: str) -> Iterator[Recorded]:
    """The pictures published under the hash, in the order they were made."""
    found = (recorded(line) for line in lines_with(store.pictures, picture_hash.encode()))
    return (record for record in found if record and record.picture_hash == picture_hash)


_NAMES = frozenset(one.name for one in fields(Recorded))


def recorded(line: bytes) -> Recorded | None:
    """The picture that a line tells of; None where it is torn or foreign."""
    try:
        values = {
            name: value for name, value in json.loads(line).items() if name in _NAMES
        }  # a newer program's are more
        values["moment_at"] = datetime.fromisoformat(values["moment_at"])
        values["languages"] = tuple(values["languages"])
        values["read_with"] = {feed: _spans(told) for feed, told in values.get("read_with", {}).items()}
        return Recorded(**values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _moment_of(line: bytes) -> datetime | None:
    """The moment of a line, without parsing what it says where it begins as this program writes it."""
    if not (head := _HEAD.match(line)):
        return record.moment_at if (record := recorded(line)) else None
    try:
        return datetime.fromisoformat(head[1].decode())
    except ValueError:
        return None


def _spans(told: str | list[Any]) -> Spans:
    return ((told, None),) if isinstance(told, str) else as_spans(told)
