"""What the rows do not show: unknown words and fields as fingerprints, ids that come twice in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from connectors.columns import Codes, Column, combined
from connectors.kit import Delivery, fingerprint, notice_row
from connectors.open311.fields import KNOWN_FIELDS, PERSON_FIELDS, status_of, text_of, texts_of
from connectors.open311.records import Records
from connectors.open311.services import Service

#: notice, field, detail
Said = tuple[str, str | None, str | None]


@dataclass
class Noticed:
    """What was noticed of rows, which are numbered through all deliveries; counted by delivery."""

    delivery: Codes
    found: dict[tuple[int, Said], tuple[int, int, int]] = field(default_factory=dict)

    def add(self, rows: Codes, rank: int, said: Column[Said]) -> None:
        """Of each of ``rows`` (ascending) what ``said`` says; of one row the lowest ``rank`` is told first."""
        group, firsts = combined(self.delivery[rows], said.codes)
        counts = np.bincount(group, minlength=len(firsts)).tolist()
        for first, count, what in zip(firsts.tolist(), counts, said.of_rows(firsts), strict=True):
            row = int(rows[first])
            key = (int(self.delivery[row]), what)
            before, *place = self.found.get(key, (0, row, rank))
            self.found[key] = (before + count, *min((row, rank), (place[0], place[1])))

    def rows(self, deliveries: Sequence[Delivery], numbers: Codes) -> list[dict[str, Any]]:
        """Rows of NOTICE, in the order first noticed; ``numbers`` are the rows' numbers in their deliveries."""
        in_order = sorted(self.found.items(), key=lambda item: item[1][1:])
        return [
            notice_row(
                deliveries[which],
                notice,
                field=of_field,
                detail=detail,
                record_count=count,
                first_record_number=int(numbers[row]),
            )
            for (which, (notice, of_field, detail)), (count, row, _) in in_order
        ]


def notices_of(
    records: Records,
    kept: Codes,
    service: Column[Service | None],
    identity: Column[str | None],
    delivery: Codes,
) -> Noticed:
    """What is to be said of the rows ``kept``; the columns are those of all records."""
    noticed = Noticed(delivery)
    is_kept = np.zeros(len(records), dtype=bool)
    is_kept[kept] = True
    code, name = (texts_of(records.column(each)) for each in ("service_code", "service_name"))
    is_strange = np.array([each is None for each in service.values], dtype=bool)[service.codes]
    rows = np.flatnonzero(is_kept & is_strange)
    words, firsts = combined(code.codes[rows], name.codes[rows])
    pairs = zip(code.of_rows(rows[firsts]), name.of_rows(rows[firsts]), strict=True)
    noticed.add(rows, 0, Column(words, [_unknown("service", "service_code", one or other) for one, other in pairs]))

    status = records.column("status")
    is_strange = np.array([status_of(each) == "unknown" for each in status.values], dtype=bool)[status.codes]
    rows = np.flatnonzero(is_kept & is_strange)
    noticed.add(rows, 1, status.rows(rows).each(lambda word: _unknown("status", "status", text_of(word))))

    names = 0
    for form in records.forms:
        if odd := _odd_names(form.names):
            rows = form.rows[is_kept[form.rows]]
            for rank, said in enumerate(odd, start=2):
                noticed.add(rows, rank, Column(np.zeros(len(rows), dtype=np.int64), [said]))
        names = max(names, len(odd))

    rows = kept[_is_later(delivery[kept], identity.codes[kept])]
    again: Said = ("repeated_id", "service_request_id", None)
    noticed.add(rows, names + 2, Column(np.zeros(len(rows), dtype=np.int64), [again]))
    return noticed


def _is_later(*parts: Codes) -> npt.NDArray[np.bool_]:
    """Which rows have a combination that stood in an earlier one."""
    codes, firsts = combined(*parts)
    is_first = np.zeros(len(codes), dtype=bool)
    is_first[firsts] = True
    return ~is_first


def _unknown(what: str, where: str, word: str | None) -> Said:
    if word is None:
        return f"{what}_missing", where, None
    return f"{what}_{'unmapped' if what == 'service' else 'unknown'}", where, fingerprint(word)


@lru_cache(maxsize=1024)  # a source's records have a few forms
def _odd_names(names: tuple[str, ...]) -> tuple[Said, ...]:
    """What is to be said of each field about persons and of each that no specification names."""
    found: list[Said] = []
    for name in names:
        if name.casefold() in PERSON_FIELDS:
            found.append(("person_field_dropped", name.casefold(), None))
        elif name not in KNOWN_FIELDS:
            found.append(("new_field", None, fingerprint(name)))
    return tuple(found)
