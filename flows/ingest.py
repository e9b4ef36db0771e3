"""Landed deliveries → the lake: order and policy of reading; the reading itself is the connector's.

The lake of a feed is a pure function of its deliveries in the order they were received. A delivery that arrives
late in that order makes the feed's part of the lake anew from all of them; the old state stands until the new
one is committed.
"""

from __future__ import annotations

import importlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
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
from warehouse.lake import batch_id
from warehouse.landing import Landed
from warehouse.manifest import FeedState, LakeFile, Manifest, Place
from warehouse.register_versions import read_register_head, register_versions
from warehouse.standing import standing_until
from warehouse.versions import new_versions

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
    state = feeds[feed]
    chunks = list(chunks_of(pending))
    deliveries = [deliveries_of(store, chunk) for chunk in chunks]

    def lost(words: str) -> None:
        result.readers_lost += 1
        run.progress(f"{feed}: {words}")

    previous = last_accepted(store, feed, state)
    kind, context = settings.feeds[feed].kind, settings.context(feed)
    with reader(kind, context, deliveries, previous, lost) as read:
        for place, chunk in enumerate(chunks):
            normalised = read(place, previous)
            files, state = _write_chunk(store, settings, feed, manifest.number, files, state, chunk, normalised, result)
            if (last := _last_of(chunk, deliveries[place], normalised)) is not None:
                state, previous = replace(state, last_accepted_seq=last[0]), last[1]
            done += len(chunk)
            run.progress(f"{feed}: {done} of {len(pending)} deliveries read", done / len(pending))
            is_last = done == len(pending)
            if commit_each or is_last:
                # A run killed here is taken up where it stopped: see _is_read.
                marked = replace(state, journal_seq=highest) if is_last else replace(state, reading_seq=highest)
                manifest = lake.commit(
                    manifest,
                    files=files,
                    feeds={**feeds, feed: marked},
                    written_at=run.now(),
                    run_id=run.run_id,
                    code_version=run.code_version,
                    what=f"ingest {feed}",
                )


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
    number: int,
    files: list[LakeFile],
    state: FeedState,
    chunk: Sequence[Landed],
    normalised: Normalised,
    result: Ingested,
) -> tuple[list[LakeFile], FeedState]:
    """Number the versions of one chunk against ``files``, write its tables and what each report says now.

    Returns the files with what is new among them, and the feed's state.
    """
    lake = store.lake
    connector = connector_of(settings.feeds[feed].kind)
    reports = encoded(normalised.contents.column("report_id").cast(pa.string()))
    head = read_head(lake, feed, files, reports.dictionary)
    versioned = new_versions(
        normalised.contents,
        normalised.sightings,
        normalised.deliveries,
        head,
        noise_fields=getattr(connector, "NOISE_FIELDS", frozenset()),
        reports=reports,
    )
    register, accepted = _register_part(store, feed, normalised, files)
    outcomes = delivery_table(feed, normalised, versioned.accepted | accepted)
    batch = f"{number + 1:06d}-{batch_id((d.sha256, d.received_at) for d in chunk)}"
    files = renewed(lake, feed, files, versioned.versions, settings.timezone, batch, versioned.newest)
    files += lake.write_batch(
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
    newest = chunk[-1]
    return files, replace(
        heard_also(state, outcomes),
        newest=(newest.received_at.isoformat(), newest.sha256),
        last_accepted_seq=state.last_accepted_seq,
        settings_digest=settings.digest(),
        settings_spans=spans_with(state, settings.digest()),
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
