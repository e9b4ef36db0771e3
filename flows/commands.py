"""What each verb of the command line does: settings, lock, work, answer, exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flows.console import Console
from flows.opened import UsageError, open_house
from flows.orchestration_verbs import CARRIED_OUT_BY as ORCHESTRATION
from flows.settings import Settings
from flows.settings_faults import SettingsError
from flows.store import AnotherRunError, FolderFault, Run, Store

DONE, UNEXPECTED, USAGE, DEGRADED, NOT_PUBLISHED, LOCKED = range(6)


def execute(arguments: argparse.Namespace) -> int:
    """Carry out one parsed command line; every fault becomes a plain line and an exit code."""
    console = Console(is_json=getattr(arguments, "json", False))
    try:
        return VERBS[arguments.verb](arguments, console)
    except (UsageError, SettingsError) as error:
        console.complain(str(error))
        return USAGE
    except AnotherRunError as error:
        console.complain(str(error))
        return LOCKED
    except FolderFault as error:
        console.complain(str(error.strerror))
        return UNEXPECTED
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        console.complain("stopped; what was committed stands, run again to go on")
        return UNEXPECTED
    except Exception as error:
        if getattr(arguments, "traceback", False):
            raise
        from flows.results import named
        from warehouse.manifest import LakeError

        if isinstance(error, LakeError):
            console.complain(str(error))
        else:
            console.complain(
                f"unexpected: {named(error)}. What was committed stands; run again, or with --traceback to see where."
            )
        return UNEXPECTED


def opened(arguments: argparse.Namespace, default: str | None = None) -> tuple[Settings, Store]:
    """The settings and the store the command line names; their own Prefect server is found where one was brought up."""
    from flows.station import find_server

    settings, store = open_house(getattr(arguments, "settings", None) or default, getattr(arguments, "data", None))
    find_server(store)
    return settings, store


def feed_of(arguments: argparse.Namespace, settings: Settings) -> str:
    if arguments.feed not in settings.feeds:
        raise UsageError(f"no feed {arguments.feed!a} in {settings.id}; there are: {', '.join(settings.feeds)}")
    return str(arguments.feed)


def wait_of(arguments: argparse.Namespace) -> float:
    return float(getattr(arguments, "wait", 0.0))


def demo(arguments: argparse.Namespace, console: Console) -> int:
    from flows.archive import land_archive
    from flows.demo_town import is_of_another_year, write_deliveries
    from flows.job import read_feed
    from flows.make_picture import make_picture
    from flows.results import RunResult
    from flows.snapshots import follow

    settings, store = opened(arguments, "lindvik")
    if settings.demo_moment is None:
        raise UsageError(f"{settings.id} is no demo: municipality.toml has no demo_moment")
    run = Run.start(progress=console.progress)
    with store.writing("demo", wait_of(arguments)):
        if is_of_another_year(settings, store.folder / "archive"):
            raise UsageError(
                f"{store.folder}: holds the demo of another version or other settings, and what has landed is never"
                " overwritten. Remove that folder, or give another with --data."
            )
        console.progress(f"{settings.municipality.name}: making a year of deliveries")
        write_deliveries(settings, store.folder / "archive")
        result = RunResult(run.run_id)
        for feed in settings.feeds:
            folder = store.folder / "archive" / feed
            if folder.is_dir():
                land_archive(store, feed, folder, settings.timezone, run)
            result.feeds.append(read_feed(store, settings, feed, run))
        result.picture = make_picture(store, settings, run, settings.demo_moment, arguments_languages(arguments))
    follow(store, run, result.picture)
    # The demo has a feed in quarantine and one that is dead on purpose: it is as it should be when a sheet is out.
    code = tell(arguments, console, result.to_json(), result.picture)
    return DONE if code == DEGRADED else code


def run(arguments: argparse.Namespace, console: Console) -> int:
    from flows.job import run_all
    from flows.recorded import run_recorded
    from flows.results import RunResult
    from flows.snapshots import follow
    from flows.telling import tell_run

    settings, store = opened(arguments)
    languages = arguments_languages(arguments)
    result: RunResult | None = None
    if not arguments.no_prefect and languages is None:
        result = run_recorded(str(settings.folder), str(store.folder), wait_of(arguments))
    if result is None:
        with store.writing("run", wait_of(arguments)):
            result = run_all(store, settings, Run.start(progress=console.progress), languages=languages)
        result.untold = tell_run(store, settings, Run.start(), result).faults
        follow(store, Run.start(progress=console.progress), result.picture)
    if result.housekeeping_fault:
        console.complain(f"erasing withdrawn texts failed: {result.housekeeping_fault}; the next run tries again")
    for fault in result.untold:
        console.complain(f"not told: {fault}")
    for feed in result.feeds:
        console.say(f"{feed.feed}: {feed.status}" + (f", {feed.cause}: {feed.detail}" if feed.cause else ""))
    tell(arguments, console, result.to_json(), result.picture)
    return result.exit_code


def arguments_languages(arguments: argparse.Namespace) -> list[str] | None:
    """The languages asked for, the first one first; None for the settings' own."""
    return list(dict.fromkeys(getattr(arguments, "lang", None) or [])) or None


def tell(arguments: argparse.Namespace, console: Console, value: dict[str, Any], picture: Any) -> int:
    console.answer(value)
    if picture is None or picture.sheet is None:
        console.complain(f"no new sheet: {picture.fault if picture else 'not made'}; the last good one stands")
        return NOT_PUBLISHED
    for warning in picture.warnings:
        console.complain(f"check: {warning}")
    if picture.verdict:
        console.say(f"Made again: {picture.verdict}")
    console.say(f"The sheet: {picture.sheet}", f"The same as data: {picture.picture_json}")
    if getattr(arguments, "open", False):
        import webbrowser

        webbrowser.open(picture.sheet.as_uri())
    return DEGRADED if picture.is_minimal else DONE


def collect(arguments: argparse.Namespace, console: Console) -> int:
    from flows.events import tell_change
    from flows.job import collect_feed
    from flows.telling import tell_feeds

    settings, store = opened(arguments)
    feed = feed_of(arguments, settings)
    with store.writing(f"collect {feed}", wait_of(arguments)):
        result = collect_feed(store, settings, feed, Run.start(progress=console.progress))
    tell_change(result)
    for fault in tell_feeds(store, settings, Run.start()).faults:
        console.complain(f"not told: {fault}")
    return _tell_feed(console, result)


def _tell_feed(console: Console, result: Any) -> int:
    from dataclasses import asdict

    console.answer(asdict(result))
    done = result.ingested
    line = f"{result.feed}: {result.status}"
    if result.cause:
        line += f", {result.cause}" + (f": {result.detail}" if result.detail else "")
    console.say(line)
    if done:
        console.say(
            f"{done.deliveries} deliveries read, {done.quarantined} in quarantine · {done.seen} records seen ="
            f" {done.accepted} accepted + {done.rejected} rejected + {done.duplicate} known before"
            + (" · this feed's part of the lake was made anew" if done.remade else "")
            + (f" · {done.readers_lost} reading processes were lost, nothing else was" if done.readers_lost else "")
        )
    return DEGRADED if result.is_degraded else DONE


def picture(arguments: argparse.Namespace, console: Console) -> int:
    from flows.make_picture import make_picture
    from flows.moments import past_moment_of
    from flows.products import make_products
    from flows.snapshots import follow

    settings, store = opened(arguments)
    run = Run.start(progress=console.progress)
    moment = past_moment_of(arguments, settings, run.now(), console) or run.now()
    with store.writing("picture", wait_of(arguments)):
        result = make_picture(
            store,
            settings,
            run,
            moment,
            arguments_languages(arguments),
            is_past=arguments.at is not None,
            again=arguments.at is not None,
            weekly=arguments.weekly,
        )
        kinds = [kind for kind in ("weekly", "public") if getattr(arguments, kind) and result.sheet is not None]
        database = store.past_database if arguments.at else store.database
        made = make_products(store, settings, run, database, kinds, arguments_languages(arguments))
    follow(store, run, result)
    from dataclasses import asdict

    code = tell(arguments, console, asdict(result) | {"products": asdict(made)}, result)
    for kind, files in made.files.items():
        console.say(f"The {kind} picture: {next(iter(files.values()))}")
    for kind, fault in made.faults.items():
        console.complain(f"no {kind} picture: {fault}")
    return DEGRADED if made.faults and code == DONE else code


def backfill(arguments: argparse.Namespace, console: Console) -> int:
    from flows.archive import land_archive
    from flows.job import read_feed

    settings, store = opened(arguments)
    feed = feed_of(arguments, settings)
    run = Run.start(progress=console.progress)
    with store.writing(f"backfill {feed}", wait_of(arguments)):
        try:
            archived = land_archive(store, feed, Path(arguments.folder), settings.timezone, run)
        except FileNotFoundError:
            raise UsageError(f"{arguments.folder}: no such folder") from None
        result = read_feed(store, settings, feed, run)
    console.say(f"{archived.landed} deliveries landed, {archived.known} landed before")
    for name, why in archived.passed_over:
        console.complain(f"passed over: {name}: {why}")
    if not archived.landed and not archived.known:
        raise UsageError(f"{arguments.folder}: no file there states in its name when it was received")
    code = _tell_feed(console, result)
    # An archive may well hold deliveries that belong in quarantine: having put them there is having done it.
    return code if result.status == "failed" else DONE


def _later(module: str, function: str) -> Callable[[argparse.Namespace, Console], int]:
    """A verb whose module is imported when it is asked for."""

    def call(arguments: argparse.Namespace, console: Console) -> int:
        import importlib

        code: int = getattr(importlib.import_module(module), function)(arguments, console)
        return code

    return call


VERBS: dict[str, Callable[[argparse.Namespace, Console], int]] = {
    "demo": demo,
    "run": run,
    "collect": collect,
    "picture": picture,
    "backfill": backfill,
    "status": _later("flows.oversight", "status"),
    "rejects": _later("flows.oversight", "rejects"),
    "words": _later("flows.oversight", "words"),
    "sql": _later("flows.ask", "sql"),
    "handouts": _later("flows.handouts", "handouts"),
    "audit": _later("flows.audit", "audit"),
    "trace": _later("flows.trace", "trace"),
    "rebuild": _later("flows.upkeep", "rebuild"),
    "housekeeping": _later("flows.upkeep", "housekeeping"),
    "lake": _later("flows.lake_commands", "lake"),
    "insats": _later("flows.insats_commands", "insats"),
    "doctor": _later("flows.doctor", "doctor"),
    **{verb: _later(*where) for verb, where in ORCHESTRATION.items()},
}
