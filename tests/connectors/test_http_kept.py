"""A source that marks its answers is asked whether the last one still holds, and is not made to send it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from http_clock import LOOSE, Clock, client_at
from replay_server import Call, Recorded, ReplayServer

from connectors.http import FeedDown

MARKED = Recorded(b'[{"id":1}]', headers={"ETag": 'W/"abc"', "Content-Type": "application/json"})


def ask(server: ReplayServer, folder: Path, query: str = "", *, may_be_kept: bool = True) -> bytes:
    client = client_at(folder, Clock())
    url = server.url("/warning.json" + query)
    answer = client.get(url, rules=LOOSE, feed="smhi", may_be_kept=may_be_kept)
    assert (answer.status, answer.media_type) == (200, "application/json")
    return answer.body


def marks_asked(server: ReplayServer) -> list[str | None]:
    return [call.headers.get("if-none-match") for call in server.calls]


def test_an_unchanged_answer_is_the_one_kept_also_by_another_client(
    replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/warning.json", MARKED, Recorded(b"", 304))
    assert [ask(replay_server, tmp_path) for _ in range(3)] == [MARKED.body] * 3
    assert marks_asked(replay_server) == [None, 'W/"abc"', 'W/"abc"']


def test_a_changed_answer_takes_the_place_of_the_one_kept(replay_server: ReplayServer, tmp_path: Path) -> None:
    changed = Recorded(b"[]", headers={"ETag": '"def"', "Content-Type": "application/json"})
    replay_server.answer("/warning.json", MARKED, changed, Recorded(b"", 304))
    assert [ask(replay_server, tmp_path) for _ in range(3)] == [MARKED.body, b"[]", b"[]"]
    assert marks_asked(replay_server) == [None, 'W/"abc"', '"def"']


def test_an_answer_without_a_mark_or_with_an_odd_one_is_not_kept(replay_server: ReplayServer, tmp_path: Path) -> None:
    for mark in ({}, {"ETag": "no quotes"}, {"ETag": '"' + 300 * "x" + '"'}):
        bare = Recorded(b"[]", headers={"Content-Type": "application/json"} | mark)
        replay_server.answer("/warning.json", MARKED, bare)
        ask(replay_server, tmp_path)
        ask(replay_server, tmp_path)
        replay_server.calls.clear()
        ask(replay_server, tmp_path)
        assert marks_asked(replay_server) == [None]


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b.replace(b'"id":1', b'"id":2'), lambda b: b"\x00"])
def test_a_kept_answer_that_is_damaged_is_asked_for_again(
    damage: object, replay_server: ReplayServer, tmp_path: Path
) -> None:
    replay_server.answer("/warning.json", MARKED)
    ask(replay_server, tmp_path)
    (path,) = tmp_path.glob("smhi.answer")
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert ask(replay_server, tmp_path) == MARKED.body
    assert marks_asked(replay_server) == [None, None]


def test_another_address_of_the_feed_is_another_answer(replay_server: ReplayServer, tmp_path: Path) -> None:
    replay_server.answer("/warning.json", MARKED)
    ask(replay_server, tmp_path, "?key=a")
    ask(replay_server, tmp_path, "?key=b")
    assert marks_asked(replay_server) == [None, None]
    assert b"key" not in (tmp_path / "smhi.answer").read_bytes().partition(b"\n")[0]


def test_whoever_did_not_ask_by_a_mark_takes_no_304_for_an_answer(replay_server: ReplayServer, tmp_path: Path) -> None:
    def answering(call: Call) -> Recorded:
        return Recorded(b"", 304)

    replay_server.answer_by("/warning.json", answering)
    for may_be_kept in (False, True):
        with pytest.raises(FeedDown, match="redirected"):
            ask(replay_server, tmp_path, may_be_kept=may_be_kept)
