"""Notices worked on by column say of each what it says alone, and when it happened as told one at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_police import SMALL, Police, notice

from connectors.polisen_events.connector import normalise
from connectors.polisen_events.entries import Erased, Record
from connectors.polisen_events.occurrence import FLAGS, occurrences
from connectors.polisen_events.rows import rows_of
from connectors.times import UtcTime, to_utc

LEAD, LAG, HALF_YEAR = timedelta(minutes=10), timedelta(days=14), timedelta(days=180)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
When = tuple[int, int, int, int]


def plainly(
    when: When | None, published: datetime, zone: ZoneInfo, is_summary: bool, is_announcement: bool
) -> tuple[datetime | None, bool, str | None]:
    """The rule of ``occurrences``, one title at a time and in Python's own dates."""
    if is_summary:
        return None, False, "summary"
    found = None if when is None else nearest(when, published, zone)
    if found is None:
        return None, False, "title_unreadable"
    local, time = found
    lead = time.instant - published
    if lead > (LAG if is_announcement else LEAD):
        return None, False, "title_after_publication"
    if -lead > LAG:
        return None, False, "title_long_before_publication"
    here = published.astimezone(zone).replace(tzinfo=None)
    if local.hour == 0 and here.hour == 0 and here.date() - local.date() == timedelta(days=1):
        return None, False, "title_day_doubtful"
    if time.is_ambiguous and time.instant + timedelta(hours=1) - published <= LEAD:
        return None, True, "dst_ambiguous"
    return time.instant, False, "dst_gap" if time.in_gap else "announced_ahead" if lead > LEAD else None


def nearest(when: When, published: datetime, zone: ZoneInfo) -> tuple[datetime, UtcTime] | None:
    candidates = [in_year(when, published.year + step, zone) for step in (0, -1, 1)]
    if candidates[0] is not None and abs(candidates[0][1].instant - published) < HALF_YEAR:
        return candidates[0]
    found = [candidate for candidate in candidates if candidate is not None]
    return min(found, key=lambda pair: (abs(pair[1].instant - published), pair[0]), default=None)


def in_year(when: When, year: int, zone: ZoneInfo) -> tuple[datetime, UtcTime] | None:
    try:
        local = datetime(year, *when)  # noqa: DTZ001 - a local time
        return local, to_utc(local, zone)
    except ValueError:
        return None


offsets = st.sampled_from([0, 60, 120, -330, 840]).map(lambda minutes: timezone(timedelta(minutes=minutes)))
odd_hours = ["2026-03-29T01:00Z", "2026-10-25T00:00Z", "2027-01-01T00:00Z", "2024-02-29T00:00Z", "2026-10-03T15:00Z"]
any_time = st.integers(-62_134_000_000, 253_401_000_000).map(
    lambda s: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
moments = st.builds(
    lambda at, minutes, zone: (at + timedelta(minutes=minutes)).astimezone(zone),
    st.sampled_from(odd_hours).map(datetime.fromisoformat) | any_time,
    st.integers(-300, 300),
    offsets,
)


@st.composite
def titles(draw: st.DrawFn) -> tuple[When | None, datetime]:
    """A title's time, most often one near its publication, and the publication."""
    published = draw(moments)
    anything = st.tuples(st.integers(1, 12), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
    if draw(st.integers(0, 9)) == 0:
        return draw(st.none() | anything), published
    minutes = draw(st.integers(-90, 30) | st.sampled_from([-20160, -20161, 10, 11, 20160, 20161, -1440, 525600 // 2]))
    try:
        near = (published + timedelta(minutes=minutes)).astimezone(STOCKHOLM)
    except OverflowError:
        return None, published
    return (near.month, near.day, near.hour, near.minute), published


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(titles(), st.booleans(), st.booleans()), min_size=1, max_size=20))
@pytest.mark.parametrize("zone", [STOCKHOLM, ZoneInfo("Australia/Lord_Howe")], ids=lambda zone: zone.key)
def test_a_column_of_titles_is_believed_as_each_of_them_is(zone: ZoneInfo, many: list[Any]) -> None:
    whens = [(when, published) for (when, published), _, _ in many]
    column = occurrences(
        np.array([when or (0, 0, 0, 0) for when, _ in whens], dtype=np.int64),
        np.array([at.astimezone(UTC).replace(tzinfo=None) for _, at in whens], dtype="datetime64[us]"),
        np.array([at.year for _, at in whens], dtype=np.int64),
        zone,
        is_summary=np.array([is_summary and is_other for _, is_summary, is_other in many], dtype=bool),
        is_announcement=np.array([is_announcement for _, is_announcement, _ in many], dtype=bool),
    )
    instants = [at and at.replace(tzinfo=UTC) for at in column.instant.tolist()]
    flags = [FLAGS[number] for number in column.flag.tolist()]
    found = list(zip(instants, column.is_ambiguous.tolist(), flags, strict=True))
    assert found == [
        plainly(when, at, zone, one and other, one) for (when, at), (_, one, other) in zip(whens, many, strict=True)
    ]


records = st.builds(
    Record,
    st.integers(1, 9),
    st.just(""),
    st.sampled_from(
        [
            "21 augusti 07.10, Brand, Nacka",
            "21 augusti 07.10, Rån, Gotland",
            "Brand, Nacka, X",
            "",
            "21 augusti 07.10, ",
        ]
    ),
    st.sampled_from(["Brand", " Brand", "Sammanfattning natt", "Våldtäkt", "Okänt ord", "Övrigt", "Information"]),
    st.sampled_from([None, "", "Påhittad.", "Ring presstalesperson.", "Hennes sambo.", "Ring 070-123 45 67."])
    | st.builds(Erased, st.sampled_from(["0badcafe", "00000000"]), st.sampled_from(["", "note_withheld"]), st.just("")),
    st.none() | st.just("/u"),
    st.sampled_from([None, "", "Stockholms län", "Nacka", "Ingenstans"]),
    st.none() | st.just("59,18"),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(records, min_size=1, max_size=12))
def test_notices_read_together_say_what_each_says_alone(police: Police, many: list[Record]) -> None:
    at = datetime(2026, 8, 21, 6, tzinfo=UTC)
    context = police.context()
    together = rows_of(many, [at] * len(many), context)
    alone = [rows_of([record], [at], context) for record in many]
    assert together.contents.to_pylist() == [row for one in alone for row in one.contents.to_pylist()]
    assert together.unmapped == {row: one.unmapped[0] for row, one in enumerate(alone) if one.unmapped}


def test_no_notice_at_all_is_a_table_without_rows(police: Police) -> None:
    tables = normalise([police.land([{**notice(1), "datetime": "i går"}] * 3)], police.context(**SMALL), None)
    assert (tables.contents.num_rows, tables.sightings.num_rows, tables.rejects.num_rows) == (0, 0, 1)


@pytest.mark.parametrize(("name", "differs"), [("", False), ("21 augusti 07.10, Rån, Nacka", True)])
def test_a_title_without_a_type_does_not_contradict_the_notice(police: Police, name: str, differs: bool) -> None:
    assert ("title_type_differs" in police.row(name=name, type="Brand")["dq_flags"].split(",")) == differs
