"""Sections 2, 5 and 6 as ready texts: what each row of the picture says in one language.

Nothing here knows HTML. A text from the data stays as it was sent; the template makes it visible and escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.publish.formats import UNKNOWN, Formats
from warehouse.publish.svg_map import STATUS_SIGNS
from warehouse.publish.svg_range import range_bar
from warehouse.publish.words import Words

Row = dict[str, Any]

#: Rows on the front page. More than these and an A4 page no longer holds every section (tried in print).
AREAS_IN_FRONT, DEVIATIONS_IN_FRONT = 4, 3
#: What is gone since the earlier picture, named on the front page; the rest stands behind.
GONE_IN_FRONT = 2
#: Rows on the page behind; what is left after them is counted.
ROWS_BEHIND = 30

_TREND_SIGNS = {"above": "↑", "within": "=", "below": "↓", "unknown": "–"}
_AREA_SIGNS = {status: sign or UNKNOWN for status, sign in STATUS_SIGNS.items()}


@dataclass(frozen=True)
class Writer:
    """What every section needs: the picture, the texts, the formats, and the local day of the picture."""

    picture: Mapping[str, Any]
    words: Words
    formats: Formats
    today: date

    def summary(self) -> list[Row]:
        """Section 2: the three sentences, each with its number and where it lies in the normal interval."""
        f, w = self.formats, self.words
        rows = []
        for row in self.picture["summary"]:
            number = f.number(row["number"])
            normal = f.interval(row["normal_low"], row["normal_high"])
            sentence = f.pick(row, "sentence")
            if normal != UNKNOWN:  # the rule's sentence has the interval without spaces between thousands
                sentence = sentence.replace(f"{row['normal_low']:.0f}–{row['normal_high']:.0f}", normal)
            rows.append(
                {
                    "query_id": row["query_id"],
                    "number": number,
                    "is_known": row["number"] is not None,
                    # The number stands large before the sentence, so a sentence that opens with it says it once.
                    "sentence": sentence.removeprefix(f"{row['number']} ").removeprefix(f"{number} "),
                    "trend": row["trend"],
                    "sign": _TREND_SIGNS[row["trend"]],
                    "word": w[f"trend.{row['trend']}"],
                    "normal": None if normal == UNKNOWN or normal in sentence else f"{w['normal']} {normal}",
                    "bar": range_bar(row["number"], row["normal_low"], row["normal_high"]),
                }
            )
        return rows

    def areas(self) -> tuple[list[Row], list[Row]]:
        """Proposed status: areas that call for a word each, and the rest gathered by status."""
        f, w = self.formats, self.words
        raised, gathered = [], []
        order = ("rod", "orange", "gul", "okand")
        called = sorted(
            (row for row in self.picture["area_status"] if row["proposed_status"] in order),
            key=lambda row: (order.index(row["proposed_status"]), row["position"]),
        )
        # Where most are unknown they say so together: one reason, not one line each.
        unknown = [row for row in called if row["proposed_status"] == "okand"]
        if len(unknown) > AREAS_IN_FRONT:
            called = [row for row in called if row["proposed_status"] != "okand"] + unknown
            in_front = min(AREAS_IN_FRONT, len(called) - len(unknown))
        else:
            in_front = AREAS_IN_FRONT
        for row in called[:in_front]:
            raised.append(
                {
                    "query_id": row["query_id"],
                    "status": row["proposed_status"],
                    "sign": _AREA_SIGNS[row["proposed_status"]],
                    "word": w[f"area.{row['proposed_status']}"],
                    "name": row["area_name"],
                    "reason": f.pick(row, "reason"),
                }
            )
        quiet = called[in_front:] + [row for row in self.picture["area_status"] if row["proposed_status"] not in order]
        for status in ("rod", "orange", "gul", "gron", "okand"):
            names = [row["area_name"] for row in quiet if row["proposed_status"] == status]
            if names:
                gathered.append(
                    {
                        "status": status,
                        "sign": _AREA_SIGNS[status],
                        "word": w[f"area.{status}"],
                        "count": f.number(len(names)),
                        "names": names,
                    }
                )
        return raised, gathered

    def areas_of_map(self) -> list[Row]:
        """The map's areas in the settings' order, which the statuses carry: the map's numbers and the table's agree."""
        order = {row["area_id"]: row["position"] for row in self.picture["area_status"]}
        return sorted(
            self.picture["map_area"], key=lambda row: (order.get(row["area_id"], len(order) + 1), row["area_id"])
        )

    def areas_in_numbers(self) -> list[Row]:
        """The map's numbers as a table, with the reason for each area's status."""
        f, w = self.formats, self.words
        status_of = {row["area_id"]: row for row in self.picture["area_status"]}
        rows = []
        for number, row in enumerate(self.areas_of_map(), 1):
            status = status_of.get(row["area_id"])
            rows.append(
                {
                    "query_id": status["query_id"] if status else None,
                    "number": str(number),
                    "name": row["area_name"],
                    "is_approximate": row["is_approximate"],
                    "day": f.number(row["incident_24h_count"]),
                    "week": f.number(row["incident_7d_count"]),
                    "normal": f.interval(row["normal_low"], row["normal_high"]),
                    "sign": _AREA_SIGNS[row["proposed_status"]],
                    "word": w[f"area.{row['proposed_status']}"],
                    "reason": f.pick(status, "reason") if status else UNKNOWN,
                }
            )
        return rows

    def deviations(self) -> list[Row]:
        """Section 5: the counts that stand out, with normal interval and how unusual."""
        f, w = self.formats, self.words
        rows = []
        for row in self.picture["deviation"]:
            remarks = []
            if row["activity_7d_count"] is not None:
                key = "dose_alone" if row["activity_expected"] is None else "dose"
                remarks.append(
                    w.fill(
                        f"deviation.{key}",
                        count=f.number(row["activity_7d_count"]),
                        expected=f.expected(row["activity_expected"]),
                    )
                )
            if row["silent_days"]:
                remarks.append(w.fill("deviation.silent", count=f.number(row["silent_days"])))
            rows.append(
                {
                    "query_id": row["query_id"],
                    "area": row["area_name"] or w["deviation.whole"],
                    "category": f.pick(row, "category") or w["deviation.all_categories"],
                    "count": f.number(row["count"]),
                    "normal": f.interval(row["normal_low"], row["normal_high"]),
                    "bar": range_bar(row["count"], row["normal_low"], row["normal_high"], row["expected"]),
                    "verdict": row["verdict"],
                    "word": w[f"verdict.{row['verdict']}"],
                    "since": self._since(row),
                    "unusual": "q –" if row["q_value"] is None else self._q(row["q_value"]),
                    "remarks": remarks,
                }
            )
        return rows

    def _q(self, q: float) -> str:
        return (
            f"q < {self.formats.number(0.001, 3)}" if q < 0.001 else f"q {self.formats.number(q, 3 if q < 0.01 else 2)}"
        )

    def _since(self, row: Row) -> Row | None:
        """What is to be marked against the earlier picture; None where nothing is."""
        if row["since_earlier"] in (None, "same"):
            return None
        before = row["since_earlier"] != "new"
        return {
            "kind": "new" if not before else "changed",
            "word": self.words[f"since.{row['since_earlier']}"],
            "before": self.words.fill("since.earlier", count=self.formats.number(row["earlier_count"]))
            if before
            else "",
        }

    def compared(self) -> str:
        """Sections 5 and 6: which earlier picture they are compared with."""
        f, w, row = self.formats, self.words, self.picture["earlier"]
        at = f.local(row["earlier_at"])
        if at is None:
            return w["since.first" if row["is_first"] else "since.unreadable"]
        return w.fill("since.compared", number=row["earlier_number"], moment=f"{f.day(at.date())} {f.time(at)}")

    def gone(self, section: int) -> list[Row]:
        """Section 5 or 6: what the earlier picture listed and this one does not, with both numbers and why."""
        f, w = self.formats, self.words
        rows = []
        for row in self.picture["gone"]:
            if row["section"] == section:
                told = [w.fill("gone.counts", before=f.number(row["earlier_count"]))]
                if row["count"] is not None and row["gone_reason"] != "untested":
                    told.append(w.fill("gone.now", count=f.number(row["count"])))
                rows.append(
                    {
                        "query_id": row["query_id"],
                        "label": f.pick(row, "label"),
                        "told": f"{', '.join(told)}: {w['gone.' + row['gone_reason']]}",
                    }
                )
        return rows

    def deviation_totals(self) -> tuple[str, str]:
        """Section 5: the rule's own sentence, and how much was tested."""
        f, w, total = self.formats, self.words, self.picture["deviation_total"]
        counts = {kind: f.number(total[f"{kind}_count"]) for kind in ("tested", "signal", "watch", "fall")}
        tested = w.fill("deviation.tested", baseline=w[f"baseline.{total['baseline']}"], **counts)
        return f.pick(total, "text") or w["deviation.none"], tested

    def places(self) -> list[Row]:
        """Section 6: the places in focus."""
        f, w = self.formats, self.words
        rows = []
        for row in self.picture["focus_place"]:
            faults, walks = row["open_fault_count"], row["open_walk_count"]
            kinds = [f.pick(row, "open_fault_categories")] if faults else []
            if walks:
                kinds.append(w.fill("place.walk_points", count=f.number(walks)))
            rows.append(
                {
                    "query_id": row["query_id"],
                    "name": row["place_name"],
                    "area": row["area_name"],
                    "week": f.number(row["count_7d"]),
                    "month": f.number(row["count_28d"]),
                    "previous": f.number(row["count_previous_28d"]),
                    "persistence": w.known("persistence", row["persistence"]) or w["unknown"],
                    "is_repeat": bool(row["is_repeat"]),
                    "since": self._since(row),
                    "window": f.pick(row, "window_label") or w["place.too_few"],
                    "fault_query_id": row["fault_query_id"],
                    "faults": w["unknown"] if faults is None else f.number(faults),
                    "fault_kinds": " + ".join(filter(None, kinds)) or None,
                }
            )
        return rows
