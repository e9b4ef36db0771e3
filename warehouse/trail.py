"""Journals that cannot be changed unseen: each line names the hash of the line before it.

An edited or removed line no longer is what the next one names. That the last lines were cut off, or all of them written
anew, shows only where an *anchor* is kept elsewhere: how long a journal was and the hash of its last line at a moment,
printed on the sheet of that moment.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warehouse.files import append_lines

#: The key under which a line names the one before it.
AFTER = "after"

#: Hex digits of a SHA-256 that are kept: 128 bits, more than anybody can find another line for.
DIGITS = 32

#: Faults told of one journal; where there are more, the first say enough.
TOLD = 20

_BLOCK = 65_536

#: Bytes of a journal up to the end of its last whole line, and that line's hash (empty for none).
Anchor = tuple[int, str]


@dataclass
class Trail:
    """What looking through one journal came to."""

    lines: int = 0
    unchained: int = 0  # written by a program that did not chain, before the first line that is
    faults: list[str] = field(default_factory=list)


def append_chained(path: Path, told: Sequence[Mapping[str, Any]]) -> None:
    """Add lines of JSON, each of which names the one before it; durable on return (see files.append_lines)."""

    def lines(descriptor: int, size: int) -> list[str]:
        after, said = _before(descriptor, size), []
        for values in told:
            said.append(json.dumps({**values, AFTER: after}, ensure_ascii=True, separators=(",", ":")))
            after = _hash(said[-1].encode("ascii"))
        return said

    append_lines(path, lines)


def anchor_of(path: Path) -> Anchor:
    """Where the journal stands now. Raises OSError but for a journal that is not there yet."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return 0, ""
    try:
        size = os.fstat(descriptor).st_size
        end = size - len(_last_line(descriptor, size)) if not _ends_a_line(descriptor, size) else size
        return end, _hash(_last_line(descriptor, end)) if end else ""
    finally:
        os.close(descriptor)


def look_through(path: Path, anchors: Collection[Anchor] = ()) -> Trail:
    """Hold every line of the journal against the next one, and against the anchors once taken of it."""
    trail = Trail()
    wanted: dict[int, set[str]] = {}
    for size, told in anchors:
        if size:
            wanted.setdefault(size, set()).add(told)
    everything = hashlib.sha256()
    before, is_chained, ever_chained, position = b"", False, False, 0
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break  # torn by a kill, or being written now
                trail.lines += 1
                named = _named(line)
                if named is not None:
                    if named != (_hash(before) if is_chained else everything.hexdigest()[:DIGITS]):
                        trail.faults.append(f"line {trail.lines} was written after another line than stands before it")
                    ever_chained = True
                elif ever_chained and _is_json(line):
                    trail.faults.append(f"line {trail.lines} names no line before it: it was not written by this house")
                elif not ever_chained:
                    trail.unchained += 1
                everything.update(line)
                position += len(line)
                before, is_chained = line[:-1], named is not None
                if any(told != _hash(before) for told in wanted.pop(position, ())):
                    trail.faults.append(f"line {trail.lines} is not the one that stood there when it was anchored")
    trail.faults += [f"nothing ends at byte {size}, where it was anchored: lines were taken away" for size in wanted]
    return trail


def _before(descriptor: int, size: int) -> str:
    """What the next line has to name: the last one, or all there is where that was not chained itself."""
    last = _last_line(descriptor, size)
    if _named(last) is not None:
        return _hash(last)
    everything = hashlib.sha256()
    for start in range(0, size, _BLOCK):
        everything.update(os.pread(descriptor, min(_BLOCK, size - start), start))
    if size and not _ends_a_line(descriptor, size):
        everything.update(b"\n")  # the torn tail is closed off before the next line
    return everything.hexdigest()[:DIGITS]


def _last_line(descriptor: int, size: int) -> bytes:
    """The bytes after the last line break but one; of a torn tail what there is of it."""
    end = size - 1 if _ends_a_line(descriptor, size) else size
    found = b""
    while end > 0:
        start = max(0, end - _BLOCK)
        block = os.pread(descriptor, end - start, start)
        cut = block.rfind(b"\n")
        found = block[cut + 1 :] + found
        if cut >= 0:
            break
        end = start
    return found


def _ends_a_line(descriptor: int, size: int) -> bool:
    return size > 0 and os.pread(descriptor, 1, size - 1) == b"\n"


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:DIGITS]


def _named(line: bytes) -> str | None:
    """The hash a line names, None for one that names none or is torn."""
    if b'"after":"' not in line:
        return None
    try:
        values = json.loads(line)
    except ValueError:
        return None
    named = values.get(AFTER) if isinstance(values, dict) else None
    return named if isinstance(named, str) else None


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
