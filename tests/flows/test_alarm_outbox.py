"""The same alarm once, until it changes or a day has passed; and kept until it is sent, whatever fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from flows.alarm_outbox import Outbox, empty, is_due, let_go, note_tried, take_in
from flows.alarm_settings import WebhookReceiver
from flows.alarms import Alarm

NOW = datetime(2026, 11, 26, 5, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOOKED_AT = frozenset({"feed_late"})


def receiver(**more) -> WebhookReceiver:
    table = {"kind": "webhook", "form": "slack", "tlp": "TLP:GREEN", "secret_env": "LAGESBILD_HOOK"}
    return WebhookReceiver.model_validate(table | more)


ONE = {"operator": receiver()}


def late(state: str = "late", **more) -> Alarm:
    return Alarm("feed_late", "guard_nordvakt", state, "late", ("since",), **more)


def test_the_same_alarm_is_told_again_when_it_changed_or_a_day_has_passed_and_not_before():
    state = empty()
    news = [
        take_in(state, [late(said)], LOOKED_AT, ONE, NOW + after)
        for said, after in [
            ("late", 0 * HOUR),
            ("late", HOUR),
            ("late", 22 * HOUR),
            ("lost", 22 * HOUR),  # changed
            ("lost", 23 * HOUR),
            ("lost", 46 * HOUR),  # a day later, as the morning's timer counts
            ("lost", 46 * HOUR),
        ]
    ]
    assert news == [1, 0, 0, 1, 0, 1, 0]


def test_an_alarm_that_passed_and_came_again_is_news_where_it_was_looked_for():
    state = empty()
    assert take_in(state, [late()], LOOKED_AT, ONE, NOW) == 1
    assert take_in(state, [], frozenset(), ONE, NOW + HOUR) == 0  # nobody looked
    assert take_in(state, [late()], LOOKED_AT, ONE, NOW + HOUR) == 0
    assert take_in(state, [], LOOKED_AT, ONE, NOW + HOUR) == 0  # it was heard
    assert take_in(state, [late()], LOOKED_AT, ONE, NOW + 2 * HOUR) == 1


def test_a_quarantine_is_told_when_it_grew_and_at_no_other_time():
    state = empty()
    counts = [0, 2, 2, 1, 1, 2, 2]
    news = [
        take_in(state, [Alarm("quarantine_grew", "a", "", "q", grows=count)], LOOKED_AT, ONE, NOW + number * DAY)
        for number, count in enumerate(counts)
    ]
    assert news == [0, 1, 0, 0, 0, 1, 0]


def test_the_day_s_sheet_is_told_once_and_the_next_day_s_again():
    state = empty()
    days = ["2026-11-26", "2026-11-26", "2026-11-27"]
    news = [
        take_in(state, [Alarm("sheet_out", "", day, "out", repeats=False)], frozenset(), ONE, NOW + number * DAY)
        for number, day in enumerate(days)
    ]
    assert news == [1, 0, 1]


def test_a_clock_that_was_wrong_does_not_keep_an_alarm_back():
    state = empty()
    take_in(state, [late()], LOOKED_AT, ONE, NOW + 400 * DAY)
    assert take_in(state, [late()], LOOKED_AT, ONE, NOW) == 1
    assert is_due({"not_before": (NOW + 400 * DAY).isoformat()}, NOW)
    assert not is_due({"not_before": (NOW + HOUR).isoformat()}, NOW)


def test_each_receiver_gets_the_kinds_it_asked_for():
    state = empty()
    both = {"all": receiver(), "sheets": receiver(tells=["sheet_out"])}
    take_in(state, [late(), Alarm("sheet_out", "", "d", "out")], LOOKED_AT, both, NOW)
    assert [(m["receiver"], m["key"]) for m in state["waiting"]] == [
        ("all", "feed_late:guard_nordvakt"),
        ("all", "sheet_out:"),
        ("sheets", "sheet_out:"),
    ]


@pytest.mark.parametrize(
    ("tlp", "lines"),
    [("TLP:GREEN", ["12 robberies"]), ("TLP:AMBER", ["read it there"]), ("TLP:UNHEARD-OF", ["read it there"])],
)
def test_numbers_labelled_stricter_than_a_receiver_may_have_are_left_out(tlp, lines):
    state = empty()
    out = Alarm("sheet_out", "", "d", "out", ("12 robberies",), tlp=tlp, without="read it there")
    take_in(state, [out], frozenset(), ONE, NOW)
    assert state["waiting"][0]["lines"] == lines and state["waiting"][0]["title"] == f"[{tlp}] out"


def test_what_waits_of_the_same_thing_is_replaced_by_what_is_so_now():
    state = empty()
    take_in(state, [late("late")], LOOKED_AT, ONE, NOW)
    take_in(state, [late("lost")], LOOKED_AT, ONE, NOW + HOUR)
    assert len(state["waiting"]) == 1


def test_what_could_not_be_sent_waits_with_its_reason_and_goes_when_it_is_sent():
    state = empty()
    take_in(state, [late(), Alarm("sheet_out", "", "d", "out")], LOOKED_AT, ONE, NOW)
    first, second = (message["id"] for message in state["waiting"])
    note_tried(state, "operator", [first], {second: "refused"}, NOW + HOUR)
    (left,) = state["waiting"]
    assert (left["id"], left["tries"], left["fault"]) == (second, 1, "refused")
    assert not is_due(left, NOW + HOUR / 2) and is_due(left, NOW + HOUR)


def test_what_waits_is_let_go_after_a_week_and_where_its_receiver_is_gone():
    state = empty()
    take_in(state, [late()], LOOKED_AT, {"operator": receiver(), "gone": receiver()}, NOW)
    let_go(state, ["operator"], NOW + 6 * DAY)
    assert [message["receiver"] for message in state["waiting"]] == ["operator"]
    let_go(state, ["operator"], NOW + 8 * DAY)
    assert state["waiting"] == []


def test_the_outbox_is_durable_and_a_damaged_one_begins_anew(tmp_path):
    Outbox(tmp_path).change(lambda state: take_in(state, [late()], LOOKED_AT, ONE, NOW))
    assert len(Outbox(tmp_path).read()["waiting"]) == 1
    assert (tmp_path / "state.json").stat().st_mode & 0o007 == 0
    for damage in (b"", b"[1]", b'{"told": {}}', b"\xff{"):
        (tmp_path / "state.json").write_bytes(damage)
        assert Outbox(tmp_path).read() == empty()
        assert Outbox(tmp_path).change(lambda state: take_in(state, [late()], LOOKED_AT, ONE, NOW)) == 1


def test_a_full_disk_keeps_the_alarm_in_memory_so_that_it_is_sent_all_the_same(tmp_path, monkeypatch):
    outbox = Outbox(tmp_path)
    outbox.change(lambda state: take_in(state, [late()], LOOKED_AT, ONE, NOW))
    kept = json.loads((tmp_path / "state.json").read_bytes())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flows.alarm_outbox.write_bytes", full)
    outbox.change(lambda state: take_in(state, [Alarm("no_sheet", "", "d", "none")], frozenset(), ONE, NOW))
    assert [message["key"] for message in outbox.read()["waiting"]] == ["feed_late:guard_nordvakt", "no_sheet:"]
    assert json.loads((tmp_path / "state.json").read_bytes()) == kept


def test_one_sends_at_a_time(tmp_path):
    with Outbox(tmp_path).sending(0.0) as first, Outbox(tmp_path).sending(0.1) as second:
        assert (first, second) == (True, False)
    with Outbox(tmp_path).sending(0.0) as again:
        assert again
