"""What is worth knowing of a delivery that stopped no record: new columns, unknown words, odd encodings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from connectors.columns import Column
from connectors.guard_tabular.records import Records
from connectors.kit import Delivery, fingerprint, notice_row

#: Unknown words told one by one per delivery and field; past it the column holds free text, not words.
WORDS_CAP = 20

#: Longest shape told: past it a cell holds prose.
SHAPE_CAP = 30


@lru_cache(maxsize=4096)
def shape_of(text: str) -> str:
    """What a cell looks like without what it says: each digit a 9, letters in a row one a, marks of dates kept."""
    shape = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", text))
    shape = re.sub(r"\s+", " ", re.sub(r"[^9a\s.,:;/+–-]", "?", shape))
    return shape if len(shape) <= SHAPE_CAP else f"{shape[: SHAPE_CAP - 1]}…"


def word_notices(
    records: Records,
    keep: npt.NDArray[np.int64],
    deliveries: Sequence[Delivery],
    unknown: Mapping[str, Column[tuple[str, ...]]],
    is_cancelled: npt.NDArray[np.bool_],
    repeated: npt.NDArray[np.bool_],
    unread: Mapping[str, npt.NDArray[np.bool_]],
) -> list[dict[str, Any]]:
    """One notice per delivery, field and unknown word, as fingerprints; one for withdrawals and repeated keys; one for
    each shape of cells that were not understood.

    ``repeated`` says of the records at ``keep`` whether their key is, ``unread`` of a field's cells of all records
    whether they hold something that is not read.
    """
    is_repeated = np.zeros(len(records), dtype=bool)
    is_repeated[keep] = repeated
    cells = [(name, flag, records.column(name)) for name, flag in unread.items() if flag.any()]
    found: dict[tuple[int, str, str, str], list[int]] = {}
    tells = is_cancelled | is_repeated
    for flag in unread.values():
        tells |= flag
    for words in unknown.values():
        tells |= np.array([bool(one) for one in words.values], dtype=bool)[words.codes]
    for row in keep[tells[keep]].tolist():
        place, number = int(records.delivery[row]), int(records.record_number[row])
        said = ((name, words.values[words.codes[row]]) for name, words in unknown.items())
        marks = [("unmapped_word", name, fingerprint(word)) for name, words in said for word in words]
        marks += [
            ("cell_unreadable", name, shape_of(column.values[column.codes[row]]))
            for name, flag, column in cells
            if flag[row]
        ]
        if is_repeated[row]:
            marks.append(("key_repeated", "id", ""))
        if is_cancelled[row]:
            marks.append(("cancelled_by_source", "", ""))
        for mark in marks:
            counted = found.setdefault((place, *mark), [0, number])
            counted[0] += 1
    rows = []
    told_words: dict[tuple[int, str, str], int] = {}
    rest: dict[tuple[int, str, str], list[int]] = {}
    for (place, notice, name, digest), (count, first) in sorted(found.items(), key=lambda item: (item[1][1], item[0])):
        key = (place, notice, name)
        told_words[key] = told_words.get(key, 0) + 1
        if told_words[key] > WORDS_CAP:
            more = rest.setdefault(key, [0, 0, first])
            more[0], more[1] = more[0] + 1, more[1] + count
            continue
        rows.append(
            notice_row(
                deliveries[place],
                notice,
                field=name or None,
                detail=digest or None,
                record_count=count,
                first_record_number=first,
            )
        )
    for (place, notice, name), (kinds, count, first) in sorted(rest.items()):
        rows.append(
            notice_row(
                deliveries[place],
                notice,
                field=name,
                detail=f"{kinds} {'ord' if notice == 'unmapped_word' else 'sorter'} till",
                record_count=count,
                first_record_number=first,
            )
        )
    return rows
