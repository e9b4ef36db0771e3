"""A sheet whose time is out says so where everybody opens it, without a script, until a newer one takes its place."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows.stale import MARK, Freshness
from flows.store import Store
from tests.warehouse.publish.made_up_picture import database, ordinary
from warehouse.publish.picture_json import canonical_json, read_picture
from warehouse.publish.sheet import render

ZONE = ZoneInfo("Europe/Stockholm")


@cache
def picture() -> dict[str, Any]:
    return read_picture(database(ordinary()))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.at(tmp_path)
    store.published.mkdir()
    publish(store)
    return store


def publish(store: Store) -> None:
    made = picture()
    (store.published / "picture_a.json").write_bytes(canonical_json(made))
    for language, name in (("sv", "latest.html"), ("en", "latest_en.html")):
        (store.published / name).write_bytes(render(made, language).encode())


def valid_until() -> datetime:
    return datetime.fromisoformat(picture()["head"]["valid_until_at"])


def pages(store: Store) -> list[bytes]:
    return [(store.published / name).read_bytes() for name in ("latest.html", "latest_en.html")]


def test_a_page_says_that_it_is_old_from_the_minute_its_time_is_out_and_says_it_once(store: Store) -> None:
    fresh, freshness = pages(store), Freshness(store)
    assert freshness.look(valid_until() - timedelta(seconds=1), ZONE) == 0 and pages(store) == fresh
    assert freshness.look(valid_until(), ZONE) == 2
    old = pages(store)
    when = f"{valid_until().astimezone(ZONE):%Y-%m-%d %H.%M}"
    assert f"Gammal bild. Den gällde till {when}" in old[0].decode() and f"valid until {when}" in old[1].decode()
    assert b"<script" not in old[0] and old[0].count(MARK) == 1
    assert freshness.look(valid_until() + timedelta(days=3), ZONE) == 0 and pages(store) == old
    assert Freshness(store).look(valid_until() + timedelta(days=3), ZONE) == 0 and pages(store) == old


def test_a_newer_sheet_and_what_lies_in_its_place_are_left_alone(store: Store) -> None:
    freshness = Freshness(store)
    assert freshness.look(valid_until(), ZONE) == 2
    publish(store)
    assert freshness.look(valid_until() - timedelta(hours=1), ZONE) == 0
    emergency = store.published / "latest.html"
    emergency.write_bytes(b"<main><h1>N\xc3\xb6dblad</h1></main>")
    os.utime(emergency, (1, 1))
    assert freshness.look(valid_until(), ZONE) == 1  # the English page alone
    assert MARK not in emergency.read_bytes()


def test_where_nothing_is_published_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert Freshness(Store.at(tmp_path)).look(datetime.now(UTC), ZONE) == 0
