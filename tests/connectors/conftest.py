"""Puts this folder on the import path, so that connector tests in subfolders find ``replay_server``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from replay_server import ReplayServer


@pytest.fixture()
def replay_server() -> Iterator[ReplayServer]:
    """A started replay server on 127.0.0.1."""
    with ReplayServer() as server:
        yield server
