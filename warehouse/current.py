"""What each report says now, kept ready beside the history, so that no morning looks through all of it.

``report`` holds the newest version of every report, withdrawn ones too; ``report_day`` and ``report_total`` sum over
it; ``report_key`` tells which reports a file holds. All four follow from ``report_version`` and are never the truth:
whoever doubts them makes them again. They lie in files of a feed by the months in which its reports were first seen,
which for a report never changes: a night makes anew the files of the reports it touched, mostly the running month's,
and leaves the years alone. ``report_total``, which a morning reads whole, lies a year to a file. A commit lists them
with everything else, so that a reader never finds them ahead of the history or behind it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.blocks import Block, blocks_of
from warehouse.contract_current import CURRENT_TABLES, REPORT, REPORT_KEY
from warehouse.current_tables import TAKEN, days_of, event_at_of, totals_of
from warehouse.files import sha256_of, write_with
from warehouse.lake import Lake
from warehouse.manifest import FeedState, LakeError, LakeFile
from warehouse.parquet import GROUP_ROWS, how_to_write
from warehouse.report_keys import write_keys
from warehouse.waiting import KEY, Waiting, in_order, keyed, months_of, within

#: Raised when what is kept changes shape or meaning: what an older program left is then made again.
EDITION = 2


def is_current(file: LakeFile) -> bool:
    """Whether the file is one of those kept beside the history, which can be made again from it."""
    return file.table in CURRENT_TABLES or file.table == REPORT_KEY


def edition_of(zone: ZoneInfo) -> str:
    """What ``FeedState.current`` says of a feed whose present state is kept by this program, in this zone."""
    return f"{EDITION} {zone.key}"


def renewed(lake: Lake, feed: str, files: Sequence[LakeFile], waiting: Waiting, batch: str) -> list[LakeFile]:
    """The state's ``files`` with those of the feed's present state made anew where what waits touches them.

    The new files are durable, and count when a commit lists them. Raises LakeError where a file to be made anew is
    damaged (a flipped bit must not be given a fresh hash), and OSError; no file that stands is changed.
    """
    if not waiting.parts:
        return list(files)
    mine = [file for file in files if file.source_id == feed and is_current(file)]
    stands = {(file.table, file.first_seen_months): file for file in mine}
    parts = waiting.taken()
    months = [months_of(part) for part in parts]
    blocks = blocks_of({Block.named(name) for table, name in stands if table == "report"}, np.concatenate(months))
    made: dict[tuple[str, str], LakeFile] = {}
    totals: dict[str, list[pa.Table]] = {}
    for block in sorted(set(blocks.values()), key=lambda block: block.first):
        rows = within(parts, months, block.first, block.last)
        if (old := stands.get(("report", block.name))) is not None:
            rows = keyed(in_order(_merged(_read(lake, old), rows.select(REPORT.names))))
        for file in _write_block(lake, feed, block, rows, batch):
            made[file.table, block.name] = file
        totals.setdefault(block.year, []).append(totals_of(rows, block.name))
    touched = {block.name for block in blocks.values()}
    for year, sums in totals.items():
        if (old := stands.get(("report_total", year))) is not None:
            stood = _read(lake, old)
            is_anew = pc.is_in(stood.column("first_seen_months"), value_set=pa.array(sorted(touched)))
            sums = [stood.filter(pc.invert(is_anew)), *sums]
        made["report_total", year] = _write_totals(lake, feed, year, pa.concat_tables(sums), batch)
    gone = {key for key in stands if key[1] in touched}  # also a day file of a block that has no days left
    kept = {key: file for key, file in stands.items() if key not in gone}
    others = [file for file in files if not (file.source_id == feed and is_current(file))]
    return others + list((kept | made).values())


def completed(
    lake: Lake, files: Sequence[LakeFile], feeds: Mapping[str, FeedState], zone: ZoneInfo, batch: str
) -> tuple[list[LakeFile], dict[str, FeedState]]:
    """The state's files and feeds with the present state of every feed kept, made from its history where it is not.

    So it is with a lake of an older program, with one whose zone has changed, after going back to a state from before.
    One feed's history is read a file at a time.
    """
    wanted, files, feeds = edition_of(zone), list(files), dict(feeds)
    known = {file.source_id for file in files if file.table in ("report_version", "delivery")}
    for feed in sorted(known | feeds.keys()):
        if feeds.get(feed, FeedState()).current == wanted:
            continue
        files = [file for file in files if not (is_current(file) and file.source_id == feed)]
        history = sorted(
            (file for file in files if (file.table, file.source_id) == ("report_version", feed)),
            key=lambda file: (file.known_from, file.path),
        )
        waiting = Waiting(zone)
        for number, file in enumerate(history):
            refuse_damaged(lake, file)
            versions = pq.read_table(lake.folder / file.path, columns=TAKEN, partitioning=None)
            waiting = waiting.with_also(versions)
            if waiting.is_full or file is history[-1]:
                files, waiting = renewed(lake, feed, files, waiting, f"{batch}-{number:04d}"), waiting.emptied()
        heard = [lake.folder / file.path for file in files if (file.table, file.source_id) == ("delivery", feed)]
        columns = ["ingested_at", "disposition"]
        deliveries = [pq.read_table(path, columns=columns, partitioning=None) for path in heard]
        state = replace(feeds.get(feed, FeedState()), current=wanted, first_accepted_at="", last_accepted_at="")
        feeds[feed] = heard_also(state, pa.concat_tables(deliveries)) if deliveries else state
    return files, feeds


def heard_also(state: FeedState, deliveries: pa.Table) -> FeedState:
    """The feed's state with when it was first and last heard, these deliveries (of DELIVERY) counted in."""
    accepted = deliveries.filter(pc.equal(deliveries.column("disposition"), "accepted")).column("ingested_at")
    if not len(accepted):
        return state
    first, last = (moment.isoformat() for moment in pc.min_max(accepted).as_py().values())
    return replace(
        state,
        first_accepted_at=min(filter(None, (state.first_accepted_at, first))),
        last_accepted_at=max(state.last_accepted_at, last),
    )


def _merged(old: pa.Table, fresh: pa.Table) -> pa.Table:
    """The reports of both; of one that is in both its higher version."""
    place = pc.index_in(old.column("report_id"), value_set=fresh.column("report_id").combine_chunks())
    is_both = np.asarray(pc.is_valid(place), dtype=bool)
    if is_both.any():
        where = np.asarray(pc.fill_null(place, 0)).astype(np.int64)
        is_older = np.asarray(fresh.column("version"))[where] >= np.asarray(old.column("version"))
        beaten = np.zeros(fresh.num_rows, dtype=bool)
        beaten[where[is_both & ~is_older]] = True
        old, fresh = old.filter(pa.array(~(is_both & is_older))), fresh.filter(pa.array(~beaten))
    return pa.concat_tables([old, fresh.cast(REPORT)])


def _write_block(lake: Lake, feed: str, block: Block, rows: pa.Table, batch: str) -> list[LakeFile]:
    """The files of one block: its reports, in order, the days they are of, and their keys."""
    known = pc.min_max(rows.column("ingested_at")).as_py()
    newest = pc.max(event_at_of(rows)).as_py()
    name = f"first_seen={block.name}/{feed}-{batch}"
    path = Path(REPORT_KEY) / f"{name}.keys"
    keys = np.asarray(rows.column(KEY))
    rows = rows.select(REPORT.names)
    write_with(lake.folder / path, lambda temp: write_keys(keys, temp))
    files = [
        _write_table(lake, "report", f"{name}.parquet", rows, feed, batch),
        _written(lake, REPORT_KEY, path, len(keys), feed, batch),
    ]
    if (days := days_of(rows)).num_rows:
        files.append(_write_table(lake, "report_day", f"{name}.parquet", days, feed, batch))
    span = {
        "first_seen_months": block.name,
        "known_from": known["min"].isoformat(),
        "known_until": known["max"].isoformat(),
        "reaches": max(known["max"], newest or known["max"]).isoformat(),
    }
    return [replace(file, **span) for file in files]


def _write_totals(lake: Lake, feed: str, year: str, rows: pa.Table, batch: str) -> LakeFile:
    known = pc.min_max(rows.column("last_ingested_at")).as_py()
    return replace(
        _write_table(lake, "report_total", f"first_seen={year}/{feed}-{batch}.parquet", rows, feed, batch),
        first_seen_months=year,
        known_from=known["min"].isoformat(),
        known_until=known["max"].isoformat(),
    )


def _write_table(lake: Lake, table: str, name: str, rows: pa.Table, feed: str, batch: str) -> LakeFile:
    path = Path(table) / name
    how = how_to_write(CURRENT_TABLES[table])
    write_with(lake.folder / path, lambda temp: pq.write_table(rows, temp, row_group_size=GROUP_ROWS, **how))
    return _written(lake, table, path, rows.num_rows, feed, batch)


def _written(lake: Lake, table: str, path: Path, row_count: int, feed: str, batch: str) -> LakeFile:
    target = lake.folder / path
    size = target.stat().st_size
    return LakeFile(table, path.as_posix(), sha256_of(target), row_count, size, feed, batch, "", "")


def _read(lake: Lake, file: LakeFile) -> pa.Table:
    refuse_damaged(lake, file)
    schema = CURRENT_TABLES[file.table]
    return pq.read_table(lake.folder / file.path, columns=schema.names, partitioning=None).cast(schema)


def refuse_damaged(lake: Lake, file: LakeFile) -> None:
    """Raises LakeError where the file is missing, or its bytes are not those that were written."""
    path = lake.folder / file.path
    if not path.exists() or sha256_of(path) != file.sha256:
        raise _damaged(file)


def whole_bytes(lake: Lake, file: LakeFile) -> bytes:
    """The file's bytes. Raises LakeError where it is missing, or they are not those that were written."""
    path = lake.folder / file.path
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise _damaged(file)
    return content


def _damaged(file: LakeFile) -> LakeError:
    return LakeError(
        f"{file.path}: missing, or its bytes changed since written. Nothing was changed: run `lagesbild rebuild`."
    )
