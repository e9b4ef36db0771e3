"""Shared fixtures: the archive of real feeds where it is present, and a small made-up town."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from warehouse.connection import connect

PROJECT = Path(__file__).resolve().parent.parent

# Hundreds of small databases: one thread each costs a fifth less than two (measured 2026-11-23), and the suite
# runs on both cores as it is.
assert connect.__kwdefaults__ is not None
connect.__kwdefaults__["threads"] = 1


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def feeds_folder() -> Path:
    """The folder of real feeds beside the project; tests over it are skipped where it is absent."""
    folder = Path(os.environ.get("LAGESBILD_FEEDS", PROJECT.parent / "shared" / "feeds"))
    if not folder.is_dir():
        pytest.skip("the archive of real feeds is not beside the project")
    return folder
