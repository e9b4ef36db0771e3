"""Where the house's three journals stand, and whether they are still what was written down then.

What landed and was decided, what was handed out and what was published are chained line by line
(``warehouse/trail.py``). Each recorded picture takes their anchor and prints it, short, at its foot; the mail that
tells of the sheet sends it away.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flows.store import Store
from warehouse.trail import TOLD, Anchor, anchor_of, look_through

if TYPE_CHECKING:
    from flows.pictures import Recorded

#: Hex digits of an anchor's code: short enough to be typed from paper, too many to be met by chance.
CODE_DIGITS = 16

_ON_SHEET = re.compile(rb'<code class="chain" title="([^"]*)">([0-9a-f]{16})</code>')
_ONE = re.compile(r"(journal|handouts|pictures) ([0-9]{1,15}) ([0-9a-f]{32}|-)")


def journals(store: Store) -> dict[str, Path]:
    """The chained journals by name: what landed and was decided, what was handed out, what was published."""
    return {"journal": store.landing.journal, "handouts": store.handouts, "pictures": store.pictures}


def anchor_now(store: Store) -> str:
    """Where the three journals stand, in words: ``journal 1234 ab…; handouts 0 -; pictures 77 cd…``. Raises OSError."""
    taken = {name: anchor_of(path) for name, path in journals(store).items()}
    return "; ".join(f"{name} {size} {told or '-'}" for name, (size, told) in taken.items())


def code_of(anchor: str) -> str:
    """The short code of an anchor, as the sheet's foot and the mail have it."""
    return hashlib.sha256(anchor.encode()).hexdigest()[:CODE_DIGITS]


def trail_findings(store: Store, known: list[Recorded]) -> Iterator[tuple[bool, str]]:
    """(is it a fault, what was found) of each journal, held against every anchor that is left of it."""
    anchors: dict[str, set[Anchor]] = {name: set() for name in journals(store)}
    taken = {one.anchor for one in known if one.anchor}
    printed = dict(printed_on(store.published))
    for anchor in taken | set(printed):
        for name, one in _parsed(anchor).items():
            anchors[name].add(one)
    for name, path in journals(store).items():
        trail = look_through(path, anchors[name])
        older = f", {trail.unchained} of them from before lines were chained" if trail.unchained else ""
        yield bool(trail.faults), f"audit trail: {path.name}: {trail.lines} lines{older}, {len(trail.faults)} faults"
        for fault in trail.faults[:TOLD]:
            yield True, f"audit trail: {path.name}: {fault}"
    for anchor, code in printed.items():
        if code_of(anchor) != code:
            yield True, f"audit trail: a published sheet prints {code}, which is not the code of its own anchor"
        elif anchor not in taken:
            yield (
                True,
                f"audit trail: the sheet that prints {code} stands in no record: pictures.jsonl was cut, or the run was"
                " killed right after the sheet",
            )


def printed_on(published: Path, sheet: str = "utsattningsblad_*.html") -> Iterator[tuple[str, str]]:
    """(anchor, code) of each published sheet that is still there, or of the one named."""
    for path in sorted(published.glob(sheet)):
        for anchor, code in _ON_SHEET.findall(path.read_bytes()):
            yield anchor.decode("ascii", "replace"), code.decode()


def _parsed(anchor: str) -> dict[str, Anchor]:
    found = _ONE.findall(anchor)
    return {name: (int(size), "" if told == "-" else told) for name, size, told in found}
