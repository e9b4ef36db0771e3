"""kill -9 at points of a run: nothing lost, the next run finishes, the manifest's hashes hold."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import PROJECT


def swept(folder, points: int, *words: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.crash_sweep", str(folder), str(points), *words],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=3000,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def judge(result: dict) -> None:
    assert result["first"] in (0, 3)
    assert len(result["expected"]) == 18
    for point in result["points"]:
        where = f"killed at step {point['point']} of {result['steps']}"
        assert point["killed"] == -9, where
        assert point["after"]["damaged"] == [] and point["after"]["database"] and point["after"]["whole"], where
        assert set(point["after"]["reports"]) <= set(result["expected"]), where
        assert point["again"] in (0, 3), where
        assert point["end"]["reports"] == result["expected"], where
        assert point["end"]["damaged"] == [] and point["end"]["left"] == [], where
        assert point["end"]["sheets"] >= 2 and point["end"]["whole"], where


def test_a_run_killed_at_any_of_four_points_loses_nothing_and_the_next_one_finishes(tmp_path):
    judge(swept(tmp_path, 4, "sheet"))


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_run_killed_at_every_durable_step_loses_nothing(tmp_path):
    judge(swept(tmp_path, 10_000))
