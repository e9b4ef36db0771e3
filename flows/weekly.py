"""The flow for the week: the picture as of now, and of its tables the week's picture and the public version."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import State, flow, task
from prefect.states import Completed

from flows.opened import open_house
from flows.outcome import ANOTHER_WAITS, tell_picture
from flows.picture import picture_task
from flows.products import Products, make_products
from flows.results import NO_SHEET
from flows.snapshots import follow
from flows.store import Run, Store
from flows.turns import in_line


@task(name="make-products")
def products_task(data: str, settings_name: str) -> Products:
    """The week's picture and the public version, of the tables just built, in the lock the flow holds."""
    settings, _ = open_house(settings_name, data)
    store = Store.at(data)
    return make_products(store, settings, Run.start(), store.database, ("weekly", "public"))


@flow(name="weekly", log_prints=False)
def weekly(settings: str, data: str | None = None, wait_s: float = 600.0) -> Products | State[None]:
    """The picture of the last whole week, Monday to Sunday, and the public version.

    Skipped where another run of it waits already. Raises RuntimeError, so that the run is shown as failed, when the
    picture or one of the two did not come out.

    Args:
        settings: The municipality, a name or a folder.
        data: Its data folder; without it the one the settings name.
        wait_s: How many seconds to wait for another run to finish writing.
    """
    _, store = open_house(settings, data)
    folder = str(store.folder)
    with in_line(store, "weekly") as place:
        if place is None:
            return Completed(name="Skipped", message=ANOTHER_WAITS)
        with store.writing("weekly", wait_s):
            place.begin()
            sheet = picture_task(datetime.now(UTC), folder, settings, False, weekly=True)
            made = products_task(folder, settings) if sheet.sheet is not None else Products()
    tell_picture(sheet)
    if sheet.sheet is None:
        raise RuntimeError(NO_SHEET)
    follow(store, Run.start(), sheet)
    if made.faults:
        raise RuntimeError("; ".join(f"no {kind} picture: {fault}" for kind, fault in made.faults.items()))
    return made
