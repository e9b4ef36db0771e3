"""From what deliveries say of a register to entry versions: what is new, what changed, what was withdrawn, came back.

A register is tens of entries and a delivery a day at most, so its story is walked entry by entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from warehouse.connection import connect
from warehouse.contract import REGISTER_COLUMNS, REGISTERS, refuse_breaches

#: (hash, received) of a delivery.
DeliveryKey = tuple[str, datetime]

_HEAD = """
SELECT * FROM read_parquet($files, hive_partitioning => false)
QUALIFY row_number() OVER (PARTITION BY entry_id ORDER BY version DESC) = 1
ORDER BY entry_id
"""


def read_register_head(register: str, files: Sequence[Path]) -> pa.Table:
    """The last version of each entry in the given files of one register (its lake schema)."""
    if not files:
        return REGISTERS[register].empty_table()
    with connect() as con:
        return con.execute(_HEAD, {"files": [str(path) for path in files]}).to_arrow_table().cast(REGISTERS[register])


def register_versions(
    register: str,
    rows: pa.Table,
    deliveries: pa.Table,
    head: pa.Table,
    *,
    is_whole: bool,
    held: Mapping[DeliveryKey, frozenset[str] | None],
) -> tuple[pa.Table, dict[DeliveryKey, int]]:
    """The entry versions that ``rows`` make, and how many of each delivery's rows became one.

    ``deliveries`` (DELIVERED) are worked through in order of receipt. Where each is the whole register (``is_whole``),
    an entry it does not tell, and whose row was not refused (``held``), is withdrawn by that delivery; its version
    says what was said last. ``held`` None: which were refused cannot be told, and nothing is withdrawn. Raises
    ValueError where a table breaks the contract.
    """
    columns = [name for name, _ in REGISTER_COLUMNS[register]]
    last: dict[str, dict[str, Any]] = {row["entry_id"]: row for row in head.to_pylist()}
    told: dict[DeliveryKey, list[dict[str, Any]]] = {}
    for row in rows.to_pylist():
        told.setdefault((row["delivery_sha256"], row["ingested_at"]), []).append(row)
    made: list[dict[str, Any]] = []
    accepted: dict[DeliveryKey, int] = {}
    ordered = deliveries.sort_by([("ingested_at", "ascending"), ("delivery_sha256", "ascending")])
    for delivery in ordered.to_pylist():
        key = (delivery["delivery_sha256"], delivery["ingested_at"])
        present = told.get(key, [])
        for row in present:
            version = _version(row, last.get(row["entry_id"]), columns)
            if version is not None:
                made.append(version)
                last[row["entry_id"]] = version
                accepted[key] = accepted.get(key, 0) + 1
        refused = held.get(key, frozenset())
        if is_whole and refused is not None:
            kept = {row["entry_id"] for row in present} | refused
            for entry_id in sorted(last.keys() - kept):
                if last[entry_id]["change_kind"] != "withdrawn":
                    # Who is silent about an entry stands in no row of the delivery: record number 0.
                    gone = {**last[entry_id], **delivery, "record_number": 0, "changed_fields": ""}
                    last[entry_id] = gone | {"version": gone["version"] + 1, "change_kind": "withdrawn"}
                    made.append(last[entry_id])
    table = pa.Table.from_pylist(made, schema=REGISTERS[register])
    return refuse_breaches(table, REGISTERS[register]), accepted


def _version(row: dict[str, Any], before: dict[str, Any] | None, columns: Sequence[str]) -> dict[str, Any] | None:
    """The version ``row`` is after ``before``; None where it says nothing new."""
    if before is None:
        return row | {"version": 1, "change_kind": "new", "changed_fields": "", "first_seen_at": row["ingested_at"]}
    changed = [name for name in columns if row[name] != before[name]]
    is_back = before["change_kind"] == "withdrawn"
    if not changed and not is_back:
        return None
    return row | {
        "version": before["version"] + 1,
        "change_kind": "returned" if is_back else "changed",
        "changed_fields": ",".join(sorted(changed)),
        "first_seen_at": before["first_seen_at"],
    }
