"""A window cut into entries says what the whole one says, value or refusal, whatever stands in its texts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kit import DeliveryError, fingerprint
from connectors.polisen_events import windows
from connectors.polisen_events.entries import Pieces
from connectors.polisen_events.windows import read_window

texts = st.sampled_from(['a},{"id":2', "}, {", '"', "\\", "å", "[{", "x"])
whole = dict.fromkeys(("datetime", "name", "type", "summary", "url"), texts)
places = st.fixed_dictionaries({"name": texts, "gps": texts}, optional={"more": texts})
plain = st.fixed_dictionaries({"id": st.integers(0, 9), **whole, "location": places}, optional={"new": texts})
entries = plain | st.fixed_dictionaries(
    {"id": st.integers(0, 3), "datetime": texts, "name": texts, "type": texts},
    optional={
        "summary": texts | st.none(),
        "url": texts,
        "location": st.fixed_dictionaries({"name": texts, "gps": texts}) | st.none(),
        "new": texts | st.lists(st.fixed_dictionaries({"a": texts}), max_size=2),
    },
)
bodies = st.builds(
    lambda many, indent, separators, end: json.dumps(many, indent=indent, separators=separators).encode() + end,
    st.lists(entries | st.sampled_from([[], 1, {}]), max_size=5),
    st.sampled_from([None, 2]),
    st.sampled_from([(",", ":"), (", ", ": ")]),
    st.sampled_from([b"", b"\n", b"]", b"}]", b',{"id":1}]']),
)


def said(body: bytes, known: Pieces | None = None) -> Any:
    try:
        return read_window(body, known)
    except DeliveryError as error:
        return error.reason, error.record_count


@settings(max_examples=300, deadline=None)
@given(st.lists(bodies, min_size=1, max_size=3))
def test_a_window_cut_into_entries_says_what_the_whole_one_says(many: list[bytes]) -> None:
    known: Pieces = {}
    for body in many:
        quick = said(body, known)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(windows, "cut", lambda body, known: None)
            assert quick == said(body)
            patch.setattr(windows, "_plain_window", lambda pieces: None)
            assert quick == said(body)


@pytest.mark.parametrize("blank", [b"\x0b", b"\x0c"])
@pytest.mark.parametrize("template", [b"%s[{A},{B}]", b"[%s{A},{B}]", b"[{A}%s,{B}]", b"[{A},%s{B}]", b"[{A},{B}]%s"])
def test_white_space_that_json_does_not_know_refuses_the_window(template: bytes, blank: bytes) -> None:
    one = {"datetime": "d", "name": "n", "type": "t", "summary": "s", "url": "u", "location": None}
    first, second = (json.dumps({"id": id, **one}).encode() for id in (1, 2))
    plain, odd = (
        (template % between).replace(b"{A}", first).replace(b"{B}", second) for between in (b" \t\r\n", blank)
    )
    assert said(odd) == ("not_json", 0)
    assert len(said(plain).records) == 2


def test_a_field_nobody_knows_is_told_of_also_inside_a_place() -> None:
    one = {"id": 1, "datetime": "d", "name": "n", "type": "t", "summary": "s", "url": "u"}
    read = read_window(json.dumps([{**one, "location": {"name": "n", "gps": "g", "more": 1}}]).encode())
    assert read.new_fields == {("location", fingerprint("more")): [1]} and len(read.records) == 1


def test_the_same_entry_of_two_windows_is_one_object() -> None:
    one = {"id": 1, "datetime": "d", "name": "n", "type": "t", "summary": "}x{", "url": "u", "location": None}
    known: Pieces = {}
    first, second = (read_window(json.dumps([one, {**one, "id": n}]).encode(), known) for n in (2, 3))
    assert first.records[0][1] is second.records[0][1] and len(known) == 3
