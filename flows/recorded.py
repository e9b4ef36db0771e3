"""A run that a Prefect server records, where there is a server; else nobody notices that there is none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flows.server_api import server_answers

if TYPE_CHECKING:
    from flows.job import RunResult


def run_recorded(settings: str, data: str, wait_s: float) -> RunResult | None:
    """The overnight flow in this process, recorded by the server; None where no server can be used.

    The work is done under our own lock and committed by our own rules, so a server that dies half-way costs the
    record, not the sheet: the caller then runs the same steps plainly, and what was done already is found done.
    """
    if not server_answers():
        return None
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # A server that dies on the way must not hold the sheet: five tries, the default, took 150 s (measured 2026-11).
    os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", "1")
    import httpx
    from prefect.exceptions import PrefectException

    from flows.overnight import overnight

    try:
        answer: RunResult = overnight(settings, data, wait_s)
    except (httpx.HTTPError, PrefectException, RuntimeError):
        return None
    return answer
