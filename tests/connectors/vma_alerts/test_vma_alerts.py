"""VMA as entries: what each message says, whom it is for, and that a test is never taken for one."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from http_clock import Clock, client_at
from made_up_alerts import FIRE, alert, answered, context, info, place, row, rows, told
from replay_server import Recorded, ReplayServer

from connectors.vma_alerts.connector import _patterns, _said, check_options, fetch
from warehouse.contract import ALLOWED, REGISTER_COLUMNS, REGISTERS
from warehouse.register_versions import register_versions


def test_a_message_is_an_entry_with_what_whom_when_and_coded_advice(tmp_path: Path) -> None:
    entry = row(tmp_path)
    assert {name: entry[name] for name, _ in REGISTER_COLUMNS["public_alert"]} == {
        "incident_key": "SRVMA20261123041500I", "message_type": "alert", "alert_status": "actual",
        "alert_severity": "severe", "alert_topic": "brand", "alert_advice": "inomhus",
        "warned_area_sv": "Lindby kommun (Provlän)", "reach": "kommun", "area_codes": "0199",
        "sent_at": datetime(2026, 11, 23, 3, 15, tzinfo=UTC), "expires_at": datetime(2026, 11, 23, 17, tzinfo=UTC),
        "refers_to": None,
    }  # fmt: skip
    assert (entry["source_key"], entry["dq_flags"]) == ("SRCAP20261123041500I", "")


def test_what_a_message_says_never_leaves_the_landing_zone(tmp_path: Path) -> None:
    area = place(name="Lindby, ring 070-174 06 05")
    entry = row(tmp_path, info=[info(area, headline="KANARIEFÅGEL", instruction="KANARIEFÅGEL")])
    assert "KANARIEFÅGEL" not in repr(entry) and "070" not in repr(entry)


def test_the_older_shape_of_version_2_is_read_too(tmp_path: Path) -> None:
    """There: category a text, no expires, references null, and a cancellation without any info."""
    older = info(category="Safety", expires=None)
    gone = alert("20261123050000I", msgType="Cancel", incidents="SRVMA20261123041500I", info=None,
                 references="https://vmaapi.sr.se/api/v2,SRCAP20261123041500I,2026-11-23T03:15:00+01:00")  # fmt: skip
    answer = answered(gone | {"info": None}, alert(info=[older]) | {"references": None})
    cancel, first = rows(told(tmp_path, answer))
    assert (first["expires_at"], first["alert_topic"], first["dq_flags"]) == (None, "brand", "")
    assert (cancel["message_type"], cancel["refers_to"], cancel["incident_key"], cancel["reach"]) == (
        "cancel", "SRCAP20261123041500I", "SRVMA20261123041500I", None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("areas", "reach", "codes"),
    [
        ([place()], "kommun", "0199"),
        ([place("01", "Provlän", "Län")], "lan", "01"),
        ([place("00", "Sverige", "Land")], "riket", "00"),
        ([place("1480")], "annat", "1480"),
        ([place("14", "Västra Götalands län", "Län"), place("019901", "Norra", "Del")], "kommun", "019901,14"),
        ([place("0136")], "annat", "0136"),
        ([{"areaDesc": "Lindby", "geocode": None}], None, ""),
        ([{"areaDesc": "Lindby"}], None, ""),
    ],
)
def test_the_codes_of_its_areas_say_whom_a_message_is_for(
    areas: list[dict[str, Any]], reach: str | None, codes: str, tmp_path: Path
) -> None:
    entry = row(tmp_path, info=[info(*areas)])
    assert (entry["reach"], entry["area_codes"]) == (reach, codes)


@pytest.mark.parametrize("odd", [199, "", "1", "01990199199", "Haninge", None, [], "0199; DROP"])
def test_a_code_that_is_none_leaves_it_unknown_whom_the_message_is_for(odd: Any, tmp_path: Path) -> None:
    entry = row(tmp_path, info=[info({"areaDesc": "x", "geocode": [{"valueName": "Kommun", "value": odd}]})])
    assert (entry["reach"], entry["dq_flags"]) == (None, "area_unreadable")


@pytest.mark.parametrize(
    ("told_status", "status"),
    [("Actual", "actual"), ("Test", "test"), ("Exercise", "exercise"), ("actual", "actual"), ("Real", None), (1, None)],
)
def test_only_what_calls_itself_actual_is(told_status: Any, status: str | None, tmp_path: Path) -> None:
    assert row(tmp_path, status=told_status)["alert_status"] == status


def test_what_the_source_s_test_service_sends_is_a_test_whatever_it_calls_itself(tmp_path: Path) -> None:
    assert row(tmp_path, sender="https://vmaapi.sr.se/testapi/v3")["alert_status"] == "test"


@pytest.mark.parametrize(
    ("text", "topic", "advice"),
    [
        (FIRE, "brand", "inomhus"),
        ("Ett gasutsläpp har skett. Stanna inomhus.", "gas", "inomhus"),
        ("Det har skett en explosion. Undvik området kring hamnen.", "explosion", "undvik"),
        ("Dricksvattnet är otjänligt. Koka allt vatten i fem minuter.", "vatten", "koka"),
        ("Skottlossning pågår. Håll er borta från centrum.", "vapen", "undvik"),
        ("Ett jordskred hotar. Lämna området, utrymning pågår.", "skred", "utrym"),
        ("Det går inte att nå nödnumret 112.", "storning", None),
        ("Branden är släckt, faran är över.", "brand", "over"),
        ("Bevaka läget; inrasat läge råder.", None, None),
        ("", None, None),
    ],
)
def test_topic_and_advice_come_out_of_the_text_by_known_words_alone(
    text: str, topic: str | None, advice: str | None, tmp_path: Path
) -> None:
    entry = row(tmp_path, info=[info(description=text)])
    assert (entry["alert_topic"], entry["alert_advice"]) == (topic, advice)


def test_the_swedish_part_is_read_whichever_comes_first(tmp_path: Path) -> None:
    english = info(language="en-US", description="A fire.", severity="Minor")
    assert row(tmp_path, info=[english, info()])["alert_severity"] == "severe"
    assert row(tmp_path, info=[english])["alert_severity"] == "minor"


def test_the_words_looked_for_give_only_codes_the_contract_allows() -> None:
    assert {code for code, _ in _patterns()["alert_topic"]} == ALLOWED["alert_topic"]
    assert {code for code, _ in _patterns()["alert_advice"]} == {"inomhus", "utrym", "undvik", "koka", "over"}


def changes(folder: Path, *bodies: Any) -> list[tuple[str, str]]:
    answer = told(folder, *bodies)
    assert answer.told is not None
    none = REGISTERS["public_alert"].empty_table()
    made, _ = register_versions(
        "public_alert", answer.told.rows, answer.deliveries, none, is_whole=True, held=answer.told.held
    )
    return [(one["source_key"], one["change_kind"]) for one in made.to_pylist()]


def test_an_answer_without_messages_says_that_all_are_over(tmp_path: Path) -> None:
    key = "SRCAP20261123041500I"
    assert changes(tmp_path, answered(alert()), answered()) == [(key, "new"), (key, "withdrawn")]
    assert changes(tmp_path, [alert()], []) == [(key, "new"), (key, "withdrawn")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty_body"),
        (b'{"timestamp": "2026-11-23T05:49:58+01:00", "alerts": [{"ident', "not_json"),
        (b"<html><body>Service unavailable</body></html>", "not_json"),
        (b'{"timestamp": "x"}', "no_list"),
        (b'{"alerts": null}', "no_list"),
        (b'{"alerts": {}}', "no_list"),
        (b"3", "no_list"),
        (b'{"alerts": [1, null, "x", [], {}]}', "no_record_read"),
    ],
)
def test_what_is_no_answer_is_held_whole_and_ends_no_message(body: bytes, reason: str, tmp_path: Path) -> None:
    answer = told(tmp_path, body)
    assert [(one.disposition, one.reason) for one in answer.outcomes] == [("quarantined", reason)]
    assert changes(tmp_path, answered(alert()), body) == [("SRCAP20261123041500I", "new")]


def test_odd_values_leave_a_message_standing_with_what_could_be_read(tmp_path: Path) -> None:
    odd = alert(sent="2026-11-23T04:15:00", msgType=["Alert"], incidents=3, references={"x": 1}, info="text", okänt=1)
    answer = told(tmp_path, answered(odd, 3, alert(identifier=None), alert()))
    (first,) = rows(answer)
    assert (first["sent_at"], first["message_type"], first["incident_key"], first["reach"]) == (None,) * 4
    assert first["dq_flags"] == "message_type_unknown,sent_unreadable"
    assert [(one["record_number"], one["reason"]) for one in answer.rejects.to_pylist()] == [
        (2, "not_an_object"), (3, "no_key"), (4, "key_repeated")
    ]  # fmt: skip


def test_a_number_that_is_not_the_source_s_own_is_known_by_its_fingerprint(tmp_path: Path) -> None:
    key = row(tmp_path, identifier="Eva Exempelsson 070-174 06 05")["source_key"]
    assert key.startswith("x") and len(key) == 17


def test_the_settings_have_no_options_and_say_so() -> None:
    assert check_options({}) == [] and check_options({"geocode": "01"}) == [
        "geocode: unknown option; this kind has none"
    ]


def test_the_source_is_asked_at_most_once_a_minute_with_what_the_address_says(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/alerts", Recorded(b'{"alerts": []}'))
    clock = Clock()
    client = client_at(tmp_path, clock)
    for _ in range(2):
        (fetched,) = fetch(context(), client, replay_server.url("/alerts?geocode=01"), None)
    assert (fetched.body, fetched.name) == (b'{"alerts": []}', "alerts-2026-11-23T050100Z.json")
    assert clock.slept == [60] and replay_server.calls[0].params == {"geocode": "01"}


def word_forms() -> list[tuple[str, str, list[str]]]:
    """Words with every form of theirs that a message may use: one line a word."""
    with Path(__file__).with_name("word_forms.csv").open(encoding="utf-8", newline="") as lines:
        return [(row["column"], row["code"], row["forms"].split("; ")) for row in csv.DictReader(lines)]


def test_a_word_is_known_in_one_and_in_many_and_in_the_definite() -> None:
    unknown = [
        f"{code}: {form}"
        for column, code, forms in word_forms()
        for form in forms
        if code not in _said(column, f"just nu {form} enligt uppgift")
    ]
    assert unknown == []


def test_no_form_of_a_word_tells_of_another_topic() -> None:
    topics = [(code, form) for column, code, forms in word_forms() if column == "alert_topic" for form in forms]
    assert [(code, form) for code, form in topics if _said("alert_topic", f"just nu {form} i dag") != [code]] == []


def test_every_code_has_words_with_their_forms() -> None:
    kept = {(column, code) for column, code, _ in word_forms()}
    assert kept == {(column, code) for column, rows in _patterns().items() for code, _ in rows}


@pytest.mark.parametrize(
    "text", ["gasellen", "rasten", "rasmus", "brännboll", "skottår", "rökning", "klorofyll", "inrasat"]
)
def test_a_word_that_only_begins_like_one_is_none(text: str) -> None:
    assert _said("alert_topic", text) == []
