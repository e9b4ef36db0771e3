"""The flow that reads an archive of deliveries that carry their own times."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows.archive import land_archive
from flows.collect import collect_task
from flows.opened import open_house
from flows.outcome import tell_feeds
from flows.results import FeedResult
from flows.store import Run


@flow(name="backfill", flow_run_name="backfill-{feed}", log_prints=False)
def backfill(feed: str, folder: str, settings: str, data: str | None = None, wait_s: float = 1800.0) -> FeedResult:
    """Land every file of a folder whose name states when it was received, and read them; again changes nothing.

    Raises ValueError for an unknown feed, and where the folder is not there or holds no such file.

    Args:
        feed: The feed's id, as in feeds.toml.
        folder: The archive, on the machine the worker runs on.
        settings: The municipality, a name or a folder.
        data: Its data folder; without it the one the settings name.
        wait_s: How many seconds to wait for another run to finish writing.
    """
    read, store = open_house(settings, data)
    if feed not in read.feeds:
        raise ValueError(f"no feed {feed!a} in {read.id}; there are: {', '.join(read.feeds)}")
    with store.writing(f"backfill {feed}", wait_s):
        try:
            archived = land_archive(store, feed, Path(folder), read.timezone, Run.start())
        except FileNotFoundError:
            raise ValueError(f"{folder}: no such folder") from None
        if not archived.landed and not archived.known:
            raise ValueError(f"{folder}: no file there states in its name when it was received")
        result = collect_task(feed, str(store.folder), settings, False)
    tell_feeds([result], wants_picture=True)
    return result
