from __future__ import annotations

import json
from typing import Any

import pytest
from made_up_police import SMALL, Police, notice, rows_of, window

from connectors.kit import DeliveryError, fingerprint
from connectors.polisen_events.connector import normalise
from connectors.polisen_events.erase import erase

NAMED = "Polisen söker efter Testnamn, 85, ring 070-174 06 05."


def told(police: Police, body: bytes) -> list[dict[str, Any]]:
    return rows_of(normalise([police.land(body)], police.context(**SMALL), None))


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": NAMED},
        {"summary": "Det brinner hos Testnamn."},
        {"summary": "Presstelefonen besvaras av Testnamn.", "type": "Övrigt"},
        {"summary": "Beslut om kamerabevakning.", "type": "Övrigt", "name": "23 augusti 07.01, Övrigt, Haninge"},
        {"summary": ("Testnamn " * 20)[:110]},
        {"summary": "Testnamn", "type": "Försvunnen person"},
    ],
)
def test_after_erasing_the_same_rows_are_made_apart_from_the_text(police: Police, changes: dict[str, Any]) -> None:
    entries = [notice(1, **changes), *window(*range(2, 13))]
    body = json.dumps(entries).encode()
    erased = erase(body, {(1, fingerprint(changes["summary"]))})
    assert b"Testnamn" not in erased and changes["summary"].encode() not in erased
    before, after = told(police, body), told(police, erased)
    assert [row["source_hash"] for row in after] == [row["source_hash"] for row in before]
    for row in (*before, *after):
        del row["delivery_sha256"]
    assert after[1:] == before[1:]
    assert after[0]["note_public"] is None
    flags = {*before[0]["dq_flags"].split(","), "text_erased"} - {""}
    assert after[0] == {**before[0], "note_public": None, "dq_flags": ",".join(sorted(flags))}


def test_only_the_named_text_of_the_named_id_goes(police: Police) -> None:
    body = json.dumps([notice(1, summary=NAMED), notice(2, summary=NAMED), notice(3)]).encode()
    kept = json.loads(erase(body, {(1, fingerprint(NAMED)), (3, fingerprint(NAMED))}))
    assert kept[0]["summary"]["erased"] == fingerprint(NAMED)
    assert [kept[1], kept[2]] == [notice(2, summary=NAMED), notice(3)]


def test_with_nothing_to_erase_the_very_same_bytes_come_back() -> None:
    body = b'\xef\xbb\xbf [{"id": 1,   "summary": "x"}, 7]'
    assert erase(body, {(1, "00000000"), (2, fingerprint("x"))}) == body
    assert erase(body, ()) == body


def test_erasing_twice_is_erasing_once() -> None:
    body = json.dumps([notice(1, summary=NAMED)]).encode()
    once = erase(body, {(1, fingerprint(NAMED))})
    assert erase(once, {(1, fingerprint(NAMED))}) == once


def test_a_body_that_cannot_be_read_is_told_so_instead_of_kept_in_silence() -> None:
    with pytest.raises(DeliveryError, match="not_json"):
        erase(b"<html>Testnamn", {(1, fingerprint("Testnamn"))})


@pytest.mark.parametrize(
    "summary",
    [
        {"erased": "Testnamn"},
        {"erased": "0123abcd", "marks": "testnamn"},
        {"erased": "0123abcd", "pii": "testnamn"},
        {"erased": "0123abcd", "text": "Testnamn"},
        {},
    ],
)
def test_a_source_cannot_smuggle_words_in_the_guise_of_an_erased_text(police: Police, summary: dict[str, str]) -> None:
    tables = police.read([notice(1, summary=summary), *window(*range(2, 13))])
    (row,) = tables.rejects.to_pylist()
    assert (row["reason"], row["field"]) == ("wrong_type", "summary")
