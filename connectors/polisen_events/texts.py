"""The police's own summary: what it is, what of it may be shown.

The summary is the one free text that may leave the landing zone, because the police have published it. It
still goes through the scan for personal data, and is left out altogether where it may tell of somebody's
private life. The words below are evidence from the archive of 2023–2026, not a complete list; a miss shows
what the police themselves show on their page.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import NamedTuple

from connectors.pii import scrub
from connectors.polisen_events.entries import Erased
from connectors.polisen_events.title import tidy

#: The source cuts every summary here.
SOURCE_CUT = 110
#: The contract's longest note.
NOTE_LENGTH = 140

#: Types under which the press office writes to the press.
PRESS_TYPES = frozenset({"Övrigt", "Information", "Uppdatering", "Tillfälligt obemannat"})
#: Its words: who answers the press telephone and when the page rests. All 20 of the hand-read sample, no
#: other.
PRESS_WORDS = re.compile(
    r"press(?:tele|tales|num|jour)|medi[ea]?\s?(?:tele|cent)|medias? samtal|\brmc\b|\bpågående händelser"
    r"|\bobemanna|hemsidan.{0,20}uppdateras",
    re.IGNORECASE,
)

#: Types that may tell of something still to come, and the words that say so. Type Information always may.
ANNOUNCING_TYPES = frozenset({"Övrigt", "Uppdatering", "Trafikhinder", "Trafikkontroll", "Polisinsats/kommendering"})
ANNOUNCING_WORDS = re.compile(
    r"\buas\b|\buav\b|drönar|kamerabevak|äger rum|planera[dt]|kommer att|övning", re.IGNORECASE
)

#: Private life whatever the type says: close relations and children, deaths, the missing and wanted, health.
#: Keeps back 161 of 4,677 summaries of types that are not sensitive as a whole (archive 2023–2026).
PRIVATE_WORDS = re.compile(
    r"\brelation|\bsambo|\bex(?:man|fru|sambo|pojk|flick)|pojkvän|flickvän|\bhustru|\b(?:make|maka|makan|maken)\b"
    r"|\bpappa|\bmamma|\b(?:far|mor|son|dotter)\b|\bförälder|\bbarn|bebis|spädbarn|våldt|sexu"
    r"|\bavlid|\bomkom|\bdöd\b|\bdöda\b|\bdött\b|\bdödsfall|\bdog\b"
    r"|försvunn(?:en|a)\b|söker efter|\befterlys"
    r"|självm|självska|suicid|psyki|dement|demens|diabet|gravid|missbruk|överdos|hjärtst|hjärtinf|epilep|sjukdom",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    """``display`` is what may be shown (None: nothing). ``marks`` are press_notice, announcement,
    note_withheld, summary_cut; ``pii`` the kinds of personal data found, comma-joined."""

    display: str | None
    marks: frozenset[str]
    pii: str


@lru_cache(maxsize=4096)  # a correction elsewhere in the notice leaves the text as it was
def read_summary(summary: str | Erased | None, source_type: str) -> Reading:
    """What a summary under ``source_type`` (tidied) is, and its text for display: at most NOTE_LENGTH
    characters."""
    if isinstance(summary, Erased):
        return Reading(None, frozenset(word for word in summary.marks.split(",") if word), summary.pii)
    if summary is None:
        return Reading(None, frozenset(), "")
    text = tidy(html.unescape(summary))
    marks = set()
    if source_type in PRESS_TYPES and PRESS_WORDS.search(text):
        marks.add("press_notice")
    if source_type == "Information" or (source_type in ANNOUNCING_TYPES and ANNOUNCING_WORDS.search(text)):
        marks.add("announcement")
    if PRIVATE_WORDS.search(text):
        marks.add("note_withheld")
    if len(summary) >= SOURCE_CUT:
        marks.add("summary_cut")
        text = _without_open_number(text)
    shown, pii = scrub(text)
    if shown and ("summary_cut" in marks or len(shown) > NOTE_LENGTH):
        shown = shown[: NOTE_LENGTH - 1].rstrip() + "…"
    return Reading(shown or None, frozenset(marks), pii)


def _without_open_number(text: str) -> str:
    """``text`` without digits at its very end: half an identity number is not recognised as one."""
    end = len(text)
    while end and (text[end - 1].isdigit() or text[end - 1] in " +-–/"):
        end -= 1
    return text[:end] if any(c.isdigit() for c in text[end:]) else text
