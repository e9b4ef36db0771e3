"""The flow that hears one feed and reads what it said into the lake. The same flow for every feed."""

from __future__ import annotations

from datetime import datetime

from prefect import State, flow, task
from prefect.states import Completed

from flows import job
from flows.opened import open_house
from flows.outcome import ANOTHER_WAITS, tell_feeds
from flows.refresh import wait_out
from flows.results import FeedResult
from flows.store import Run, Store
from flows.telling import tell_feeds as tell_how_feeds_are
from flows.turns import in_line


@task(name="collect-feed", task_run_name="collect-{feed}")
def collect_task(feed: str, data: str, settings_name: str, ask: bool = True, is_probe: bool = False) -> FeedResult:
    """One feed, in the lock its flow holds. Ids and counts only go to Prefect."""
    settings, _ = open_house(settings_name, data)
    if not ask:
        return job.read_feed(Store.at(data), settings, feed, Run.start())
    return job.collect_feed(Store.at(data), settings, feed, Run.start(), is_probe=is_probe)


@flow(name="collect", flow_run_name="collect-{feed}", log_prints=False)
def collect(
    feed: str,
    settings: str,
    data: str | None = None,
    wait_s: float = 600.0,
    ask: bool = True,
    asked_at: datetime | None = None,
    window_s: float = 0.0,
) -> FeedResult | State[None]:
    """Hear one feed, read what it says into the lake, and tell where that changed anything.

    Skipped where another run of the same kind waits to begin: that one takes what this one came for.

    Args:
        feed: The feed's id, as in feeds.toml.
        settings: The municipality, a name or a folder.
        data: Its data folder; without it the one the settings name.
        wait_s: How many seconds to wait for another run to finish writing.
        ask: Ask the source. Off: read only what has landed.
        asked_at: When the trigger fired that asked for this.
        window_s: How many seconds after that to take in what else arrives.
    """
    read, store = open_house(settings, data)
    if feed not in read.feeds:
        raise ValueError(f"no feed {feed!a} in {read.id}; there are: {', '.join(read.feeds)}")
    with in_line(store, f"collect-{feed}-{'ask' if ask else 'read'}") as place:
        if place is None:
            return Completed(name="Skipped", message=ANOTHER_WAITS)
        wait_out(asked_at, window_s, Run.start())
        with store.writing(f"collect {feed}", wait_s):
            place.begin()
            result = collect_task(feed, str(store.folder), settings, ask)
    tell_feeds([result], wants_picture=True)
    tell_how_feeds_are(store, read, Run.start())
    return result
