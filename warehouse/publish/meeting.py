"""Sections 3 and 7 to 11 as ready lines: what was promised, what lies ahead, who is out, what is proposed and asked.

Each line is a mark (when, or how it stands), what it is about, and the rest of it. Nothing here knows HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from warehouse.publish.formats import UNKNOWN, Formats
from warehouse.publish.sections import Row, Writer
from warehouse.publish.warning_lines import ended_early, line, warning_lines
from warehouse.publish.words import Words

#: Lines on the front page; what is left over stands on the page of tables. Tried in print on the demo, 2026-11-26.
LINES_IN_FRONT = {"due": 3, "ahead": 5, "effort": 4, "proposal": 3, "question": 3, "decision": 2}
#: Section 7 begins with how it stands with warnings: the gravest of them, its second line, never leaves the front.
FEWEST_IN_FRONT = {"ahead": 2}
#: Statuses the meeting has set that stand in section 2; the rest behind.
AREAS_SET_IN_FRONT = 3
#: Which section of the sheet each is.
NUMBERS = {"due": 3, "ahead": 7, "effort": 8, "proposal": 9, "question": 10, "decision": 11}


@dataclass(frozen=True)
class Section:
    """One section: a lead of parts with their query ids, warnings, and its lines; the first of them in front."""

    lead: list[tuple[str, str | None]]
    warnings: list[str]
    lines: list[Row]
    is_known: bool
    front_count: int
    title: str
    left_text: str
    fewest: int = 1

    def tightened(self, front_lines: int) -> Section:
        """The same with no more than ``front_lines`` lines in front: the most pressing, the rest behind."""
        return replace(self, front_count=min(self.front_count, max(front_lines, self.fewest)))

    @property
    def in_front(self) -> list[Row]:
        return self.lines[: self.front_count]

    @property
    def behind(self) -> list[Row]:
        return self.lines[self.front_count :]

    @property
    def left(self) -> str | None:
        """How many lines stand behind, in words."""
        return self.left_text.replace("{count}", str(len(self.behind))) if self.behind else None


def meeting(writer: Writer) -> dict[str, Section]:
    """The sections by name: due (3), ahead (7), effort (8), proposal (9), question (10), decision (11)."""
    return {
        "due": _due(writer),
        "ahead": _ahead(writer),
        "effort": _effort(writer),
        "proposal": _proposal(writer),
        "question": _question(writer),
        "decision": _decision(writer),
    }


def areas_set(writer: Writer) -> list[Row]:
    """Section 2: the statuses the meeting has set, each beside the one proposed."""
    f, w = writer.formats, writer.words
    lines = []
    for row in writer.picture["area_set"]:
        text = w.fill(
            "area.set_other" if row["is_other"] else "area.set_same",
            set=w[f"area.{row['set_status']}"],
            proposed=w[f"area.{row['proposed_status']}"],
            day=f.day(row["set_day"]) if row["set_day"] else w["unknown"],
        )
        lines.append(
            {**line(row, w["area.set_short"], row["area_name"], [text], "plain"), "reason": row["reason_text"]}
        )
    return lines


def _section(
    writer: Writer,
    name: str,
    registers: tuple[str, ...],
    lead: list[tuple[str, str | None]],
    lines: list[Row],
    *,
    always_known: bool = False,
    extra: tuple[str, ...] = (),
) -> Section:
    """A section that stands on registers: what was never heard is said to be unknown, what is stale since when.

    Of ``extra``, registers that not every municipality keeps, one that is not set up goes without saying.
    """
    w = writer.words
    states = [
        row
        for row in writer.picture["register"]
        if row["register"] in registers or (row["register"] in extra and row["status"] != "absent")
    ]
    warnings = []
    for row in states:
        title = w[f"register.{row['register']}"]
        if not row["is_known"]:
            warnings.append(w.fill("register.unknown", register=title))
        elif row["status"] != "fresh":
            when = writer.formats.moment(row["last_received_at"], writer.today)
            warnings.append(w.fill("register.stale", register=title, when=when))
    is_known = always_known or any(row["is_known"] for row in states if row["register"] in registers) or bool(lines)
    title = w[f"section.{NUMBERS[name]}"]
    fewest = FEWEST_IN_FRONT.get(name, 1)
    return Section(lead, warnings, lines, is_known, LINES_IN_FRONT[name], title, w["meeting.more"], fewest)


def _due(writer: Writer) -> Section:
    f, w, total = writer.formats, writer.words, writer.picture["due_total"]
    lead: list[tuple[str, str | None]] = [
        (w.fill(f"due.{key}_count", count=f.number(total[f"{key}_count"])), query_id)
        for key, query_id in (("overdue", "3.1"), ("due_today", "3.2"), ("came_out", "3.3"))
        if total[f"{key}_count"] is not None
    ]
    walks = writer.picture["walk_total"]
    if walks["walk_overdue_count"]:
        lead.append((w.fill("due.walk_overdue_count", count=f.number(walks["walk_overdue_count"])), "3.4"))
    lines = []
    for row in writer.picture["due_insats"]:
        state = row["due_state"]
        rest = [row["place_label"], row["owner_name"] or w["owner.unknown"], dose(w, f, row)]
        rest.append(w["due.no_outcome"] if state == "overdue" else row["outcome"])
        if row["stop_day"] and state == "overdue":
            rest.insert(0, w.fill("due.promised", day=f.day(row["stop_day"])))
        word = w.fill(f"due.{state}", days=f.number(row["days_past"]))
        lines.append(line(row, word, row["problem"], rest, state))
    late = sum(row["state"] == "overdue" for row in lines)
    walked = _walk_points(writer)
    # What is overdue comes first, of both; points whose day is still to come stand last.
    overdue = [row for row in walked if row["state"] == "overdue"]
    lines = [*lines[:late], *overdue, *lines[late:], *walked[len(overdue) :]]
    return _section(writer, "due", ("insats",), lead, lines, extra=("safety_walk",))


def _walk_points(writer: Writer) -> list[Row]:
    f, w = writer.formats, writer.words
    lines = []
    for row in writer.picture["walk_point"]:
        is_late = row["walk_state"] == "overdue"
        due = w.fill("due.promised" if is_late else "walk.due", day=f.day(row["due_day"])) if row["due_day"] else None
        word = w.fill("due.overdue", days=f.number(row["days_past"])) if is_late else w["walk.open"]
        rest = [due, row["place_label"], row["owner_name"] or w["owner.unknown"], row["measure"], w["walk.kind"]]
        lines.append(line(row, word, row["finding"] or w["unknown"], rest, "overdue" if is_late else "plain"))
    return lines


def dose(w: Words, f: Formats, row: Row) -> str | None:
    """Planned and done dose of an insats with its unit; None where neither is known."""
    if row["planned_dose"] is None and row["done_dose"] is None:
        return None
    done, planned = f.number(row["done_dose"]), f.number(row["planned_dose"])
    key = f"dose.{row['dose_unit']}"
    unit = (
        w.fill(key, count=planned if row["planned_dose"] is not None else done) if key in w else row["dose_unit"] or ""
    )
    if row["done_dose"] is None:
        return w.fill("due.planned", planned=planned, unit=unit).strip()
    return w.fill("due.dose", done=done, planned=planned, unit=unit).strip()


def _ahead(writer: Writer) -> Section:
    f, w, total = writer.formats, writer.words, writer.picture["ahead_total"]
    if total["light"] in ("midnight_sun", "polar_night"):
        dark = w[f"ahead.{total['light']}"]
    elif total["dark_from"] and total["dark_until"]:
        dark = w.fill("ahead.dark", start=f.clock(total["dark_from"]), until=f.clock(total["dark_until"]))
    else:
        dark = w["ahead.dusk"] if total["light"] == "ordinary" else w["ahead.dark_unknown"]
    lead: list[tuple[str, str | None]] = [(dark, "7.1")]
    if total["next_pay_day"]:
        lead.append((w.fill("ahead.next_pay_day", day=f.day(total["next_pay_day"])), None))
    lead += ended_early(writer)
    lines = warning_lines(writer)
    for row in writer.picture["ahead"]:
        day = w["today"] if row["days_ahead"] == 0 else f.day(row["local_day"])
        clock = clock_of(writer.formats, row)
        visitors = row["visitor_count"] and w.fill("ahead.visitors", count=f.number(row["visitor_count"]))
        called_off = w["ahead.called_off"] if row["is_called_off"] else None
        kind = None if row["ahead_kind"] == "planned_event" else w[f"ahead.{row['ahead_kind']}"]
        title = f.pick(row, "title")
        rest = [called_off, clock, row["place_name"] or row["area_name"], visitors, None if kind == title else kind]
        lines.append(line(row, day, title, rest, "called_off" if row["is_called_off"] else "plain"))
    return _section(writer, "ahead", ("planned_event", "school_holiday"), lead, lines, always_known=True)


def _effort(writer: Writer) -> Section:
    f, w, total = writer.formats, writer.words, writer.picture["effort_total"]
    lead: list[tuple[str, str | None]] = [
        (w.fill(f"effort.{key}_count", count=f.number(total[f"{key}_count"])), query_id)
        for key, query_id in (("effort", "8.1"), ("gap", "8.2"))
        if total[f"{key}_count"] is not None
    ]
    lines = []
    gaps = [row for row in writer.picture["focus_cover"] if row["cover"] == "none"]
    if gaps:  # first, and together: this is what the meeting can still do something about
        where = ", ".join(_place_and_window(writer, row) for row in gaps)
        lines.append(line({"query_id": "8.2"}, w["effort.gap"], where, [w["effort.nobody"]], "gap"))
    for row in writer.picture["effort"]:
        units = row["unit_count"] and w.fill("effort.units", count=f.number(row["unit_count"]))
        kind = w.known("insats_type" if row["effort_kind"] == "insats" else "resource_type", row["effort_type"])
        where = row["place_name"] or row["area_name"] or w["effort.nowhere"]
        rest = [where, units, row["problem"] or kind]
        word = clock_of(writer.formats, row) or w["effort.all_day"]
        lines.append(line(row, word, row["owner_name"] or w["owner.unknown"], rest, "plain"))
    return _section(writer, "effort", ("insats", "resource"), lead, lines)


def _place_and_window(writer: Writer, row: Row) -> str:
    window = writer.formats.pick(row, "window_label")
    # Where most of the hours lie is told beside the place in section 6; here the days and hours will do.
    return f"{row['place_name']} ({window.split(' (')[0]})" if window else str(row["place_name"])


def _proposal(writer: Writer) -> Section:
    f, w = writer.formats, writer.words
    lines = []
    for row in writer.picture["proposal"]:
        where = row["place_name"] or row["area_name"] or w["deviation.whole"]
        rest = [f.pick(row, "window") or w["proposal.no_window"], row["owner_name"] or w["owner.unknown"]]
        proposed = line(row, where, f.pick(row, "task"), rest, "plain")
        lines.append({**proposed, "reason": f.pick(row, "reason"), "because_id": row["because_id"]})
    return _section(writer, "proposal", (), [(w["proposal.lead"], None)], lines, always_known=True)


def _question(writer: Writer) -> Section:
    f, w = writer.formats, writer.words
    lines = []
    for row in writer.picture["question"]:
        due = w.fill("question.due", day=f.day(row["due_day"])) if row["due_day"] else w["question.no_day"]
        who = w.fill(
            "question.who",
            asker=row["asker_name"] or w["owner.unknown"],
            asked=row["asked_name"] or w["owner.unknown"],
        )
        rest = [who, row["area_name"]]
        state = "overdue" if row["is_overdue"] else "plain"
        lines.append(line(row, due, f.pick(row, "question"), rest, state))
    return _section(writer, "question", ("assessment",), [], lines, always_known=bool(lines))


def _decision(writer: Writer) -> Section:
    f, w = writer.formats, writer.words
    lines = []
    for row in writer.picture["decision"]:
        due = w.fill("decision.due", day=f.day(row["stop_day"])) if row["stop_day"] else w["decision.no_day"]
        rest = [row["place_label"], row["owner_name"] or w["owner.unknown"], due]
        word = f.day(row["decided_day"]) if row["decided_day"] else UNKNOWN
        lines.append(line(row, word, row["problem"], rest, "plain"))
    return _section(writer, "decision", (), [], lines, always_known=True)


def clock_of(f: Formats, row: Row) -> str | None:
    """From and until o'clock; None where no hour is named."""
    if row["clock_from"] is None:
        return None
    start = f.clock(row["clock_from"])
    return start if row["clock_until"] is None else f"{start}–{f.clock(row['clock_until'])}"
