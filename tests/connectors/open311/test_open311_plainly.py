"""An answer read straight into columns says what the careful reader says, or is left to that one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from open311_town import RECEIVED_AT, context, delivery, request

from connectors.kit import DeliveryError
from connectors.open311 import connector
from connectors.open311.fields import KNOWN_FIELDS
from connectors.open311.plainly import read_plainly
from connectors.strict_json import loads

texts = st.sampled_from(
    ['a},{"lat":2', "}, {", '"', "\\", "å\n", "\U0001f692", "[{", "</html", "x", "", "1", "2026-01-01T00:00:00Z"]
)
numbers = st.sampled_from([58.9, -0.0, 59.0, 59, 10**19, 1e300, 0.1 + 0.2, True])
objects = st.fixed_dictionaries(
    {"service_request_id": texts},
    optional={"description": texts | st.none(), "lat": numbers | st.none(), "egen": texts | st.none() | numbers},
)
bodies = st.builds(
    lambda many, indent, ascii, cut: json.dumps(many, indent=indent, ensure_ascii=ascii).encode()[: cut or None],
    st.lists(objects, max_size=4) | st.lists(st.fixed_dictionaries({"service_request_id": texts, "lat": numbers})),
    st.sampled_from([None, 2]),
    st.booleans(),
    st.sampled_from([0, 0, 0, -1, -2]),
)
one, two = b'{"service_request_id":"a","lat":1.5}', b'{"service_request_id":"b","lat":2.5}'


def agrees(body: bytes) -> bool:
    """Whether the body was read plainly; what it says must then be what the careful reader makes of it."""
    table = read_plainly(body)
    if table is None:
        return False
    records = loads(body.decode("utf-8"))
    names = table.column_names
    assert repr(table.to_pylist()) == repr([{name: record.get(name) for name in names} for record in records])
    assert all(record.keys() <= set(names) for record in records)
    assert all(name in record for record in records for name in names if name not in KNOWN_FIELDS)
    return True


@settings(deadline=None)
@given(bodies)
def test_what_is_read_plainly_is_what_was_sent(body: bytes) -> None:
    agrees(body)


def test_a_plain_list_is_read_plainly_whatever_blanks_and_escapes_stand_in_it() -> None:
    assert agrees(b"[" + one + b",\n\t" + two + b" ]\r\n")
    assert agrees(
        json.dumps([{"service_request_id": 'å"}{\\\n', "lat": None}, {"service_request_id": "\U0001f692"}]).encode()
    )


@pytest.mark.parametrize(
    "body",
    [
        b"[" + one + two + b"]",
        b"[" + one + b"\n" + two + b"," + one + b"]",
        b"[" + one + b"," + two + b",]",
        b"[," + one + b"]",
        b"[" + one + b",\x0b" + two + b"]",
        b"[" + one + b"\0," + two + b"]",
        b"[" + one + b"," + b'{"service_request_id":"b","lat":NaN}]',
        b"[" + one + b"," + b'{"service_request_id":"b","lat":-Infinity}]',
        b"[" + one + b"," + b'{"service_request_id":"b","lat":2}]',
        b"[" + one + b"," + b'{"service_request_id":"b","lat":9007199254740993}]',
        b"[" + one + b"," + b'{"service_request_id":"b","lat":"2.5"}]',
        b"[" + one + b"," + b'{"service_request_id":"b","new":"x"}]',
        b'[{"service_request_id":"a","new":"x"},{"service_request_id":"b"}]',
        b'[{"service_request_id":"a"},{"service_request_id":"b","service_request_id":null}]',
        b'[{"service_request_id":"a"},{"service_request_id":"\\ud800"}]',
        b'[{"service_request_id":"a"},{"service_request_id":"\xff"}]',
        b'[{"service_request_id":"a"},{"service_request_id":"x\ty"}]',
        b'[{"service_request_id":"a","media_urls":["x"]}]',
        b'[{"service_request_id":"<html"}]',
        b'[{"code":"404","description":"x"}]',
        b'[{"service_code":"A","metadata":"false"}]',
        b"[]",
        b"[{}]",
    ],
)
def test_what_could_be_read_in_two_ways_is_left_to_the_careful_reader(body: bytes) -> None:
    assert not agrees(body)


def test_the_tables_are_the_same_whichever_way_the_answers_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = [
        request(service_request_id=str(n), description=f"ett {n}", lat=58.9 + n / 7, media_url=None) for n in range(5)
    ]
    answers: list[list[dict[str, Any]]] = [
        plain,
        [*plain[:2], request(lat=59)],
        [*plain[2:], request(service_request_id=None), request(service_code="HAL"), request(status="väntar")],
        [{**each, "egen": "x", "duplicate": "true"} for each in plain],
        [request(egen=1, email="a@b.se")],
    ]
    given = [
        delivery(tmp_path, answer, received_at=RECEIVED_AT + timedelta(hours=hours))
        for hours, answer in enumerate(answers)
    ]
    assert [read_plainly(one.body()) is not None for one in given] == [True, False, True, True, False]
    told = connector.normalise(given, context(), None)
    monkeypatch.setattr(connector, "read_plainly", lambda body: None)
    careful = connector.normalise(given, context(), None)
    for name in ("observations", "rejects", "notices", "deliveries"):
        assert getattr(told, name).to_pylist() == getattr(careful, name).to_pylist()
    assert told.outcomes == careful.outcomes and told.rejects.num_rows == 2


def test_a_body_that_is_no_json_tells_its_own_reason(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError):
        loads(b"[{]".decode())
    (outcome,) = connector.normalise([delivery(tmp_path, b"[" + one + b",]")], context(), None).outcomes
    assert (outcome.disposition, outcome.reason) == ("quarantined", "bad_json")
