"""The form of an answer: JSON or XML, however wrapped and encoded; what is no answer is refused with a reason."""

from __future__ import annotations

import json

import pytest

from connectors.kit import DeliveryError
from connectors.open311.reading import read_contents

ONE = {"service_request_id": "1", "service_name": "Nedskräpning"}
XML = """<?xml version="1.0" encoding="{0}"?>
<service_requests><request><service_request_id>1</service_request_id>
<service_name>Nedskräpning</service_name></request></service_requests>"""


@pytest.mark.parametrize(
    "wrapped",
    [[ONE], {"service_requests": [ONE]}, {"requests": [ONE]}, {"requests": {"request": [ONE]}}, ONE],
    ids=["list", "service_requests", "requests", "nested", "single"],
)
def test_a_request_is_found_however_it_is_wrapped(wrapped: object) -> None:
    contents = read_contents(json.dumps(wrapped).encode())
    assert (contents.kind, contents.records) == ("requests", [ONE])


@pytest.mark.parametrize(
    ("body", "encoding", "is_misdeclared"),
    [
        (json.dumps([ONE], ensure_ascii=False).encode(), "utf-8", False),
        (json.dumps([ONE], ensure_ascii=False).encode("utf-8-sig"), "utf-8-sig", False),
        (json.dumps([ONE], ensure_ascii=False).encode("utf-16"), "utf-16", False),
        (json.dumps([ONE], ensure_ascii=False).encode("iso-8859-1"), "cp1252", True),
        (XML.format("UTF-8").encode(), "utf-8", False),
        (XML.format("ISO-8859-1").encode("iso-8859-1"), "iso-8859-1", False),
        (XML.format("UTF-8").encode("iso-8859-1"), "cp1252", True),
        (XML.format("x-unheard-of").encode(), "utf-8", False),
    ],
)
def test_swedish_letters_survive_whatever_the_encoding_is_called(
    body: bytes, encoding: str, is_misdeclared: bool
) -> None:
    contents = read_contents(body)
    assert contents.records == [ONE]
    assert (contents.encoding, contents.is_misdeclared) == (encoding, is_misdeclared)


def test_xml_keeps_nesting_and_repeated_elements_and_forgets_namespaces() -> None:
    body = b"""<service_requests xmlns="http://example.se/ns"><request>
        <service_request_id>1</service_request_id><lat></lat>
        <extended_attributes><duplicate>true</duplicate></extended_attributes>
        <notes><note>a</note><note>b</note><note>c</note></notes></request></service_requests>"""
    assert read_contents(body).records == [
        {
            "service_request_id": "1",
            "lat": None,
            "extended_attributes": {"duplicate": "true"},
            "notes": {"note": ["a", "b", "c"]},
        }
    ]


@pytest.mark.parametrize("body", [b"[]", b" [ ]\n", b'{"requests": []}', b"<service_requests/>"])
def test_an_empty_list_is_an_answer(body: bytes) -> None:
    assert read_contents(body).records == []


@pytest.mark.parametrize(
    "body",
    [
        b'[{"service_code": "172", "service_name": "Vandalism", "metadata": false, "type": "realtime"}]',
        b'{"services": [{"service_code": "172"}]}',
        b"<services><service><service_code>172</service_code></service></services>",
    ],
)
def test_a_list_of_services_is_told_from_requests(body: bytes) -> None:
    contents = read_contents(body)
    assert (contents.kind, len(contents.records)) == ("services", 1)


@pytest.mark.parametrize(
    "body",
    [
        b'[{"service_code": "172", "service_name": "Vandalism"}]',
        b'[{"service_code": "172", "type": "x", "status": "open"}]',
    ],
)
def test_requests_that_lost_their_ids_are_not_taken_for_services(body: bytes) -> None:
    assert read_contents(body).kind == "requests"


ENTITIES = b"""<!DOCTYPE r [<!ENTITY a "CANARY"><!ENTITY b "&a;&a;&a;">]><service_requests>&b;</service_requests>"""
OUTSIDE = b"""<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><service_requests>&a;</service_requests>"""
DEEP_XML = b"<service_requests>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</service_requests>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty_body"),
        (b" \r\n", "empty_body"),
        (b"<!DOCTYPE html><html><body>Logga in</body></html>", "html_answer"),
        (b"\n<HTML>CANARY", "html_answer"),
        (b'{"error": "CANARY"}', "error_answer"),
        (b'[{"code": 403, "description": "CANARY"}]', "error_answer"),
        (b"<errors><error><code>403</code></error></errors>", "error_answer"),
        (b'{"results": null}', "no_list"),
        (b'{"requests": null}', "no_list"),
        (b"<feed><entry>CANARY</entry></feed>", "no_list"),
        (b'[{"service_request_id": "1", "descr', "bad_json"),
        (b"[" * 100_000, "too_deep"),
        (b"[1] [2]", "bad_json"),
        (b"<service_requests><request><service_request_id>CAN", "bad_xml"),
        (ENTITIES, "bad_xml"),
        (OUTSIDE, "bad_xml"),
        (DEEP_XML, "bad_xml"),
        (b"id;status\n1;open\n", "not_json_or_xml"),
        (b'"CANARY"', "not_json_or_xml"),
        (b"\x1f\x8b\x08\x00CANARY", "not_json_or_xml"),
    ],
)
def test_what_is_no_answer_is_refused_with_a_reason_that_quotes_nothing(body: bytes, reason: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        read_contents(body)
    assert caught.value.reason == reason
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("NaN", "not_finite"),
        ("-Infinity", "not_finite"),
        ("1e999", "number_out_of_range"),
        ("9" * 5_000, "number_out_of_range"),
        ('"\\ud800"', "lone_surrogate"),
        ('1, "lat": 2', "duplicate_key"),
        ("[" * 40 + "]" * 40, "too_deep"),
        ("[" * 100_000, "too_deep"),
    ],
)
def test_a_value_that_two_readers_could_understand_differently_refuses_the_answer(value: str, reason: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        read_contents(b'[{"service_request_id": "1", "lat": ' + value.encode() + b"}]")
    assert refused.value.reason == reason


def test_one_request_to_a_line_is_a_list_of_requests() -> None:
    lines = "\r\n".join(json.dumps(ONE | {"service_request_id": str(n)}) for n in range(3)) + "\r\n\r\n"
    assert [each["service_request_id"] for each in read_contents(lines.encode()).records] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"service_request_id":"1"}\n{"service_request_id":"2"', "bad_json"),
        ('{"service_request_id":"1"}\n[1]', "bad_json"),
        ('{"service_request_id":"1"}\n{"lat":1,"lat":2}', "duplicate_key"),
        ('{"service_request_id":"1"}\n{"lat":NaN}', "not_finite"),
    ],
)
def test_lines_of_which_one_is_no_whole_request_are_refused(text: str, reason: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        read_contents(text.encode())
    assert caught.value.reason == reason
