"""Made-up nights of one guard company, read from an archive one by one: each is a state of the lake."""

from __future__ import annotations

from pathlib import Path

from flows.cli import main as lagesbild
from tests.flows.crash_sweep import HEADER

FEED = "guard_nordvakt"
#: When all the nights have been heard, in the words of the command line.
MORNING = "2025-10-12 06:00"


def read_nights(data: Path, first: int, last: int, settings: str | Path = "lindvik") -> None:
    """Land and read the nights ``first`` to ``last`` (1–9 October 2025) one by one; each corrects the one before."""
    for number in range(first, last + 1):
        folder = data.parent / f"archive-{data.name}-{number}"
        folder.mkdir(parents=True)
        lines = [f"N{number}{i};2025-10-0{number};23.1{i};;Torget;Klotter;;;Nej;;;;;" for i in range(5)]
        if number > 1:
            lines.append(f"N{number - 1}0;2025-10-0{number - 1};23.10;;Torget;Skadegörelse;;;Ja;;;;;")
        body = "\r\n".join([HEADER, *lines, ""]).encode("cp1252")
        (folder / f"2025-10-0{number}T2355Z.csv").write_bytes(body)
        code = lagesbild(["backfill", FEED, str(folder), "--settings", str(settings), "--data", str(data)])
        assert code == 0, code
