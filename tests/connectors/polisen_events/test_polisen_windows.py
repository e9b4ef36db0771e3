from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_police import SMALL, Police, notice, rows_of, window

from connectors.normalised import Normalised
from connectors.polisen_events.connector import check_options

TWELVE = window(*range(1, 13))


def sent(entries: Any) -> bytes:
    return json.dumps(entries, ensure_ascii=False).encode()


def fate(tables: Normalised) -> tuple[str, str | None, int, int]:
    (outcome,) = tables.outcomes
    return outcome.disposition, outcome.reason, outcome.seen_count, outcome.rejected_count


def one_damaged(**changes: Any) -> list[dict[str, Any]]:
    return [notice(1, **changes), *TWELVE[1:]]


def test_an_honest_window_becomes_one_row_per_record(police: Police) -> None:
    tables = police.read(TWELVE)
    assert fate(tables) == ("accepted", None, 12, 0)
    assert [row["record_number"] for row in rows_of(tables)] == list(range(1, 13))
    assert {row["observation_type"] for row in rows_of(tables)} == {"police_notice"}
    assert tables.notices.num_rows == tables.presence.num_rows == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty_body"),
        (b" \r\n", "empty_body"),
        (b"\xef\xbb\xbf", "empty_body"),
        (b"<html><body>Object moved</body></html>", "not_json"),
        (b"[" + sent(TWELVE[0])[:50], "not_json"),
        (sent(TWELVE).decode().encode("utf-16"), "not_utf8"),
        (sent(TWELVE) + b"\xff", "not_utf8"),
        (b"null", "not_a_list"),
        (b'{"events": []}', "not_a_list"),
        (sent([*TWELVE[1:], 7]), "missing_keys"),
        (sent([{**TWELVE[0], "id": 1}, *[{"id": n} for n in range(11)]]), "missing_keys"),
        (sent(TWELVE).replace(b'"id": 3,', b'"id": NaN,'), "not_finite"),
        (sent(TWELVE).replace(b'"id": 3,', b'"id": -Infinity,'), "not_finite"),
        (sent(TWELVE).replace(b'"id": 3,', b'"id": 3, "id": 4,'), "duplicate_key"),
        (sent(TWELVE).replace(b'"id": 3,', b'"id": ' + b"9" * 400 + b","), "number_out_of_range"),
        (sent(TWELVE).replace(b'"id": 3,', b'"id": ' + b"9" * 9000 + b","), "number_out_of_range"),
        (sent(TWELVE).replace(b'"id": 3,', b'"id": 1e999,'), "number_out_of_range"),
        (sent(TWELVE).replace("Påhittad".encode(), b"\\ud800", 1), "lone_surrogate"),
        (b"[" * 100_000, "too_deep"),
        (sent(TWELVE).replace(b'"id": 3,', b'"id": 3, "x": ' + b"[" * 40 + b"]" * 40 + b","), "too_deep"),
        (sent([{**entry, "datetime": "nyss"} for entry in TWELVE]), "mostly_unreadable"),
        (sent([{**entry, "summary": 7} for entry in TWELVE]), "mostly_unreadable"),
        (b"[]", "filtered_response"),
        (sent(TWELVE[:11]), "filtered_response"),
        (sent(window(*range(1, 13), type="Brand")), "filtered_response"),
    ],
)
def test_an_answer_that_is_not_the_feed_goes_to_quarantine_whole(police: Police, body: bytes, reason: str) -> None:
    tables = police.read(body)
    disposition, found, seen, rejected = fate(tables)
    assert (disposition, found) == ("quarantined", reason)
    assert seen == rejected and tables.observations.num_rows == 0
    (row,) = tables.rejects.to_pylist()
    assert (row["reason"], row["record_number"], row["record_count"]) == (reason, None, seen)
    assert "Haninge" not in row["detail"]


def test_a_byte_order_mark_and_paired_surrogates_are_tolerated(police: Police) -> None:
    body = b"\xef\xbb\xbf" + sent(TWELVE).replace(b"notis b", b"\\ud83d\\ude92")
    tables = police.read(body)
    assert fate(tables)[0] == "accepted"
    assert rows_of(tables)[0]["note_public"] == "Påhittad 🚒."


def test_extra_keys_are_tolerated_with_a_notice_that_does_not_repeat_them(police: Police) -> None:
    entries = one_damaged(location={"name": "Stockholms län", "gps": "", "Testnamn": 1}, ny=[1, 2])
    tables = police.read(entries)
    assert fate(tables) == ("accepted", None, 12, 0)
    notices = tables.notices.to_pylist()
    assert [(n["notice"], n["field"], n["record_count"]) for n in notices] == [
        ("new_field", None, 1),
        ("new_field", "location", 1),
    ]
    assert "Testnamn" not in str(notices)


def test_notices_come_in_an_order_that_two_runs_share(police: Police) -> None:
    notices = police.read(one_damaged(**{f"nytt{n}": n for n in range(12)})).notices.to_pylist()
    details = [notice["detail"] for notice in notices]
    assert len(details) == 12 and details == sorted(details)


@pytest.mark.parametrize("key", ["id", "datetime", "name", "type", "summary", "url", "location"])
@pytest.mark.parametrize("damage", ["missing", None, 7, True, 1.5, [], {}, "", "x" * 20_000, "\u0000\u202e\ufffe"])
def test_one_damaged_field_costs_at_most_its_record_or_sets_the_window_aside(
    police: Police, key: str, damage: Any
) -> None:
    entries = one_damaged()
    if damage == "missing":
        del entries[0][key]
    else:
        entries[0][key] = damage
    tables = police.read(entries)  # checks the sums
    disposition, reason, seen, rejected = fate(tables)
    assert seen == 12
    if disposition == "quarantined":
        assert (damage, reason) == ("missing", "missing_keys") and key in ("id", "datetime", "name", "type")
    else:
        assert tables.observations.num_rows == 12 - rejected >= 11
        assert [r["field"].split(".")[0] for r in tables.rejects.to_pylist()] == [key] * rejected


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"summary": 5}, "wrong_type", "summary"),
        ({"id": "1"}, "wrong_type", "id"),
        ({"id": True}, "wrong_type", "id"),
        ({"id": 0}, "wrong_type", "id"),
        ({"datetime": None}, "wrong_type", "datetime"),
        ({"datetime": "igår"}, "unreadable_time", "datetime"),
        ({"location": {"name": "Stockholms län"}}, "missing_field", "location.gps"),
        ({"location": {"gps": "", "name": 8}}, "wrong_type", "location.name"),
        ({"url": "x" * 10_001}, "too_long", "url"),
        ({"id": 2}, "id_conflict", "id"),
    ],
)
def test_a_faulty_record_is_refused_alone_with_its_reason(
    police: Police, changes: dict[str, Any], reason: str, field: str
) -> None:
    tables = police.read([*TWELVE[1:], notice(1, **changes)])
    assert fate(tables) == ("accepted", None, 12, 1)
    (row,) = tables.rejects.to_pylist()
    assert (row["record_number"], row["reason"], row["field"]) == (12, reason, field)


def test_half_the_records_may_fail_before_the_window_is_evidence_of_nothing(police: Police) -> None:
    halves = [{**entry, "url": 7} if entry["id"] <= 6 else entry for entry in TWELVE]
    assert fate(police.read(halves)) == ("accepted", None, 12, 6)
    halves[6] = {**halves[6], "url": 7}
    held = police.read(halves)
    assert fate(held)[1] == "mostly_unreadable"
    assert held.rejects.column("detail").to_pylist() == ["7 of 12 records cannot be read, first: wrong_type, field url"]


def test_the_same_record_twice_in_a_window_is_seen_twice(police: Police) -> None:
    tables = police.read([*TWELVE[:11], TWELVE[0]])
    assert fate(tables) == ("accepted", None, 12, 0)
    assert len({row["source_hash"] for row in rows_of(tables)}) == 11


def test_little_overlap_is_foreign_within_a_day_and_news_after_an_outage(police: Police) -> None:
    other = police.land(window(*range(101, 113)), 24 * 60)
    assert fate(police.read(TWELVE, previous=police.land(TWELVE, -24 * 60)))[0] == "accepted"
    soon = police.land(window(1, 2, 3, 4, 5, *range(101, 108)), -24 * 60)
    assert fate(police.read(TWELVE, previous=soon))[:2] == ("quarantined", "filtered_response")
    enough = police.land(window(1, 2, 3, 4, 5, 6, *range(101, 107)), -24 * 60)
    assert fate(police.read(TWELVE, previous=enough))[0] == "accepted"
    late = police.land(window(*range(101, 113)), -24 * 60 - 1)
    assert fate(police.read(TWELVE, previous=late))[0] == "accepted"
    assert other.received_at > late.received_at


def test_a_foreign_answer_is_never_what_the_next_one_is_compared_with(police: Police) -> None:
    tables = police.read(TWELVE, window(*range(101, 112)), TWELVE)
    assert [o.disposition for o in tables.outcomes] == ["accepted", "quarantined", "accepted"]
    assert tables.presence.num_rows == 0


def test_landed_bytes_that_rotted_are_quarantined(police: Police) -> None:
    from connectors.polisen_events.connector import normalise

    delivery = police.land(TWELVE)
    delivery.path.write_bytes(b"[]")
    tables = normalise([delivery], police.context(**SMALL), delivery)
    assert fate(tables)[:2] == ("quarantined", "landed_bytes_damaged")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["id", "datetime", "name", "type", "summary", "url", "location", "extra"]),
)
def test_no_value_in_any_field_breaks_the_reading(police: Police, value: Any, key: str) -> None:
    body = json.dumps([notice(1, **{key: value}), *TWELVE[1:]], ensure_ascii=True).encode()
    tables = police.read(body)
    assert fate(tables)[2] in (0, 12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.integers(0, 2_000))
def test_no_bytes_anywhere_break_the_reading(police: Police, noise: bytes, at: int) -> None:
    body = sent(TWELVE)
    police.read(body[:at] + noise + body[at + len(noise) :])


def test_wrong_options_are_told_in_plain_words(police: Police) -> None:
    assert check_options({}) == check_options(SMALL) == []
    faults = check_options({"window_length": 0, "minimum_types": "10", "minimum_overlap": 1.5, "ovrig": 1})
    assert [fault.split(":")[0] for fault in faults] == [
        "ovrig",
        "window_length",
        "minimum_types",
        "minimum_overlap",
    ]
    with pytest.raises(ValueError, match="window_length"):
        police.read(TWELVE, window_length=0)


@pytest.mark.parametrize(
    ("published", "reason"),
    [
        ("2026-08-21 14:59:59 +02:00", None),  # received at 12:00 UTC: an hour for clocks that differ
        ("2026-08-21 15:00:01 +02:00", "future"),
        ("2031-08-21 8:05:10 +02:00", "future"),
        ("1899-12-31 0:00:00 +01:00", "date_absurd"),
    ],
)
def test_a_publication_that_cannot_have_been_yet_is_refused_alone(
    police: Police, published: str, reason: str | None
) -> None:
    tables = police.read(one_damaged(datetime=published))
    assert fate(tables)[0] == "accepted"
    assert [(r["record_number"], r["reason"], r["field"]) for r in tables.rejects.to_pylist()] == (
        [(1, reason, "datetime")] if reason else []
    )
    (outcome,) = tables.outcomes
    assert outcome.covers_from is not None and outcome.covers_from <= outcome.covers_until


def test_a_notice_refused_for_its_time_is_not_taken_for_withdrawn(police: Police) -> None:
    ahead = [*TWELVE[:3], notice(4, datetime="2031-08-21 8:05:10 +02:00"), *TWELVE[4:]]
    tables = police.read(TWELVE, ahead, TWELVE)
    assert {row["observation"] for row in rows_of(tables)} == {"seen"} and tables.presence.num_rows == 0
