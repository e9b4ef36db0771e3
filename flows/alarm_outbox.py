"""What was told, and what still waits to be sent: one small file in the data folder, ``alarms/state.json``.

An alarm is kept here before anything is sent, so that a mail server that is away costs time and not the alarm. Two
locks, the kernel's: one for the file, held for moments; one for sending, held by whoever sends. A kill between a
sending and its being noted sends once more, under the same message id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flows.alarm_settings import AnyReceiver, may_have
from flows.alarms import Alarm
from flows.locks import held
from warehouse.files import write_bytes

#: The same alarm is told again when it was told as long ago. An hour less than a day: what each morning's run finds
#: anew must not be one minute too early every other day. Decided 2026-11-26.
TELL_AGAIN_AFTER = timedelta(hours=23)
#: What could not be sent in this time is let go: it is of last week, and what still holds is told anew each day.
KEEP_WAITING = timedelta(days=7)
#: A receiver that failed is left alone this long, or as long as it asks (Retry-After).
TRY_AGAIN_AFTER = timedelta(minutes=5)

State = dict[str, Any]


def empty() -> State:
    return {"told": {}, "waiting": []}


def take_in(
    state: State,
    alarms: Sequence[Alarm],
    looked_at: Collection[str],
    receivers: Mapping[str, AnyReceiver],
    now: datetime,
) -> int:
    """Put what is news among ``alarms`` into the waiting list, once for each receiver; returns how many were news.

    ``looked_at`` are the kinds that were looked for everywhere: one of them that was told and is not among
    ``alarms`` has passed, and is news when it comes again. Changes ``state``.
    """
    told = state["told"]
    present = {alarm.key for alarm in alarms}
    for key in [key for key in told if key.partition(":")[0] in looked_at and key not in present]:
        del told[key]
    count = 0
    for alarm in alarms:
        wanted_by = {name: receiver for name, receiver in receivers.items() if alarm.kind in receiver.tells}
        if not _is_news(alarm, told.get(alarm.key), now):
            if alarm.grows is not None and alarm.key in told:
                told[alarm.key]["grows"] = alarm.grows  # fewer now: one more than now is growth again
            continue
        if not wanted_by:
            continue
        count += 1
        told[alarm.key] = {"state": alarm.state, "grows": alarm.grows, "at": now.isoformat()}
        for name, receiver in wanted_by.items():
            # What was said of the same thing before and never sent is no longer so.
            state["waiting"] = [m for m in state["waiting"] if (m["receiver"], m["key"]) != (name, alarm.key)]
            state["waiting"].append(_message(alarm, name, receiver, now))
    return count


def _is_news(alarm: Alarm, last: Mapping[str, Any] | None, now: datetime) -> bool:
    if alarm.grows is not None:
        return alarm.grows > (last["grows"] or 0 if last else 0)
    if last is None or last["state"] != alarm.state:
        return True
    since = now - datetime.fromisoformat(last["at"])
    # Told in the future is told by a clock gone wrong, and counts for nothing.
    return alarm.repeats and not timedelta(0) <= since < TELL_AGAIN_AFTER


def _message(alarm: Alarm, name: str, receiver: AnyReceiver, now: datetime) -> dict[str, Any]:
    lines = list(alarm.lines) if may_have(receiver, alarm.tlp) else [alarm.without]
    title = f"[{alarm.tlp}] {alarm.title}" if alarm.tlp else alarm.title
    identity = hashlib.sha256(f"{name} {alarm.key} {alarm.state} {alarm.grows} {now.isoformat()}".encode())
    return {
        "id": identity.hexdigest()[:32],
        "receiver": name,
        "key": alarm.key,
        "at": now.isoformat(),
        "title": title,
        "lines": lines,
        "tries": 0,
        "not_before": None,
        "fault": None,
    }


def is_due(message: Mapping[str, Any], now: datetime) -> bool:
    """Whether the message may be tried: never tried, or left alone for long enough."""
    if message["not_before"] is None:
        return True
    wait = datetime.fromisoformat(message["not_before"]) - now
    return wait <= timedelta(0) or wait > timedelta(days=1)  # a wait of days was set by a clock gone wrong


def note_tried(
    state: State, receiver: str, sent: Collection[str], failed: Mapping[str, str], not_before: datetime
) -> None:
    """Take what was sent off the waiting list, and write beside the rest what was wrong. Changes ``state``."""
    state["waiting"] = [message for message in state["waiting"] if message["id"] not in sent]
    for message in state["waiting"]:
        if message["receiver"] == receiver and message["id"] in failed:
            message["tries"] += 1
            message["fault"] = failed[message["id"]]
            message["not_before"] = not_before.isoformat()


def let_go(state: State, receivers: Collection[str], now: datetime) -> None:
    """Take off the waiting list what is too old, and what is for nobody any more. Changes ``state``."""
    state["waiting"] = [
        message
        for message in state["waiting"]
        if message["receiver"] in receivers and now - datetime.fromisoformat(message["at"]) < KEEP_WAITING
    ]


class Outbox:
    """The file, and the locks around it. Where it cannot be written – a full disk, above all – what is to be told is
    kept in memory and sent all the same; then the next run may tell it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "state.json"
        self._in_memory: State | None = None

    def read(self) -> State:
        """The state; an empty one where there is none, or where the file is damaged."""
        if self._in_memory is not None:
            return self._in_memory
        try:
            state = json.loads(self.path.read_bytes())
            return state if {"told", "waiting"} <= state.keys() else empty()
        except (OSError, ValueError, AttributeError):
            return empty()

    def change(self, work: Callable[[State], Any]) -> Any:
        """Let ``work`` change the state, durably where the disk allows; returns what ``work`` returns."""
        if self._in_memory is None:
            try:
                with held(self.folder / "changing", wait_s=10.0) as descriptor:
                    if descriptor is None:
                        raise TimeoutError(f"{self.folder / 'changing'} is held")
                    state = self.read()
                    answer = work(state)
                    self._keep(state)
                    return answer
            except OSError:
                self._in_memory = self.read()
        return work(self._in_memory)

    def _keep(self, state: State) -> None:
        content = json.dumps(state, ensure_ascii=False, indent=1).encode()
        try:
            write_bytes(self.path, content)
        except FileNotFoundError:  # another run has swept the half-written file away (store.writing)
            write_bytes(self.path, content)

    @contextmanager
    def sending(self, wait_s: float) -> Iterator[bool]:
        """Be the one that sends; False where another still does after ``wait_s`` seconds."""
        with held(self.folder / "sending", wait_s) as descriptor:
            yield descriptor is not None
