"""§1: who was heard, when, and what it means."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.rows import MOMENT, Town, feed, sha


def source_of(town: Town, folder: Path, source_id: str = "guard_a") -> dict[str, Any]:
    (row,) = town.rows(folder, f"SELECT * FROM picture.source WHERE source_id = '{source_id}'")
    return row


def ago(hours: float) -> Any:
    return MOMENT - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("hours", "status"), [(1, "fresh"), (30, "fresh"), (31, "late"), (54, "late"), (55, "down"), (None, "never")]
)
def test_status_follows_the_hours_of_silence(tmp_path: Path, hours: float | None, status: str) -> None:
    town = Town()
    if hours is not None:
        town.delivery("guard_a", ago(hours))
    row = source_of(town, tmp_path)
    assert (row["status"], row["hours_silent"]) == (status, hours)


def test_numbers_are_of_the_last_24_hours_and_unknown_where_nothing_came(tmp_path: Path) -> None:
    town = Town()
    town.delivery("guard_a", ago(25), seen_count=100, accepted_count=100)
    town.delivery("guard_b", ago(23), seen_count=9, accepted_count=4, rejected_count=2, duplicate_count=3)
    town.delivery("guard_b", ago(2), disposition="quarantined", reason="not_csv", seen_count=5, rejected_count=5)
    a, b = source_of(town, tmp_path), source_of(town, tmp_path, "guard_b")
    assert (a["seen_count"], a["accepted_count"]) == (None, None)
    assert [b[f"{n}_count"] for n in ("seen", "accepted", "rejected", "duplicate", "quarantined")] == [14, 4, 7, 3, 1]


def test_a_quarantined_delivery_is_not_being_heard(tmp_path: Path) -> None:
    town = Town()
    town.delivery("guard_a", ago(2), disposition="quarantined", reason="not_csv")
    assert source_of(town, tmp_path)["status"] == "never"


def test_an_answer_with_nothing_new_is_a_sign_of_life_and_an_empty_folder_is_not(tmp_path: Path) -> None:
    town = Town()
    town.attempt("guard_a", 1, status="nothing_new")
    town.attempt("guard_b", 1, status="nothing_new", http_status=200)
    assert source_of(town, tmp_path)["status"] == "never"
    assert source_of(town, tmp_path, "guard_b")["status"] == "fresh"


def test_the_cause_is_that_of_the_newest_failure_after_the_last_success(tmp_path: Path) -> None:
    town = Town()
    town.delivery("guard_a", ago(5))
    town.attempt("guard_a", 6, status="failed", cause="tls")
    town.delivery("guard_b", ago(50))
    town.attempt("guard_b", 3, status="failed", cause="timeout")
    town.attempt("guard_b", 1, status="failed", cause="refused")
    assert source_of(town, tmp_path)["last_cause"] is None
    assert source_of(town, tmp_path, "guard_b")["last_cause"] == "refused"


def test_fewer_and_more_than_expected_are_said_only_of_a_source_heard_daily(tmp_path: Path) -> None:
    town = Town(feeds=[
        feed("low", expected_low=5, expected_high=9), feed("high", expected_low=1, expected_high=3, position=2),
        feed("weekly", expected_low=5, expected_every_hours=168.0, position=3),
        feed("silent", expected_low=5, position=4), feed("free", position=5),
    ])  # fmt: skip
    for name in ("low", "high", "weekly", "free"):
        town.delivery(name, ago(2), seen_count=4, accepted_count=4)
    town.delivery("silent", ago(40))
    told = town.rows(tmp_path, "SELECT source_id, is_below_expected AS b, is_above_expected AS a FROM picture.source")
    assert {r["source_id"]: (r["b"], r["a"]) for r in told} == {
        "low": (True, False), "high": (False, True), "weekly": (None, None), "silent": (None, None),
        "free": (None, None),
    }  # fmt: skip


def test_a_source_that_repeats_itself_and_tells_of_nothing_new_is_frozen(tmp_path: Path) -> None:
    town = Town(feeds=[
        feed("stuck"), feed("calm", expected_low=0, position=2), feed("alive", position=3), feed("planned", position=4),
    ])  # fmt: skip
    for source in ("stuck", "calm", "planned"):
        for hours in (100, 76, 52, 28, 4):
            town.delivery(source, ago(hours), delivery_sha256=sha(source))
        town.report("old", ago(110), source_id=source)
    for hours in (100, 4):
        town.delivery("alive", ago(hours))
    town.report("old", ago(110), source_id="alive")
    town.report("known ahead", ago(10), source_id="planned", ingested_at=ago(100))
    told = town.rows(tmp_path, "SELECT source_id, status, is_frozen FROM picture.source")
    assert {r["source_id"]: r["is_frozen"] for r in told} == {
        "stuck": True, "calm": False, "alive": False, "planned": False,
    }  # fmt: skip
    assert {r["status"] for r in told} == {"fresh"}


@pytest.mark.parametrize(("gaps", "is_loss"), [([130], True), ([2, 130], True), ([2, 100], False), ([30, 160], False)])
def test_a_silence_longer_than_the_source_keeps_its_records_may_have_lost_some(
    tmp_path: Path, gaps: list[float], is_loss: bool
) -> None:
    town = Town(feeds=[feed("polisen_events", "police", is_trend=False, loss_after_hours=120.0)])
    for hours in gaps:
        town.delivery("polisen_events", ago(hours))
    assert source_of(town, tmp_path, "polisen_events")["is_possible_loss"] is is_loss


def test_the_third_sentence_counts_the_silent_and_names_them(tmp_path: Path) -> None:
    town = Town()
    town.delivery("guard_a", ago(2))
    town.delivery("guard_b", ago(100))
    town.delivery("open311_town", ago(2))
    (row,) = town.rows(tmp_path, "SELECT * FROM picture.summary WHERE position = 3")
    assert row["number"] == 2
    assert row["sentence_sv"] == "2 av 4 källor är tysta: Guard_B; Polisen_Events."
    assert row["sentence_en"] == "2 of 4 sources are silent: Guard_B (en); Polisen_Events (en)."
