"""The marks of an observation's raw fields, by name."""

from __future__ import annotations

from typing import Any

from connectors.marks import told


def prints(row: dict[str, Any]) -> dict[str, str]:
    """Field → eight hex digits, of those that have a value."""
    return told(row["field_names"], row["field_fingerprints"])
