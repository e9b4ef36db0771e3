"""The house's own steps over generated deliveries, each run as a process of its own by ``bench.py``.

python -m tests.bench.ours read SETTINGS DATA FOLDER      (all three feeds: land, read into the lake)
python -m tests.bench.ours picture SETTINGS DATA
python -m tests.bench.ours warm SETTINGS DATA             (a picture in a process that has made one)
python -m tests.bench.ours queries DATA
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.measure import second_cost

FEEDS = ("polisen_events", "guard_nordvakt", "felanmalan")

#: 06:15 in Sweden on the morning of the generated night.
MOMENT = datetime(2026, 10, 16, 4, 15, tzinfo=UTC)


def read(settings_folder: str, data: str, folder: str) -> dict[str, object]:
    from flows.archive import land_archive
    from flows.job import read_feed
    from flows.opened import open_house
    from flows.store import Run

    settings, store = open_house(settings_folder, data)
    run, counts = Run.start(), {}
    with store.writing("bench"):
        for feed in FEEDS:
            land_archive(store, feed, Path(folder) / feed, settings.timezone, run)
            result = read_feed(store, settings, feed, run)
            if result.ingested is None:
                raise SystemExit(f"{feed}: {result.detail}")
            got = result.ingested
            counts[feed] = {"seen": got.seen, "rejected": got.rejected, "accepted": got.accepted}
    return counts


def picture(settings_folder: str, data: str) -> dict[str, object]:
    from flows.make_picture import make_picture
    from flows.opened import open_house
    from flows.snapshots import follow
    from flows.store import Run

    settings, store = open_house(settings_folder, data)
    run = Run.start()
    with store.writing("bench"):
        made = make_picture(store, settings, run, MOMENT)
    follow(store, run, made)
    if made.fault:
        raise SystemExit(made.fault)
    return {"hash": made.picture_hash}


def warm(settings_folder: str, data: str) -> dict[str, object]:
    """A picture in a process that has made one, as a worker has: what that costs, without the snapshot."""
    import flows.snapshots

    flows.snapshots.is_due = lambda *_: False
    return second_cost(lambda: picture(settings_folder, data))


def queries(data: str) -> dict[str, object]:
    from tests.bench.queries import OURS
    from warehouse.connection import connect

    with connect(Path(data) / "lagesbild.duckdb", read_only=True) as con:
        return {name: len(con.execute(sql).fetchall()) for name, sql in OURS.items()}


if __name__ == "__main__":
    print(json.dumps({"read": read, "picture": picture, "warm": warm, "queries": queries}[sys.argv[1]](*sys.argv[2:])))
