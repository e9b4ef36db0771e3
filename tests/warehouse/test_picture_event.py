"""§4: what is new since the last picture, and what of it may be said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.rows import MOMENT, Town, local, rows_of

BEFORE, AFTER = MOMENT - timedelta(hours=30), MOMENT - timedelta(hours=3)


def events(town: Town, folder: Path) -> list[dict[str, Any]]:
    path = town.build(folder, "picture.event", "picture.event_total", "core.report").path
    return rows_of(path, "SELECT * FROM picture.event ORDER BY position")


def totals(folder: Path) -> dict[str, Any]:
    (row,) = rows_of(folder / "town.duckdb", "SELECT * FROM picture.event_total")
    return row


def version(town: Town, key: str, number: int, kind: str, **values: Any) -> None:
    town.report(key, local(2), version=number, change_kind=kind, ingested_at=AFTER, first_seen_at=BEFORE, **values)


def test_new_changed_withdrawn_and_returned_are_told_apart(tmp_path: Path) -> None:
    town = Town()
    for key in ("changed", "withdrawn", "returned", "quiet"):
        town.report(key, local(2), ingested_at=BEFORE, note_public=f"Text {key}.")
    town.report("quiet", local(2), version=2, change_kind="changed", ingested_at=BEFORE + timedelta(hours=1))
    town.report("new", local(1), ingested_at=AFTER)
    version(town, "changed", 2, "changed", note_public="Ny text.")
    version(town, "withdrawn", 2, "withdrawn", note_public="Får inte synas.")
    version(town, "returned", 2, "withdrawn")
    version(town, "returned", 3, "returned")
    told = {e["report_id"].split(":")[1]: e for e in events(town, tmp_path)}
    assert {key: e["change_kind"] for key, e in told.items()} == {
        "new": "new", "changed": "changed", "withdrawn": "withdrawn", "returned": "returned",
    }  # fmt: skip
    assert told["changed"]["note_public"] == "Ny text." and told["withdrawn"]["note_public"] is None
    assert (totals(tmp_path)["new_count"], totals(tmp_path)["changed_count"], totals(tmp_path)["withdrawn_count"]) == (
        1, 2, 1,
    )  # fmt: skip


def test_a_change_of_noise_only_is_no_news_and_neither_is_what_came_and_went(tmp_path: Path) -> None:
    town = Town()
    town.report("noise", local(2), ingested_at=BEFORE)
    version(town, "noise", 2, "changed", dq_flags="noise_change")
    town.report("gone", local(1), ingested_at=AFTER)
    town.report("gone", local(1), version=2, change_kind="withdrawn", ingested_at=AFTER + timedelta(minutes=5),
                first_seen_at=AFTER)  # fmt: skip
    assert events(town, tmp_path) == []
    assert (totals(tmp_path)["new_count"], totals(tmp_path)["changed_count"], totals(tmp_path)["withdrawn_count"]) == (
        0, 0, 0,
    )  # fmt: skip


def test_a_number_that_may_stand_for_another_event_is_marked(tmp_path: Path) -> None:
    town = Town()
    for key in ("same", "other"):
        town.report(key, local(2), ingested_at=BEFORE)
    version(town, "same", 2, "changed", dq_flags="place_unmatched")
    version(town, "other", 2, "changed", dq_flags="identity_break,place_unmatched")
    told = {e["report_id"].split(":")[1]: e["is_identity_break"] for e in events(town, tmp_path)}
    assert told == {"same": False, "other": True}


def test_what_was_done_is_told_in_words_of_both_languages(tmp_path: Path) -> None:
    town = Town()
    codes = {"one": "polis_tillkallad", "two": "polis_tillkallad,avvisning", "none": None, "unheard_of": "annat"}
    for key, code in codes.items():
        town.report(key, local(1), ingested_at=AFTER, action_taken=code)
    told = {e["report_id"].split(":")[1]: (e["action_taken"], e["action_sv"], e["action_en"])
            for e in events(town, tmp_path)}  # fmt: skip
    assert told == {
        "one": ("polis_tillkallad", "Polis tillkallad", "Police called"),
        "two": ("polis_tillkallad,avvisning", "Polis tillkallad; Personer avvisade",
                "Police called; Persons turned away"),
        "none": (None, None, None),
        "unheard_of": ("annat", "annat", "annat"),
    }  # fmt: skip


def test_an_event_of_an_area_that_was_redrawn_is_told_of_the_municipality(tmp_path: Path) -> None:
    town = Town()
    town.report("redrawn", local(1), ingested_at=AFTER, area_id="sodra")
    result = town.build(tmp_path)
    (told,) = rows_of(result.path, "SELECT * FROM picture.event")
    assert (told["place_label"], told["area_name"], told["location_precision"]) == ("Lindvik", None, "kommun")
    assert rows_of(result.path, "SELECT unlocated_count, total_count FROM picture.map_total") == [
        {"unlocated_count": 1, "total_count": 1}
    ]
    (warning,) = [w for w in result.warnings if w.check == "warn_area_unknown"]
    assert "run lagesbild rebuild" in str(warning)


def test_the_gravest_stand_first_and_eight_at_most(tmp_path: Path) -> None:
    town = Town()
    for n in range(10):
        town.report(f"n{n}", local(1, f"{n:02d}:00"), ingested_at=AFTER)
    town.report("grave", local(2), category="vald.skjutning", ingested_at=AFTER)
    told = events(town, tmp_path)
    assert [e["report_id"] for e in told] == ["guard_a:grave"] + [f"guard_a:n{n}" for n in range(9, 2, -1)]
    assert [e["position"] for e in told] == list(range(1, 9)) and told[0]["query_id"] == "4.1"
    assert (totals(tmp_path)["new_count"], totals(tmp_path)["shown_count"]) == (11, 8)


def test_meta_and_activity_are_counted_and_never_listed_and_grave_context_is_listed(tmp_path: Path) -> None:
    town = Town()
    town.report("m", local(1), category="meta.sammanfattning", source_id="polisen_events", municipality_code=None,
                location_precision="lan", ingested_at=AFTER)  # fmt: skip
    town.report("r", local(1), category="vaktaktivitet.rond", ingested_at=AFTER)
    town.report("light", local(1), category="plats.belysning", ingested_at=AFTER)
    town.report("missing", local(1), category="person.forsvunnen", ingested_at=AFTER)
    assert [e["report_id"] for e in events(town, tmp_path)] == ["guard_a:missing"]
    told = totals(tmp_path)
    assert (told["meta_count"], told["activity_count"], told["context_count"]) == (1, 1, 2)


def test_a_police_notice_is_listed_for_this_municipality_only(tmp_path: Path) -> None:
    town = Town()
    police = {"source_id": "polisen_events", "observation_type": "police_notice", "area_id": None,
              "ingested_at": AFTER}  # fmt: skip
    town.report("here", local(1), **police)
    town.report("there", local(1), municipality_code="0001", **police)
    town.report("somewhere", local(1), municipality_code=None, **police)
    (event,) = events(town, tmp_path)
    assert (event["report_id"], event["place_label"]) == ("polisen_events:here", "Lindvik")


def test_a_sensitive_event_tells_category_municipality_and_week_only(tmp_path: Path) -> None:
    town = Town()
    town.report("s", local(1, "23:10"), category="vald.sexualbrott", note_public="Får inte synas.",
                action_taken="polis_tillkallad", ingested_at=AFTER)  # fmt: skip
    (event,) = events(town, tmp_path)
    assert (event["place_label"], event["time_label_sv"], event["location_precision"]) == (
        "Lindvik", "vecka 47", "kommun",
    )  # fmt: skip
    for name in ("occurred_from", "occurred_until", "area_name", "note_public", "action_taken"):
        assert event[name] is None, name
    assert event["is_time_known"] is False


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({}, "sön 22 nov 23.15"),
        ({"occurred_precision": "hour"}, "sön 22 nov ca 23.15"),
        ({"occurred_precision": "day"}, "sön 22 nov, klockslag okänt"),
        ({"occurred_precision": "interval", "occurred_until": local(1, "23:40")}, "sön 22 nov 23.15–23.40"),
        ({"occurred_precision": "interval", "occurred_until": local(0, "02:00")}, "sön 22 nov 23.15–mån 23 nov 02.00"),
        ({"occurred_from": None, "occurred_precision": "unknown", "reported_at": local(0, "04:05")},
         "tid okänd, inkom mån 23 nov 04.05"),
    ],
)  # fmt: skip
def test_the_time_is_told_as_exactly_as_it_is_known(tmp_path: Path, values: dict[str, Any], label: str) -> None:
    town = Town()
    town.report("a", local(1, "23:15"), ingested_at=AFTER, **values)
    (event,) = events(town, tmp_path)
    assert event["time_label_sv"] == label


def test_what_happened_long_ago_is_late_history_and_not_this_mornings_news(tmp_path: Path) -> None:
    town = Town(previous_moment_at=None)
    town.report("late", local(30), ingested_at=AFTER)
    town.report("old correction", local(20), ingested_at=BEFORE)
    town.report("old correction", local(20), version=2, change_kind="changed", ingested_at=AFTER, first_seen_at=BEFORE)
    assert [e["report_id"] for e in events(town, tmp_path)] == ["guard_a:old correction"]
    assert rows_of(tmp_path / "town.duckdb", "SELECT count(*) AS n FROM core.report") == [{"n": 2}]


OCTOBER, MARCH = datetime(2026, 10, 25, 5, 15, tzinfo=UTC), datetime(2026, 3, 29, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("morning", "before", "flags", "label", "english"),
    [
        (OCTOBER, 285, "time_ambiguous", "sön 25 okt 02.30 · dubbel timme", "Sun 25 Oct 02:30 · doubled hour"),
        (OCTOBER, 285, "", "sön 25 okt 02.30 sommartid", "Sun 25 Oct 02:30 summer time"),
        (OCTOBER, 225, "", "sön 25 okt 02.30 vintertid", "Sun 25 Oct 02:30 winter time"),
        (OCTOBER, 185, "", "sön 25 okt 03.10", "Sun 25 Oct 03:10"),
        (OCTOBER, 325, "", "sön 25 okt 01.50", "Sun 25 Oct 01:50"),
        (MARCH, 165, "dst_gap", "sön 29 mars 03.30 · struken timme", "Sun 29 Mar 03:30 · struck-out hour"),
        (MARCH, 165, "", "sön 29 mars 03.30", "Sun 29 Mar 03:30"),
    ],
)
def test_a_time_in_the_hour_of_a_clock_change_says_so(
    tmp_path: Path, morning: datetime, before: int, flags: str, label: str, english: str
) -> None:
    town = Town(moment=morning, previous_moment_at=morning - timedelta(hours=24))
    told = {"ingested_at": morning - timedelta(hours=1), "first_seen_at": morning - timedelta(hours=1)}
    town.report("r", morning - timedelta(minutes=before), dq_flags=flags, **told)
    (event,) = events(town, tmp_path)
    assert (event["time_label_sv"], event["time_label_en"]) == (label, english)
