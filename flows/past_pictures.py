"""What a picture of the past was made from: settings, tries, and the lake as it stood, read again where need be."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from flows.ingest import read_again
from flows.pictures import Recorded, recorded, recorded_back
from flows.settings_kept import in_todays_shape, kept_settings
from flows.settings_read import own_lists, settings_then, spans_of
from flows.store import Run, Store, program_digest
from warehouse.contract import LAKE_TABLES
from warehouse.files import make_folder, write_bytes
from warehouse.landing import Erasure, Landed
from warehouse.manifest import FeedState, Place, Spans

if TYPE_CHECKING:
    from flows.settings import Settings

#: Settings, and the place of a feed's deliveries after which they were read with them.
Readings = list[tuple["Settings", Place | None]]


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


def as_it_was(store: Store, settings: Settings, run: Run, moment: datetime, today: Mapping[str, pa.Table]) -> Again:
    """What a picture of ``moment`` was made from, to the minute; where none was published, what it would have been.

    ``today`` are the config tables of now. Deliveries of earlier times that were not in the lake then (an archive that
    landed later, a feed that could not be read that morning) are left out: the feeds concerned are read again from what
    was in the lake, into one beside the real one (``store.past_lake``), which the next call overwrites.
    """
    record, newest = _records_of(store, moment)
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
    elif record.program not in (None, program_digest()):
        doubts.append(f"made by program version {code}, whose files have changed since")
    later = [e for e in store.landing.entries() if e.seq > record.journal_seq]
    if erased := sum(isinstance(entry, Erasure) for entry in later):
        doubts.append(f"{erased} landed deliveries have had withdrawn texts erased since")
    anew = _to_read_again(store, settings, record, doubts)
    files = _files_as_then(store, run, record, anew)
    attempts = store.landing.attempt_table(until_seq=record.journal_seq)
    return Again(record, config, attempts, files, record.languages, doubts)


def _records_of(store: Store, moment: datetime) -> tuple[Recorded | None, Recorded | None]:
    """The last picture made of the minute, and without one the newest of before."""
    minute, same, before = _minute(moment), None, None
    for at, line in recorded_back(store):
        if _minute(at) == minute:
            same = (recorded(line) or same) if same is None or at == same.moment_at else same
        elif at < moment:
            before = recorded(line)
        if before or (same and at < minute):
            break
    return same, same or before


def _to_read_again(store: Store, settings: Settings, record: Recorded, doubts: list[str]) -> dict[str, Readings]:
    """The feeds that do not stand in the lake as they did when the picture was made, and with what to read them again.

    They are those with deliveries of earlier times that came or were read later, and those read anew since with other
    settings. Why a picture may differ all the same is added to ``doubts``.
    """
    late = Counter(
        e.feed
        for e in store.landing.entries()
        if isinstance(e, Landed) and e.received_at <= record.moment_at and not record.is_in(e.feed, e.seq)
    )
    feeds = store.lake.manifest().feeds
    stand = {feed: spans_of(feeds.get(feed, FeedState())) for feed in {*late, *record.read_with}}
    others = {feed for feed, then in record.read_with.items() if stand[feed][: len(then)] != then}
    anew: dict[str, Readings] = {}
    removed = {feed for feed, _, _ in store.landing.removals()}
    for feed in sorted({*late, *others} & removed):
        since = (
            f"{late[feed]} deliveries of earlier times" if feed in late else "what was read anew with other settings"
        )
        doubts.append(f"{feed}: {since} stay in: bytes it was read from are erased, their time was out")
    for feed in sorted({*late, *others} - removed):
        readings, is_kept = _readings(store, settings, feed, record.read_with.get(feed, ()))
        is_readable = all(feed in used.feeds for used, _ in readings)
        if feed in late:
            came = f"{feed}: {late[feed]} deliveries of earlier times"
            doubts.append(
                f"{came} were read after it and were left out"
                if is_readable
                else f"{came} came after it and stay in: no such feed in today's settings to read it again with"
            )
        if not is_kept:
            doubts.append(f"{feed}: the settings it was read with then are not kept, or not readable, today's stand in")
        if is_readable and (feed in late or is_kept):
            anew[feed] = readings
            if any(own_lists(used.file_bodies) != own_lists(settings.file_bodies) for used, _ in readings):
                doubts.append(f"{feed}: its connector's own lists have changed, today's stand in")
    return anew


def _readings(store: Store, today: Settings, feed: str, then: Spans) -> tuple[Readings, bool]:
    """With what the feed was read, and whether all of it is kept: where it is not ``today``'s stands in."""
    kept = [(settings_then(store, digest, today), after) for digest, after in then] or [(today, None)]
    return [(used or today, after) for used, after in kept], all(used for used, _ in kept)


def _files_as_then(store: Store, run: Run, record: Recorded, anew: Mapping[str, Readings]) -> dict[str, list[Path]]:
    """The lake's files; those of the feeds in ``anew`` made again from what was in it then."""
    manifest = store.lake.manifest()
    if not anew:
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
    for feed, readings in anew.items():
        read_again(past, feed, run, readings)
    others = {file.source_id for file in manifest.files} - set(anew)
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
