"""The made-up town's registers: what was decided and planned, who is out, what nobody knows yet, what is warned of.

They stand as they are sent in the town's ``demo/registers/``, one file a delivery,
``<feed>_<days before the moment's day>d_<HHMM>_<sender's name>``; a day is written ``D-3`` or ``D+1``, counted from the
moment's, also before a time. There is life in them on purpose: insatser that are overdue, done, broken off and without
a word; focus places nobody covers; a match tonight; a question without an answer; a point of a safety walk left undone;
rain that has got worse, wind that was called off, and a VMA that was taken back.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from flows.demo_life import Calendar
from flows.demo_send import Sent

_NAME = re.compile(r"(?P<feed>[a-z_]+)_(?P<days>\d+)d_(?P<hour>\d\d)(?P<minute>\d\d)_(?P<name>.+)")
_DAY = re.compile(r"(?<![\w-])D([+-]\d+)(?=T\d\d:|(?!\w))")


def registers(calendar: Calendar, folder: Path) -> Iterator[tuple[str, Sent]]:
    """(feed, delivery) of every file in ``folder``, each feed's oldest first.

    Raises ValueError naming a file whose name does not say what it is.
    """
    found = []
    for path in sorted(folder.iterdir()):
        named = _NAME.fullmatch(path.name)
        if named is None:
            raise ValueError(f"{path.name}: write <feed>_<days>d_<HHMM>_<name>")
        at = dt.time(int(named["hour"]), int(named["minute"]))
        received = dt.datetime.combine(calendar.days_ago(int(named["days"])), at)
        text = _DAY.sub(lambda day: calendar.days_ago(-int(day[1])).isoformat(), path.read_text(encoding="utf-8"))
        # As a server sends it; and as Excel saves it, with a byte order mark and Windows line ends.
        is_list = path.suffix == ".csv"
        body = text.replace("\n", "\r\n").encode("utf-8-sig") if is_list else text.encode()
        found.append((named["feed"], Sent(received, named["name"], body)))
    return iter(sorted(found, key=lambda one: (one[0], one[1].received)))
