"""SMHI's warnings and VMA from a server to the lake: heard, unchanged, broken off, taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.http import RateRules
from flows.hear import hear
from flows.ingest import ingest_feed
from flows.settings import BUNDLED, Settings, SettingsError, read_settings
from flows.store import Run, Store
from tests.connectors.replay_server import Recorded, ReplayServer
from warehouse.as_of import open_lake

WARNED = (BUNDLED / "lindvik" / "demo" / "registers" / "smhi_varningar_1d_1640_warning.json").read_text("utf-8")
ALERTED = (BUNDLED / "lindvik" / "demo" / "registers" / "vma_1d_1910_alerts.json").read_text("utf-8")
MARK = {"ETag": '"1"', "Content-Type": "application/json"}


def answer_of(text: str) -> bytes:
    """An answer of the demo with its days filled in; which, does not matter here."""
    for word, day in (("D-40", "2026-09-06"), ("D-3", "2026-10-13"), ("D-1", "2026-10-15"), ("D+0", "2026-10-16"),
                      ("D+1", "2026-10-17")):  # fmt: skip
        text = text.replace(word, day)
    return text.encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReplayServer]:
    for kind in ("smhi_warnings", "vma_alerts"):
        monkeypatch.setattr(f"connectors.{kind}.connector.RULES", RateRules(0, 1_000, 10_000))
    monkeypatch.setattr("flows.hear.time.sleep", lambda _: None)
    with ReplayServer() as server:
        yield server


@pytest.fixture
def settings(server: ReplayServer, tmp_path: Path) -> Settings:
    folder = Path(shutil.copytree(BUNDLED / "lindvik", tmp_path / "lindvik"))
    text = (folder / "feeds.toml").read_text(encoding="utf-8")
    for feed in ("smhi_varningar", "vma"):
        text = text.replace(f'folder = "{feed}"', f'url = "{server.url("/" + feed)}"')
    (folder / "feeds.toml").write_text(text, encoding="utf-8")
    return read_settings(folder)


class House:
    """Asks one feed again and again, and tells what the lake then holds of it."""

    def __init__(self, folder: Path, settings: Settings, server: ReplayServer, feed: str) -> None:
        self.store, self.settings, self.server, self.feed = Store.at(folder / "data"), settings, server, feed
        self.clock = datetime.fromisoformat("2026-10-16T03:00:00+00:00")

    def ask(self, *answers: Recorded) -> str:
        """What the attempt came to, after these answers: in all, as status and what was made of it."""
        self.server.answer(f"/{self.feed}", *answers)
        self.clock += timedelta(hours=1)
        run = Run(f"run-{self.clock:%H}", lambda: self.clock)
        status = hear(self.store, self.settings, self.feed, run).status
        done = ingest_feed(self.store, self.settings, self.feed, run)
        return f"{status} {done.versions} {done.quarantined}"

    def versions(self, table: str) -> list[tuple[str, str]]:
        with open_lake(self.store.lake.folder) as con:
            return con.execute(
                f"SELECT source_key, change_kind FROM {table} ORDER BY ingested_at, source_key"
            ).fetchall()


def test_warnings_unchanged_ones_broken_answers_and_ended_ones(
    tmp_path: Path, settings: Settings, server: ReplayServer
):
    house = House(tmp_path, settings, server, "smhi_varningar")
    assert house.ask(Recorded(answer_of(WARNED), headers=MARK)) == "ok 3 0"
    assert house.ask(Recorded(b"", 304)) == "ok 0 0"
    assert server.calls[-1].headers["if-none-match"] == '"1"'
    assert house.ask(Recorded(answer_of(WARNED)[:900])) == "ok 0 1"
    assert house.ask(Recorded(b"<html>Service unavailable</html>", 503)) == "failed 0 1"
    assert len(house.versions("weather_warning")) == 3
    assert house.ask(Recorded(b"[]")) == "ok 3 0"
    assert [change for _, change in house.versions("weather_warning")] == ["new"] * 3 + ["withdrawn"] * 3
    deliveries = house.store.landing.deliveries("smhi_varningar")
    assert len(deliveries) == 5 and deliveries[0].sha256 == deliveries[1].sha256


def test_vma_is_kept_as_it_was_known_and_made_again_the_same(tmp_path: Path, settings: Settings, server: ReplayServer):
    house = House(tmp_path, settings, server, "vma")
    assert house.ask(Recorded(answer_of(ALERTED))) == "ok 1 0"
    same = json.loads(answer_of(ALERTED)) | {"timestamp": "2026-10-16T06:00:00+02:00"}
    assert house.ask(Recorded(json.dumps(same).encode())) == "ok 0 0"
    assert house.ask(Recorded(b'{"timestamp": "2026-10-16T07:00:00+02:00", "alerts": []}')) == "ok 1 0"
    before = house.versions("public_alert")
    assert [change for _, change in before] == ["new", "withdrawn"]
    ingest_feed(house.store, settings, "vma", Run.start(), remake=True)
    assert house.versions("public_alert") == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "smhi_warnings"\nrole = "warning"', 'kind = "smhi_warnings"\nrole = "other"', "smhi_varningar.role"),
        ('kind = "open311"\nrole = "municipal"', 'kind = "open311"\nrole = "warning"', "felanmalan.role"),
        ('folder = "vma"\ntlp = "TLP:CLEAR"\ntrend = false', 'folder = "vma"\ntlp = "TLP:CLEAR"\ntrend = true',
         "vma.trend"),
        ('folder = "vma"\n', 'folder = "vma"\noptions = { geocode = "01" }\n', "geocode: unknown option"),
    ],
)  # fmt: skip
def test_a_feed_of_warnings_says_that_it_is_one_and_counts_nothing(old: str, new: str, said: str, tmp_path: Path):
    folder = Path(shutil.copytree(BUNDLED / "lindvik", tmp_path / "lindvik"))
    text = (folder / "feeds.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "feeds.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        read_settings(folder)


def test_haninge_asks_both_live_sources_over_https_and_vma_every_quarter_of_an_hour():
    feeds = read_settings(BUNDLED / "haninge").feeds
    assert str(feeds["smhi_varningar"].url).startswith("https://opendata-download-warnings.smhi.se/ibww/")
    assert str(feeds["vma"].url).startswith("https://vmaapi.sr.se/api/v3/")
    assert (feeds["vma"].every_hours, feeds["smhi_varningar"].every_hours) == (0.25, 1)
