"""Which of the lake's files a picture of the present needs: the calendar's and the night's, not the history's.

The picture of a moment that is past, or of a part, is worked out from all versions instead (sql/12_past). Both ways
give the same tables; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from warehouse.contract import INSTANT
from warehouse.contract_current import CURRENT_TABLES
from warehouse.current import edition_of, is_current
from warehouse.lake import Lake
from warehouse.manifest import FeedState, LakeFile, Manifest

#: How far back the calendar reaches (sql/20_core/10_local_day.sql: 378 local days), and the deliveries that may tell of
#: it (sql/15_stage/30_delivery.sql), with a day's margin for zones.
CALENDAR, DELIVERIES = timedelta(days=380), timedelta(days=408)

#: How far back tries to hear a source are asked for (sql/15_stage/40_attempt.sql: 400 days).
ATTEMPTS = timedelta(days=400)

#: How far back reports are told of one by one (sql/20_core/32_recent_report.sql: 56 local days), with that margin.
EIGHT_WEEKS = timedelta(days=58)

#: How far back a source's notices are counted (sql/20_core/55_feed_state.sql).
NOTICES = timedelta(hours=24)

#: Tables of the lake's history. A morning reads the newest files of some, and none of rejects and presence.
HISTORY = frozenset({"report_version", "note", "delivery", "notice", "reject", "presence"})

#: When each source was first and last heard: what the manifest knows of its feeds.
SOURCE_SPAN = pa.schema(
    [
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("first_accepted_at", INSTANT, nullable=False),
        pa.field("last_accepted_at", INSTANT, nullable=False),
    ]
)


@dataclass(frozen=True)
class Present:
    """What the lake keeps of the present moment, for one build.

    ``tables`` are the files of CURRENT_TABLES; ``recent`` are for each table those that hold what a morning asks of it;
    ``whole`` are the files of tables that are read from end to end: registers.
    """

    tables: Mapping[str, Sequence[Path]]
    recent: Mapping[str, Sequence[Path]]
    whole: Sequence[Path]
    source_span: pa.Table

    def read_tonight(self) -> set[Path]:
        """The files that the build itself reads, as against those its views offer to analysts."""
        return {
            *self.tables["report_total"],
            *(path for paths in self.recent.values() for path in paths),
            *self.whole,
        }


def present_of(
    lake: Lake, manifest: Manifest, moment: datetime, since: datetime | None, zone: ZoneInfo
) -> Present | None:
    """What a picture of ``moment`` (UTC) may take from what the lake keeps ready; ``since`` is the picture before it.

    None where it must be worked out from all versions: something in the lake became known after the moment, or the
    lake's present state is not kept in this zone (a lake of an older program, until its next commit).
    """
    wanted = edition_of(zone)
    of_versions = {file.source_id for file in manifest.files if file.table in ("report_version", "delivery")}
    if any(manifest.feeds.get(feed, FeedState()).current != wanted for feed in of_versions):
        return None
    if any(datetime.fromisoformat(file.known_until) > moment for file in manifest.files if file.known_until):
        return None
    news = since or moment - timedelta(hours=24)

    def paths(table: str, reaches: datetime | None = None) -> list[Path]:
        return [lake.folder / file.path for file in _reaching(manifest, table, reaches)]

    return Present(
        tables={table: paths(table) for table in CURRENT_TABLES},
        recent={
            "report": paths("report", min(moment - EIGHT_WEEKS, news)),
            "report_day": paths("report_day", moment - CALENDAR),
            "report_version": paths("report_version", news),
            "note": paths("note", news),
            "delivery": paths("delivery", moment - DELIVERIES),
            "notice": paths("notice", moment - NOTICES),
        },
        whole=[
            lake.folder / file.path for file in manifest.files if file.table not in HISTORY and not is_current(file)
        ],
        source_span=pa.Table.from_pylist(
            [
                {
                    "source_id": feed,
                    "first_accepted_at": datetime.fromisoformat(state.first_accepted_at),
                    "last_accepted_at": datetime.fromisoformat(state.last_accepted_at),
                }
                for feed, state in sorted(manifest.feeds.items())
                if state.first_accepted_at
            ],
            schema=SOURCE_SPAN,
        ),
    )


def _reaching(manifest: Manifest, table: str, since: datetime | None) -> Iterator[LakeFile]:
    """The table's files; only those that reach ``since`` where it is given."""
    for file in manifest.files:
        if file.table == table:
            last = file.reaches if is_current(file) else file.known_until
            if since is None or not last or datetime.fromisoformat(last) >= since:
                yield file
