"""Rules between settings that no single key can keep: order of numbers, one way in, ids and ranges.

They read the raw tables, so that they speak in the same round as the faults of single keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, TypeGuard

from flows.settings_faults import Fault
from flows.settings_model import FEED_ID, THRESHOLDS, WARNING_KINDS

#: Pairs of expectations where the first may not be above the second.
RISING = (
    ("every_hours", "late_after_hours"),
    ("late_after_hours", "down_after_hours"),
    ("down_after_hours", "loss_after_hours"),
    ("expected_low", "expected_high"),
)


def feed_faults(file: str, feeds: Mapping[str, Any]) -> list[Fault]:
    """Faults between the keys of one feed, and between feeds."""
    faults = []
    folders: dict[str, str] = {}
    for feed, table in feeds.items():
        if not re.fullmatch(FEED_ID, feed):
            faults.append(Fault(file, feed, "is no feed id", "write 3-41 of a-z, 0-9 and _, a letter first"))
        if not isinstance(table, dict):
            continue
        faults += _way_in(file, feed, table)
        if (table.get("kind") == "register_tabular") != (table.get("role") == "register"):
            wrong = "goes with kind register_tabular, and it alone"
            faults.append(Fault(file, f"{feed}.role", wrong, 'write role = "register" for a register'))
        if (table.get("kind") in WARNING_KINDS) != (table.get("role") == "warning"):
            wrong = f"goes with the kinds {' and '.join(WARNING_KINDS)}, and them alone"
            faults.append(Fault(file, f"{feed}.role", wrong, 'write role = "warning" for warnings'))
        for kind, what in (("register_tabular", "a register"), *((kind, "warnings") for kind in WARNING_KINDS)):
            if table.get("kind") == kind and table.get("trend") is True:
                wrong = f"is true of {what}"
                faults.append(Fault(file, f"{feed}.trend", wrong, "write trend = false: it counts nothing"))
        if isinstance(folder := table.get("folder"), str):
            if folder in folders:
                wrong = f"is the folder of {folders[folder]} too"
                faults.append(Fault(file, f"{feed}.folder", wrong, "give each feed a folder of its own"))
            folders.setdefault(folder, feed)
        expect = table.get("expectations")
        if isinstance(expect, dict):
            faults += _rising(file, f"{feed}.expectations", expect)
    return faults


def _way_in(file: str, feed: str, table: Mapping[str, Any]) -> list[Fault]:
    ways = [key for key in ("url", "folder") if key in table]
    if len(ways) != 1:
        wrong = "has both a url and a folder" if ways else "has neither a url nor a folder"
        return [Fault(file, feed, wrong, f'write one of them, e.g. folder = "{feed}"')]
    kind = table.get("kind")
    if kind in ("guard_tabular", "register_tabular") and ways == ["url"]:
        return [Fault(file, f"{feed}.url", f"cannot be read by {kind}", f'write folder = "{feed}"')]
    folder = table.get("folder")
    if isinstance(folder, str) and ".." in PurePosixPath(folder.replace("\\", "/")).parts:
        return [Fault(file, f"{feed}.folder", "climbs out of the data folder", f'write folder = "{feed}"')]
    return []


def _rising(file: str, key: str, table: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for low, high in RISING:
        first, second = table.get(low), table.get(high)
        if _is_number(first) and _is_number(second) and first > second:
            wrong = f"is {first:g}, above {high} which is {second:g}"
            faults.append(Fault(file, f"{key}.{low}", wrong, f"write {low} at or below {high}"))
    return faults


def threshold_faults(file: str, values: Mapping[str, float]) -> list[Fault]:
    """Thresholds outside their range, not whole where they must be, or out of order."""
    faults = []
    for name, value in values.items():
        is_whole, low, high = THRESHOLDS[name]
        if is_whole and value != int(value):
            faults.append(Fault(file, f"{name}.value", f"is {value:g}, not whole", "write a whole number"))
        if not low <= value <= high:
            faults.append(Fault(file, f"{name}.value", f"is {value:g}", f"write {low:g} to {high:g}"))
    if values.get("q_signal", 0) > values.get("q_watch", 1):
        wrong = "is above q_watch: a signal would not be worth watching"
        faults.append(Fault(file, "q_signal.value", wrong, "write q_signal at or below q_watch"))
    return faults


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
