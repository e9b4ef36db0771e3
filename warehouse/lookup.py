"""Looking things up in a journal without taking all of it apart: it grows for ever, and a night asks of its end.

A journal is a file of JSON, a line an entry, that is only ever added to. Searching its bytes for a word costs a
thousandth of parsing its lines.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import TypeVar

from warehouse.journal import KINDS, parse

T = TypeVar("T")

#: How a line of the journal begins, as this program writes it.
_HEAD = re.compile(rb'\{"kind":"([a-z]+)","seq":([0-9]+),"feed":"([a-z0-9_]+)",.*\}\n', re.DOTALL)


def lines_with(path: Path, word: bytes) -> Iterator[bytes]:
    """The whole lines of the journal that hold ``word``, oldest first; a torn tail is none."""
    with _mapped(path) as (body, end):
        at = body.find(word, 0, end)
        while at >= 0:
            start, stop = body.rfind(b"\n", 0, at) + 1, body.find(b"\n", at, end) + 1
            yield body[start:stop]
            at = body.find(word, stop, end)


def lines_back(path: Path) -> Iterator[bytes]:
    """The whole lines of the journal, newest first; a torn tail is none."""
    with _mapped(path) as (body, end):
        while end > 0:
            start = body.rfind(b"\n", 0, end - 1) + 1
            yield body[start:end]
            end = start


def heads_back(path: Path) -> Iterator[tuple[str, int, str, bytes]]:
    """(kind, journal number, feed, the line) of the journal's entries, newest first; torn lines are passed over."""
    for line in lines_back(path):
        if (head := _HEAD.match(line)) and head[1].decode() in KINDS:
            yield head[1].decode(), int(head[2]), head[3].decode(), line
        elif entry := parse(line):
            kind = next(kind for kind, its in KINDS.items() if isinstance(entry, its))
            yield kind, entry.seq, entry.feed, line


def newest_first(found: Iterable[tuple[datetime, T]], apart: timedelta) -> Iterator[tuple[datetime, T]]:
    """What is ``found`` roughly from the newest to the oldest, in that order exactly; no more is taken than is needed.

    None may be found before another that is newer than it by more than ``apart``. Of equally new ones the last found
    comes first.
    """
    waiting: list[tuple[timedelta, int, T]] = []
    now = None
    for number, (at, one) in enumerate(found):
        now = now or at  # only to count from, where the heap's first has to be the newest
        while waiting and now - waiting[0][0] > at + apart:
            age, _, newest = heappop(waiting)
            yield now - age, newest
        heappush(waiting, (now - at, -number, one))
    while waiting and now:
        age, _, newest = heappop(waiting)
        yield now - age, newest


@contextmanager
def _mapped(path: Path) -> Iterator[tuple[mmap.mmap | bytes, int]]:
    """The journal's bytes as they stand, and where its last whole line ends."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield b"", 0
        return
    with file:
        try:
            body = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:  # an empty file cannot be mapped
            yield b"", 0
            return
        with body:
            yield body, body.rfind(b"\n") + 1
