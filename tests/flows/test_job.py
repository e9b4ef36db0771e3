"""What "since last" is counted from, when pictures are made all day long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flows.make_picture import previous_moment
from flows.opened import open_settings
from flows.store import Store


@pytest.fixture(scope="module")
def haninge():
    return open_settings("haninge")


def published(folder, *moments: str) -> Store:
    store = Store.at(folder)
    store.published.mkdir(parents=True)
    for number, moment in enumerate(moments):
        (store.published / f"picture_{number}.json").write_text(f'{{"moment_at":"{moment}"}}')
    return store


@pytest.mark.parametrize(
    ("asked_at", "counted_from"),
    [
        ("2026-11-26T04:01", "2026-11-25T05:40"),  # 05.01 local: since the sheet of yesterday's meeting
        ("2026-11-26T05:10", "2026-11-25T05:40"),  # 06.10, after two refreshes this morning: the same
        ("2026-11-26T06:05", "2026-11-25T05:40"),  # 07.05, while the meeting is on: the same
        ("2026-11-26T13:00", "2026-11-26T05:30"),  # 14.00: since the sheet that this morning's meeting had
    ],
)
def test_since_last_counts_from_the_sheet_the_last_meeting_had(haninge, tmp_path, asked_at, counted_from):
    store = published(
        tmp_path,
        "2026-11-25T04:01:00Z",
        "2026-11-25T05:40:00Z",  # 06.40, a file came while they sat down
        "2026-11-25T20:15:00Z",  # a refresh in the evening that nobody met over
        "2026-11-26T04:01:00Z",
        "2026-11-26T05:30:00Z",
        "2026-11-26T12:00:00Z",
    )
    asked = datetime.fromisoformat(asked_at).replace(tzinfo=UTC)
    wanted = datetime.fromisoformat(counted_from).replace(tzinfo=UTC)
    assert previous_moment(store, haninge, asked) == wanted


def test_since_last_is_the_same_clock_yesterday_where_no_meeting_had_a_sheet(haninge, tmp_path):
    store = published(tmp_path, "2026-03-29T07:00:00Z")
    asked = datetime(2026, 3, 29, 8, 0, tzinfo=UTC)  # 10.00 on the day the clocks went forward
    assert previous_moment(store, haninge, asked) == datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
