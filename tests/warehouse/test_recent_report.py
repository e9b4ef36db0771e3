"""The picture reads thirteen months in full and the years before in narrow columns, and tells the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.warehouse.rows import MOMENT, Town, local, rows_of

#: Before the calendar of 52 + 1 weeks.
YEARS_AGO = 900


def known(days_ago: int) -> dict[str, object]:
    return {"ingested_at": local(days_ago), "first_seen_at": local(days_ago)}


def test_a_report_of_years_ago_stands_and_is_counted_but_not_copied(tmp_path: Path) -> None:
    town = Town()
    town.report("old", local(YEARS_AGO), **known(YEARS_AGO))
    town.report("new", local(1), **known(1))
    path = town.build(tmp_path, "picture.head", "core.report", "core.recent_report").path
    assert rows_of(path, "SELECT current_report_count AS n FROM picture.head") == [{"n": 2}]
    assert rows_of(path, "SELECT count(*) AS n FROM core.report") == [{"n": 2}]
    assert rows_of(path, "SELECT report_id FROM core.recent_report") == [{"report_id": "guard_a:new"}]


def test_an_old_report_corrected_last_night_is_news_and_an_old_version_is_not_current(tmp_path: Path) -> None:
    town = Town()
    first = town.report("old", local(YEARS_AGO), **known(YEARS_AGO))
    changed = {"version": 2, "change_kind": "changed", "category": "vald.misshandel"}
    town.lake["report_version"].append({**first, **changed, "ingested_at": MOMENT - timedelta(hours=2)})
    path = town.build(tmp_path, "core.change", "core.recent_report", "core.standing_total").path
    assert rows_of(path, "SELECT change_kind FROM core.change") == [{"change_kind": "changed"}]
    assert rows_of(path, "SELECT category FROM core.recent_report") == [{"category": "vald.misshandel"}]
    assert rows_of(path, "SELECT sum(standing_count) AS n FROM core.standing_total") == [{"n": 1}]


def test_an_old_report_withdrawn_last_night_is_told_by_what_it_last_said(tmp_path: Path) -> None:
    town = Town()
    first = town.report("old", local(YEARS_AGO), **known(YEARS_AGO))
    town.lake["report_version"].append(
        {**first, "version": 2, "change_kind": "withdrawn", "ingested_at": MOMENT - timedelta(hours=2)}
    )
    path = town.build(tmp_path, "core.change", "picture.head").path
    told = rows_of(path, "SELECT change_kind, category FROM core.change")
    assert told == [{"change_kind": "withdrawn", "category": first["category"]}]
    assert rows_of(path, "SELECT current_report_count AS n FROM picture.head") == [{"n": 0}]


def test_an_event_far_ahead_of_its_receipt_is_read_however_long_ago_it_was_received(tmp_path: Path) -> None:
    town = Town()
    town.report("ahead", local(1), **known(YEARS_AGO))
    assert town.rows(tmp_path, "SELECT local_day FROM core.incident") == [{"local_day": local(1).date()}]
