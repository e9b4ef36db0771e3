"""Sorted numbers that tell whether, and in which file, a report stands, without reading the reports.

A night asks of some thousand report ids which are known. Each file of reports has beside it the numbers of its report
ids, eight bytes each, sorted: an eightieth of what the reports take. Two ids may share a number; then a file is read
for nothing, and that is all.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys = npt.NDArray[np.uint64]

#: As it stands on disk, on any machine.
STORED = np.dtype("<u8")

#: An odd multiplier without a pattern in its bits (the golden ratio's), and those of SplitMix64's finaliser.
_STEP, _MIX_1, _MIX_2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)

#: By how many of a number's first bits most that are not asked for are passed over: a table of 4 MB.
_FIRST_BITS = 22

#: Ids whose bytes are laid out at a time: bounds memory.
_AT_ONCE = 100_000


def keys_of(report_ids: pa.Array | pa.ChunkedArray) -> Keys:
    """The number of each report id: a polynomial over its bytes and their count, mixed. The same on every machine."""
    column = report_ids if isinstance(report_ids, pa.ChunkedArray) else pa.chunked_array([report_ids])
    parts = [_keys(chunk.slice(start, _AT_ONCE)) for chunk in column.chunks for start in range(0, len(chunk), _AT_ONCE)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint64)


def _keys(ids: pa.Array) -> Keys:
    ids = ids.cast(pa.large_string())
    _, at, text = ids.buffers()
    offsets = np.frombuffer(at, dtype=np.int64)[ids.offset : ids.offset + len(ids) + 1]
    body = np.frombuffer(text or b"", dtype=np.uint8)
    lengths = np.diff(offsets)
    mixed = np.zeros(len(ids), dtype=np.uint64)
    for length in np.unique(lengths).tolist():  # a feed's ids have few lengths
        rows = np.flatnonzero(lengths == length)
        starts = offsets[rows]
        number = np.full(len(rows), _STEP)
        for place in range(length - 1, -1, -1):  # Horner's rule: a letter of all ids at a time
            number += body[starts + place]
            number += np.uint64(1)
            number *= _STEP
        mixed[rows] = number
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def write_keys(keys: Keys, path: Path) -> None:
    """Write the numbers sorted."""
    path.write_bytes(np.sort(keys).astype(STORED).tobytes())


def keys_in(content: bytes) -> Keys:
    """The sorted numbers of a file's bytes. Raises ValueError where they are none."""
    return np.frombuffer(content, dtype=STORED)


def has_one_of(stored: Keys, keys: Keys) -> bool:
    """Whether one of the sorted ``keys`` stands among the sorted ``stored``."""
    if not len(stored) or not len(keys):
        return False
    few, many = sorted((stored, keys), key=len)  # a night's few, or a month's
    place = np.searchsorted(many, few)
    place[place == len(many)] = 0
    return bool((many[place] == few).any())


def rows_with(keys: Keys, asked: Keys) -> npt.NDArray[np.int64]:
    """The rows of ``keys`` that stand among the sorted numbers ``asked``.

    Most are told apart by their first bits, which costs a twentieth of looking each up.
    """
    if not len(asked):
        return np.zeros(0, dtype=np.int64)
    begins = np.zeros(1 << _FIRST_BITS, dtype=bool)
    begins[asked >> np.uint64(64 - _FIRST_BITS)] = True
    rows = np.flatnonzero(begins[keys >> np.uint64(64 - _FIRST_BITS)])
    place = np.searchsorted(asked, keys[rows])
    place[place == len(asked)] = 0
    return rows[asked[place] == keys[rows]]
