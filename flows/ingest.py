"""Landed deliveries → the lake: order and policy of reading; the reading itself is the connector's.

The lake of a feed is a pure function of its deliveries in the order they were received. A delivery that arrives
late in that order makes the feed's part of the lake anew from all of them; the old state stands until the new
one is committed.
"""

from __future__ import annotations

import importlib
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from connectors.kit import Delivery
from connectors.normalised import Normalised
from flows.delivery_sums import delivery_table
from flows.pending import as_order, chunks_of, deliveries_of, erased_until, last_accepted, order_of, unread
from flows.readahead import reader
from flows.settings_read import keep_files, spans_with, stood
from flows.store import Run, Store
from warehouse.codes import encoded
from warehouse.current import completed, heard_also, renewed
from warehouse.history import read_head
from warehouse.lake import Lake, batch_id
from warehouse.landing import Landed
from warehouse.manifest import FeedState, LakeFile, Manifest, Place
from warehouse.register_versions import read_register_head, register_versions
from warehouse.standing import standing_until
from warehouse.versions import new_versions
from warehouse.waiting import Waiting

if TYPE_CHECKING:
    from flows.settings import Settings


@dataclass
class Ingested:
    """What one reading of a feed's deliveries came to."""

    feed: str
    deliveries: int = 0
    quarantined: int = 0
    seen: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    versions: int = 0  # report and entry versions made: what is said now that was not said before
    remade: bool = False
    readers_lost: int = 0  # reading processes that ended without an answer; what they had was read all the same


#: Seconds of reading that a kill may cost a back-fill: what was read is committed when as many have passed, or as much
#: waits as may. What each report says now is written with the commit, in half as many files as chunk by chunk, and
#: a feed of some hundred thousand reports is read in less. Decided 2026-11-27.
COMMIT_S = 30.0


@dataclass(frozen=True)
class _Reached:
    """How far a reading has come: all that the next chunk is read and numbered against."""

    files: list[LakeFile]  # durable, and perhaps in no commit yet
    state: FeedState
    waiting: Waiting  # what of them each report says now, in no file yet
    previous: Delivery | None  # the last that was accepted
    batch: str = ""  # the last chunk's


def connector_of(kind: str) -> ModuleType:
    return importlib.import_module(f"connectors.{kind}.connector")


def ingest_feed(store: Store, settings: Settings, feed: str, run: Run, *, remake: bool = False) -> Ingested:
    """Read the feed's deliveries that are not in the lake yet, and commit what they say.

    Raises what the connector raises where it breaks its contract; the lake then stands as it was, up to the last
    chunk committed.
    """
    lake, landing = store.lake, store.landing
    manifest = lake.manifest()
    state = manifest.feeds.get(feed, FeedState())
    pending = sorted(unread(store, feed, state), key=order_of)
    result = Ingested(feed)
    if not pending and not remake:
        return result
    if remake or (state.newest and order_of(pending[0]) < as_order(state.newest)):
        erased, begun = erased_until(store, feed), FeedState()
        pending = sorted((d for d in landing.deliveries(feed) if not erased or order_of(d) > erased[0]), key=order_of)
        result.remade = state.newest is not None
        kept = [f for f in manifest.files if f.source_id != feed]
        if erased and pending:  # what erased bytes once said is read from nothing any more: it stands
            kept = standing_until(lake, manifest.files, feed, erased[0][0], f"{manifest.number + 1:06d}-standing")
            begun = stood(state, *erased)
        _read_all(store, settings, feed, run, pending, begun, manifest, kept, result, commit_each=False)
    else:
        _read_all(store, settings, feed, run, pending, state, manifest, list(manifest.files), result, commit_each=True)
    return result


def read_again(store: Store, feed: str, run: Run, spans: Sequence[tuple[Settings, Place | None]]) -> None:
    """Make the feed's part of the lake from its deliveries, each read with the settings it was read with once.

    ``spans`` are settings and the place after which they held, as in ``FeedState.settings_spans``.
    """
    pending = sorted(store.landing.deliveries(feed), key=order_of)
    starts = [bisect_right(pending, as_order(after), key=order_of) if after else 0 for _, after in spans]
    manifest, result = store.lake.manifest(), Ingested(feed)
    files, state = [file for file in manifest.files if file.source_id != feed], FeedState()
    for (settings, _), start, end in zip(spans, starts, [*starts[1:], len(pending)], strict=True):
        part = pending[start:end]
        _read_all(store, settings, feed, run, part, state, manifest, files, result, commit_each=False)
        manifest = store.lake.manifest()
        files, state = list(manifest.files), manifest.feeds.get(feed, state)


def _read_all(
    store: Store,
    settings: Settings,
    feed: str,
    run: Run,
    pending: Sequence[Landed],
    state: FeedState,
    manifest: Manifest,
    files: list[LakeFile],
    result: Ingested,
    *,
    commit_each: bool,
) -> None:
    lake, done = store.lake, 0
    if not pending:
        return
    highest = max(state.journal_seq, *(landed.seq for landed in pending))
    # What each report says now is kept for every feed from here on, also where an older program left it undone.
    keep_files(store, settings)
    batch = f"{manifest.number + 1:06d}-completed"
    files, feeds = completed(lake, files, {**manifest.feeds, feed: state}, settings.timezone, batch)
    chunks = list(chunks_of(pending))
    deliveries = [deliveries_of(store, chunk) for chunk in chunks]

    def lost(words: str) -> None:
        result.readers_lost += 1
        run.progress(f"{feed}: {words}")

    def commit(reached: _Reached, *, is_last: bool) -> _Reached:
        nonlocal manifest
        reached = _written(lake, feed, reached)
        # A run killed here is taken up where it stopped: see _is_read.
        now = reached.state
        marked = replace(now, journal_seq=highest) if is_last else replace(now, reading_seq=highest)
        manifest = lake.commit(
            manifest,
            files=reached.files,
            feeds={**feeds, feed: marked},
            written_at=run.now(),
            run_id=run.run_id,
            code_version=run.code_version,
            what=f"ingest {feed}",
        )
        return reached

    waiting, previous = Waiting(settings.timezone), last_accepted(store, feed, feeds[feed])
    committed = reached = _Reached(files, feeds[feed], waiting, previous)
    kind, context, since = settings.feeds[feed].kind, settings.context(feed), monotonic()
    with reader(kind, context, deliveries, previous, lost) as read:
        for place, chunk in enumerate(chunks):
            try:
                batch = f"{manifest.number + 1:06d}-{batch_id((d.sha256, d.received_at) for d in chunk)}"
                said = read(place, reached.previous)
                reached = _write_chunk(store, settings, feed, batch, reached, chunk, deliveries[place], said, result)
                del said  # or the next chunk is read beside it
                done += len(chunk)
                run.progress(f"{feed}: {done} of {len(pending)} deliveries read", done / len(pending))
            except BaseException:
                if commit_each and reached is not committed:  # what was read before it stands
                    with suppress(Exception):
                        commit(reached, is_last=False)
                raise
            is_last = done == len(pending)
            if is_last or (commit_each and (reached.waiting.is_full or monotonic() - since >= COMMIT_S)):
                committed = reached = commit(reached, is_last=is_last)
                since = monotonic()
            elif reached.waiting.is_full:
                reached = _written(lake, feed, reached)


def _written(lake: Lake, feed: str, reached: _Reached) -> _Reached:
    """The same with what each report says now among the files."""
    files = renewed(lake, feed, reached.files, reached.waiting, reached.batch)
    return replace(reached, files=files, waiting=reached.waiting.emptied())


def _last_of(
    chunk: Sequence[Landed], deliveries: Sequence[Delivery], normalised: Normalised
) -> tuple[int, Delivery] | None:
    """(journal number, delivery) of the chunk's last delivery that was accepted."""
    accepted = {(o.delivery_sha256, o.received_at) for o in normalised.outcomes if o.disposition == "accepted"}
    for landed, delivery in zip(reversed(chunk), reversed(deliveries), strict=True):
        if (landed.sha256, landed.received_at) in accepted:
            return landed.seq, delivery
    return None


def _write_chunk(
    store: Store,
    settings: Settings,
    feed: str,
    batch: str,
    reached: _Reached,
    chunk: Sequence[Landed],
    deliveries: Sequence[Delivery],
    normalised: Normalised,
    result: Ingested,
) -> _Reached:
    """Number the versions of one chunk against what was reached, write its tables; what each report says now waits."""
    lake, state = store.lake, reached.state
    connector = connector_of(settings.feeds[feed].kind)
    reports = encoded(normalised.contents.column("report_id").cast(pa.string()))
    head = read_head(lake, feed, reached.files, reports.dictionary, reached.waiting)
    versioned = new_versions(
        normalised.contents,
        normalised.sightings,
        normalised.deliveries,
        head,
        noise_fields=getattr(connector, "NOISE_FIELDS", frozenset()),
        reports=reports,
    )
    register, accepted = _register_part(store, feed, normalised, reached.files)
    outcomes = delivery_table(feed, normalised, versioned.accepted | accepted)
    files = lake.write_batch(
        feed,
        batch,
        {
            "report_version": versioned.versions,
            "note": versioned.notes,
            "reject": normalised.rejects,
            "notice": normalised.notices,
            "delivery": outcomes,
            "presence": normalised.presence,
            **register,
        },
    )
    _count(result, outcomes)
    result.versions += versioned.versions.num_rows + sum(table.num_rows for table in register.values())
    newest, last = chunk[-1], _last_of(chunk, deliveries, normalised)
    state = replace(
        heard_also(state, outcomes),
        newest=(newest.received_at.isoformat(), newest.sha256),
        last_accepted_seq=last[0] if last else state.last_accepted_seq,
        settings_digest=settings.digest(),
        settings_spans=spans_with(state, settings.digest()),
    )
    return _Reached(
        [*reached.files, *files],
        state,
        reached.waiting.with_also(versioned.versions, versioned.newest),
        last[1] if last else reached.previous,
        batch,
    )


def _register_part(
    store: Store, feed: str, normalised: Normalised, files: Sequence[LakeFile]
) -> tuple[dict[str, pa.Table], dict[tuple[str, datetime], int]]:
    """The register's new entry versions by table, and how many rows of each delivery they are."""
    told = normalised.told
    if told is None:
        return {}, {}
    known = [store.lake.folder / f.path for f in files if f.table == told.register and f.source_id == feed]
    versions, accepted = register_versions(
        told.register,
        told.rows,
        normalised.deliveries,
        read_register_head(told.register, known),
        is_whole=told.is_whole,
        held=told.held,
    )
    return {told.register: versions}, accepted


def _count(result: Ingested, outcomes: pa.Table) -> None:
    result.deliveries += outcomes.num_rows
    result.quarantined += outcomes.column("disposition").to_pylist().count("quarantined")
    for name in ("seen", "accepted", "rejected", "duplicate"):
        total = pc.sum(outcomes.column(f"{name}_count")).as_py() or 0
        setattr(result, name, getattr(result, name) + total)
