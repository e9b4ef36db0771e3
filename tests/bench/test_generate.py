"""The bench's own deliveries: always the same, and what comes of them is what should."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.bench.bench import settings
from tests.bench.generate import FEEDS, Bench, write
from tests.bench.ours import read


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    def digest(seed: int) -> str:
        bench = Bench(1000, seed)
        files = [*bench.history(), *bench.night()]
        return hashlib.sha256(b"".join(f.name.encode() + f.body for f in files)).hexdigest()

    assert digest(1) == digest(1) != digest(2)


def test_the_house_finds_in_generated_deliveries_what_was_put_there(tmp_path: Path) -> None:
    truth = write(tmp_path / "raw", 1000)
    town = str(settings(tmp_path))
    for part in ("history", "night"):
        found = read(town, str(tmp_path / "data"), str(tmp_path / "raw" / part))
        for feed in FEEDS:
            wanted = truth[part][feed]
            assert found[feed] == {"seen": wanted.seen, "rejected": wanted.rejected, "accepted": wanted.accepted}, feed
