"""How tall the front page is in print: each section's height from its texts, as ``sheet.css`` sets them.

Millimetres before zoom: a page set at 80 % is 1 / 0.8 as wide, and its height then counts 80 %. A rule is one dot of
the browser's own, whatever the zoom. The tests hold these heights against a browser's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from warehouse.publish.formats import NO_BREAK_SPACE, cut, visible
from warehouse.publish.type_width import POINT, Piece, lines, width

if TYPE_CHECKING:
    from warehouse.publish.meeting import Section

Row = Mapping[str, Any]

#: The paper between its margins, and a dot of the browser, in millimetres.
PAPER, DOT = 190.0, 25.4 / 96
#: Points: text of the page, of tables, of what stands small in them, of their headings, of notes below them, of what
#: is gone, of a trend, and of what stands beside a heading.
BODY, TABLE, SMALL, HEAD, NOTE, GONE, TREND, LEAD = 7.6, 7.3, 6.5, 6.5, 6.4, 6.8, 6.8, 7.2
#: Lines are this much taller than their type; a sentence of section 2, and a heading.
SPACING, SENTENCE_SPACING, HEADING_SPACING = 1.22, 1.3, 1.25
#: Millimetres: a heading with its margins, a smaller one, what a cell has below and beside it, and a number's cell.
TITLE, HEADING, SUBHEADING, CELL, BESIDE, BESIDE_NUMBER = 9.6, 6.43, 4.86, 0.6, 1.6, 3.81
#: Millimetres: the large number, one area's line, the map at most, a line to write on, the last line, VMA's frame.
BIG, AREA_LINE, MAP_HIGHEST, WRITING_LINE, FOOT, ALERT_FRAME = 6.0, 4.22, 74.0, 6.6, 4.5, 2.2
#: What a warning's frame adds to its width.
FRAMED = 3.3
#: A query's name is this much of the text it stands in, and this far from it.
QUERY = 0.62
#: Shares of the width, as ``sheet.css`` has them; the last column takes what is left.
SOURCE_COLUMNS = (0.065, 0.25, 0.10, 0.11, 0.145, 0.08)
EVENT_COLUMNS = (0.045, 0.34, 0.15, 0.16, 0.185)
DEVIATION_COLUMNS = (0.41, 0.11, 0.28, 0.20)
PLACE_COLUMNS = (0.365, 0.125, 0.10, 0.19, 0.22)
#: Sections 5 and 6 beside the map.
LEFT_SHARE = 1.28 / 2.28


def front_height(page: Mapping[str, Any], parts: Mapping[str, Section], size: int, *, is_tight: bool) -> float:
    """Return the height in print, in millimetres of paper, of the front page without lines to write on.

    ``page`` is what the template is given, ``parts`` the meeting's sections as they would stand in front, ``size`` the
    percent it is set in, ``is_tight`` whether texts are held to one line.
    """
    front = _Front(page, size / 100, is_tight)
    height = front.alerts() + front.sources() + front.summary() + front.events()
    height += max(front.deviations() + front.places(), front.map())
    return (height + front.meeting(parts) + FOOT) * size / 100


def beside_questions(page: Mapping[str, Any], parts: Mapping[str, Section], size: int) -> float:
    """Return the room in millimetres of paper beside section 10 that section 11 has not taken."""
    front = _Front(page, size / 100, is_tight=False)
    return (
        (front.part(parts["question"], front.half) - front.part(parts["decision"], front.half, empty=0.0)) * size / 100
    )


class _Front:
    """One page at one size. Every method returns millimetres before zoom."""

    def __init__(self, page: Mapping[str, Any], zoom: float, is_tight: bool) -> None:
        self.page, self.words, self.is_tight = page, page["w"], is_tight
        self.wide, self.rule = PAPER / zoom, DOT / zoom
        self.half = (self.wide - 5) / 2
        self.left = (self.wide - 5) * LEFT_SHARE

    def alerts(self) -> float:
        if not self.page["alerts"]:
            return 0.0
        return ALERT_FRAME + HEADING + self.brief(len(self.page["alerts"])) + 2 * self.rule

    def sources(self) -> float:
        w, columns = self.words, [share * self.wide - BESIDE for share in SOURCE_COLUMNS]
        last = self.wide * (1 - sum(SOURCE_COLUMNS))
        heads = ("status", "title", "heard", "event", "counts", "expected", "remark")
        height = self.heading(w["section.1"], [width(self.page["trust"], LEAD) + FRAMED], self.wide)
        if not self.page["sources"]:
            return height + line(BODY)
        height += self.table_head([w[f"source.{name}"] for name in heads], [*columns, last])
        for s in self.page["sources"]:
            cells = [
                ([*bold(short(s["title"], 60)), *query(s["query_id"], TABLE)], columns[1]),
                (plain(s["heard"]), columns[2]),
                (plain(s["event"]), columns[3]),
                (plain(s["counts"]), columns[4]),
                (plain(s["expected"]), columns[5]),
                (plain(short(" · ".join(s["remarks"]) or "–", 140)), last),
            ]
            height += self.row([line(TABLE, 1 if self.is_tight else lines(*cell)) for cell in cells])
        return height + (note(1) if self.page["sources_left"] else 0)

    def summary(self) -> float:
        w, column = self.words, (self.wide - 8) / 3 - 2.9
        night = self.page["head"]["night"]
        warned = [] if night is None else [width(f"{w['night.incomplete']} {night}", LEAD, is_bold=True) + FRAMED]
        height = self.heading(w["section.2"], warned, self.wide)
        tall = [0.0]
        for s in self.page["summary"]:
            told = min(lines([Piece(short(s["sentence"], 130), BODY)], column), 2 if self.is_tight else 9)
            trend = 0.0
            if s["trend"] != "unknown":
                text = f"{s['sign']} {s['word']}" + (f" · {s['normal']}" if s["normal"] else "")
                trend = line(TREND, lines([Piece(f"{text} ", TREND), Piece("", TREND, around=20.3)], column))
            tall.append(BIG + BODY * POINT * SENTENCE_SPACING * told + trend)
        height += max(tall) * math.ceil(len(tall[1:]) / 3)
        raised, gathered = self.page["areas"]
        column = self.half - 20.5
        named = [
            [*bold(short(a["name"], 28), BODY), *query(a["query_id"], BODY), Piece(" " + short(a["reason"], 90), BODY)]
            for a in raised
        ]
        named += [[Piece(f"{g['count']}: {short(', '.join(g['names']), 160)}", BODY)] for g in gathered]
        areas = [1 if self.is_tight else lines(pieces, column) for pieces in named]
        height += SUBHEADING + (-0.5 if areas else line(BODY))
        for n in range(0, len(areas), 2):
            height += 0.5 + max(AREA_LINE, 0.75 + line(BODY, max(areas[n : n + 2])))
        if self.page["areas_set"]:
            pieces = [Piece(w["area.set"] + " ", LEAD)]
            for a in self.page["areas_set"]:
                pieces += [*bold(short(a["what"], 28), LEAD), *query(a["query_id"], LEAD)]
                pieces.append(Piece(f" {short(a['rest'], 60)} – {short(a['reason'] or '', 60)} · ", LEAD))
            more = len(self.page["areas_set_behind"])
            pieces.append(Piece(w.fill("area.set_more", count=str(more)) if more else "", LEAD))
            height += 0.3 + line(LEAD, lines(pieces, self.wide))
        return height

    def events(self) -> float:
        w, columns = self.words, [share * self.wide - BESIDE for share in EVENT_COLUMNS]
        last = self.wide * (1 - sum(EVENT_COLUMNS))
        totals, is_known = self.page["event_totals"], self.page["is_news_known"]
        leads = [width(f"{totals[0]}q4.0", LEAD) if is_known else width(w["event.unheard"], LEAD) + FRAMED]
        leads += [width(w["since.first_events"], LEAD)] if self.page["is_first"] else []
        height = self.heading(w["section.4"], leads, self.wide)
        aside = Piece(f"{w['event.unlinked']} " if self.page["events"] else "", NOTE)
        told = [Piece(totals[1], NOTE), *query("4.99", NOTE)] if is_known else []
        height += note(lines([aside, *told, Piece(f" {w['event.alarm_note']}", NOTE)], self.wide))
        if not self.page["events"]:
            return height + line(BODY)
        heads = ("severity_short", "what", "time", "place", "sources", "measure")
        height += self.table_head([w[f"event.{name}"] for name in heads], [*columns, last])
        for e in self.page["events"]:
            beside = [Piece(e["change_word"], SMALL * 0.78, True, 0.7 * SMALL * 0.78 * POINT + 2 * self.rule)]
            said = [w["event.identity_break"]] * bool(e["is_identity_break"]) + [w["event.context"]] * e["is_context"]
            said += [short(e["note"], 140)] if e["note"] else []
            beside.append(Piece("".join(f" {text}" for text in said), SMALL))
            place = bool(e["area"] or e["precision"])
            action = short(e["action"], 40) if e["action"] else f"– {w['unknown']}"
            measured = [(short(e["sources"], 60), columns[4]), (action, last)]
            sources, measure = (1 if self.is_tight else lines(plain(text), room) for text, room in measured)
            height += self.row(
                [
                    4.3,
                    line(TABLE) + line(SMALL, 1 if self.is_tight else lines(beside, columns[1])),
                    line(TABLE, lines(plain(short(e["time"], 60)), columns[2])),
                    line(TABLE) + line(SMALL) * place,
                    line(TABLE, sources) + line(SMALL) * bool(e["is_alarm"]),
                    line(TABLE, measure),
                ]
            )
        return height

    def deviations(self) -> float:
        w, page = self.words, self.page
        told, tested = page["deviation_totals"]
        height = self.heading(w["section.5"], [], self.left)
        height += line(BODY, lines([Piece(short(told, 110), BODY, True)], self.left))
        rooms = [share * self.left - (BESIDE_NUMBER if n == 1 else BESIDE) for n, share in enumerate(DEVIATION_COLUMNS)]
        if page["deviations"]:
            heads = ("what", "count", "normal", "unusual")
            height += self.table_head([w[f"deviation.{name}"] for name in heads], rooms)
        elif page["is_tested"]:
            height += line(BODY)
        for d in page["deviations"]:
            pieces = bold(f"{short(d['area'], 24)} · {short(d['category'], 30)}")
            pieces += [*query(d["query_id"], TABLE), *since(d["since"], self.rule)]
            height += self.row([line(TABLE, lines(pieces, rooms[0])) + line(SMALL) * bool(d["remarks"])])
        height += note(1) if page["more_deviations"] else 0
        pieces = [Piece(tested, NOTE), *query("5.0", NOTE), Piece(f" {page['compared']}", NOTE)]
        height += self.gone(5) + note(lines(pieces, self.left))
        return height

    def places(self) -> float:
        w, page = self.words, self.page
        height = self.heading(w["section.6"], [], self.left)
        if not page["places"]:
            return height + line(BODY) + self.gone(6)
        beside = (BESIDE, BESIDE_NUMBER, BESIDE_NUMBER, BESIDE, BESIDE)
        rooms = [share * self.left - space for share, space in zip(PLACE_COLUMNS, beside, strict=True)]
        heads = ("name", "window", "faults")  # those of numbers are held to one line
        height += self.table_head([w[f"place.{name}"] for name in heads], [rooms[0], *rooms[3:]])
        for p in page["places"]:
            window = line(TABLE, lines(plain(short(p["window"], 26)), rooms[3]))
            height += self.row([line(TABLE) + line(SMALL), window])
        return height + self.gone(6)

    def map(self) -> float:
        w, drawing = self.words, self.page["map"]
        height, room = self.heading(w["section.map"], [], self.half), self.wide - 5 - self.left
        if not drawing:
            return height + line(BODY) + note(1)
        height += min(MAP_HIGHEST, room * drawing.height / drawing.width)
        # A ring and what it means stay on one line.
        rings = [w[f"map.legend_{key}"].replace(" ", NO_BREAK_SPACE) for key in ("today", "older")]
        after = Piece(f" {w['map.unlocated_note']}. ", NOTE)
        pieces = [Piece(self.page["unlocated"], NOTE, is_bold=True), *query("0.3", NOTE), after]
        if not drawing.is_dense:
            pieces += [Piece(w["map.legend_numbers"], NOTE), *query("0.2", NOTE), Piece(". ", NOTE)]
        for ring in rings:
            pieces.append(Piece(f"{NO_BREAK_SPACE}{ring} · ", NOTE, around=0.75 * NOTE * POINT))
        keys = ("dots" if drawing.is_dense else "many", "status", "approximate")
        said = " · ".join(w[f"map.legend_{key}"] for key in keys) + "."
        pieces.append(Piece(f"{said} {w['map.legend_numbered']}." if drawing.is_numbered else said, NOTE))
        return height + note(lines(pieces, room))

    def meeting(self, parts: Mapping[str, Section]) -> float:
        due, proposal = (self.part(parts[name], self.wide) for name in ("due", "proposal"))
        ahead, effort, question = (self.part(parts[name], self.half) for name in ("ahead", "effort", "question"))
        decision = self.part(parts["decision"], self.half, empty=0.0)
        return due + proposal + max(ahead, effort) + max(question, decision)

    def part(self, part: Section, room: float, empty: float = BODY * POINT * SPACING) -> float:
        """A section of the meeting: its heading and lines, or ``empty`` where it has none."""
        beside = [width(text, LEAD) + (width("q10.10", LEAD * QUERY) + 1 if query else 0) for text, query in part.lead]
        beside += [width(text, LEAD) + FRAMED for text in part.warnings]
        beside += [width(part.left, LEAD)] if part.left else []
        return self.heading(part.title, beside, room) + (self.brief(len(part.in_front)) if part.in_front else empty)

    def brief(self, count: int) -> float:
        return count * (line(TABLE) + self.rule)

    def heading(self, title: str, beside: Sequence[float], room: float) -> float:
        """A heading; what stands beside it, so many millimetres each, wraps whole."""
        used, more = 7.8 + width(title, TITLE, is_bold=True), 0
        for wide in (min(room, one) for one in beside):
            used, more = (used + 2 + wide, more) if used + 2 + wide <= room else (wide, more + 1)
        return HEADING + LEAD * POINT * HEADING_SPACING * more

    def table_head(self, heads: Sequence[str], rooms: Sequence[float]) -> float:
        """The headings of columns, with the half of a rule that a table has above and below."""
        most = max(lines([Piece(head, HEAD)], room) for head, room in zip(heads, rooms, strict=True))
        return line(HEAD, most) + CELL + 2 * self.rule

    def row(self, cells: Sequence[float]) -> float:
        return max(cells) + CELL + self.rule

    def gone(self, section: int) -> float:
        rows = self.page["gone"][section]
        shown = rows[: self.page["gone_in_front"]]
        if not shown:
            return 0.0
        pieces = [Piece(self.words["gone.lead"], GONE)]
        for row in shown:
            pieces += [Piece(" " + short(row["label"], 48), GONE), *query(row["query_id"], GONE)]
            pieces.append(Piece(f" ({row['told']});", GONE))
        if len(rows) > len(shown):
            pieces.append(Piece(f" · {len(rows) - len(shown)} {self.words['and_more']}", GONE))
        return 0.3 + line(GONE, lines(pieces, self.left))


def line(points: float, count: int = 1) -> float:
    """Lines of a text."""
    return points * POINT * SPACING * count


def note(count: int) -> float:
    """Lines of a note below a table."""
    return 0.3 + line(NOTE, count)


def short(text: str, length: int) -> str:
    """A text as the template prints it."""
    return cut(visible(text), length)


def plain(text: str) -> list[Piece]:
    return [Piece(visible(text), TABLE)]


def bold(text: str, points: float = TABLE) -> list[Piece]:
    return [Piece(text, points, is_bold=True)]


def query(query_id: str | None, points: float) -> list[Piece]:
    """The name of a query after a text, which stays with its last word."""
    return [Piece(f"q{short(query_id, 8)}", points * QUERY, around=0.2 * points * QUERY * POINT)] if query_id else []


def since(mark: Row | None, rule: float) -> list[Piece]:
    """'Ny!' and the like after a name, in a frame whose rules are ``rule`` wide."""
    if not mark:
        return []
    framed = Piece(mark["word"], TABLE * 0.78, True, 0.7 * TABLE * 0.78 * POINT + 2 * rule)
    return [Piece(" ", TABLE), framed, Piece(f" {mark['before']}" if mark["before"] else "", TABLE)]
