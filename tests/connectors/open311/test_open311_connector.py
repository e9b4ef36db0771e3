"""A request's fields, one by one: what each becomes, and what becomes of a damaged one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from open311_town import CANARY, context, delivery, notices, of, request, row

from connectors.open311.connector import normalise
from tests.connectors.marked import prints


def test_a_whole_request_becomes_a_whole_row(tmp_path: Path) -> None:
    found = row(tmp_path)
    expected = {
        "source_key": "17", "report_id": "felanmalan:17", "owner_org": "Lindby kommun", "record_number": 1,
        "observation": "seen", "occurred_from": None, "occurred_until": None, "occurred_precision": "unknown",
        "reported_at": datetime(2026, 11, 20, 17, 30, tzinfo=UTC), "published_at": None, "closed_at": None,
        "category": "plats.belysning", "category_source": "Trasig belysning", "counts_as": "context",
        "observation_type": "municipal_request", "severity_default": 1, "area_id": "L1", "latitude": 59.15,
        "longitude": 18.05, "location_precision": "punkt", "location_method": "source_point", "status": "open",
        "municipality_code": "0199", "county_code": "01", "dq_flags": "", "pii_flags": "",
        "note_public": "Felanmälan: Trasig belysning. Ärendet är öppet.", "is_person_sensitive": False,
        "tlp": "TLP:AMBER", "ingested_at": datetime(2026, 11, 23, 5, 0, tzinfo=UTC),
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


def test_a_closed_request_is_closed_when_it_was_last_updated(tmp_path: Path) -> None:
    found = row(tmp_path, status=" Closed ")
    assert (found["status"], found["closed_at"]) == ("closed", datetime(2026, 11, 21, 7, 0, tzinfo=UTC))
    assert found["note_public"].endswith("Ärendet är avslutat.")


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"service_request_id": None}, "no_id", "service_request_id"),
        ({"service_request_id": "  "}, "no_id", "service_request_id"),
        ({"service_request_id": ["1"]}, "no_id", "service_request_id"),
        ({"service_request_id": True}, "no_id", "service_request_id"),
        ({"requested_datetime": None}, "requested_datetime_missing", "requested_datetime"),
        ({"requested_datetime": "2026-11-20T18:30:00"}, "no_offset", "requested_datetime"),
        ({"requested_datetime": "2026-02-30T18:30:00Z"}, "bad_datetime", "requested_datetime"),
        ({"requested_datetime": "i går"}, "bad_datetime", "requested_datetime"),
        ({"requested_datetime": 1795541400}, "bad_datetime", "requested_datetime"),
        ({"requested_datetime": "2026-11-20T18:30:00+99:00"}, "bad_datetime", "requested_datetime"),
        ({"service_code": "HAL", "service_name": None}, "not_safety_related", "service_code"),
        ({"service_code": None, "service_name": "hål i  VÄG"}, "not_safety_related", "service_code"),
    ],
)
def test_a_record_that_cannot_be_a_row_is_refused_with_its_reason_and_field(
    fields: dict[str, Any], reason: str, field: str, tmp_path: Path
) -> None:
    tables = of(tmp_path, request(), request(**fields))
    assert [(r["reason"], r["field"], r["record_number"]) for r in tables.rejects.to_pylist()] == [(reason, field, 2)]
    assert tables.observations.num_rows == 1
    assert (tables.outcomes[0].seen_count, tables.outcomes[0].rejected_count) == (2, 1)


@pytest.mark.parametrize("thing", [None, 7, "text", ["list"], True])
def test_a_record_that_is_no_object_is_refused(thing: object, tmp_path: Path) -> None:
    tables = of(tmp_path, request(), thing)
    assert tables.rejects.column("reason").to_pylist() == ["not_an_object"]


@pytest.mark.parametrize(
    ("code", "name", "category", "shown"),
    [
        ("KLO", "Klotter", "skada.klotter", "Klotter"),
        ("klo", None, "skada.klotter", "Klotter"),
        (None, " KLOTTER ", "skada.klotter", "Klotter"),
        ("KLO", CANARY, "skada.klotter", "Klotter"),
        ("999", "Klotter", "skada.klotter", "Klotter"),
        (CANARY, CANARY, "okand", None),
        ("", "", "okand", None),
        (17, None, "okand", None),
    ],
)
def test_a_service_means_what_the_mapping_says_or_is_unknown(
    code: Any, name: Any, category: str, shown: str | None, tmp_path: Path
) -> None:
    tables = of(tmp_path, request(service_code=code, service_name=name))
    found = tables.observations.to_pylist()[0]
    assert (found["category"], found["category_source"]) == (category, shown)
    unknown = [n for n in tables.notices.to_pylist() if n["notice"] in ("service_unmapped", "service_missing")]
    assert len(unknown) == (category == "okand")


def test_an_unknown_service_gets_no_finer_place_than_the_municipality(tmp_path: Path) -> None:
    found = row(tmp_path, service_code="X", service_name="X")
    assert (found["location_precision"], found["area_id"], found["latitude"]) == ("kommun", None, None)
    assert (found["counts_as"], found["municipality_code"]) == ("meta", "0199")


@pytest.mark.parametrize("word", [None, "", "pågår", "in progress", 1, ["open"]])
def test_a_status_that_is_neither_open_nor_closed_is_unknown_and_noticed(word: Any, tmp_path: Path) -> None:
    tables = of(tmp_path, request(status=word))
    assert tables.observations.column("status").to_pylist() == ["unknown"]
    assert notices(tables)[0][0] in ("status_unknown", "status_missing")


@pytest.mark.parametrize(
    ("fields", "is_flagged"),
    [
        ({"extended_attributes": {"duplicate": True}}, True),
        ({"extended_attributes": {"duplicate": "true"}}, True),
        ({"duplicate": "Yes"}, True),
        ({"extended_attributes": {"parent_service_request_id": "16"}}, True),
        ({"parent_service_request_id": 16}, True),
        ({"extended_attributes": {"parent_service_request_id": "17"}}, False),
        ({"extended_attributes": {"duplicate": False, "parent_service_request_id": ""}}, False),
        ({"extended_attributes": ["duplicate"]}, False),
    ],
)
def test_a_request_that_repeats_another_is_kept_and_flagged(
    fields: dict[str, Any], is_flagged: bool, tmp_path: Path
) -> None:
    assert ("duplicate_of_other" in row(tmp_path, **fields)["dq_flags"]) == is_flagged


def test_an_id_that_comes_twice_gives_both_rows_in_order_and_a_notice(tmp_path: Path) -> None:
    tables = of(tmp_path, request(), request(status="closed"))
    assert tables.observations.column("status").to_pylist() == ["open", "closed"]
    assert tables.observations.column("record_number").to_pylist() == [1, 2]
    assert notices(tables) == [("repeated_id", "service_request_id", 1)]


def test_an_id_that_is_no_plain_word_stands_as_a_fingerprint(tmp_path: Path) -> None:
    assert row(tmp_path, service_request_id=17)["source_key"] == "17"
    key = row(tmp_path, service_request_id=f"{CANARY} 19850101-1234")["source_key"]
    assert key.startswith("x") and len(key) == 17


def test_only_what_changed_changes_the_fingerprints(tmp_path: Path) -> None:
    before, after = row(tmp_path, description="a"), row(tmp_path, description="b")
    fields = [prints(each) for each in (before, after)]
    assert {name for name in fields[0] if fields[0][name] != fields[1][name]} == {"description"}
    assert before["source_hash"] != after["source_hash"]


def test_who_reported_is_in_no_fingerprint_and_the_operator_is_told(tmp_path: Path) -> None:
    tables = of(tmp_path, request(requestor_name="A", phone="070-1234567"), request(service_request_id="2"))
    first, second = map(prints, tables.observations.to_pylist())
    assert first.keys() == second.keys() and not first.keys() & {"requestor_name", "phone"}
    assert notices(tables) == [("person_field_dropped", "requestor_name", 1), ("person_field_dropped", "phone", 1)]


def test_a_new_field_is_taken_and_noticed_without_its_name(tmp_path: Path) -> None:
    tables = of(tmp_path, request(**{CANARY: "x"}), request(service_request_id="2", **{CANARY: "y"}))
    assert notices(tables) == [("new_field", None, 2)]
    assert tables.observations.num_rows == 2


def test_nothing_people_wrote_appears_in_any_table(tmp_path: Path) -> None:
    said = {
        name: f"{CANARY} {name}"
        for name in (
            "description", "status_notes", "address", "address_id", "media_url", "agency_responsible", "title",
            "detail", "service_notice", "zipcode", "requestor_name", "requestor_email", "requestor_phone",
            "first_name", "last_name", "email", "phone", "owner", "something_new", "status", "service_code",
            "service_name", "updated_datetime", "lat", "long", "jurisdiction_id", "token",
        )
    }  # fmt: skip
    nested = {"notes": [{"summary": CANARY, "author": CANARY}], "extended_attributes": {CANARY: {"owner": CANARY}}}
    broken = {"service_request_id": "3", "requested_datetime": CANARY}
    tables = of(
        tmp_path, request(**said, **nested, **{CANARY: CANARY}), request(service_request_id=CANARY + " x", **nested),
        request(**broken), {CANARY: CANARY}, CANARY, request(service_code="HAL", service_name=CANARY),
    )  # fmt: skip
    assert tables.outcomes[0].seen_count == 6
    for table in (tables.observations, tables.rejects, tables.notices, tables.presence):
        assert CANARY.casefold() not in repr(table.to_pylist()).casefold()
    assert CANARY not in repr(tables.outcomes)


def test_a_refused_delivery_does_not_touch_the_others(tmp_path: Path) -> None:
    given = [delivery(tmp_path, b"<html>"), delivery(tmp_path, [request()]), delivery(tmp_path, [])]
    tables = normalise(given, context(), None)
    assert sorted((o.disposition, o.reason, o.seen_count) for o in tables.outcomes if o.reason) == [
        ("quarantined", "html_answer", 0)
    ]
    assert tables.observations.num_rows == 1
    assert tables.rejects.column("reason").to_pylist() == ["html_answer"]


def test_an_empty_night_is_news_unless_the_feed_never_has_one(tmp_path: Path) -> None:
    empty = delivery(tmp_path, [])
    assert normalise([empty], context(), None).outcomes[0].disposition == "accepted"
    strict = context({"allow_empty": False})
    assert normalise([empty], strict, None).outcomes[0].reason == "empty_delivery"
    last_page = delivery(tmp_path, [], query="page=3&page_size=50")
    assert normalise([last_page], strict, None).outcomes[0].disposition == "accepted"


def test_what_the_fetch_wrote_beside_a_delivery_becomes_its_window_and_its_notice(tmp_path: Path) -> None:
    query = "start_date=2026-11-01T00%3A00%3A00Z&end_date=2026-11-08T00%3A00%3A00Z&stopped=repeated_page"
    tables = normalise([delivery(tmp_path, [request()], query=query)], context(), None)
    assert notices(tables) == [("repeated_page", None, 1)]
    assert tables.outcomes[0].covers_from == datetime(2026, 11, 1, tzinfo=UTC)
    assert tables.outcomes[0].covers_until == datetime(2026, 11, 8, tzinfo=UTC)


def test_a_service_list_is_accepted_without_records(tmp_path: Path) -> None:
    body = b'[{"service_code": "BEL", "service_name": "Trasig belysning", "type": "realtime"}]'
    tables = normalise([delivery(tmp_path, body)], context(), None)
    assert (tables.outcomes[0].disposition, tables.outcomes[0].seen_count) == ("accepted", 0)
    assert notices(tables) == [("service_list", None, 1)]


def test_json_and_xml_of_one_request_give_the_same_row(tmp_path: Path) -> None:
    fields = "".join(f"<{name}>{value}</{name}>" for name, value in request().items())
    xml = f"<service_requests><request>{fields}</request></service_requests>".encode()
    rows = [
        normalise([each], context(), None).observations.to_pylist()[0]
        for each in (delivery(tmp_path, [request()]), delivery(tmp_path, xml))
    ]
    for found in rows:
        del found["delivery_sha256"]
    assert rows[0] == rows[1]


def test_cutting_and_order_of_the_call_change_nothing(tmp_path: Path) -> None:
    given = [
        delivery(tmp_path, [request()]),
        delivery(tmp_path, [request(status="closed"), {}], received_at=datetime(2026, 11, 24, 5, tzinfo=UTC)),
    ]
    whole = normalise(given, context(), None)
    assert normalise(given[::-1], context(), None).observations.equals(whole.observations)
    parts = [normalise([each], context(), None) for each in given]
    assert [r for p in parts for r in p.observations.to_pylist()] == whole.observations.to_pylist()
    assert [r for p in parts for r in p.rejects.to_pylist()] == whole.rejects.to_pylist()
