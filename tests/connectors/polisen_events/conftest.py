"""The made-up police feed as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up_police import Police

from connectors.places import Places


@pytest.fixture
def police(tmp_path: Path) -> Police:
    return Police(tmp_path, Places([], []))
