"""Telling people what a run came to: when the work is done and the lock is free, and never at its cost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.alarm_outbox import TRY_AGAIN_AFTER, Outbox, is_due, let_go, note_tried, take_in
from flows.alarm_senders import SEND_S, send
from flows.alarm_settings import AnyReceiver, read_receivers
from flows.alarms import SILENT, Alarm, Teller
from flows.settings_faults import SettingsError
from flows.sheets import newest_picture
from flows.store import Run, Store
from flows.trails import printed_on

if TYPE_CHECKING:
    from flows.results import RunResult
    from flows.settings import Settings

#: Seconds one telling may take in all, waiting for another one to end included.
TELL_S = 90.0


@dataclass
class Told:
    """What came of telling: how many alarms were news, how many messages went out, how many wait, and why."""

    news: int = 0
    sent: int = 0
    waiting: int = 0
    faults: tuple[str, ...] = ()
    is_mute: bool = False  # who is told could not be read


def tell_feeds(store: Store, settings: Settings, run: Run) -> Told:
    """Tell of feeds that are late or lost and of what is in quarantine, and send what waits. Never raises."""
    return _tell(store, settings, run, [_feeds(store, settings)])


def tell_run(store: Store, settings: Settings, run: Run, result: RunResult) -> Told:
    """Tell what a run over all feeds came to: the sheet, what is missing in it, how the feeds are. Never raises."""
    is_out = bool(result.picture and result.picture.sheet)
    sheet = _sheet_out(store) if is_out else _no_sheet(store, is_made_now=False)
    return _tell(store, settings, run, [sheet, _degraded(result), _feeds(store, settings)])


def tell_morning(store: Store, settings: Settings, run: Run, made: RunResult | None) -> Told:
    """Tell how the morning stands: the sheet that was out (``made`` None), or that there was none. Never raises."""
    is_out = made is None or bool(made.picture and made.picture.sheet)
    is_emergency = bool(made and made.picture and made.picture.emergency)
    parts = [_no_sheet(store, is_made_now=is_out, is_emergency=is_emergency), _degraded(made)] if made else []
    parts += [_sheet_out(store)] if is_out else []
    return _tell(store, settings, run, [*parts, _feeds(store, settings), _status(store, settings, is_daily=True)])


def tell_status(store: Store, settings: Settings, run: Run) -> Told:
    """Send the operator's mail of how the house is, now, whether it was sent today or not. Never raises."""
    return _tell(store, settings, run, [_status(store, settings, is_daily=False)])


#: The kinds that are looked for everywhere, and what is found of them.
Part = tuple[frozenset[str], Callable[[Teller], Sequence[Alarm]]]
_NO_KINDS: frozenset[str] = frozenset()


def _feeds(store: Store, settings: Settings) -> Part:
    from flows.health import feed_rows

    def find(teller: Teller) -> list[Alarm]:
        rows = feed_rows(settings, store, teller.now)
        return [*teller.feed_alarms(rows), *teller.back_alarms(rows, Outbox(store.alarms).read()["told"])]

    return SILENT, find


def _degraded(result: RunResult) -> Part:
    return frozenset({"sheet_degraded"}), lambda teller: teller.degraded(result)


def _no_sheet(store: Store, *, is_made_now: bool, is_emergency: bool = False) -> Part:
    def find(teller: Teller) -> list[Alarm]:
        newest = newest_picture(store, teller.now)
        return [
            teller.voice.no_sheet(newest[0] if newest else None, is_made_now=is_made_now, is_emergency=is_emergency)
        ]

    return _NO_KINDS, find


def _status(store: Store, settings: Settings, *, is_daily: bool) -> Part:
    from flows.morning_mail import morning_mail

    def find(teller: Teller) -> list[Alarm]:
        local = teller.now.astimezone(settings.timezone)
        state = local.date().isoformat() if is_daily else local.isoformat()
        return [morning_mail(store, settings, teller.now, state)]

    return _NO_KINDS, find


def _sheet_out(store: Store) -> Part:
    """The newest sheet, where it is of today."""
    from warehouse.publish.lines import five_lines

    def find(teller: Teller) -> list[Alarm]:
        newest = newest_picture(store, teller.now)
        zone, language = teller.settings.timezone, teller.settings.language
        if newest is None or newest[0].astimezone(zone).date() != teller.now.astimezone(zone).date():
            return []
        moment, path = newest
        picture = json.loads(path.read_bytes())
        sheet = f"utsattningsblad_{path.stem.removeprefix('picture_')}_{language}.html"
        lines, tlp = five_lines(picture, language), picture["head"]["tlp"]
        chain = next((code for _, code in printed_on(path.parent, sheet)), "")
        return [teller.sheet_out(moment, lines, sheet, tlp, chain)]

    return _NO_KINDS, find


def _tell(store: Store, settings: Settings, run: Run, parts: Sequence[Part]) -> Told:
    """Find each part by itself – a lake that cannot be read must not keep back that there is no sheet – and send."""
    try:
        receivers = read_receivers(settings.folder)
        if not receivers:
            return Told()
        found: list[Alarm] = []
        looked_at: set[str] = set()
        faults: list[str] = []
        for kinds, find in parts:
            try:
                found += find(Teller(settings, run.now()))
                looked_at |= kinds
            except Exception as error:
                faults.append(_named(error))
        outbox = Outbox(store.alarms)
        news = outbox.change(lambda state: take_in(state, found, looked_at, receivers, run.now()))
        told = deliver(outbox, settings.folder, receivers, run)
        told.news, told.faults = news, (*told.faults, *faults)
        return told
    except SettingsError as error:
        return Told(faults=(str(error),), is_mute=True)
    except Exception as error:  # whatever it is: the sheet is out, and the next run tells again
        return Told(faults=(_named(error),))


def _named(error: Exception) -> str:
    from flows.results import named

    return named(error)


def deliver(outbox: Outbox, folder: Path, receivers: dict[str, AnyReceiver], run: Run, tell_s: float = TELL_S) -> Told:
    """Send what waits and may be tried, one receiver after the other, within ``tell_s`` seconds.

    ``folder`` holds the ``alarms.toml`` that names them, and their certificates.
    """
    until = time.monotonic() + tell_s
    told = Told()
    faults: dict[str, str] = {}
    with outbox.sending(wait_s=tell_s / 2) as is_ours:
        if is_ours:
            outbox.change(lambda state: let_go(state, receivers, run.now()))
            for name, receiver in receivers.items():
                left = until - time.monotonic()
                waiting: list[dict[str, Any]] = outbox.read()["waiting"]
                due = [m for m in waiting if m["receiver"] == name and is_due(m, run.now())]
                if not due or left <= 0:
                    continue
                sent = send(folder, receiver, due, run.now(), min(left, SEND_S))
                again = run.now() + max(TRY_AGAIN_AFTER, min(sent.stay_away, timedelta(hours=23)))
                _note(outbox, name, sent.taken, sent.failed, again)
                told.sent += len(sent.taken)
                if sent.failed:
                    faults[name] = next(iter(sent.failed.values()))
    told.waiting = len(outbox.read()["waiting"])
    told.faults = tuple(f"{name}: {fault}; it is tried again" for name, fault in faults.items())
    return told


def _note(outbox: Outbox, name: str, taken: list[str], failed: dict[str, str], again: datetime) -> None:
    outbox.change(lambda state: note_tried(state, name, taken, failed, again))
