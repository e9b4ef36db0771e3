"""The record of the pictures that were published: from what each was made, so that it can be made again.

A picture follows from the lake, the settings, what "since last" counted from, and the tries to hear the feeds. The lake
keeps every version; settings change and folders are tidied. So each published picture leaves a line in
``pictures.jsonl``, and its settings stand in ``settings/`` under their own hash: equal settings are kept once.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from flows.ingest import ingest_feed
from flows.settings_kept import in_todays_shape, keep_settings, kept_settings
from flows.store import Run, Store
from warehouse.contract import LAKE_TABLES
from warehouse.files import make_folder, write_bytes
from warehouse.landing import Erasure, Landed
from warehouse.trail import AFTER, append_chained

if TYPE_CHECKING:
    from flows.settings import Settings
    from warehouse.manifest import Manifest


@dataclass(frozen=True)
class Recorded:
    """One published picture. ``moment`` is its row of ``config.moment``, ``settings`` names its other tables.

    ``read_to`` and ``read_with`` say, by feed, up to which journal number its deliveries were in the lake, and the
    digest of all settings it was last read with. ``said`` is what later pictures are compared with (earlier.py of the
    warehouse) and ``earlier`` the hash of the picture it was itself compared with, empty for none; None in records of
    a program that did neither. ``anchor`` is where the audit trail stood (audit.py), as printed at its foot.
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
    read_with: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Any] | None = None
    earlier: str | None = None
    anchor: str | None = None

    def is_in(self, feed: str, seq: int) -> bool:
        """Whether the lake held the delivery of that journal number; a record of the first kind knows the journal."""
        return seq <= (self.read_to.get(feed, 0) if self.read_to else self.journal_seq)


@dataclass
class Again:
    """What a picture of the past is to be made from, and why it may differ from the one that was published."""

    record: Recorded | None
    config: dict[str, pa.Table]
    attempts: pa.Table
    files: dict[str, list[Path]]
    languages: tuple[str, ...] = ()
    doubts: list[str] = field(default_factory=list)

    def verdict(self, picture_hash: str | None) -> str:
        """In words whether the picture is the one that was published."""
        if self.record is None:
            return "; ".join(["no picture of that minute is recorded", *self.doubts])
        if picture_hash == self.record.picture_hash:
            return f"identical to the picture published then ({picture_hash})"
        why = "; ".join(self.doubts) or "neither program, deliveries nor erased texts explain it: report this"
        return f"not the picture published then ({self.record.picture_hash}): {why}"


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
        {feed: state.settings_digest for feed, state in manifest.feeds.items()},
        said,
        earlier,
        anchor,
    )
    values = {**asdict(record), "moment_at": record.moment_at.isoformat()}
    append_chained(store.pictures, [values])
    return record


def records(store: Store) -> list[Recorded]:
    """The published pictures, in the order they were made. A torn or foreign line is passed over."""
    found = []
    for line in store.pictures.read_bytes().splitlines() if store.pictures.exists() else ():
        with suppress(ValueError, TypeError, KeyError):
            values = json.loads(line)
            values.pop(AFTER, None)
            values["moment_at"] = datetime.fromisoformat(values["moment_at"])
            values["languages"] = tuple(values["languages"])
            found.append(Recorded(**values))
    return found


def as_it_was(store: Store, settings: Settings, run: Run, moment: datetime, today: Mapping[str, pa.Table]) -> Again:
    """What a picture of ``moment`` was made from, to the minute; where none was published, what it would have been.

    ``today`` are the config tables of now. Deliveries of earlier times that were not in the lake then (an archive that
    landed later, a feed that could not be read that morning) are left out: the feeds concerned are read again from what
    was in the lake, into one beside the real one (``store.past_lake``), which the next call overwrites.
    """
    known = records(store)
    same = [one for one in known if _minute(one.moment_at) == _minute(moment)]
    before = [one for one in known if one.moment_at <= moment]
    record = same[-1] if same else None
    newest = record or max(before, key=lambda one: one.moment_at, default=None)
    config = dict(today)
    doubts: list[str] = []
    kept = None if newest is None else kept_settings(store.settings_kept, newest.settings)
    if newest is not None and kept is not None:
        of_then, lacking = in_todays_shape(kept, today)
        config |= of_then
        if lacking:
            doubts.append(f"its settings are of an older program, today's stand in for {', '.join(lacking)}")
    if record is None:
        when = "today" if newest is None or kept is None else f"{newest.moment_at:%Y-%m-%d %H:%M}Z"
        doubts.append(f"the settings are those of {when}")
        files = {table: store.lake.files(table) for table in LAKE_TABLES}
        return Again(None, config, store.landing.attempt_table(), files, doubts=doubts)
    if kept is None:
        doubts.append("its settings are gone from settings/, today's stand in")
    kind = today["moment"].schema
    config["moment"] = pa.Table.from_pylist([_row(record.moment, kind)], schema=kind)
    if (code := run.code_version) != record.code_version:
        doubts.append(f"made by program version {record.code_version}, this is {code}")
    later = [e for e in store.landing.entries() if e.seq > record.journal_seq]
    if erased := sum(isinstance(entry, Erasure) for entry in later):
        doubts.append(f"{erased} landed deliveries have had withdrawn texts erased since")
    late = Counter(
        e.feed
        for e in store.landing.entries()
        if isinstance(e, Landed) and e.received_at <= record.moment_at and not record.is_in(e.feed, e.seq)
    )
    for feed, count in sorted(late.items()):
        came = f"{feed}: {count} deliveries of earlier times"
        if feed in settings.feeds:
            doubts.append(f"{came} were read after it and were left out")
        else:
            doubts.append(f"{came} came after it and stay in: no such feed in today's settings to read it again with")
    digests = {feed: state.settings_digest for feed, state in store.lake.manifest().feeds.items()}
    for feed, digest in sorted(record.read_with.items()):
        if digests.get(feed, digest) != digest:
            doubts.append(f"{feed}: read since with other settings (its mappings, or areas and a rebuild)")
    files = _files_as_then(store, settings, run, record, sorted(late.keys() & settings.feeds.keys()))
    attempts = store.landing.attempt_table(until_seq=record.journal_seq)
    return Again(record, config, attempts, files, record.languages, doubts)


def _files_as_then(
    store: Store, settings: Settings, run: Run, record: Recorded, late: Sequence[str]
) -> dict[str, list[Path]]:
    """The lake's files; those of the feeds in ``late`` made again from what was in it then."""
    manifest = store.lake.manifest()
    if not late:
        return {table: store.lake.files(table, manifest) for table in LAKE_TABLES}
    past = Store(store.past_lake)
    with suppress(FileNotFoundError):
        shutil.rmtree(past.folder)  # follows no link: the landed objects stay
    make_folder(past.folder / "landed")
    (past.folder / "landed" / "objects").symlink_to(store.landing.folder / "objects")
    lines = []
    for line in store.landing.journal.read_bytes().splitlines(keepends=True):
        with suppress(ValueError, KeyError):
            values = json.loads(line)
            if values["kind"] == "erasure" or record.is_in(values["feed"], values["seq"]):
                lines.append(line)
    write_bytes(past.folder / "landed" / "journal.jsonl", b"".join(lines))
    for feed in late:
        ingest_feed(past, settings, feed, run, remake=True)
    others = {file.source_id for file in manifest.files} - set(late)
    return {
        table: [path for feed in sorted(others) for path in store.lake.files(table, manifest, feed)]
        + past.lake.files(table)
        for table in LAKE_TABLES
    }


def _row(values: Mapping[str, Any], kinds: pa.Schema) -> dict[str, Any]:
    """A row of ``config.moment`` out of its record."""
    return {
        one.name: datetime.fromisoformat(value) if pa.types.is_timestamp(one.type) and value else value
        for one in kinds
        for value in (values.get(one.name),)
    }


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
