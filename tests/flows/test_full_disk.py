"""A disk that runs full under server, worker and lake at once: the last sheet stands and nothing is lost."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flows.server_api import ServerAway
from tests.flows.raised import Raised

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

DISK_BYTES = 96_000_000


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of its own of DISK_BYTES."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root; run this test as root in a container")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path) -> Path:
    """Take all that is left of the disk, to the last byte."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1_000_000, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC
    assert os.statvfs(disk).f_bavail == 0
    return ballast


def test_a_full_disk_costs_the_new_sheet_alone_and_with_room_again_all_is_made_good(small_disk):
    town = Raised(small_disk)
    town.up()
    try:
        town.drop("A")
        assert town.ended(town.run("overnight/overnight")) == "COMPLETED"
        rows, latest = town.rows(), (town.store.published / "latest.html").read_bytes()
        folder = town.data / "drop" / "guard_nordvakt"
        (folder / "B.csv").write_bytes((folder / "A.csv").read_bytes().replace(b"A", b"B"))
        ballast = fill(small_disk)
        began = time.time()
        done = town.lagesbild("run")
        assert done.returncode == 4, done.stdout + done.stderr
        with suppress(ServerAway):  # the server cannot write either: it need not even answer
            town.run("picture/picture")
        time.sleep(10)
        assert (town.store.published / "latest.html").read_bytes() == latest
        assert town.rows() == rows and not town.store.lake.verify()
        ballast.unlink()
        town.up()
        assert town.ended(town.run("overnight/overnight")) == "COMPLETED"
        assert town.rows() == rows + 5 and not town.store.lake.verify()
        assert town.newest() > began
        dropped = town.drop("C")
        town.until(lambda: town.newest() > dropped and town.rows() == rows + 10, 180, "the sheet, by itself again")
    finally:
        town.down()
