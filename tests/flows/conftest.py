"""One server and worker for all tests that need real ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows.raised import Raised


@pytest.fixture(scope="session")
def raised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raised]:
    """An installation that `lagesbild up` brought up, taken down at the end; a test leaves it as it found it."""
    town = Raised(tmp_path_factory.mktemp("raised"))
    town.up()
    yield town
    town.down()
