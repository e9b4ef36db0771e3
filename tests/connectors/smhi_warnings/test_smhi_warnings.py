"""SMHI's warnings as entries: what each says, whom it is for, and what of it leaves the landing zone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from http_clock import Clock, client_at
from made_up_warnings import (
    PLACES,
    area,
    context,
    drawn,
    notices,
    reasons,
    row,
    rows,
    square,
    told,
    warning,
)
from replay_server import Recorded, ReplayServer

from connectors.areas import areas_met
from connectors.smhi_warnings.connector import RULES, check_options, fetch, normalise
from warehouse.contract import REGISTER_COLUMNS, REGISTERS
from warehouse.register_versions import register_versions


@pytest.mark.parametrize("number", ["19811218-9876", "0701740658", 198112189876, "JHG482"])
def test_a_person_s_number_in_the_place_of_a_warning_s_or_an_area_s_does_not_leave(tmp_path: Path, number: Any) -> None:
    """Joined with the other number it was not seen to be one."""
    for sent in (warning(area(), number=number), warning(area(number))):
        (entry,) = rows(told(tmp_path, [sent]))
        assert str(number) not in entry["entry_id"] + entry["source_key"]


def test_a_plate_in_the_place_of_an_event_s_code_does_not_leave(tmp_path: Path) -> None:
    (entry,) = rows(told(tmp_path, [warning(area(), event={"sv": "Snö", "en": "Snow", "code": "JHG482"})]))
    assert entry["event_code"] is None and row(tmp_path)["event_code"] == "SNOW"


def test_a_warning_is_an_entry_with_its_names_level_time_and_area(tmp_path: Path) -> None:
    entry = row(tmp_path)
    assert {name: entry[name] for name, _ in REGISTER_COLUMNS["weather_warning"]} == {
        "event_code": "SNOW", "event_sv": "Snöfall", "event_en": "Snowfall", "warning_level": "gul",
        "warned_area_sv": "Provlän", "warned_area_en": "Prov County", "reach": "kommun", "area_ids": "norra,sodra",
        "warned_from": datetime(2026, 11, 23, 11, tzinfo=UTC), "warned_until": datetime(2026, 11, 24, 5, tzinfo=UTC),
        "published_at": datetime(2026, 11, 22, 13, 30, 11, 376_000, tzinfo=UTC), "is_test": False,
    }  # fmt: skip
    assert (entry["source_key"], entry["dq_flags"], entry["tlp"]) == ("3049-9668", "", "TLP:CLEAR")


def test_each_area_of_a_warning_is_a_record_of_its_own(tmp_path: Path) -> None:
    red = {"sv": "Röd", "en": "Red", "code": "RED"}
    answer = told(tmp_path, [warning(area(1), area(2, warningLevel=red)), warning(area(3), number=7)])
    assert [(one["source_key"], one["warning_level"]) for one in rows(answer)] == [
        ("3049-1", "gul"), ("3049-2", "rod"), ("7-3", "gul")
    ]  # fmt: skip
    assert answer.outcomes[0].seen_count == 3


@pytest.mark.parametrize(
    ("code", "level"),
    [("MESSAGE", "meddelande"), ("YELLOW", "gul"), ("ORANGE", "orange"), ("RED", "rod"), ("red", "rod")],
)
def test_the_four_levels_are_read(code: str, level: str, tmp_path: Path) -> None:
    assert row(tmp_path, warningLevel={"code": code})["warning_level"] == level


@pytest.mark.parametrize("level", [{"code": "PURPLE"}, {"code": None}, {}, "YELLOW", 3, []])
def test_a_level_nobody_knows_is_unknown_with_a_notice_and_the_warning_stands(level: Any, tmp_path: Path) -> None:
    answer = told(tmp_path, [warning(area(warningLevel=level))])
    assert [(one["warning_level"], one["dq_flags"]) for one in rows(answer)] == [(None, "level_unknown")]
    assert notices(answer) == [("unmapped_word", "warningLevel", 1)]


def test_what_is_written_about_a_warning_never_leaves_the_landing_zone(tmp_path: Path) -> None:
    entry = row(tmp_path, areaName={"sv": "Ring Eva på 070-174 06 05", "en": "Call 070-174 06 05"})
    assert "KANARIEFÅGEL" not in repr(entry) and "070" not in repr(entry)
    assert entry["pii_flags"] == "phone"


def test_names_are_scrubbed_before_they_are_cut(tmp_path: Path) -> None:
    entry = row(tmp_path, areaName={"sv": "å" * 155 + " 070-174 06 05"})
    assert "07" not in entry["warned_area_sv"] and len(entry["warned_area_sv"]) <= 160


def test_a_message_may_have_no_end_and_its_name_may_stand_in_the_warning_alone(tmp_path: Path) -> None:
    entry = row(tmp_path, approximateEnd=None, eventDescription=None)
    assert (entry["warned_until"], entry["event_sv"], entry["dq_flags"]) == (None, "Snöfall", "")


@pytest.mark.parametrize(
    "told_time", ["2026-11-23T11:00:00", "i morgon", 1_700_000_000, "", "1999-01-01T00:00:00Z", "2026-13-01T00:00:00Z"]
)
def test_a_time_without_offset_or_that_is_none_is_unknown_with_a_notice(told_time: Any, tmp_path: Path) -> None:
    answer = told(tmp_path, [warning(area(approximateStart=told_time))])
    assert [(one["warned_from"], one["dq_flags"]) for one in rows(answer)] == [(None, "approximateStart_unreadable")]
    assert notices(answer) == [("value_unreadable", "approximateStart", 1)]


def test_an_end_before_the_start_is_no_end(tmp_path: Path) -> None:
    answer = told(tmp_path, [warning(area(approximateEnd="2026-11-22T00:00:00Z"))])
    assert rows(answer)[0]["warned_until"] is None
    assert notices(answer) == [("interval_backwards", "approximateEnd", 1)]


def test_the_source_s_test_warnings_are_known_for_what_they_are(tmp_path: Path) -> None:
    assert row(tmp_path, areaName={"sv": "TEST Provlän", "en": "TEST Prov County"})["is_test"]
    assert not row(tmp_path)["is_test"]


# Whom a warning is for

OURS, OTHERS, SEA = [{"id": 1}], [{"id": 3}, {"id": 4}], [{"id": 48}]


@pytest.mark.parametrize(
    ("where", "affected", "reach", "area_ids"),
    [
        (square(18.02, 59.12, 18.03, 59.13), OURS, "kommun", "norra"),
        (square(17.9, 59.05, 18.2, 59.3), OURS, "kommun", "norra,sodra"),
        (square(18.3, 59.0, 18.4, 59.2), OURS, "annat", ""),
        (square(17.9, 59.05, 18.2, 59.3), OTHERS, "annat", ""),
        (square(17.9, 58.9, 18.2, 59.3), SEA, "kommun", "norra,sodra"),
        (square(17.9, 58.9, 18.2, 59.3), [], "kommun", "norra,sodra"),
        # The neighbour's border, drawn by another hand, overlaps ours by a sliver.
        (square(17.0, 58.9, 18.0004, 59.3), OURS, "annat", ""),
        (drawn("LineString", [[17.9, 59.15], [18.2, 59.15]]), OURS, "kommun", "norra"),
        (drawn("MultiPolygon", [square(1, 1, 2, 2)["geometry"]["coordinates"],
                                square(18.0, 59.0, 18.1, 59.1)["geometry"]["coordinates"]]), OURS, "kommun", "sodra"),
        ({"type": "FeatureCollection", "features": [square(1, 1, 2, 2), square(18, 59.11, 18.1, 59.2)]}, OURS,
         "kommun", "norra"),
        (square(18.0, 59.0, 18.1, 59.1)["geometry"], OURS, "kommun", "sodra"),
    ],
)  # fmt: skip
def test_what_is_drawn_and_the_county_say_whom_a_warning_is_for(
    where: Any, affected: Any, reach: str, area_ids: str, tmp_path: Path
) -> None:
    entry = row(tmp_path, area=where, affectedAreas=affected)
    assert (entry["reach"], entry["area_ids"]) == (reach, area_ids)


@pytest.mark.parametrize(
    "where",
    [None, {}, [], "x", drawn("Polygon", []), drawn("Polygon", [[[1]]]), drawn("Polygon", [[["a", "b"]] * 4]),
     drawn("Point", [18, 59]), drawn("Polygon", [[[6_580_000, 150_000], [6_590_000, 150_000], [6_590_000, 160_000]]]),
     drawn("Polygon", None), {"type": "FeatureCollection", "features": [None, 3, {}]}, drawn(["Polygon"], [])],
)  # fmt: skip
def test_where_nothing_can_be_read_of_what_is_drawn_the_county_is_as_near_as_can_be_told(
    where: Any, tmp_path: Path
) -> None:
    for affected, reach in ((OURS, "lan"), (OTHERS, "annat"), ("x", "annat"), ([3, {"id": True}], "annat")):
        answer = told(tmp_path, [warning(area(area=where, affectedAreas=affected))])
        assert [(one["reach"], one["dq_flags"]) for one in rows(answer)] == [(reach, "geometry_unreadable")]


def test_a_polygon_whose_edges_cross_is_mended_and_said_to_be(tmp_path: Path) -> None:
    crossing = drawn("Polygon", [[[17.9, 59.1], [18.2, 59.2], [18.2, 59.1], [17.9, 59.2], [17.9, 59.1]]])
    answer = told(tmp_path, [warning(area(area=crossing))])
    assert [(one["reach"], one["area_ids"], one["dq_flags"]) for one in rows(answer)] == [
        ("kommun", "norra", "geometry_mended")
    ]
    assert areas_met(PLACES.areas, crossing) == (["norra"], True)


# Answers that are none, and what they end

OUT = [warning(area(1)), warning(area(2), number=8)]


def changes(folder: Path, *bodies: Any) -> list[tuple[str, str]]:
    """(key, change) of every entry version the answers make, one after the other."""
    answer = told(folder, *bodies)
    assert answer.told is not None
    none = REGISTERS["weather_warning"].empty_table()
    head, _ = register_versions(
        "weather_warning", answer.told.rows, answer.deliveries, none, is_whole=True, held=answer.told.held
    )
    return [(one["source_key"], one["change_kind"]) for one in head.to_pylist()]


def test_an_empty_list_is_an_answer_and_says_that_all_warnings_are_over(tmp_path: Path) -> None:
    assert changes(tmp_path, OUT, []) == [
        ("3049-1", "new"), ("8-2", "new"), ("3049-1", "withdrawn"), ("8-2", "withdrawn")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty_body"),
        (b'[{"id": 1, "warningAreas": [', "not_json"),
        (b"<!DOCTYPE html><html><body>503</body></html>", "not_json"),
        (b"\xff\xfe[]", "not_utf8"),
        (b'{"error": "x"}', "no_list"),
        (b"null", "no_list"),
        (b'"warnings"', "no_list"),
        (b'[{"id": NaN}]', "not_finite"),
        (b"[" * 100_000, "too_deep"),
        (b'[{"id": 1, "id": 2}]', "duplicate_key"),
        (b'[1, "x", null, [], {}]', "no_record_read"),
        (b'[{"id": 1, "warningAreas": "x"}]', "no_record_read"),
    ],
)
def test_what_is_no_answer_is_held_whole_and_ends_no_warning(body: bytes, reason: str, tmp_path: Path) -> None:
    answer = told(tmp_path, body)
    assert [(one.disposition, one.reason) for one in answer.outcomes] == [("quarantined", reason)]
    assert answer.outcomes[0].seen_count == answer.outcomes[0].rejected_count
    assert changes(tmp_path, OUT, body) == [("3049-1", "new"), ("8-2", "new")]


def test_a_record_that_cannot_be_read_is_refused_and_its_warning_is_not_ended_by_that(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    spoilt = [warning(area(1, descriptions=deep)), warning(area(2), number=8), warning(area(2), number=8)]
    answer = told(tmp_path, spoilt)
    assert reasons(answer) == [(1, "too_deep"), (3, "key_repeated")]
    assert changes(tmp_path, OUT, spoilt) == [("3049-1", "new"), ("8-2", "new")]


@pytest.mark.parametrize("odd", [3, None, warning("x"), warning(area(None)), warning(area(4), number=True), warning()])
def test_a_record_that_does_not_say_which_it_is_ends_none_at_all(odd: Any, tmp_path: Path) -> None:
    assert changes(tmp_path, OUT, [OUT[0], odd]) == [("3049-1", "new"), ("8-2", "new")]


def test_hostile_names_stay_text_of_a_line_s_length(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>\u202e'; DROP TABLE x;--\x00" + "x" * 10_000
    entry = row(tmp_path, areaName={"sv": hostile, "en": 3}, eventDescription={"sv": [hostile], "en": {}})
    assert len(entry["warned_area_sv"]) == 160 and entry["warned_area_en"] == entry["warned_area_sv"]
    assert entry["event_sv"] == "Snöfall"


def test_a_new_field_is_noticed_once_by_its_name_s_fingerprint(tmp_path: Path) -> None:
    answer = told(tmp_path, [warning(area(1, hemligt="x"), area(2, hemligt="y"))])
    assert notices(answer) == [("new_field", "warningAreas", 2)]
    assert "hemligt" not in repr(answer.notices.to_pylist())


def test_the_settings_have_no_options_and_say_so(tmp_path: Path) -> None:
    assert check_options({}) == [] and check_options({"x": 1}) == ["x: unknown option; this kind has none"]
    with pytest.raises(ValueError, match="feed smhi"):
        normalise([], context(options={"x": 1}), None)


def test_the_source_is_asked_within_our_rules_and_not_for_what_has_not_changed(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/w.json", Recorded(b"[]", headers={"ETag": '"a"'}), Recorded(b"", 304))
    clock = Clock()
    client = client_at(tmp_path, clock)
    answers = [fetch(context(), client, replay_server.url("/w.json"), None)[0] for _ in range(2)]
    assert [one.body for one in answers] == [b"[]", b"[]"]
    assert [one.name for one in answers] == ["warning-2026-11-23T050000Z.json", "warning-2026-11-23T050100Z.json"]
    assert clock.slept == [RULES.min_interval_s] and RULES.per_hour == 12
    assert "+kontakt@example.se" in replay_server.calls[0].headers["user-agent"]
    assert replay_server.calls[1].headers["if-none-match"] == '"a"'
