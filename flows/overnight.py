"""The night's flow: all feeds, then the picture. A feed that fails does not keep the picture from coming out."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import State, flow
from prefect.states import Cancelled

from flows import job
from flows.collect import collect_task
from flows.opened import open_house
from flows.outcome import ANOTHER_RUNS, DONE_SINCE, due, tell_feeds, tell_picture
from flows.picture import picture_task
from flows.recorded import came_to, untagged
from flows.results import NO_SHEET, NOT_PUBLISHED, RunResult
from flows.snapshots import follow
from flows.store import AnotherRunError, Run
from flows.telling import tell_run
from flows.turns import is_done_since, note_done, only_one


@flow(name="overnight", log_prints=False)
def overnight(settings: str, data: str | None = None, wait_s: float = 1800.0) -> RunResult | State[None]:
    """Hear every feed, erase the texts whose time is out, then make the picture as of now.

    One night is one night: started a second time while it runs (by hand: AnotherRunError), or started late when a
    night that began after it was due has come to its end, it is cancelled.
    What Prefect keeps of it holds ids, counts and paths only. Raises RuntimeError, so that the run is shown as
    failed, when no sheet came out.

    Args:
        settings: The municipality, a name or a folder.
        data: Its data folder; without it the one the settings name.
        wait_s: How many seconds to wait for another run to finish writing.
    """
    read, store = open_house(settings, data)
    folder = str(store.folder)
    with only_one(store, "overnight") as is_ours:
        if not is_ours and due():
            return Cancelled(message=ANOTHER_RUNS)
        if not is_ours:
            raise AnotherRunError(f"{store.folder}: {ANOTHER_RUNS}.")
        due_at = due()
        if due_at and is_done_since(store, "overnight", due_at):
            return Cancelled(message=DONE_SINCE)
        with untagged(), store.writing("overnight", wait_s):
            began_at = datetime.now(UTC)
            result = RunResult(Run.start().run_id)
            result.feeds = [collect_task(feed, folder, settings, is_probe=True) for feed in read.feeds]
            job.keep_house(store, read, Run.start(), result)
            result.picture = picture_task(datetime.now(UTC), folder, settings, False)
            if result.picture.sheet:
                note_done(store, "overnight", began_at)
    tell_feeds(result.feeds, wants_picture=False)
    tell_picture(result.picture)
    result.untold = tell_run(store, read, Run.start(), result).faults
    follow(store, Run.start(), result.picture)
    came_to(result)
    if result.exit_code == NOT_PUBLISHED:
        raise RuntimeError(NO_SHEET)
    return result
