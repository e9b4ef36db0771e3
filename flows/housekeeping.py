"""The weekly flow: withdrawn texts erased, small files merged, old states and old sheets let go."""

from __future__ import annotations

from typing import Any

from prefect import State, flow
from prefect.states import Cancelled

from flows.opened import open_house
from flows.outcome import ANOTHER_RUNS
from flows.store import Run
from flows.turns import only_one
from flows.upkeep import keep_house_whole


@flow(name="housekeeping", log_prints=False)
def housekeeping(settings: str, data: str | None = None, wait_s: float = 600.0) -> dict[str, Any] | State[None]:
    """Erase, merge and let go; returns what was done, in counts. Cancelled where another housekeeping is at it.

    Args:
        settings: The municipality, a name or a folder.
        data: Its data folder; without it the one the settings name.
        wait_s: How many seconds to wait for another run to finish writing.
    """
    read, store = open_house(settings, data)
    with only_one(store, "housekeeping") as is_ours:
        if not is_ours:
            return Cancelled(message=ANOTHER_RUNS)
        with store.writing("housekeeping", wait_s):
            return keep_house_whole(store, read, Run.start())
