"""The picture in five lines of plain text: for a mail or a message that says the sheet is out."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.publish.formats import Formats, visible
from warehouse.publish.sections import Writer
from warehouse.publish.sources import trust
from warehouse.publish.warning_lines import alert_state
from warehouse.publish.words import words


def five_lines(picture: dict[str, Any], language: str = "sv") -> list[str]:
    """Whose picture of which moment, how far to trust its silence, and the three sentences of section 2.

    ``picture`` is what ``picture_….json`` holds. The lines are made of settings and counts; nothing a source wrote
    is in them. Raises KeyError where the picture lacks a table or column, ValueError for another language.
    """
    texts, head = words(language), picture["head"]
    formats = Formats(language, ZoneInfo(picture["made_with"]["timezone"]))
    writer = Writer(picture, texts, formats, date.fromisoformat(head["local_day"]))
    moment = f"{formats.long_day(head['local_day'])} {texts['at']} {formats.clock(head['local_time'])}"
    number = f"{texts['head.number'].lower()} {head['picture_number']}"
    whose = f"{head['municipality_name']}, {moment} · {number} · {head['tlp']}"
    if picture["warning_total"]["alert_count"]:  # before anything else, in the line that a telephone shows
        whose = f"{alert_state(writer).upper()} · {whose}"
    sentences = [formats.pick(row, "sentence") for row in picture["summary"]]
    return [visible(line) for line in (whose, trust(writer), *sentences)]
