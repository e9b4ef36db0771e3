"""A run that makes the sheet and nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import flows.snapshots
import warehouse.build


@contextmanager
def sheet_alone() -> Iterator[None]:
    """Within it no analysts' snapshot and no tables of the week are made: half of what a small town's sheet costs."""
    no_snapshot = patch.object(flows.snapshots, "is_due", lambda *_: False)
    with no_snapshot, patch.object(warehouse.build, "add_week", lambda con: []):
        yield
