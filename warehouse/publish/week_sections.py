"""The weekly picture's own sections as ready texts: insatser, their follow-up, the problem, the fortnight, proposals.

Nothing here knows HTML. A text from a register stays as it was sent; the template makes it visible and escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warehouse.publish.formats import UNKNOWN, Formats
from warehouse.publish.meeting import clock_of, dose
from warehouse.publish.words import Words

Row = dict[str, Any]
Lead = list[tuple[str, str]]


@dataclass(frozen=True)
class WeekWriter:
    """What every section of the week needs: the weekly picture, the texts and the formats."""

    picture: Mapping[str, Any]
    words: Words
    formats: Formats

    @property
    def week(self) -> Row:
        """The week's own tables."""
        return dict(self.picture["week"])

    def is_last_year_like(self) -> bool:
        """Whether the counted sources heard of the week are those heard of the same week last year."""
        counted = [row for row in self.week["week_source"] if row["is_trend_source"]]
        return all(row["heard_days"] == row["last_year_heard_days"] for row in counted)

    def compared(self) -> str:
        """How far the same week last year may be held against this one."""
        f, w = self.formats, self.words
        rows = [row for row in self.week["week_source"] if row["is_trend_source"]]
        other = [row for row in rows if row["heard_days"] != row["last_year_heard_days"]]
        if not any(row["last_year_heard_days"] for row in rows):
            return w["weekly.last_year_silent"]
        if not other:
            return w["weekly.last_year_like"]
        told = "; ".join(
            w.fill(
                "weekly.last_year_source",
                source=f.pick(row, "title"),
                days=str(row["heard_days"]),
                then=str(row["last_year_heard_days"]),
            )
            for row in other
        )
        return w.fill("weekly.last_year_other", sources=told)

    def like_for_like(self) -> str | None:
        """This year's and last year's count of the sources heard all of both weeks; None where it says nothing more."""
        (row,) = [row for row in self.week["week_number"] if row["level"] == "all"]
        if row["like_count"] is None or self.is_last_year_like():
            return None
        like = sum(one["is_like"] for one in self.week["week_source"])
        return self.words.fill(
            "weekly.like",
            sources=str(like),
            count=self.formats.number(row["like_count"]),
            then=self.formats.number(row["like_last_year"]),
        )

    def gone(self, section: int) -> str | None:
        """What the last weekly picture listed and this one does not; None where there was none, or nothing is."""
        f = self.formats
        rows = [row for row in self.week["gone"] if row["section"] == section]
        return "; ".join(f"{f.pick(row, 'label')} ({f.number(row['earlier_count'])})" for row in rows) or None

    def insats_lead(self) -> Lead:
        """How many are overdue, going on, and came out; nothing where no register was heard."""
        total = self.week["week_insats_total"]
        return [
            (self.words.fill(key, count=self.formats.number(total[column])), query_id)
            for key, column, query_id in (
                ("due.overdue_count", "overdue_count", "v9.1"),
                ("weekly.ongoing_count", "ongoing_count", "v9.2"),
                ("due.came_out_count", "came_out_count", "v9.3"),
            )
            if total[column] is not None
        ]

    def insats(self) -> list[Row]:
        """Insatser against plan."""
        f, w = self.formats, self.words
        return [
            {
                "query_id": row["query_id"],
                "state": row["week_state"],
                "word": w.fill(f"weekly.state.{row['week_state']}", days=f.number(row["days_past"])),
                "what": row["problem"],
                "where": row["place_label"],
                "owner": row["owner_name"] or w["owner.unknown"],
                "days": f"{f.day(row['start_day'])} – {f.day(row['stop_day'])}",
                "dose": dose(w, f, row) or w["weekly.no_dose"],
                "outcome": row["outcome"]
                or w["due.no_outcome" if row["week_state"] != "ongoing" else "weekly.not_yet"],
            }
            for row in self.week["week_insats"]
        ]

    def followed(self) -> list[Row]:
        """Followed-up insatser: the counts before and while they ran, beside the rest of the municipality."""
        f, w = self.formats, self.words
        rows = []
        for row in self.week["week_followed"]:
            told = []
            if row["before_count"] is not None:
                told.append(w.fill("weekly.before", **self._numbers(row, "before_count", "during_count", "days")))
                told.append(
                    w.fill("weekly.control", **self._numbers(row, "control_before_count", "control_during_count"))
                )
                low, high = f.number(row["difference_low"], 1), f.number(row["difference_high"], 1)
                told.append(w.fill("weekly.difference", difference=f.number(row["difference"]), low=low, high=high))
                if row["ratio"] is not None:
                    shown = {name: f.number(row[name], 2) for name in ("ratio", "ratio_low", "ratio_high")}
                    told.append(w.fill("weekly.ratio", **shown))
                if row["left_out_sources"]:
                    told.append(w.fill("weekly.left_out", count=f.number(row["left_out_sources"])))
            verdict = row["followed_verdict"]
            rows.append(
                {
                    "query_id": row["query_id"] if verdict not in ("no_ground", "sensitive") else None,
                    "what": row["problem"],
                    "where": row["place_label"],
                    "category": f.pick(row, "category"),
                    "verdict": w.fill(f"followed.{verdict}", least=f.number(row["least_decrease"])),
                    "told": " · ".join(told),
                    "outcome": row["outcome"],
                    "indicator": row["indicator"],
                    "indicator_told": w[f"weekly.indicator_{_indicator(row, f.pick(row, 'category'))}"],
                }
            )
        return rows

    def _numbers(self, row: Row, *names: str) -> dict[str, str]:
        return {name: self.formats.number(row[name]) for name in names}

    def problem(self) -> Row | None:
        """The problem of the week: place, object, time and who is not known, and what the counts point to."""
        f, w = self.formats, self.words
        if not self.week["week_problem"]:
            return None
        (row,) = self.week["week_problem"]
        category, place = f.pick(row, "category") or w["family.okand"], row["place_name"]
        count = f.number(row["count"])
        shown = {"count": count, "hits": f.number(row["watch_hits"]), "timed": f.number(row["timed_count"])}
        normal = f.interval(row["normal_low"], row["normal_high"])
        return {
            "query_id": row["query_id"],
            "because_id": row["because_id"],
            "title": f"{place or UNKNOWN}" if row["rule"] == "repeat" else f"{category}, {row['area_name'] or UNKNOWN}",
            "why": w.fill(f"problem.{row['rule']}", count=count, normal=normal),
            "sides": [
                (
                    w["problem.place"],
                    w.fill("problem.place_told", place=place, hits=f.number(row["place_count"]), count=count)
                    if place
                    else w["problem.no_place"],
                ),
                (
                    w["problem.time"],
                    w.fill("problem.time_told", watch=row["watch_label"], **shown)
                    if row["watch_hits"]
                    else w["problem.no_time"],
                ),
                (
                    w["problem.object"],
                    w.fill("problem.object_told", category=category, hits=f.number(row["object_count"]), count=count),
                ),
                (w["problem.person"], w["problem.person_told"]),
            ],
            "hypothesis": w.fill(f"hypothesis.{row['hypothesis']}", place=place or "", watch=row["watch_label"] or ""),
        }

    def ahead_lead(self) -> Lead:
        """Darkness at both ends of the fortnight."""
        w, total = self.words, self.week["week_ahead_total"]
        first = self._dark(total["light"], total["dark_from"], total["dark_until"])
        last = self._dark(total["last_light"], total["last_dark_from"], total["last_dark_until"])
        return [(w.fill("weekly.dark", first=first, day=self.formats.day(total["last_day"]), last=last), "v12.1")]

    def _dark(self, light: str | None, start: str | None, until: str | None) -> str:
        w, f = self.words, self.formats
        if light in ("midnight_sun", "polar_night"):
            return w[f"ahead.{light}"]
        if start and until:
            return w.fill("ahead.dark", start=f.clock(start), until=f.clock(until))
        return w["ahead.dusk"] if light == "ordinary" else w["ahead.dark_unknown"]

    def ahead_warnings(self) -> list[str]:
        """The registers behind the fortnight that nobody has heard: nothing known is not nothing to come."""
        w = self.words
        wanted = ("insats", "planned_event", "school_holiday")
        unknown = [row["register"] for row in self.picture["register"] if not row["is_known"]]
        return [w.fill("register.unknown", register=w[f"register.{name}"]) for name in wanted if name in unknown]

    def ahead(self) -> list[Row]:
        """The fortnight day by day."""
        f, w = self.formats, self.words
        rows = []
        for row in self.week["week_ahead"]:
            title, kind = f.pick(row, "title"), w[f"weekly.ahead.{row['ahead_kind']}"]
            visitors = row["visitor_count"] and w.fill("ahead.visitors", count=f.number(row["visitor_count"]))
            until = row["until_day"] and w.fill("weekly.until", day=f.day(row["until_day"]))
            rest = [
                w["ahead.called_off"] if row["is_called_off"] else None,
                until,
                clock_of(f, row),
                row["place_label"],
                visitors,
                row["owner_name"],
                None if kind == title else kind,
            ]
            rows.append(
                {
                    "query_id": row["query_id"],
                    "day": f.day(row["local_day"]),
                    "what": title,
                    "rest": " · ".join(str(part) for part in rest if part),
                    "is_called_off": row["is_called_off"],
                }
            )
        return rows

    def proposals(self) -> list[Row]:
        """What the machine proposes for the week, each with the finding it stands on."""
        f, w = self.formats, self.words
        return [
            {
                "query_id": row["query_id"],
                "where": row["place_label"] or w["deviation.whole"],
                "task": f.pick(row, "task"),
                "owner": row["owner_name"] or w["owner.unknown"],
                "reason": f.pick(row, "reason"),
                "because_id": row["because_id"],
            }
            for row in self.week["week_proposal"]
        ]


def _indicator(row: Row, category: str | None) -> str:
    """Whether the counts of a follow-up measure the plan's indicator: 'counted', or why they do not.

    The tables count one kind at one place by whole days. An indicator that names another kind is not measured by them,
    nor one with figures: hours or a limit are more than the counts tell.
    """
    indicator = (row["indicator"] or "").lower()
    if row["before_count"] is None:
        return "no_count"
    named = [word for word in re.findall(r"\w{4,}", (category or "").lower()) if word in indicator]
    if not named:
        return "other"
    return "figures" if re.search(r"\d", indicator) else "counted"
