"""The bench's own deliveries: always the same, and what comes of them is what should."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from tests.bench import ours, rival_duckdb, rival_pandas
from tests.bench.agree import disagreements
from tests.bench.bench import settings
from tests.bench.generate import FEEDS, Bench, write


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    def digest(seed: int) -> str:
        bench = Bench(1000, seed)
        files = [*bench.history(), *bench.night()]
        return hashlib.sha256(b"".join(f.name.encode() + f.body for f in files)).hexdigest()

    assert digest(1) == digest(1) != digest(2)


@pytest.fixture(scope="module")
def read_by_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a history and a night (``raw``) and what each of the three made of them."""
    folder = tmp_path_factory.mktemp("bench")
    write(folder / "raw", 1000)
    for part in ("history", "night"):
        rival_duckdb.read(str(folder / "raw" / part), str(folder / "duckdb"))
        rival_pandas.read(str(folder / "raw" / part), str(folder / "pandas"))
        found = ours.read(str(settings(folder)), str(folder / "house"), str(folder / "raw" / part))
        (folder / f"{part}.json").write_text(json.dumps(found))
    return folder


def test_the_house_finds_in_generated_deliveries_what_was_put_there(read_by_all: Path) -> None:
    truth = json.loads((read_by_all / "raw" / "truth.json").read_text())
    for part in ("history", "night"):
        found = json.loads((read_by_all / f"{part}.json").read_text())
        for feed in FEEDS:
            wanted = truth[part][feed]
            assert found[feed] == {name: wanted[name] for name in ("seen", "rejected", "accepted")}, feed


def test_the_rivals_and_the_house_say_the_same_of_the_same_deliveries(read_by_all: Path) -> None:
    """A rival that fills fewer columns, or sees fewer versions, is cheaper for it."""
    assert not disagreements(read_by_all / "house", [read_by_all / "duckdb", read_by_all / "pandas"])


@pytest.mark.parametrize("name", ["pandas", "house"])
def test_a_contender_that_says_other_than_duckdb_is_named(read_by_all: Path, tmp_path: Path, name: str) -> None:
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    duckdb.sql(f"FROM '{read_by_all}/duckdb/*.parquet' WHERE source_key <> 'LV-1'").write_parquet(f"{fewer}/0.parquet")
    house = read_by_all / "house" if name == "house" else None
    told = disagreements(house, [fewer, read_by_all / "pandas"])
    assert told and any(one.startswith(f"{name} has alone") for one in told)
