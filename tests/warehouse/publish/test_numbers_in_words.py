"""One source is, two sources are: every text that stands beside a number, at nought, one and two."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from string import Formatter

import pytest

import warehouse.publish.words as module
from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.made_up_meeting import due
from tests.warehouse.publish.page import Page
from tests.warehouse.rows import Town, local
from warehouse.connection import connect
from warehouse.publish.methods import methods_page
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render
from warehouse.publish.words import LANGUAGES, words

#: Forms of the house's own words that stand beside numbers in SQL, in templates, or may come to.
NOUNS = {
    "sv": "källa|källor händelse|händelser rapport|rapporter signal|signaler nedgång|nedgångar plats|platser"
    " insats|insatser försenad|försenade klar|klara tyst|tysta färsk|färska åtgärd|åtgärder timme|timmar vecka|veckor"
    " dag|dagar gång|gånger område|områden fråga|frågor",
    "en": "source|sources incident|incidents report|reports signal|signals decrease|decreases place|places"
    " measure|measures hour|hours week|weeks day|days time|times area|areas question|questions count|counts",
}
#: Texts where a number stands before a word that is right beside any number (dygn, av, till …), each looked at.
RIGHT_AS_THEY_ARE = {
    "night.percent", "night.ceiling", "source.rest", "event.severity", "map.unlocated", "due.overdue", "due.dose",
    "due.due_today_count", "due.came_out_count", "due.overdue_count", "ahead.visitors", "effort.effort_count",
    "effort.units", "meeting.more", "weekly.coverage.heard", "weekly.coverage.seldom", "weekly.coverage.silent",
    "weekly.days", "weekly.last_year_source", "weekly.ongoing_count",
    "weekly.state.overdue", "weekly.difference", "weekly.before", "weekly.like", "followed.too_few",
    "problem.signal", "problem.watch", "problem.repeat", "problem.time_told", "public.heard", "heat.basis",
    "gone.counts", "gone.now",
    "paper.more", "area.set_more", "alert.count", "place.walk_points",
}  # fmt: skip
#: Places that are never a number.
NO_NUMBER = {
    "hours", "cause", "baseline", "expected", "from_day", "until_day", "register", "when", "day", "unit", "start",
    "until", "asker", "asked", "set", "proposed", "mean", "last_year", "limit",
    "hits", "normal", "first", "low", "high", "least",
}  # fmt: skip


def pairs(language: str) -> dict[str, str]:
    """The one-form by the more-form, of the nouns above and of every choice in words.csv."""
    found = dict(reversed(pair.split("|")) for pair in NOUNS[language].split())
    for text in words(language).values():
        for _, name, forms, _ in Formatter().parse(text):
            if name and forms and "{" not in forms:
                one, _, more = forms.partition("|")
                found[more] = one
    return {more: one for more, one in found.items() if more != one}


def faults(text: str, language: str) -> list[str]:
    """Where a number and its word do not go together: "1 källor", "2 källa"."""
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    found = []
    for more, one in pairs(language).items():
        found += re.findall(rf"(?<![\w,.:–-])1 {more}\b", text)
        found += re.findall(rf"(?<![\w,.:–-])[02] {one}\b(?! \d)", text)
    return found


def test_the_check_itself_sees_a_wrong_form() -> None:
    assert faults("1 källor, 2 källa, 11 källor, 1 källa", "sv") == ["1 källor", "2 källa"]
    assert faults("0 source · 1 sources", "en") == ["1 sources", "0 source"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", ["0", "1", "2"])
def test_every_text_reads_right_with_any_number_in_it(language: str, number: str) -> None:
    texts = words(language)
    for key, text in texts.items():
        names = {name for _, name, _, _ in Formatter().parse(text) if name}
        names |= set(re.findall(r"\{(\w+)\}", text))
        if names:
            told = texts.fill(key, **{name: "x" if name in NO_NUMBER else number for name in names})
            assert not faults(told, language), f"{key}: {told}"


def test_a_number_before_a_word_has_a_form_for_one_or_was_looked_at() -> None:
    with Path(module.__file__).with_name("words.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for language in LANGUAGES:
                for name in re.findall(r"(?<!\|)\{(\w+)\} [^\W\d]", row[language]):
                    has_forms = f"{{{name}:" in row[language]
                    assert has_forms or name in NO_NUMBER or row["key"] in RIGHT_AS_THEY_ARE, (
                        f"{row['key']} ({language}): write {{{name}:one|more}}, or put it on the list"
                    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_sheet_and_its_methods_read_right_with_that_many_of_everything(language: str, number: int) -> None:
    rows = made_up_picture.ordinary()
    rows["due_insats"] = [
        due(n, "overdue", "Insats", days_past=number, dose_unit=unit, planned_dose=number, done_dose=done)
        for n, (unit, done) in enumerate(
            (u, d) for u in ("pass", "timme", "besok", "samtal", "atgard") for d in (None, 0)
        )
    ]
    for table, listed in rows.items():
        for row in listed:
            row |= {key: number for key in row if key.endswith("_count") and row[key] is not None}
            if table == "deviation":
                row["silent_days"] = number
    rows["source"] = rows["source"][: max(1, number)]
    picture = read_picture(made_up_picture.database(rows))
    for page in (render(picture, language), methods_page(picture, language)):
        assert faults(Page(page).text(), language) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_sql_writes_reads_right_with_that_many_of_everything(number: int, tmp_path: Path) -> None:
    town = Town(feeds=Town().feeds[: max(1, number)])
    town.heard("guard_a", 371)
    town.thresholds["repeat_count"] = town.thresholds["minimum_count"] = 1
    for n in range(number):
        town.report(f"r{n}", local(1, "21:00"), category="vald.ran", severity_default=4 + n, place_id="torget")
        town.report(f"f{n}", local(0, "03:00"), observation_type="municipal_request", category="plats.belysning",
                    status="open", place_id="torget", severity_default=5, counts_as="incident")  # fmt: skip
    with connect(town.build(tmp_path).path, read_only=True) as connection:
        picture = read_picture(connection)
    for language in LANGUAGES:
        told = [str(value) for table in picture.values() if isinstance(table, list) for row in table for key, value in
                row.items() if key.endswith(f"_{language}")]  # fmt: skip
        assert told and [fault for text in told for fault in faults(text, language)] == []
        assert faults(Page(render(picture, language)).text(), language) == []
