from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_police import Police

from connectors.polisen_events.title import Title, read_published, read_title


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("21 augusti 11.30, Trafikolycka, Hallsberg", Title((8, 21, 11, 30), "Trafikolycka", "Hallsberg")),
        ("03 maj 23:35, Rån, försök, Stockholm", Title((5, 3, 23, 35), "Rån, försök", "Stockholm")),
        ("4 juli 7.05, Lagen om hundar och katter , Åmål", Title((7, 4, 7, 5), "Lagen om hundar och katter", "Åmål")),
        ("20 juni 16.00, Brand, ", Title((6, 20, 16, 0), "Brand", "")),
        ("20\xa0juni  16.00,  Brand,\xa0Lilla  Edet", Title((6, 20, 16, 0), "Brand", "Lilla Edet")),
        ("20 juny 16.00, Brand, Nacka", Title(None, "Brand", "Nacka")),
        ("Brand", Title(None, "Brand", "")),
        ("", Title(None, "", "")),
    ],
)
def test_a_title_is_cut_at_its_time_and_its_last_comma(name: str, expected: Title) -> None:
    assert read_title(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-21 8:05:10 +02:00", datetime(2026, 8, 21, 6, 5, 10, tzinfo=UTC)),
        ("2026-08-21 08:05:10 +02:00", datetime(2026, 8, 21, 6, 5, 10, tzinfo=UTC)),
        ("2026-12-21 23:05:10 -05:30", datetime(2026, 12, 22, 4, 35, 10, tzinfo=UTC)),
        ("2026-08-21T08:05:10Z", datetime(2026, 8, 21, 8, 5, 10, tzinfo=UTC)),
        ("2026-08-21 08:05:10", None),
        ("2026-02-30 08:05:10 +01:00", None),
        ("2026-08-21 08:05:10 +99:00", None),
        ("0001-01-01 00:05:10 +02:00", None),
        ("٢٠٢٦-08-21 08:05:10 +02:00", None),
    ],
)
def test_publication_is_read_with_any_offset_and_one_or_two_digits_of_hour(
    text: str, expected: datetime | None
) -> None:
    assert read_published(text) == expected


@given(
    st.from_regex(
        r"(0|1|2|9)[0-9]{3}-[01][0-9]-[0-3][0-9] ([0-2][0-9]|[0-9]):[0-6]0:[05]9 [+-][0-2][0-9]:[0-9]0", fullmatch=True
    )
)
def test_a_publication_as_the_source_writes_it_is_read_as_any_other(text: str) -> None:
    # A second blank before the offset is not how the source writes it.
    assert read_published(text) == read_published(text.replace(" ", "  "))


@pytest.mark.parametrize(
    ("published", "name", "occurred", "flag"),
    [
        # the year that brings the event nearest to publication
        ("2026-01-01 0:30:00 +01:00", "31 december 23.50, Brand, Nacka", "2025-12-31T22:50Z", ""),
        ("2025-12-31 23:58:00 +01:00", "01 januari 00.05, Brand, Nacka", "2025-12-31T23:05Z", ""),
        # ten minutes of lead are rounding, more are an error
        ("2026-08-21 8:00:00 +02:00", "21 augusti 08.10, Brand, Nacka", "2026-08-21T06:10Z", ""),
        ("2026-08-21 8:00:00 +02:00", "21 augusti 08.11, Brand, Nacka", None, "title_after_publication"),
        ("2026-08-21 6:00:00 +02:00", "21 augusti 22.00, Brand, Nacka", None, "title_after_publication"),
        # two weeks back are a late notice, more are a mistyped day
        ("2026-08-21 8:00:00 +02:00", "07 augusti 08.00, Brand, Nacka", "2026-08-07T06:00Z", ""),
        ("2026-08-21 8:00:00 +02:00", "07 augusti 07.59, Brand, Nacka", None, "title_long_before_publication"),
        # just past midnight the writer may mean the day that has begun
        ("2026-08-21 0:40:00 +02:00", "20 augusti 00.07, Brand, Nacka", None, "title_day_doubtful"),
        ("2026-08-21 1:40:00 +02:00", "20 augusti 00.07, Brand, Nacka", "2026-08-19T22:07Z", ""),
        # the hour that comes twice, and the publication that settles which
        ("2026-10-25 6:00:00 +01:00", "25 oktober 02.30, Brand, Nacka", None, "dst_ambiguous"),
        ("2026-10-25 2:40:00 +02:00", "25 oktober 02.30, Brand, Nacka", "2026-10-25T00:30Z", ""),
        # the hour that does not come
        ("2026-03-29 6:00:00 +02:00", "29 mars 02.30, Brand, Nacka", "2026-03-29T01:30Z", "dst_gap"),
        ("2026-03-02 8:00:00 +01:00", "30 februari 08.00, Brand, Nacka", None, "title_unreadable"),
        ("2026-03-02 8:00:00 +01:00", "Brand, Nacka", None, "title_unreadable"),
    ],
)
def test_an_occurrence_is_believed_only_where_publication_bears_it_out(
    police: Police, published: str, name: str, occurred: str | None, flag: str
) -> None:
    row = police.row(datetime=published, name=name, type="Brand")
    assert row["occurred_from"] == (None if occurred is None else datetime.fromisoformat(occurred))
    assert row["occurred_precision"] == ("unknown" if occurred is None else "minute")
    assert row["occurred_is_ambiguous"] is (flag == "dst_ambiguous")
    assert row["dq_flags"] == flag


@pytest.mark.parametrize(
    ("changes", "is_believed"),
    [
        ({"type": "Information", "summary": "Övning i centrum."}, True),
        ({"type": "Övrigt", "summary": "Beslut om kamerabevakning med drönare."}, True),
        ({"type": "Övrigt", "summary": "Presstelefonen kopplas om."}, True),
        ({"type": "Övrigt", "summary": "Vittnen söks."}, False),
        ({"type": "Brand", "summary": "Övning med drönare."}, False),
    ],
)
def test_only_an_announcement_may_lie_ahead(police: Police, changes: dict[str, Any], is_believed: bool) -> None:
    type_ = changes["type"]
    row = police.row(datetime="2026-08-21 8:00:00 +02:00", name=f"22 augusti 09.00, {type_}, Nacka", **changes)
    assert (row["occurred_from"] is not None) is is_believed
    assert ("announced_ahead" in row["dq_flags"]) is is_believed


def test_a_summary_of_many_events_has_no_time_and_is_not_counted(police: Police) -> None:
    row = police.row(type="Sammanfattning natt", name="21 augusti 07.00, Sammanfattning natt, Örebro län")
    assert (row["occurred_from"], row["counts_as"], row["dq_flags"]) == (None, "meta", "place_conflict,summary")
    row = police.row(
        type="Sammanfattning natt",
        name="21 augusti 07.00, Sammanfattning natt, Örebro län",
        location_name="Örebro län",
    )
    assert (row["county_code"], row["location_precision"], row["dq_flags"]) == ("18", "lan", "summary")
