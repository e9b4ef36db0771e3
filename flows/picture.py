"""The flow that makes the picture from what has been received: settings + lake → tables → checks → sheet."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import State, flow, task
from prefect.states import Completed

from flows.cut import Cut
from flows.make_picture import make_picture
from flows.opened import open_house
from flows.outcome import ANOTHER_WAITS, tell_feeds, tell_picture
from flows.refresh import is_overtaken, past_moment, read_landed, wait_out
from flows.results import NO_SHEET, FeedResult, PictureResult
from flows.snapshots import follow
from flows.store import Run, Store
from flows.telling import tell_feeds as tell_how_feeds_are
from flows.turns import in_line


@task(name="make-picture")
def picture_task(
    moment: datetime,
    data: str,
    settings_name: str,
    is_past: bool,
    languages: list[str] | None = None,
    cut: Cut | None = None,
    weekly: bool = False,
) -> PictureResult:
    """The picture as of ``moment``, in the lock its flow holds; with the week's tables where ``weekly``."""
    settings, _ = open_house(settings_name, data)
    store, run = Store.at(data), Run.start()
    return make_picture(store, settings, run, moment, languages, is_past=is_past, cut=cut, weekly=weekly)


@task(name="read-landed")
def read_landed_task(data: str, settings_name: str) -> list[FeedResult]:
    """What has landed and was not read yet, in the lock its flow holds. No source is asked."""
    settings, _ = open_house(settings_name, data)
    return read_landed(Store.at(data), settings, Run.start())


@flow(name="picture", log_prints=False)
def picture(
    settings: str,
    data: str | None = None,
    at: datetime | None = None,
    wait_s: float = 600.0,
    only_if_news: bool = False,
    asked_at: datetime | None = None,
    window_s: float = 0.0,
) -> PictureResult | State[None] | None:
    """The sheet of what has been received, as of now or as it was known at a moment.

    Returns None where there was no news to make one of; skipped where another run waits to look for news. Raises
    RuntimeError, so that the run is shown as failed, when no sheet came out.

    Args:
        settings: The municipality, a name or a folder.
        data: Its data folder; without it the one the settings name.
        at: A moment in the past, with its offset from UTC; without it now.
        wait_s: How many seconds to wait for another run to finish writing.
        only_if_news: Make a sheet only where the newest one does not hold all that has been received.
        asked_at: When the trigger fired that asked for this.
        window_s: How many seconds after that to take in what else arrives.
    """
    read, store = open_house(settings, data)
    moment = past_moment(at, datetime.now(UTC))
    folder = str(store.folder)
    made, results = None, []
    # One that waits to make a sheet of the news takes in the news this run came for; any other is wanted for itself.
    with in_line(store, "picture", is_shared=only_if_news and moment is None) as place:
        if place is None:
            return Completed(name="Skipped", message=ANOTHER_WAITS)
        wait_out(asked_at, window_s, Run.start())
        with store.writing("picture", wait_s):
            place.begin()
            if moment is None:
                results = read_landed_task(folder, settings)
            if moment or not only_if_news or is_overtaken(store, datetime.now(UTC)):
                made = picture_task(moment or datetime.now(UTC), folder, settings, moment is not None)
    tell_feeds(results, wants_picture=False)
    tell_picture(made)
    if moment is None:
        tell_how_feeds_are(store, read, Run.start())  # by its clock too: silence starts nothing by itself
    if made is not None and made.sheet is None:
        raise RuntimeError(NO_SHEET)
    follow(store, Run.start(), made)
    return made
