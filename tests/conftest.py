"""Shared fixtures: the archive of real feeds where it is present, and a small made-up town."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import warehouse.build
from warehouse.connection import connect

PROJECT = Path(__file__).resolve().parent.parent

# Hundreds of small databases: one thread each costs a fifth less than two (measured 2026-11-23), and the suite
# runs on both cores as it is.
assert connect.__kwdefaults__ is not None
connect.__kwdefaults__["threads"] = 1
warehouse.build.THREADS = 1


@pytest.hookimpl(tryfirst=True)  # before hypothesis looks for the profile asked for
def pytest_configure() -> None:
    # Where an environment forbids bytecode each worker compiles two hundred files anew, and each started command the
    # whole program: a tenth of the suite (measured 2026-11-26). It is written beside the sources, as Python does.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # No test cuts the power: what is written is read back by the same kernel, and a hundred fsyncs a sheet were half of
    # what the clock showed (measured 2026-11-26). Tests of which fsync is called, and of what happens where it fails,
    # put their own here; processes that are started do fsync.
    os.fsync = lambda fd: None
    # The suite tries the same examples every time, so that what fails is what was changed, and the clock judges none of
    # them. `pytest --hypothesis-profile=long` looks for new ones.
    few = {"derandomize": True, "max_examples": 30, "suppress_health_check": [HealthCheck.too_slow]}
    settings.register_profile("suite", deadline=None, **few)
    settings.register_profile("long", deadline=None, max_examples=1000)
    settings.load_profile("suite")
    # The collector of garbage finds none while tests are collected, and looks through all of them again and again.
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the collector need not look through it again and again."""
    gc.freeze()
    gc.set_threshold(20_000)  # a picture makes some thousands of objects: at 700 it was looked for garbage all the time
    gc.enable()


@pytest.fixture(scope="session")
def feeds_folder() -> Path:
    """The folder of real feeds beside the project; tests over it are skipped where it is absent."""
    folder = Path(os.environ.get("LAGESBILD_FEEDS", PROJECT.parent / "shared" / "feeds"))
    if not folder.is_dir():
        pytest.skip("the archive of real feeds is not beside the project")
    return folder
