"""A run that a Prefect server records, where there is a server; else nobody notices that there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flows.opened import UsageError
from flows.server_api import server_answers
from flows.settings_faults import SettingsError
from flows.station import UNLESS_SET
from flows.store import AnotherRunError, FolderFault, Store

if TYPE_CHECKING:
    from flows.cut import Cut
    from flows.results import RunResult
    from flows.settings import Settings


def run_recorded(settings: str, data: str, wait_s: float) -> RunResult | None:
    """The overnight flow in this process, recorded by the server; None where no server can be used."""

    def work() -> RunResult:
        from flows.overnight import overnight

        return cast("RunResult", overnight(settings, data, wait_s))

    return _recorded(work)


def briefing_recorded(
    settings: Settings, store: Store, moment: datetime | None, cut: Cut, language: str | None, wait_s: float
) -> RunResult | None:
    """The briefing in this process, recorded by the server; None where no server can be used."""

    def work() -> RunResult:
        from flows.briefing import briefing

        said = (str(settings.folder), str(store.folder), moment, list(cut.areas), cut.audience, language, wait_s)
        answer: RunResult = briefing(*said)  # type: ignore[call-overload]
        return answer

    return _recorded(work)


@contextmanager
def untagged() -> Iterator[None]:
    """Let the tasks inside carry no tags of their flow run.

    Before each task with tags Prefect (3.8) asks the server whether a tag's concurrency limit leaves room, and a busy
    server's 503 ended the flow then: sixteen questions a briefing for limits that nobody set (2026-11-26).
    """
    from prefect.context import TagsContext

    with TagsContext(current_tags=set()):
        yield


#: What the flow of this process came to, from when its work was done and told.
_come_to: list[RunResult] = []


def came_to(result: RunResult) -> None:
    """Keep what a flow has come to: what is left of it is the server's last state, which no work hangs on."""
    _come_to[:] = [result]


def _recorded(work: Callable[[], RunResult]) -> RunResult | None:
    """What ``work``, which calls a flow, answers; None where no server can be used.

    The work is done under our own lock and committed by our own rules, so a server that dies half-way costs the
    record, not the sheet: the caller then runs the same steps plainly, and what was done already is found done. Where
    the work was done, and only the server did not take that it was, nothing is done again.
    """
    if not server_answers():
        return None
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # The automation that finds dead runs waits for the heartbeats of every run from its start (prefect.yaml).
    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", UNLESS_SET["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"])
    # A server that dies on the way must not hold the sheet: five tries, the default, took 150 s (measured 2026-11).
    os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", "1")
    from prefect import tags

    from flows.register import process_tag

    _come_to.clear()
    try:
        with tags("lagesbild", process_tag()):
            return work()
    except (AnotherRunError, FolderFault, UsageError, SettingsError):
        raise
    except Exception:
        if _come_to:
            return _come_to[0]
        # Whatever it is: a busy server has more ways to fail than it has names for (a briefing ended with its
        # ConcurrencySlotAcquisitionError, 2026-11-26). What is wrong with the work itself, the plain steps meet again.
        return None
