"""The settings a picture was made with, kept under their own hash: equal settings are kept once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from warehouse.files import write_bytes

#: Tables that follow from the moment and the settings beside them, and are made again rather than kept.
OF_THE_MOMENT = frozenset({"moment", "calendar_day"})

#: The kinds of column a table of settings may have, by the name they are written under.
KINDS = {str(kind): kind for kind in (pa.string(), pa.float64(), pa.int32(), pa.bool_(), pa.date32())}


def keep_settings(folder: Path, config: Mapping[str, pa.Table]) -> str:
    """Keep the tables of ``config`` but those of the moment, durably; returns their SHA-256. Raises OSError."""
    plain = {
        name: {"columns": [[one.name, str(one.type)] for one in table.schema], "rows": table.to_pylist()}
        for name, table in config.items()
        if name not in OF_THE_MOMENT
    }
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat)
    digest = hashlib.sha256(text.encode()).hexdigest()
    target = folder / f"{digest}.json"
    if not target.exists() or target.read_bytes() != text.encode():  # of a damaged one these are the bytes
        write_bytes(target, text.encode())
    return digest


def kept_settings(folder: Path, digest: str) -> dict[str, pa.Table] | None:
    """The very tables kept under ``digest``; None where they are gone or were changed."""
    path = folder / f"{digest}.json"
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        return None
    tables = {}
    for name, table in json.loads(content).items():
        kinds = {column: KINDS[kind] for column, kind in table["columns"]}
        columns = {column: [row[column] for row in table["rows"]] for column in kinds}
        for column, kind in kinds.items():
            if pa.types.is_date(kind):
                columns[column] = [value and date.fromisoformat(value) for value in columns[column]]
        tables[name] = pa.table({column: pa.array(columns[column], kind) for column, kind in kinds.items()})
    return tables


def in_todays_shape(
    kept: Mapping[str, pa.Table], today: Mapping[str, pa.Table]
) -> tuple[dict[str, pa.Table], list[str]]:
    """The settings of then as this program asks for them, and what of ``today`` had to stand in, by name.

    A table, column or threshold that an older program did not know is filled in from today's row of the same key (the
    first column), so that an upgrade does not make every earlier picture impossible; what this program no longer asks
    for is left out.
    """
    from warehouse.build import THRESHOLDS

    shaped: dict[str, pa.Table] = {}
    lacking = []
    for name, now in today.items():
        if name in OF_THE_MOMENT:
            continue
        then = kept.get(name)
        if then is None:
            shaped[name] = now
            lacking.append(name)
            continue
        key = now.column_names[0]
        fresh = {row[key]: row for row in now.to_pylist()}
        missing = [column for column in now.column_names if column not in then.column_names]
        rows = [
            {**{column: fresh.get(row[key], {}).get(column) for column in missing}, **row} for row in then.to_pylist()
        ]
        lacking += [f"{name}.{column}" for column in missing]
        if name == "threshold":
            added = sorted(THRESHOLDS & fresh.keys() - {row[key] for row in rows})
            rows += [fresh[one] for one in added]
            lacking += [f"threshold {one}" for one in added]
        shaped[name] = pa.Table.from_pylist(rows, schema=now.schema)
    return shaped, lacking
