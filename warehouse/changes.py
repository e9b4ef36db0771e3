"""What differs between two versions of a report: which raw fields, and whether it is still the same event."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: What two versions are compared by.
COMPARED = [
    "field_names",
    "field_fingerprints",
    "published_at",
    "category",
    "municipality_code",
    "county_code",
    "area_id",
    "place_id",
    "occurred_from",
]

#: Microseconds a time may move and still be a correction of the same event's.
SAME_TIME = 3_600_000_000

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def changed_fields(compared: pa.Table, now: Numbers, before: Numbers) -> tuple[Numbers, list[str]]:
    """For each pair of rows of ``compared`` (COMPARED) which of the returned texts names its changed fields.

    The texts are sorted, comma-joined names of raw fields; the first is empty. A field that one side does not name has
    no value there.
    """
    layouts = pc.dictionary_encode(compared.column("field_names").combine_chunks())
    names = [text.split(",") if text else [] for text in layouts.dictionary.to_pylist()]
    code = np.asarray(layouts.indices).astype(np.int64)
    layout = code[now] * len(names) + code[before] if len(names) else now
    prints = compared.column("field_fingerprints").combine_chunks()
    texts: dict[str, int] = {"": 0}
    answer = np.zeros(len(now), dtype=np.int64)
    for both in np.unique(layout).tolist():
        rows = np.flatnonzero(layout == both)
        sides = (names[both // len(names)], names[both % len(names)])
        union = sorted({*sides[0], *sides[1]})
        marks = [_marks(prints, which[rows], side, union) for which, side in zip((now, before), sides, strict=True)]
        differs, at = _distinct_rows(marks[0] != marks[1])
        joined = [",".join(np.array(union, dtype=object)[row]) for row in differs]
        answer[rows] = np.array([texts.setdefault(text, len(texts)) for text in joined], dtype=np.int64)[at]
    return answer, list(texts)


def _distinct_rows(truths: Flags) -> tuple[Flags, Numbers]:
    """(the distinct rows in ascending order, each row's place among them) of a table of truths.

    Each row is packed into bytes and these are told apart as one value; eight columns to a byte, the first weighs most.
    """
    if not truths.shape[1]:
        return truths[:1], np.zeros(len(truths), dtype=np.int64)
    packed = np.ascontiguousarray(np.packbits(truths, axis=1))
    _, first, at = np.unique(packed.view(f"V{packed.shape[1]}").reshape(-1), return_index=True, return_inverse=True)
    return truths[first], at


def _marks(prints: pa.Array, rows: Numbers, names: list[str], union: list[str]) -> npt.NDArray[np.uint32]:
    """The marks of ``rows`` as a table with a column for each name of ``union``; 0 where there is none."""
    flat = b"".join(prints.take(pa.array(rows)).to_pylist())
    own = np.frombuffer(flat, dtype=">u4").reshape(len(rows), len(names))
    table = np.zeros((len(rows), len(union)), dtype=np.uint32)
    table[:, [union.index(name) for name in names]] = own
    return table


def is_identity_break(compared: pa.Table, now: Numbers, before: Numbers) -> Flags:
    """Whether the publication moved, or two of category, place and time (by more than an hour) changed at once."""
    pair = [compared.take(pa.array(rows)) for rows in (now, before)]
    published = [_microseconds(side, "published_at") for side in pair]
    occurred = [_microseconds(side, "occurred_from") for side in pair]
    has_moved = _is_other(pair, "municipality_code")
    for name in ("county_code", "area_id", "place_id"):
        has_moved |= _is_other(pair, name)
    shifted = np.abs(occurred[0] - occurred[1]) > SAME_TIME  # NaN where either is unknown: then it is not
    others = _is_other(pair, "category").astype(np.int8) + has_moved + shifted
    is_republished = np.abs(published[0] - published[1]) > 0
    return is_republished | (others >= 2)


def _is_other(pair: list[pa.Table], name: str) -> Flags:
    one, two = (pc.fill_null(side.column(name), "") for side in pair)
    return np.asarray(pc.not_equal(one, two), dtype=bool)


def _microseconds(side: pa.Table, name: str) -> npt.NDArray[np.float64]:
    numbers = side.column(name).cast(pa.int64())
    return np.asarray(numbers.cast(pa.float64(), safe=False), dtype=np.float64)
