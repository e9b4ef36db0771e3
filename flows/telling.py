"""Telling people what a run came to: when the work is done and the lock is free, and never at its cost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flows.alarm_outbox import TRY_AGAIN_AFTER, Outbox, is_due, let_go, note_tried, take_in
from flows.alarm_senders import SEND_S, send
from flows.alarm_settings import AnyReceiver, read_receivers
from flows.alarms import Alarm, Teller
from flows.settings_faults import SettingsError
from flows.sheets import newest_picture
from flows.store import Run, Store

if TYPE_CHECKING:
    from flows.job import RunResult
    from flows.settings import Settings

#: Seconds one telling may take in all, waiting for another one to end included.
TELL_S = 90.0

FEED_KINDS = frozenset({"feed_late", "feed_lost"})


@dataclass
class Told:
    """What came of telling: how many alarms were news, how many messages went out, how many wait, and why."""

    news: int = 0
    sent: int = 0
    waiting: int = 0
    faults: tuple[str, ...] = ()


def tell_feeds(store: Store, settings: Settings, run: Run) -> Told:
    """Tell of feeds that are late or lost and of what is in quarantine, and send what waits. Never raises."""
    return _tell(store, settings, run, lambda teller: (_feeds(store, settings, teller), FEED_KINDS))


def tell_run(store: Store, settings: Settings, run: Run, result: RunResult) -> Told:
    """Tell what a run over all feeds came to: the sheet, what is missing in it, how the feeds are. Never raises."""

    def alarms(teller: Teller) -> tuple[list[Alarm], frozenset[str]]:
        found = [*_feeds(store, settings, teller), *teller.degraded(result)]
        if result.picture and result.picture.sheet:
            found += _sheet_out(store, teller)
        else:
            found.append(teller.no_sheet(_newest_moment(store, teller.now), is_made_now=False))
        return found, FEED_KINDS | {"sheet_degraded"}

    return _tell(store, settings, run, alarms)


def tell_morning(store: Store, settings: Settings, run: Run, made: RunResult | None) -> Told:
    """Tell how the morning stands: the sheet that was out (``made`` None), or that there was none. Never raises."""

    def alarms(teller: Teller) -> tuple[list[Alarm], frozenset[str]]:
        found = _feeds(store, settings, teller)
        if made is None:
            return [*found, *_sheet_out(store, teller)], FEED_KINDS
        is_made = bool(made.picture and made.picture.sheet)
        found.append(teller.no_sheet(_newest_moment(store, teller.now), is_made_now=is_made))
        return [*found, *teller.degraded(made), *(_sheet_out(store, teller) if is_made else [])], FEED_KINDS

    return _tell(store, settings, run, alarms)


def _feeds(store: Store, settings: Settings, teller: Teller) -> list[Alarm]:
    from flows.health import feed_rows

    return teller.feed_alarms(feed_rows(settings, store, teller.now))


def _newest_moment(store: Store, now: datetime) -> datetime | None:
    newest = newest_picture(store, now)
    return newest[0] if newest else None


def _sheet_out(store: Store, teller: Teller) -> list[Alarm]:
    """The newest sheet, where it is of today."""
    from warehouse.publish.lines import five_lines

    newest = newest_picture(store, teller.now)
    zone = teller.settings.timezone
    if newest is None or newest[0].astimezone(zone).date() != teller.now.astimezone(zone).date():
        return []
    moment, path = newest
    picture = json.loads(path.read_bytes())
    stem = path.stem.removeprefix("picture_")
    sheet = f"utsattningsblad_{stem}_{teller.settings.language}.html"
    return [teller.sheet_out(moment, five_lines(picture, teller.settings.language), sheet, picture["head"]["tlp"])]


Alarms = Callable[[Teller], tuple[Sequence[Alarm], frozenset[str]]]


def _tell(store: Store, settings: Settings, run: Run, alarms: Alarms) -> Told:
    from flows.job import named

    try:
        receivers = read_receivers(settings.folder)
        if not receivers:
            return Told()
        found, looked_at = alarms(Teller(settings, run.now()))
        outbox = Outbox(store.alarms)
        news = outbox.change(lambda state: take_in(state, found, looked_at, receivers, run.now()))
        told = deliver(outbox, settings, receivers, run)
        told.news = news
        return told
    except SettingsError as error:
        return Told(faults=(str(error),))
    except Exception as error:  # whatever it is: the sheet is out, and the next run tells again
        return Told(faults=(named(error),))


def deliver(
    outbox: Outbox, settings: Settings, receivers: dict[str, AnyReceiver], run: Run, tell_s: float = TELL_S
) -> Told:
    """Send what waits and may be tried, one receiver after the other, within ``tell_s`` seconds."""
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
                sent = send(settings.folder, receiver, due, run.now(), min(left, SEND_S))
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
