"""How each feed is, by the same rule as the sheet's first section."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from flows.health import feed_rows, is_sign_of_life
from flows.hear import land_folder
from flows.job import read_feed
from flows.make_picture import make_picture
from flows.opened import open_settings
from flows.pushes import Refusal, land_push
from flows.store import Run, Store
from tests.flows.crash_sweep import HEADER
from warehouse.connection import connect
from warehouse.landing import Attempt, Landing

NOW = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


def land(store: Store, body: bytes, hours_ago: float) -> None:
    at = NOW - timedelta(hours=hours_ago)
    store.landing.land("guard_nordvakt", body, received_at=at, landed_at=at, name="night.csv", run_id="r")


def test_a_delivery_in_quarantine_is_not_being_heard_here_as_on_the_sheet(tmp_path):
    settings, store, run = open_settings("lindvik"), Store.at(tmp_path), Run.start(lambda: NOW)
    report = "N1;2026-11-17;23.10;;Torget;Klotter;;;Nej;;;;;"
    land(store, "\r\n".join([HEADER, report, ""]).encode("cp1252"), 40)
    land(store, b"<html>log in</html>", 2)
    with store.writing("test"):
        read_feed(store, settings, "guard_nordvakt", run)
        assert make_picture(store, settings, run, NOW).sheet
    (row,) = [row for row in feed_rows(settings, store, NOW) if row["feed"] == "guard_nordvakt"]
    assert (row["state"], row["hours_silent"], row["quarantined"]) == ("late", 40.0, 1)
    with connect(store.database, read_only=True) as con:
        query = "SELECT status, hours_silent FROM picture.source WHERE source_id = 'guard_nordvakt'"
        assert con.execute(query).fetchone() == ("late", 40.0)


def test_an_answer_with_nothing_new_in_it_is_being_heard_here_as_on_the_sheet(tmp_path):
    settings, store, run = open_settings("lindvik"), Store.at(tmp_path), Run.start(lambda: NOW)
    for hours, status, http_status in ((60, "nothing_new", 200), (40, "nothing_new", 304), (20, "failed", 503)):
        at = NOW - timedelta(hours=hours)
        told = {"run_id": "r", "started_at": at, "ended_at": at, "status": status, "http_status": http_status}
        store.landing.note_attempt("felanmalan", **told)
    with store.writing("test"):
        assert make_picture(store, settings, run, NOW).sheet
    (row,) = [row for row in feed_rows(settings, store, NOW) if row["feed"] == "felanmalan"]
    assert (row["state"], row["hours_silent"]) == ("late", 40.0)
    assert row["listening_since"] == NOW - timedelta(hours=60)
    with connect(store.database, read_only=True) as con:
        query = "SELECT status, hours_silent FROM picture.source WHERE source_id = 'felanmalan'"
        assert con.execute(query).fetchone() == ("late", 40.0)


def test_what_was_accepted_in_a_day_is_counted_from_the_moment_back(tmp_path):
    settings, store, run = open_settings("lindvik"), Store.at(tmp_path), Run.start(lambda: NOW)
    for number, hours in enumerate((40, 20, 2)):
        report = f"N{number};2026-11-17;23.10;;Torget;Klotter;;;Nej;;;;;"
        land(store, "\r\n".join([HEADER, report, ""]).encode("cp1252"), hours)
    with store.writing("test"):
        read_feed(store, settings, "guard_nordvakt", run)
    rows = {row["feed"]: row for row in feed_rows(settings, store, NOW)}
    assert rows["guard_nordvakt"]["accepted_last_day"] == 2
    assert rows["guard_tryggve"]["accepted_last_day"] is None


@pytest.mark.parametrize(
    ("status", "http_status", "is_alive"),
    [("nothing_new", 200, True), ("nothing_new", 304, True), ("nothing_new", None, False), ("nothing_new", 503, False),
     ("failed", 200, False), ("skipped", None, False)],
)  # fmt: skip
def test_only_a_source_that_answered_and_had_nothing_new_shows_that_it_lives(status, http_status, is_alive):
    assert is_sign_of_life(Attempt(1, "vma", "r", NOW, NOW, status, http_status=http_status)) is is_alive


def test_neither_health_nor_drop_folder_nor_push_takes_the_whole_journal_apart(tmp_path, monkeypatch):
    """It grows for ever; the oversight asks every few minutes."""
    settings, store, run = open_settings("lindvik"), Store.at(tmp_path), Run.start(lambda: NOW)
    for days, status in ((90, "nothing_new"), (89, "failed"), (3, "nothing_new"), (2, "failed"), (1, "failed")):
        at = NOW - timedelta(days=days)
        told = {"run_id": "r", "started_at": at, "ended_at": at, "status": status, "http_status": 200}
        store.landing.note_attempt("felanmalan", **told)
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "a.csv").write_text("x")
    os.utime(tmp_path / "drop" / "a.csv", (NOW.timestamp() - 3600,) * 2)
    monkeypatch.setattr(Landing, "entries", lambda self: pytest.fail("read whole"))
    monkeypatch.setattr(Landing, "attempts", lambda self: pytest.fail("read whole"))
    (row,) = [row for row in feed_rows(settings, store, NOW) if row["feed"] == "felanmalan"]
    assert (row["hours_silent"], row["failed_in_a_row"], row["last_try"]) == (72.0, 2, "failed")
    assert row["listening_since"] == NOW - timedelta(days=90)
    assert len(land_folder(store, "guard_nordvakt", tmp_path / "drop", run)[0]) == 1
    assert land_folder(store, "guard_nordvakt", tmp_path / "drop", run) == ([], [])
    assert land_push(store, "guard_nordvakt", "one", b"y", None, run) is not True
    assert land_push(store, "guard_nordvakt", "one", b"y", None, run) is True
    with pytest.raises(Refusal):
        land_push(store, "guard_nordvakt", "one", b"z", None, run)
