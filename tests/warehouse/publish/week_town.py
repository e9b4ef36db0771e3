"""A town with insatser, for the weekly picture's tests."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.warehouse.rows import TODAY, Town
from warehouse.publish.weekly import read_weekly


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def insats(town: Town, key: str, **values: Any) -> None:
    town.entry(
        "insats", key, **{"problem": f"Problem {key}", "insats_type": "kontroll", "insats_status": "pagar", **values}
    )


def of(town: Town, folder: Path) -> dict[str, Any]:
    """What is read of the town's week."""
    with town.opened(folder) as connection:
        return read_weekly(connection)
