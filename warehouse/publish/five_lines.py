"""The picture in five lines, for a mail or a text message: how it stands, never what happened to whom.

A mail travels further than its label: it holds counts and the rules' own words, no event, place or note.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.publish.formats import UNKNOWN, Formats, cut, visible
from warehouse.publish.sections import Writer
from warehouse.publish.sources import trust
from warehouse.publish.words import words

#: Letters a line holds at most: what a mail program shows without breaking it, twice over.
LINE_LENGTH = 160


def five_lines(picture: Mapping[str, Any], language: str = "sv") -> str:
    """Return five lines of text, each closed by a line break; the first will do as a mail's subject.

    Whose and when with the label · how far to trust the sources · the last 24 hours · since the last picture and
    what stands out · the picture's number and hash. Raises ValueError for a language that is neither 'sv' nor 'en',
    KeyError where the picture lacks a table or column.
    """
    w = words(language)
    f = Formats(language, ZoneInfo(picture["made_with"]["timezone"]))
    head, total = picture["head"], picture["event_total"]
    writer = Writer(picture, w, f, date.fromisoformat(head["local_day"]))
    first = next(iter(picture["summary"]), None)
    night = f" {w['night.incomplete']}" if head["is_incomplete_night"] else ""
    lines = (
        f"{w['title']} {cut(head['municipality_name'], 50)} {f.day(head['local_day'])} {w['at']} "
        f"{f.clock(head['local_time'])} · {head['tlp']}",
        f"{w['section.1']}: {trust(writer)}",
        f"{w['section.2']}: "
        + (f"{UNKNOWN} {w['unknown']}." if first is None or first["number"] is None else f.pick(first, "sentence"))
        + night,
        w.fill(
            "mail.since",
            new=f.number(total["new_count"]),
            changed=f.number(total["changed_count"]),
            withdrawn=f.number(total["withdrawn_count"]),
        )
        + f" {w['section.5']}: {f.pick(picture['deviation_total'], 'text')}",
        w.fill(
            "mail.proof",
            number=head["picture_number"],
            hash=picture["picture_hash"][:12],
            valid=f.moment(head["valid_until_at"], writer.today),
        ),
    )
    return "".join(f"{cut(' '.join(visible(line).split(' ')), LINE_LENGTH)}\n" for line in lines)
