"""The night's flow: all feeds, then the picture. A feed that fails does not keep the picture from coming out."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow
from prefect.artifacts import create_table_artifact

from flows import job
from flows.collect import collect_task
from flows.opened import open_house
from flows.picture import picture_task
from flows.store import Run


@flow(name="overnight", log_prints=False)
def overnight(settings: str, data: str | None = None, wait_s: float = 1800.0) -> job.RunResult:
    """Hear every feed of the municipality ``settings``, then make the picture as of now.

    What Prefect keeps of it holds ids, counts and paths only. Raises RuntimeError, so that the run is shown as
    failed, when no sheet came out.
    """
    read, store = open_house(settings, data)
    folder = str(store.folder)
    with store.writing("overnight", wait_s):
        result = job.RunResult(Run.start().run_id)
        result.feeds = [collect_task(feed, folder, settings) for feed in read.feeds]
        job.keep_house(store, read, Run.start(), result)
        result.picture = picture_task(datetime.now(UTC), folder, settings, False)
    create_table_artifact(
        key="outcome",
        table=[{"feed": f.feed, "status": f.status, "cause": f.cause or ""} for f in result.feeds],
        description="What each feed gave tonight",
    )
    if result.exit_code == job.NOT_PUBLISHED:
        raise RuntimeError("no new sheet; the last good one stands. `lagesbild picture` says why")
    return result
