"""Killed or out of disk at any durable step of commit, compaction, going back, letting go and publishing.

Afterwards the manifest parses and every hash holds, the old state stands or the new one, the next try succeeds, and
nothing that landed is lost. `pytest -m slow tests/flows/test_lake_crash.py` stops at every step.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.conftest import PROJECT


def swept(folder, *plans: str, by: str = "lake_crash_sweep") -> dict[str, dict]:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.flows.{by}", str(folder), *plans],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=3000,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def judge(plan: str, result: dict) -> None:
    how = result["how"]
    before, whole = result["before"], result["whole"]
    assert result["code"] == 0 and not whole["faults"] and not whole["closed"]
    assert result["points"]
    for point in result["points"]:
        after, end, last = point["after"], point["end"], point["last"]
        where = f"{plan} stopped at step {point['point']} of {result['steps']}: {point}"
        assert how == "full" or point["stopped"] in (-9, 137, 0), where
        for stands in (after, end, last):
            assert "unreadable" not in stands, where
            assert stands["faults"] == [] and stands["lost"] == 0 and stands["torn"] == 0, where
            assert stands["closed"] == [] and stands["whole"], where
        # The old state or the new one, and never a mix of them.
        assert (after["number"], after["content"], after["files"]) in {
            (side["number"], side["content"], side["files"]) for side in (before, whole)
        }, where
        assert after["database"] in {before["database"], whole["database"]}, where
        assert set(before["pictures"]) <= set(after["pictures"]) <= set(whole["pictures"]), where
        # The next try succeeds and comes to what an undisturbed one comes to.
        assert point["again"] == 0, where
        for name in ("content", "files", "landed", "kept", "database", "pictures", "sheets"):
            assert end[name] == whole[name], (name, where)
            assert last[name] == result["last"][name] or name in ("kept", "files"), (name, where)
        assert end["left"] == [], where


def test_stopped_at_six_steps_nothing_is_lost_and_the_next_try_succeeds(tmp_path):
    plans = ("compact:kill:2", "rollback:kill:1", "publish:kill:1", "commit:full:1", "drop:kill:1")
    results = swept(tmp_path, *plans)
    assert sum(len(result["points"]) for result in results.values()) == 6
    for plan, result in results.items():
        judge(plan, result)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("how", ["kill", "full"])
@pytest.mark.parametrize("operation", ["commit", "compact", "rollback", "drop", "publish"])
def test_stopped_at_every_step_nothing_is_lost_and_the_next_try_succeeds(tmp_path, operation, how):
    ((plan, result),) = swept(tmp_path, f"{operation}:{how}:10000").items()
    assert len(result["points"]) == result["steps"]
    judge(plan, result)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("how", ["kill", "full"])
@pytest.mark.parametrize("operation", ["commit", "compact", "publish"])
def test_stopped_by_the_kernel_at_writes_fsyncs_and_renames_nothing_is_lost(tmp_path, operation, how):
    result = swept(tmp_path, operation, how, "4", by="lake_strace_sweep")
    assert result["steps"] >= 10
    assert sum(point["stopped"] != 0 for point in result["points"]) > result["steps"] // 2
    judge(operation, result)
