"""``lagesbild briefing``: a sheet for a meeting, now or as it was known at a moment."""

from __future__ import annotations

import argparse
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flows.commands import DONE, NOT_PUBLISHED, UNEXPECTED, opened, tell, wait_of
from flows.console import Console
from flows.cut import Cut, cut_of
from flows.moments import past_moment_of
from flows.opened import UsageError
from flows.recorded import briefing_recorded
from flows.refresh import brief
from flows.results import RunResult
from flows.server_api import PATIENT_S, ServerAway, ask
from flows.store import Run, Store

#: Seconds to wait for another run where nobody says how long: somebody is on the way to a meeting, and the sheet of
#: what has just arrived takes ten. Decided 2026-11-27.
BRIEFING_WAIT_S = 60.0


def briefing(arguments: argparse.Namespace, console: Console) -> int:
    """A sheet for a meeting: in this process, recorded where a server answers; or by the server's own worker."""
    settings, store = opened(arguments)
    languages = getattr(arguments, "lang", None) or [None]
    if len(languages) > 1:
        raise UsageError("one --lang at a time: a briefing is for one meeting")
    try:
        cut = cut_of(settings, arguments.area or [], arguments.audience)
    except ValueError as error:
        raise UsageError(str(error)) from None
    moment = past_moment_of(arguments, settings, Run.start().now(), console)
    if arguments.api:
        return _by_worker(arguments, console, store, cut, moment, languages[0])
    result, wait_s = None, float(getattr(arguments, "wait", BRIEFING_WAIT_S))
    if not arguments.no_prefect:
        result = briefing_recorded(settings, store, moment, cut, languages[0], wait_s)
    if result is None:
        with store.writing("briefing", wait_s):
            result = brief(store, settings, Run.start(progress=console.progress), cut, moment, languages[0])
        from flows.snapshots import follow

        follow(store, Run.start(progress=console.progress), result.picture)
    return tell_run(arguments, console, result, languages[0])


def tell_run(arguments: argparse.Namespace, console: Console, result: RunResult, language: str | None = None) -> int:
    """Say what a run came to; returns its exit code."""
    for feed in result.feeds:
        if feed.status == "failed":
            console.complain(f"{feed.feed}: {feed.status}, {feed.cause}: {feed.detail}")
    if result.picture is not None:
        result.picture.sheet = result.picture.sheet_in(language)
    tell(arguments, console, result.to_json(), result.picture)
    return result.exit_code


def _by_worker(
    arguments: argparse.Namespace,
    console: Console,
    store: Store,
    cut: Cut,
    moment: datetime | None,
    language: str | None,
) -> int:
    """Ask the server for a run of its deployment, wait for the run, and say where the sheet is."""
    parameters: dict[str, Any] = {"areas": list(cut.areas), "audience": cut.audience, "language": language}
    if moment:
        parameters["moment"] = moment.isoformat()
    try:
        deployment = ask("GET", "/deployments/name/briefing/briefing", busy_s=PATIENT_S)
        if (theirs := deployment["parameters"].get("data")) != str(store.folder):
            # Two municipalities of one machine and one port: it would make the other's sheet and call it ours.
            raise ServerAway(f"the server there is that of {theirs}; `lagesbild up` with a --port of its own")
        path, asked = f"/deployments/{deployment['id']}/create_flow_run", {"parameters": parameters}
        run = ask("POST", path, asked, timeout_s=PATIENT_S, busy_s=PATIENT_S)
        deadline = time.monotonic() + (wait_of(arguments) or 300.0)
        while run["state_type"] not in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
            if time.monotonic() > deadline:
                raise ServerAway(f"run {run['name']} is {run['state_name']} still; see it in the console")
            time.sleep(0.2)
            console.progress(f"the briefing: {run['state_name'].lower()}")
            with suppress(ServerAway):
                run = ask("GET", f"/flow_runs/{run['id']}")
        made_by = {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}}
        found = ask("POST", "/artifacts/filter", made_by, timeout_s=PATIENT_S, busy_s=PATIENT_S)
    except ServerAway as error:
        console.complain(f"no briefing by the server: {error}. Without --api it is made in this process")
        return UNEXPECTED
    sheet = next((_path_in(row["data"]) for row in found if row["key"] == "sheet"), None)
    console.answer({"flow_run": run["id"], "state": run["state_name"], "sheet": sheet})
    if run["state_type"] != "COMPLETED" or sheet is None:
        console.complain(f"run {run['name']}: {run['state_name']}; the last good sheet stands")
        return NOT_PUBLISHED
    console.say(f"The sheet: {sheet}")
    if getattr(arguments, "open", False):
        import webbrowser

        webbrowser.open(sheet.as_uri())
    return DONE


def _path_in(link: str) -> Path | None:
    """The file a link artifact leads to: ``[name](file:///…)``."""
    address = link.rpartition("](")[2].removesuffix(")")
    return Path(unquote(urlsplit(address).path)) if address.startswith("file:") else None
