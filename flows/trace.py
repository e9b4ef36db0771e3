"""``lagesbild trace``: from a printed number, a report or a delivery back to what was sent."""

from __future__ import annotations

import argparse
from typing import Any

from flows.ask import NotAnswered, answer_of
from flows.commands import DONE, USAGE, opened
from flows.console import Console, table
from flows.exports import made_from_of
from flows.opened import UsageError
from flows.store import Store

#: Reports of one number that are followed to their versions; the number of all is told.
FOLLOWED = 200


def trace(arguments: argparse.Namespace, console: Console) -> int:
    """Say where ``q:5.2``, a report's id or the first eight or more digits of a delivery's hash come from."""
    _, store = opened(arguments)
    try:
        told = traced(store, arguments.id)
    except NotAnswered as error:
        console.complain(str(error))
        return USAGE
    console.answer(told)
    for name, value in told.items():
        if isinstance(value, list):
            console.say("", f"{name}:", *(table(value, list(value[0])) if value else ["  none"]))
        else:
            console.say(f"{name}: {value}")
    return DONE


def traced(store: Store, asked: str) -> dict[str, Any]:
    """The way back from ``asked``, as lists of rows by name. Raises NotAnswered, UsageError (nothing of that name)."""
    if asked.startswith("q:"):
        answer = answer_of(store, asked)
        told: dict[str, Any] = {"query": answer.schema.metadata[b"sql"].decode().strip(), "rows": answer.num_rows}
        if held_back := made_from_of(answer)["held_back"]:
            told["held_back"] = held_back
        if "report_id" in answer.column_names:
            ids = list(dict.fromkeys(answer.column("report_id").to_pylist()))
            return told | _of_reports(store, ids[:FOLLOWED]) | _made_by(store)
        sources = answer.column("source_id").to_pylist() if "source_id" in answer.column_names else []
        where = f"source_id IN ({', '.join(map(_text, sources))})" if sources else "TRUE"
        return told | {"deliveries": _deliveries(store, where, 20)} | _made_by(store)
    known = answer_of(store, f"SELECT count(*) AS n FROM core.report_version WHERE report_id = {_text(asked)}")
    if known.column("n")[0].as_py():
        return _of_reports(store, [asked]) | _made_by(store)
    if len(asked) >= 8 and set(asked.lower()) <= set("0123456789abcdef"):
        where = f"starts_with(delivery_sha256, {_text(asked.lower())})"
        if found := _deliveries(store, where, 20):
            reports = _rows(
                store,
                "SELECT report_id, version, change_kind, record_number FROM core.report_version"
                f" WHERE {where} ORDER BY ALL LIMIT {FOLLOWED}",
            )
            return {"deliveries": found, "report_versions": reports} | _made_by(store)
    raise UsageError(
        f"{asked!a}: no number (q:5.2), report or delivery (eight or more digits of its hash) of that name"
    )


def _of_reports(store: Store, ids: list[str]) -> dict[str, Any]:
    if not ids:
        return {"report_versions": [], "deliveries": []}
    wanted = f"SELECT unnest([{', '.join(map(_text, ids))}])"
    versions = _rows(
        store,
        "SELECT v.report_id, v.version, v.change_kind, v.source_id, v.ingested_at, v.record_number, v.delivery_sha256,"
        " v.run_id, d.read_run_id, d.code_version FROM core.report_version AS v LEFT JOIN quality.delivery AS d"
        " ON d.source_id = v.source_id AND d.ingested_at = v.ingested_at AND d.delivery_sha256 = v.delivery_sha256"
        f" WHERE v.report_id IN ({wanted}) ORDER BY v.report_id, v.version",
    )
    hashes = f"SELECT delivery_sha256 FROM core.report_version WHERE report_id IN ({wanted})"
    return {"report_versions": versions, "deliveries": _deliveries(store, f"delivery_sha256 IN ({hashes})", FOLLOWED)}


def _deliveries(store: Store, where: str, most: int) -> list[dict[str, Any]]:
    return _rows(
        store,
        "SELECT source_id, ingested_at, delivery_sha256, disposition, reason, seen_count, accepted_count,"
        " rejected_count, duplicate_count, run_id, read_run_id, code_version FROM quality.delivery"
        f" WHERE {where} ORDER BY ingested_at DESC, delivery_sha256 LIMIT {most}",
    )


def _made_by(store: Store) -> dict[str, Any]:
    return {"made_by": _rows(store, "FROM quality.provenance")}


def _rows(store: Store, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = answer_of(store, sql).to_pylist()
    return rows


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
