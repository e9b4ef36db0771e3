"""``lagesbild briefing`` and ``lagesbild morning``: a sheet now, and the sheet that must be out whatever else fails."""

from __future__ import annotations

import argparse
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from flows.commands import DONE, NOT_PUBLISHED, UNEXPECTED, moment_of, opened, tell, wait_of
from flows.console import Console
from flows.cut import Cut, cut_of
from flows.job import run_all
from flows.make_picture import make_picture
from flows.opened import UsageError
from flows.recorded import briefing_recorded
from flows.refresh import brief, past_moment, read_landed
from flows.results import PictureResult, RunResult
from flows.server_api import ServerAway, ask
from flows.sheets import newest_sheet
from flows.store import AnotherRunError, Run, Store
from flows.telling import Told, tell_morning

if TYPE_CHECKING:
    from flows.settings import Settings

#: A sheet not older than this is this morning's: the night's run begins at 05.00 and the timer asks at 06.10.
#: Decided 2026-11-26.
FRESH_SHEET = timedelta(hours=2)
#: Seconds `morning` waits for a run that writes before it goes round it; the sheet's hour is five minutes away.
MORNING_WAIT_S = 60.0


def briefing(arguments: argparse.Namespace, console: Console) -> int:
    """A sheet for a meeting: in this process, recorded where a server answers; or by the server's own worker."""
    settings, store = opened(arguments)
    languages = getattr(arguments, "lang", None) or [None]
    if len(languages) > 1:
        raise UsageError("one --lang at a time: a briefing is for one meeting")
    now = Run.start().now()
    try:
        cut = cut_of(settings, arguments.area or [], arguments.audience)
        moment = past_moment(moment_of(arguments.at, settings) if arguments.at else None, now)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if arguments.api:
        return _by_worker(arguments, console, cut, moment, languages[0])
    result = None
    if not arguments.no_prefect:
        result = briefing_recorded(settings, store, moment, cut, languages[0], wait_of(arguments))
    if result is None:
        with store.writing("briefing", wait_of(arguments)):
            result = brief(store, settings, Run.start(progress=console.progress), cut, moment, languages[0])
    return _tell(arguments, console, result, languages[0])


def _tell(arguments: argparse.Namespace, console: Console, result: RunResult, language: str | None = None) -> int:
    for feed in result.feeds:
        if feed.status == "failed":
            console.complain(f"{feed.feed}: {feed.status}, {feed.cause}: {feed.detail}")
    if result.picture is not None:
        result.picture.sheet = result.picture.sheet_in(language)
    tell(arguments, console, result.to_json(), result.picture)
    return result.exit_code


def _by_worker(
    arguments: argparse.Namespace, console: Console, cut: Cut, moment: datetime | None, language: str | None
) -> int:
    """Ask the server for a run of its deployment, wait for the run, and say where the sheet is."""
    parameters: dict[str, Any] = {"areas": list(cut.areas), "audience": cut.audience, "language": language}
    if moment:
        parameters["moment"] = moment.isoformat()
    try:
        deployment = ask("GET", "/deployments/name/briefing/briefing")
        run = ask("POST", f"/deployments/{deployment['id']}/create_flow_run", {"parameters": parameters}, timeout_s=10)
        deadline = time.monotonic() + (wait_of(arguments) or 300.0)
        while run["state_type"] not in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
            if time.monotonic() > deadline:
                raise ServerAway(f"run {run['name']} is {run['state_name']} still; see it in the console")
            time.sleep(0.2)
            console.progress(f"the briefing: {run['state_name'].lower()}")
            with suppress(ServerAway):
                run = ask("GET", f"/flow_runs/{run['id']}")
        found = ask("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
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


def morning(arguments: argparse.Namespace, console: Console) -> int:
    """Make the sheet, without Prefect, where none is out this morning; then hear the feeds and make it again.

    The first sheet is of what has landed, so that no feed can keep it from coming out. A run that holds the lock and
    does not let go is gone round: the sheet is built beside, from the lake as it stands, and nothing else is written.
    """
    settings, store = opened(arguments)
    run = Run.start(progress=console.progress)
    newest = newest_sheet(store, run.now())
    if newest and run.now() - newest <= FRESH_SHEET:
        console.answer({"is_out": True, "moment": newest})
        console.say(f"the morning's sheet is out, made {newest.astimezone(settings.timezone):%H.%M}")
        _complain(console, tell_morning(store, settings, run, None))
        return DONE
    result = RunResult(run.run_id, picture=PictureResult())
    try:
        result = _make_morning(arguments, console, settings, store, run)
    finally:  # a full disk or a fault nobody thought of is what somebody must hear of
        _complain(console, tell_morning(store, settings, run, result))
    return _tell(arguments, console, result)


def _complain(console: Console, told: Told) -> None:
    for fault in told.faults:
        console.complain(f"not told: {fault}")


def _make_morning(
    arguments: argparse.Namespace, console: Console, settings: Settings, store: Store, run: Run
) -> RunResult:
    languages = getattr(arguments, "lang", None)
    result = RunResult(run.run_id)
    try:
        with store.writing("morning", wait_of(arguments) or MORNING_WAIT_S):
            result.feeds = read_landed(store, settings, run)
            result.picture = make_picture(store, settings, run, run.now(), languages)
        console.say(f"made of what had landed: {result.picture.sheet}")
        with store.writing("morning", MORNING_WAIT_S):
            result = run_all(store, settings, run, languages=languages)
    except AnotherRunError as error:
        if result.picture is None:
            console.complain(f"{error} The sheet is made beside it, of what is in the lake.")
            with TemporaryDirectory(prefix="lagesbild-") as folder:
                beside = Path(folder) / store.database.name
                result.picture = make_picture(store, settings, run, run.now(), languages, database=beside)
    return result
