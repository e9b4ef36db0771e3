"""An archive's file names state when each delivery was received."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from flows.archive import land_archive, moment_in_name, unzipped
from flows.store import Run, Store

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("name", "utc"),
    [
        ("2025-10-19T043315Z.json.gz", (2025, 10, 19, 4, 33, 15)),
        ("20251019_0633.csv", (2025, 10, 19, 4, 33, 0)),
        ("rapport 2025-12-19 06.33.csv", (2025, 12, 19, 5, 33, 0)),
        ("nordvakt_2025-10-19.csv", (2025, 10, 19, 22, 0, 0)),
    ],
)
def test_a_name_states_a_moment_in_utc_or_in_the_feeds_zone(name, utc):
    assert moment_in_name(name, STOCKHOLM) == datetime(*utc, tzinfo=UTC)


@pytest.mark.parametrize("name", ["manifest.csv", "560424.html", "2025-13-45T000000Z.json", "199925-10.csv"])
def test_a_name_without_a_real_time_states_none(name):
    assert moment_in_name(name, STOCKHOLM) is None


def test_an_archive_read_twice_lands_once_and_passes_over_what_states_no_time(tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "2025-10-19T043315Z.json.gz").write_bytes(gzip.compress(b"[]"))
    (folder / "2025-10-19T053315Z.json").write_bytes(b"[1]")
    (folder / "manifest.csv").write_bytes(b"file")
    store = Store.at(tmp_path / "data")
    first = land_archive(store, "polisen_events", folder, STOCKHOLM, Run.start())
    again = land_archive(store, "polisen_events", folder, STOCKHOLM, Run.start())
    assert (first.landed, first.known, again.landed, again.known) == (2, 0, 0, 2)
    assert [name for name, _ in first.passed_over] == ["manifest.csv"]
    landed = store.landing.deliveries("polisen_events")[0]
    assert store.landing.object_path(landed.sha256).read_bytes() == b"[]"
    assert landed.name == "2025-10-19T043315Z.json"


def test_a_time_that_has_not_come_is_passed_over(tmp_path):
    (tmp_path / "2099-01-01.csv").write_bytes(b"x")
    result = land_archive(Store.at(tmp_path / "data"), "f", tmp_path, STOCKHOLM, Run.start())
    assert result.landed == 0 and "not come" in result.passed_over[0][1]


def test_a_folder_inside_an_archive_is_told_of(tmp_path):
    (tmp_path / "archive" / "2025").mkdir(parents=True)
    (tmp_path / "archive" / "2025" / "2025-01-01.csv").write_bytes(b"x")
    result = land_archive(Store.at(tmp_path / "data"), "f", tmp_path / "archive", STOCKHOLM, Run.start())
    assert (result.landed, [name for name, _ in result.passed_over]) == (0, ["2025"])


def test_a_gzip_bomb_is_refused_at_the_cap_and_a_cut_one_is_named():
    assert "more than 1000 bytes" in unzipped(gzip.compress(b"\0" * 10_000_000), cap=1000)
    assert unzipped(gzip.compress(b"whole")[:-3]) == "is no whole gzip file"
    assert unzipped(gzip.compress(b"whole")) == b"whole"


def test_an_archive_is_landed_in_the_order_it_was_received_however_it_is_cut_into_batches(tmp_path, monkeypatch):
    folder = tmp_path / "archive"
    folder.mkdir()
    for hour in range(7):
        (folder / f"2025-10-19T{hour:02d}0000Z.json").write_bytes(b"[%d]" % hour)
    (folder / "2025-10-19T030000Z.json.gz").write_bytes(b"no gzip")
    journals = []
    for files, size in ((256, 32_000_000), (3, 32_000_000), (256, 7)):
        monkeypatch.setattr("flows.archive.BATCH_FILES", files)
        monkeypatch.setattr("flows.archive.BATCH_BYTES", size)
        store = Store.at(tmp_path / f"data{files}-{size}")
        told = []
        result = land_archive(
            store, "f", folder, STOCKHOLM, Run("r", progress=lambda line, share, told=told: told.append(share))
        )
        assert (result.landed, len(result.passed_over), told[-1]) == (7, 1, 1.0)
        journals.append([(one.seq, one.name, one.sha256) for one in store.landing.deliveries("f")])
    assert journals[0] == journals[1] == journals[2]
    assert [name for _, name, _ in journals[0]] == sorted(name for _, name, _ in journals[0])
