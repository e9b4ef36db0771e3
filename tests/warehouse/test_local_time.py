"""The local clock over whole columns shows what the zone's own clock shows, instant by instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.local_time import local_microseconds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
YEAR = timedelta(days=365) // MICROSECOND


def one_by_one(instants: list[int], zone: ZoneInfo) -> list[int]:
    clocks = [(EPOCH + timedelta(microseconds=instant)).astimezone(zone).replace(tzinfo=UTC) for instant in instants]
    return [(clock - EPOCH) // MICROSECOND for clock in clocks]


@pytest.mark.parametrize("name", ["Europe/Stockholm", "America/St_Johns", "Pacific/Auckland", "Australia/Lord_Howe"])
def test_every_half_hour_of_days_on_which_clocks_change_is_shown_right(name: str) -> None:
    zone, first = ZoneInfo(name), (datetime(2026, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
    instants = [first + half_hours * 1_800_000_000 + d for half_hours in range(365 * 48) for d in (-1, 0)]
    assert local_microseconds(np.array(instants), zone).tolist() == one_by_one(instants, zone)


@given(st.lists(st.integers(-70 * YEAR, 130 * YEAR), max_size=5))
def test_any_instants_together_are_shown_as_each_alone(instants: list[int]) -> None:
    zone = ZoneInfo("Europe/Stockholm")
    found = local_microseconds(np.array(instants, dtype=np.int64), zone).tolist()
    assert found == one_by_one(instants, zone)
