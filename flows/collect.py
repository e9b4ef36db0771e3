"""The flow that hears one feed and reads what it said into the lake. The same flow for every feed."""

from __future__ import annotations

from prefect import flow, task

from flows import job
from flows.opened import open_house
from flows.store import Run, Store


@task(name="collect-feed", task_run_name="collect-{feed}")
def collect_task(feed: str, data: str, settings_name: str) -> job.FeedResult:
    """One feed, in the lock its flow holds. Ids and counts only go to Prefect."""
    settings, _ = open_house(settings_name, data)
    return job.collect_feed(Store.at(data), settings, feed, Run.start())


@flow(name="collect", flow_run_name="collect-{feed}", log_prints=False)
def collect(feed: str, settings: str, data: str | None = None, wait_s: float = 600.0) -> job.FeedResult:
    """Hear ``feed`` of the municipality ``settings`` (a name or folder); ``data`` is its data folder."""
    read, store = open_house(settings, data)
    if feed not in read.feeds:
        raise ValueError(f"no feed {feed!a} in {read.id}; there are: {', '.join(read.feeds)}")
    with store.writing(f"collect {feed}", wait_s):
        return collect_task(feed, str(store.folder), settings)
