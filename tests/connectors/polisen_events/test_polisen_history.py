from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from made_up_police import SMALL, START, Police, notice, rows_of, window, withdrawn

from connectors.kit import Delivery, fingerprint
from connectors.marks import fingerprints
from connectors.normalised import Normalised
from connectors.polisen_events.connector import NOISE_FIELDS, normalise
from tests.connectors.marked import prints

TWELVE = window(*range(20, 8, -1))  # the newest first, as the source sends
FRESH = notice(21, datetime="2026-08-21 14:00:30 +02:00")  # published after the first window was received


def presences(tables: Normalised) -> list[tuple[str, str]]:
    return [(row["report_id"].split(":")[1], row["presence"]) for row in tables.presence.to_pylist()]


def test_a_record_gone_while_five_below_it_remain_was_withdrawn(police: Police) -> None:

    tables = police.read(TWELVE, [FRESH, *(e for e in TWELVE if e["id"] != 14)])
    assert withdrawn(tables) == ["14"]
    assert presences(tables) == [("14", "vanished")]
    last = rows_of(tables)[-1]
    before = next(row for row in rows_of(tables) if row["source_key"] == "14")
    changed = {name for name in last if last[name] != before[name]}
    assert changed == {"delivery_sha256", "ingested_at", "record_number", "observation", "note_public"}
    assert (last["note_public"], last["record_number"]) == (None, 13)
    (seen,) = (row["last_seen_at"] for row in tables.presence.to_pylist())
    assert seen == START


def test_notices_of_windows_read_whole_are_not_taken_for_others_when_those_are_forgotten(police: Police) -> None:
    """Each such window has records of its own, and what is forgotten leaves its identity to the next one."""
    many = [[notice(id, name=f"{n % 6}") for id in range(20, 8, -1)] for n in range(12)]
    marked = [b"\xef\xbb\xbf" + json.dumps(each).encode() for each in many]
    plain = rows_of(police.read(*many))
    whole = rows_of(police.read(*marked))
    assert [row["source_hash"] for row in whole] == [row["source_hash"] for row in plain]


def test_a_record_gone_with_fewer_than_five_witnesses_left_at_the_tail(police: Police) -> None:
    tables = police.read(TWELVE, [FRESH, *(e for e in TWELVE if e["id"] != 13)])
    assert withdrawn(tables) == []
    assert presences(tables) == [("13", "left_tail")]


def test_a_withdrawn_record_seen_again_is_seen_and_back(police: Police) -> None:
    old = [{**e, "datetime": "2026-08-20 8:05:10 +02:00"} for e in TWELVE]
    tables = police.read(old, [FRESH, *(e for e in old if e["id"] != 14)], old)
    assert presences(tables)[0] == ("14", "vanished")
    assert ("14", "returned") in presences(tables)
    assert [r["observation"] for r in rows_of(tables) if r["source_key"] == "14"] == ["seen", "withdrawn", "seen"]


def test_a_new_notice_is_not_a_returned_one(police: Police) -> None:
    tables = police.read(TWELVE, [FRESH, *TWELVE[:-1]])
    assert presences(tables) == [("9", "left_tail")]


def test_a_withdrawal_is_found_against_the_delivery_before_this_call(police: Police) -> None:
    before = police.land(TWELVE, -1)
    tables = police.read([FRESH, *(e for e in TWELVE if e["id"] != 14)], previous=before)
    assert withdrawn(tables) == ["14"]


def test_a_previous_delivery_that_cannot_be_read_compares_with_nothing(police: Police) -> None:
    tables = police.read(TWELVE, previous=police.land(b"", -1))
    assert (tables.outcomes[0].disposition, tables.presence.num_rows) == ("accepted", 0)


def test_fingerprints_are_over_the_raw_fields_and_not_the_id(police: Police) -> None:
    entry = notice(1, summary="Två\xa0män &amp; en bil.")
    row = police.row(summary=entry["summary"])
    raw = {key: entry[key] for key in ("datetime", "name", "summary", "url", "type")}
    raw |= {"location.name": entry["location"]["name"], "location.gps": entry["location"]["gps"]}
    assert tuple(row[name] for name in ("field_names", "field_fingerprints", "source_hash")) == fingerprints(raw)
    assert prints(row)["summary"] == fingerprint(entry["summary"])


def test_a_change_of_url_or_gps_alone_stays_within_the_noise_fields(police: Police) -> None:
    before = prints(police.row())
    for changes in ({"url": "/annan"}, {"location": {"name": "Stockholms län", "gps": "59.10000001,18.1"}}):
        after = prints(police.row(**changes))
        assert {name for name, _ in before.items() ^ after.items()} < NOISE_FIELDS


def some_history(police: Police) -> list[Delivery]:
    """Thirty windows with new, edited, withdrawn and returning notices, and some answers that are none."""
    dice = random.Random(7)
    standing = [{**e, "datetime": "2026-08-20 8:05:10 +02:00"} for e in TWELVE]
    deliveries = []
    for minute in range(30):
        newcomer = notice(100 + minute, datetime=f"2026-08-21 14:{minute:02d}:01 +02:00")
        gone = dice.randrange(12)
        body: Any = [newcomer, *standing[:gone], *standing[gone + 1 :]]
        if dice.random() < 0.3:
            body[5] = {**body[5], "summary": f"Ändrad {minute}."}
        if dice.random() < 0.2:
            body[11] = standing[gone]
        if dice.random() < 0.2:
            body[7] = {**body[7], "type": "Nytt", "okänt": 1, "övrigt": 2}
        odd = dice.choice([None] * 6 + [b"", b"<html>", body[:3]])
        deliveries.append(police.land(body if odd is None else odd, minute))
        standing = standing if odd is not None else body
    return deliveries


def in_chunks(police: Police, deliveries: Sequence[Delivery], size: int) -> list[pa.Table]:
    """Concatenated tables of ``deliveries`` read ``size`` at a time, the last accepted one handed on."""
    parts, previous = [], None
    for start in range(0, len(deliveries), size):
        chunk = deliveries[start : start + size]
        tables = normalise(chunk, police.context(**SMALL), previous)
        accepted = {o.received_at for o in tables.outcomes if o.disposition == "accepted"}
        previous = next((d for d in reversed(chunk) if d.received_at in accepted), previous)
        parts.append((tables.observations, tables.rejects, tables.notices, tables.presence))
    return [pa.concat_tables(column) for column in zip(*parts, strict=True)]


@pytest.mark.parametrize("size", [1, 2, 7])
def test_one_call_and_many_give_the_same_tables(police: Police, size: int) -> None:
    deliveries = some_history(police)
    whole = in_chunks(police, deliveries, len(deliveries))
    assert all(table.num_rows for table in whole)
    for together, apart in zip(whole, in_chunks(police, deliveries, size), strict=True):
        assert together.equals(apart)


def test_the_order_in_which_deliveries_are_handed_over_means_nothing(police: Police) -> None:
    deliveries = some_history(police)
    shuffled = random.Random(3).sample(deliveries, len(deliveries))
    first, second = (normalise(d, police.context(**SMALL), None) for d in (deliveries, shuffled))
    assert first.observations.equals(second.observations) and first.notices.equals(second.notices)
    assert first.presence.equals(second.presence) and first.rejects.equals(second.rejects)


def test_no_deliveries_give_empty_tables(police: Police) -> None:
    tables = normalise([], police.context(), None)
    assert (tables.observations.num_rows, tables.outcomes) == (0, [])


def test_a_window_covers_from_its_tail_to_its_receipt(police: Police) -> None:
    hours = [f"2026-08-21 {hour}:00:00 +02:00" for hour in range(13, 1, -1)]
    body = [{**entry, "datetime": hour} for entry, hour in zip(TWELVE, hours, strict=True)]
    body[-1]["datetime"] = "2026-03-01 8:00:00 +01:00"  # an old notice, edited lately
    (outcome,) = police.read(body).outcomes
    assert outcome.covers_until == START
    assert outcome.covers_from is not None and outcome.covers_from.hour == 9  # the tenth from below, in UTC


def test_old_notices_edited_during_an_outage_bear_no_witness_against_those_that_aged_out(police: Police) -> None:
    edited = [{**entry, "summary": "Ändrad."} for entry in TWELVE[6:]]  # the six lowest, moved to the top by their edit
    fresh = [notice(id, datetime="2026-08-25 8:05:10 +02:00") for id in range(26, 20, -1)]
    before = police.land(TWELVE, -5 * 24 * 60)
    tables = normalise([police.land([*edited, *fresh], 0)], police.context(**SMALL), before)
    assert withdrawn(tables) == []
    assert presences(tables)[:6] == [(str(id), "left_tail") for id in range(20, 14, -1)]


def test_a_key_too_long_for_a_notice_is_the_same_fingerprint_in_all_tables(police: Police) -> None:
    odd = {**TWELVE[5], "id": 850709_9805}  # a number that could be a person's
    tables = police.read([*TWELVE[:5], odd, *TWELVE[6:]], [FRESH, *TWELVE[:5], *TWELVE[6:]])
    (gone,) = (row for row in rows_of(tables) if row["observation"] == "withdrawn")
    assert [gone["report_id"]] == tables.presence.column("report_id").to_pylist()
    assert "8507099805" not in str(tables)
