"""Who read what: each commit to the lake in a line, kept for ever, long after the state itself was let go.

A row of the lake names the delivery it came in, and not the run that read it: two lakes of the same deliveries are
equal. Which run read a delivery, and by which program, follows from the commits: a feed is read in the order of its
deliveries, and each commit says how far. When a state is let go (``states.drop_states``) its commit is first written
to ``commits.jsonl``: 300 bytes instead of a manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.files import append_line
from warehouse.lake import Lake
from warehouse.manifest import Manifest, Place


@dataclass(frozen=True)
class Commit:
    """One state of the lake, and which deliveries of which feed it read: those after ``after`` up to ``until``."""

    number: int
    written_at: str
    run_id: str
    code_version: str
    what: str
    feed: str | None = None
    after: Place | None = None  # None: from the first
    until: Place | None = None


def journal_of(lake: Lake) -> Path:
    """Where the commits of states that were let go stand."""
    return lake.folder / "commits.jsonl"


def commit_of(before: Manifest | None, after: Manifest) -> Commit:
    """What ``after`` did; ``before`` is the state it was made on, None where nobody knows it any more."""
    told = (after.number, after.written_at, after.run_id, after.code_version, after.what)
    feed = after.what.removeprefix("ingest ")
    until = after.feeds[feed].newest if feed != after.what and feed in after.feeds else None
    if until is None:
        return Commit(*told)
    if before is None:
        return Commit(*told, feed, until, until)  # what it read is not known, so nothing is said to be read by it
    kept = _deliveries(before, feed) & _deliveries(after, feed)  # none of them where the feed was read anew
    stood = before.feeds.get(feed)
    return Commit(*told, feed, stood.newest if stood and kept else None, until)


def commits(lake: Lake, kept: Iterable[Manifest]) -> list[Commit]:
    """Every commit that is still known of, oldest first; ``kept`` are the kept states, oldest first."""
    known = {commit.number: commit for commit in _remembered(lake)}
    for commit in _of_states(kept):
        known.setdefault(commit.number, commit)
    return [known[number] for number in sorted(known)]


def remember(lake: Lake, kept: Iterable[Manifest], until: int) -> None:
    """Write the commits up to the state ``until`` to the journal, those that are not there yet. Raises OSError."""
    there = {commit.number for commit in _remembered(lake)}
    for commit in _of_states(kept):
        if commit.number <= until and commit.number not in there:
            append_line(journal_of(lake), json.dumps(asdict(commit)))


def _of_states(kept: Iterable[Manifest]) -> Iterable[Commit]:
    before: Manifest | None = Manifest()
    for after in kept:
        is_next = before is not None and before.number + 1 == after.number
        yield commit_of(before if is_next else None, after)
        before = after


def _remembered(lake: Lake) -> Iterable[Commit]:
    path = journal_of(lake)
    for line in path.read_bytes().splitlines() if path.exists() else []:
        try:
            values = json.loads(line)
            places = {name: tuple(values[name]) if values[name] else None for name in ("after", "until")}
            yield Commit(**{**values, **places})
        except (ValueError, TypeError, KeyError):
            continue  # a line that a kill tore: the commit is written again, since its state still stands


def _deliveries(manifest: Manifest, feed: str) -> set[str]:
    return {file.path for file in manifest.files if file.table == "delivery" and file.source_id == feed}
