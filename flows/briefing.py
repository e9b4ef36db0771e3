"""The flow for a meeting now: what is stale is asked for, then the sheet – of a moment, some areas, for an audience."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from prefect import flow

from flows.collect import collect_task
from flows.cut import cut_of
from flows.opened import open_house
from flows.outcome import tell_feeds, tell_picture
from flows.picture import picture_task
from flows.recorded import came_to, untagged
from flows.refresh import brief, past_moment
from flows.results import NO_SHEET, NOT_PUBLISHED, RunResult
from flows.snapshots import follow
from flows.store import Run


@flow(name="briefing", log_prints=False)
def briefing(
    settings: str,
    data: str | None = None,
    moment: datetime | None = None,
    areas: list[str] | None = None,
    audience: Literal["meeting", "partners"] = "meeting",
    language: Literal["sv", "en"] | None = None,
    wait_s: float = 300.0,
) -> RunResult:
    """A sheet for a meeting, fresh or as it was known at a moment.

    Raises ValueError for a moment without offset or still to come, an unknown area or audience; RuntimeError, so that
    the run is shown as failed, when no sheet came out.

    Args:
        settings: The municipality, a name or a folder.
        data: Its data folder; without it the one the settings name.
        moment: As it was known then, with its offset from UTC. Empty: now, after asking the feeds that are stale.
        areas: Only these areas, by their ids. Empty: the whole municipality.
        audience: The meeting sees everything; partners what is labelled TLP:GREEN or more openly.
        language: The sheet's language. Empty: the municipality's own.
        wait_s: How many seconds to wait for another run to finish writing.
    """
    read, store = open_house(settings, data)
    cut = cut_of(read, areas or [], audience)
    run = Run.start()
    asked = past_moment(moment, run.now())
    folder = str(store.folder)
    with untagged(), store.writing("briefing", wait_s):
        result = brief(
            store,
            read,
            run,
            cut,
            asked,
            language,
            collect=lambda feed: collect_task(feed, folder, settings),
            picture=lambda at, langs: picture_task(at, folder, settings, asked is not None, langs, cut),
        )
    # A part leaves the whole sheet behind; what was heard for it wakes the trigger that makes that one too.
    tell_feeds(result.feeds, wants_picture=not cut.is_whole)
    assert result.picture is not None
    tell_picture(result.picture, result.picture.sheet_in(language))
    follow(store, Run.start(), result.picture)
    came_to(result)
    if result.exit_code == NOT_PUBLISHED:
        raise RuntimeError(NO_SHEET)
    return result
