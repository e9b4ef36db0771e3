"""Locks: one holder at a time, waited for so long and no longer, free when the holder is killed."""

from __future__ import annotations

import subprocess
import sys
import time

from flows.locks import held
from tests.conftest import PROJECT


def test_a_lock_that_is_held_is_given_to_nobody_else_until_it_is_let_go(tmp_path):
    with held(tmp_path / "a" / "lock") as first, held(tmp_path / "a" / "lock") as second:
        assert first is not None and second is None
    with held(tmp_path / "a" / "lock") as again:
        assert again is not None


def test_a_fault_inside_lets_it_go_and_comes_out_as_it_is(tmp_path):
    try:
        with held(tmp_path / "lock"):
            raise TimeoutError("of the work's own")
    except TimeoutError as error:
        assert str(error) == "of the work's own"
    with held(tmp_path / "lock") as again:
        assert again is not None


def test_who_waits_has_it_as_soon_as_its_holder_is_killed(tmp_path):
    code = "import sys, time\nfrom pathlib import Path\nfrom flows.locks import held\n"
    code += "with held(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(600)\n"
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    holder = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout and holder.stdout.readline() == "held\n"
    began = time.monotonic()
    with held(tmp_path / "lock", wait_s=0.2) as descriptor:
        assert descriptor is None and time.monotonic() - began >= 0.2
    holder.kill()
    with held(tmp_path / "lock", wait_s=300) as descriptor:
        assert descriptor is not None
    holder.wait()
