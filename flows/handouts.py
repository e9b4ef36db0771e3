"""What was handed out: a line for every file that ``lagesbild sql --out`` wrote; ``lagesbild handouts`` lists them.

It says what, when and by which label, never who: the house keeps no names of persons, and who may run the command is
the machine's to know. No row and no value of the answer is in it; of a question in free SQL only its hash.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from datetime import datetime
from typing import Any

from flows.commands import DONE, opened
from flows.console import Console, table
from flows.opened import UsageError
from flows.store import Store
from warehouse.trail import append_chained

SHOWN = ("at", "question", "form", "rows", "tlp", "picture", "lake_state", "sha256")

MADE_FROM = ("tlp", "picture", "run", "lake_state", "manifest_sha256", "code_version")


def record(
    store: Store, at: datetime, asked: str, form: str, rows: int, content: bytes, made_from: dict[str, Any]
) -> None:
    """Write the line of one hand-out, before the file is there. Raises UsageError: what is not logged is not given.

    ``made_from`` is the answer's provenance with its SQL; a printed number's question is told by its id.
    """
    sql = hashlib.sha256(made_from["sql"].encode()).hexdigest()
    line = {
        "at": at.isoformat(timespec="seconds"),
        "question": asked.strip() if asked.startswith("q:") else f"sql {sql[:12]}",
        "sql_sha256": sql,
        "form": form,
        "rows": rows,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **{name: made_from[name] for name in MADE_FROM},
    }
    try:
        append_chained(store.handouts, [line])
    except OSError as error:
        raise UsageError(
            f"{store.handouts}: {error.strerror}. What is handed out is logged there; nothing was written."
        ) from None


def handouts(arguments: argparse.Namespace, console: Console) -> int:
    """List the newest hand-outs, oldest of them first."""
    _, store = opened(arguments)
    lines = store.handouts.read_text(encoding="ascii").splitlines() if store.handouts.exists() else []
    rows = [row for row in map(_read, lines[-arguments.rows :]) if row is not None]
    console.answer({"handouts": rows})
    if rows:
        shown = [{name: row.get(name) for name in SHOWN} | {"sha256": str(row.get("sha256"))[:12]} for row in rows]
        console.say(*table(shown, list(SHOWN)))
    else:
        console.say("nothing was handed out yet")
    return DONE


def _read(line: str) -> dict[str, Any] | None:
    """None for a line that a kill tore."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
