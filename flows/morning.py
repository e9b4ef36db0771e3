"""``lagesbild morning``: the sheet that must be out by 06:15, whatever else has failed.

Each step stands in for the one before: the picture, with today's settings or those of the last good sheet; the picture
of a lake made anew beside the one that cannot be read; a page that says why there is none and what is known
(emergency.py). Only where no data folder is named at all is there nothing.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from flows.alarm_standby import tell_without_settings
from flows.commands import DONE, opened, wait_of
from flows.console import Console
from flows.emergency import known_of, page, texts, write_page
from flows.job import run_all
from flows.make_picture import make_picture
from flows.on_demand import tell_run
from flows.opened import UsageError
from flows.refresh import read_landed
from flows.results import FeedResult, PictureResult, RunResult, cause_of, named
from flows.settings_faults import SettingsError
from flows.settings_last import last_good, raw_settings, raw_store, told_by
from flows.sheets import newest_sheet
from flows.snapshots import follow
from flows.store import AnotherRunError, Run, Store
from flows.telling import Told, tell_morning

if TYPE_CHECKING:
    from flows.settings import Settings

#: A sheet not older than this is this morning's: the night's run begins at 05.00 and the timer asks at 06.10.
#: Decided 2026-11-26.
FRESH_SHEET = timedelta(hours=2)
#: Seconds `morning` waits for a run that writes before it goes round it; the sheet's hour is five minutes away.
MORNING_WAIT_S = 60.0


@dataclass(frozen=True)
class House:
    """What the morning has to work with; ``settings`` None where there are none to be had. ``fault`` is what was wrong
    with today's; ``told`` are the settings whose receivers of alarms count."""

    store: Store
    settings: Settings | None
    told: Settings | None
    raw: dict[str, Any]
    folder: Path | None
    fault: Exception | None = None

    def notice(self, key: str) -> str:
        """A sentence for the sheet's head, in the municipality's language."""
        language = self.settings.language if self.settings else "sv"
        return texts(language)[f"notice.{key}"]


def morning(arguments: argparse.Namespace, console: Console) -> int:
    """Make the sheet, without Prefect, where none is out this morning; then hear the feeds and make it again.

    The first sheet is of what has landed, so that no feed can keep it from coming out. A run that holds the lock and
    does not let go is gone round: the sheet is built beside, from the lake as it stands, and nothing else is written.
    """
    house = _house(arguments, console)
    run = Run.start(progress=console.progress)
    newest = None
    with suppress(Exception):  # a folder that cannot be read tells of no sheet; making one says why
        newest = newest_sheet(house.store, run.now())
    if newest and run.now() - newest <= FRESH_SHEET:
        console.answer({"is_out": True, "moment": newest})
        zone = house.settings.timezone if house.settings else None
        console.say(f"the morning's sheet is out, made {newest.astimezone(zone):%H.%M}")
        _tell(console, house, run, None)
        return DONE
    result = RunResult(run.run_id, picture=PictureResult())
    try:
        if house.settings is None:
            assert house.fault is not None and result.picture is not None
            result.picture.fault, result.picture.cause = str(house.fault), cause_of(house.fault)
        else:
            result = _made(arguments, console, house.store, house.settings, house.notice("settings"), run, house.fault)
        assert result.picture is not None
        if result.picture.sheet is None:
            _emergency(console, house, run, result.picture)
            if house.settings and result.picture.cause == "lake":
                _from_landed(arguments, console, house, house.settings, run, result)
    finally:  # a fault nobody thought of is what somebody must hear of too
        _tell(console, house, run, result)
    follow(house.store, run, result.picture)
    return tell_run(arguments, console, result)


def _house(arguments: argparse.Namespace, console: Console) -> House:
    """What there is to work with. Raises UsageError where no municipality or no data folder is named."""
    folder, raw = raw_settings(getattr(arguments, "settings", None))
    try:
        settings, store = opened(arguments)
        return House(store, settings, settings, raw, folder)
    except Exception as error:
        found = raw_store(folder, raw, getattr(arguments, "data", None))
        kept = last_good(found) if found else None
        if found is None:
            raise
        if kept is None and isinstance(error, UsageError):
            house = House(found, None, None, raw, folder, error)
            _tell(console, house, Run.start(), RunResult("", picture=PictureResult()))
            raise
        console.complain(str(error) if isinstance(error, SettingsError | UsageError) else named(error))
        if kept:
            console.complain(f"the sheet is made with the settings of the last good one, kept in {kept.folder}")
        return House(found, kept, told_by(kept, folder) if kept else None, raw, folder, error)


def _tell(console: Console, house: House, run: Run, result: RunResult | None) -> None:
    told = Told(faults=("nobody: there are no settings to tell by",), is_mute=True)
    if house.told is not None:
        told = tell_morning(house.store, house.told, run, result)
    faults = told.faults
    is_out = result is None or bool(result.picture and result.picture.sheet)
    if told.is_mute and not is_out:
        known = known_of(house.store, house.raw, house.folder, run.now())
        is_emergency = bool(result and result.picture and result.picture.emergency)
        stood_in = tell_without_settings(house.store, known, house.folder, run, is_emergency=is_emergency)
        faults = tuple(dict.fromkeys((*(faults if house.told else ()), *stood_in.faults)))
    for fault in faults:
        console.complain(f"not told: {fault}")


def _made(
    arguments: argparse.Namespace,
    console: Console,
    store: Store,
    settings: Settings,
    notice: str,
    run: Run,
    fault: Exception | None,
) -> RunResult:
    """The picture in the usual ways; its fault is in the result where it could not be made."""
    languages = getattr(arguments, "lang", None)
    notice = notice if fault else ""
    result = RunResult(run.run_id)
    try:
        try:
            with store.writing("morning", wait_of(arguments) or MORNING_WAIT_S):
                result.feeds = read_landed(store, settings, run)
                result.picture = make_picture(store, settings, run, run.now(), languages, notice=notice)
        except AnotherRunError as error:
            console.complain(f"{error} The sheet is made beside it, of what is in the lake.")
            with TemporaryDirectory(prefix="lagesbild-") as folder:
                beside = Path(folder) / store.database.name
                result.picture = make_picture(
                    store, settings, run, run.now(), languages, database=beside, notice=notice
                )
            return result
        if result.picture.sheet is None:
            return result
        console.say(f"made of what had landed: {result.picture.sheet}")
        with store.writing("morning", MORNING_WAIT_S):
            heard = run_all(store, settings, run, languages=languages, notice=notice)
        return heard if heard.picture and heard.picture.sheet else result
    except Exception as error:  # also that another run took the lock before the feeds were heard: a sheet is out then
        if result.picture is None or result.picture.sheet is None:
            result.picture = PictureResult(fault=named(error), cause=cause_of(error))
    return result


def _emergency(console: Console, house: House, run: Run, picture: PictureResult) -> None:
    """The page that stands in for the sheet; where it is, or the page itself, is said."""
    now = run.now()
    known = known_of(house.store, house.raw, house.folder, now)
    content = page(known, picture.cause or "fault", picture.fault or "", now)
    picture.emergency = write_page(house.store, known, content, now)
    if picture.emergency:
        console.complain(f"an emergency sheet says why, and what is known: {picture.emergency}")
    else:
        console.complain(f"not even an emergency sheet could be written; here it is:\n{content}")


def _from_landed(
    arguments: argparse.Namespace, console: Console, house: House, settings: Settings, run: Run, result: RunResult
) -> None:
    """The picture of a lake made anew, beside the real one, of all that has landed. That one stays as it is."""
    console.complain("the sheet is made of all that has landed, in a lake beside it")
    languages = getattr(arguments, "lang", None)
    with TemporaryDirectory(prefix="lagesbild-") as folder:
        beside = Store(Path(folder))
        for name in ("landed", "published", "pictures.jsonl"):
            (beside.folder / name).symlink_to(house.store.folder / name)
        try:
            feeds: list[FeedResult] = read_landed(beside, settings, run)
            made = make_picture(beside, settings, run, run.now(), languages, notice=house.notice("lake"))
        except Exception as error:
            console.complain(f"that failed too: {named(error)}")
            return
    if made.sheet is None:
        console.complain(f"that failed too: {made.fault}")
        return
    published = house.store.published
    made.sheets = {language: published / sheet.name for language, sheet in made.sheets.items()}
    made.sheet = published / made.sheet.name
    made.picture_json = published / made.picture_json.name if made.picture_json else None
    if result.picture and result.picture.emergency:
        result.picture.emergency.unlink(missing_ok=True)
    result.feeds, result.picture = feeds, made
