"""The columns a connector may deliver, and the tables the lake keeps.

This is the allow-list: a field leaves the landing zone only if it is named here. Each column's unit and
meaning stands once, in ``columns.csv`` beside this folder; a test holds the two together.

Times are UTC instants in microseconds. Lists are comma-joined, sorted text, so that any reader of Parquet
can use them. Unknown is NULL.
"""

from __future__ import annotations

import pyarrow as pa

from warehouse.contract.registers import REGISTER_COLUMNS, REGISTERS, register_said
from warehouse.contract.reports import (
    CANCELLED,
    CONTENT,
    DELIVERED,
    DELIVERY,
    INSTANT,
    NOTE,
    NOTICE,
    OBSERVATION,
    OBSERVATION_WORDS,
    OF_DELIVERY,
    OF_SIGHTING,
    PRESENCE,
    REJECT,
    REPORT_VERSION,
    SEEN,
    SIGHTING,
    WITHDRAWN,
)
from warehouse.contract.words import ALLOWED

__all__ = [
    "ALLOWED",
    "CANCELLED",
    "CONTENT",
    "CONTRACT_VERSION",
    "DELIVERED",
    "DELIVERY",
    "INSTANT",
    "LAKE_TABLES",
    "NOTE",
    "NOTICE",
    "OBSERVATION",
    "OBSERVATION_WORDS",
    "OF_DELIVERY",
    "OF_SIGHTING",
    "PRESENCE",
    "REGISTERS",
    "REGISTER_COLUMNS",
    "REJECT",
    "REPORT_VERSION",
    "SEEN",
    "SIGHTING",
    "WITHDRAWN",
    "refuse_breaches",
    "register_said",
]

#: Raised when a column is added, removed or changes meaning; written into the manifest.
CONTRACT_VERSION = 2

#: The lake's tables by name.
LAKE_TABLES: dict[str, pa.Schema] = {
    "report_version": REPORT_VERSION,
    "note": NOTE,
    "reject": REJECT,
    "notice": NOTICE,
    "delivery": DELIVERY,
    "presence": PRESENCE,
    **REGISTERS,
}


def refuse_breaches(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return ``table`` in ``schema``'s column order and types; a column of text may stay dictionary-encoded.

    Raises ValueError naming every breach: a missing or unknown column, a NULL in a required column, a value
    outside ``ALLOWED``. The message holds column names, counts and allowed words, never a value.
    """
    import pyarrow.compute as pc

    faults = []
    have, want = set(table.column_names), set(schema.names)
    if missing := sorted(want - have):
        faults.append(f"columns missing: {', '.join(missing)}")
    if unknown := sorted(have - want):
        faults.append(f"columns not in the contract: {', '.join(unknown)}")
    if faults:
        raise ValueError("contract breach: " + "; ".join(faults))
    columns, kinds = [], []
    for field in schema:
        column = table.column(field.name)
        is_encoded = pa.types.is_dictionary(column.type) and column.type.value_type == field.type
        kinds.append(field.with_type(column.type) if is_encoded else field)
        columns.append(column if is_encoded or column.type == field.type else column.cast(field.type))
        if not field.nullable and column.null_count:
            faults.append(f"{field.name}: {column.null_count} rows are NULL in a required column")
        if field.name in ALLOWED and len(column):
            words = sorted(ALLOWED[field.name])
            if is_encoded and _holds_no_other(column, words):
                continue
            known = pc.or_(pc.is_in(columns[-1], pa.array(words)), pc.is_null(column))
            wrong = pc.sum(pc.invert(known)).as_py() or 0
            if wrong:
                faults.append(f"{field.name}: {wrong} rows outside the allowed words ({', '.join(words)})")
    if faults:
        raise ValueError("contract breach: " + "; ".join(faults))
    return pa.Table.from_arrays(columns, schema=pa.schema(kinds))


def _holds_no_other(column: pa.ChunkedArray, words: list[str]) -> bool:
    """Whether all texts of a dictionary-encoded column are among ``words``; it may hold some that no row has."""
    return all(set(chunk.dictionary.to_pylist()) <= {*words, None} for chunk in column.chunks)
