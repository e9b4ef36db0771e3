"""The quick way to read JSON says what the careful one says, value or refusal, for whatever text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import strict_json
from connectors.kit import DeliveryError

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**22), 10**22)
    | st.floats()
    | st.text('ab"\\:{}[], \u00e5\ud800', max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('ab" :\\', max_size=3), inner, max_size=4),
    max_leaves=12,
)
texts = st.builds(
    lambda value, indent, separators: json.dumps(value, indent=indent, separators=separators, ensure_ascii=False),
    values,
    st.sampled_from([None, 1]),
    st.sampled_from([(",", ":"), (", ", " : "), (",", ": ")]),
)


def said(read: Any, text: str) -> Any:
    try:
        return json.dumps(read(text))
    except DeliveryError as error:
        return error.reason


@settings(max_examples=400, deadline=None)
@given(
    texts, st.sampled_from(["", '{"a":1,"a":2}', '{"a" :1,"b":2,"b":3}', '{"a":":","a":2}', "[-0,1E400]", '"\\u0022:"'])
)
def test_both_ways_say_the_same(text: str, more: str) -> None:
    for whole in (text, f"[{text},{more or 0}]", f'{{"x":{text},"y":[{more or 0}]}}'):
        quick, depth = strict_json._quickly(whole)
        if quick is not strict_json._UNSURE:
            assert json.dumps(quick) == said(strict_json._carefully, whole)
            assert depth == strict_json._depth_of(quick)
        assert said(strict_json.loads, whole) == said(strict_json._carefully, whole)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"a":1,"b":2,"a":3}]', "duplicate_key"),
        ('[{"a" :1,"b":2,"b":3}]', "duplicate_key"),
        ('[{"a":1234567890123456789}]', "number_out_of_range"),
        ('[{"a":123456789012345678901234}]', "number_out_of_range"),
        ('[{"a":NaN}]', "not_finite"),
        ('[{"a":"\\ud800"}]', "lone_surrogate"),
        ('[{"a":1}', "not_json"),
    ],
)
def test_what_two_readers_could_understand_differently_is_refused(text: str, reason: str) -> None:
    with pytest.raises(DeliveryError, match=reason):
        strict_json.loads(text)


def test_ordinary_answers_are_read_the_quick_way() -> None:
    for indent in (None, 2):
        text = json.dumps(
            [{"id": 1, "name": "Två ord", "location": {"gps": "58.9,16.98"}, "lat": 58.9}] * 2, indent=indent
        )
        assert strict_json._quickly(text) == (json.loads(text), 3)


@pytest.mark.parametrize("innermost", ["1", '{"a":1,"b":"\\""}'])  # read the quick way, and the careful one
def test_a_value_nested_deeper_than_asked_is_refused(innermost: str) -> None:
    text = "[" * 4 + innermost + "]" * 4
    depth = 4 + innermost.startswith("{")
    assert strict_json.loads(text, depth) == json.loads(text)
    with pytest.raises(DeliveryError, match="too_deep"):
        strict_json.loads(text, depth - 1)


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>", b"\xef\xbb\xbf \r\n<html>", b"<?xml version='1.0'?><a/>"])
def test_a_page_where_json_should_be_is_called_a_page(body: bytes) -> None:
    with pytest.raises(DeliveryError) as caught:
        strict_json.decode(body)
    assert (caught.value.reason, "web page" in caught.value.detail) == ("not_json", True)
