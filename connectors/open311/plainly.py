"""The commonest answer by far read straight into columns: a JSON list of flat objects that all have the same fields.

Arrow's reader knows lines of objects, and is laxer than ``strict_json`` in ways that are looked for here. Wherever it
could say something else than the careful reader does, None is the answer and that one reads.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.json as paj

from connectors.kit import DeliveryError
from connectors.open311.fields import KNOWN_FIELDS
from connectors.strict_json import BETWEEN_OBJECTS, LIST_OF_OBJECTS, loads

_LINES = b"}\n{"

#: Bytes of an answer read so, which must fit in one of Arrow's blocks; and its first ones, which may hold no mark-up.
LONGEST, SNIFFED = 1 << 25, 2048

_TYPES = {str: pa.string(), type(None): pa.string(), float: pa.float64()}


def fields_of(body: bytes) -> tuple[dict[str, object], bytes, int] | None:
    """(the first object, the objects without commas between, how many commas there were); None where it is no list."""
    found = LIST_OF_OBJECTS.fullmatch(body)
    # Mark-up may be a web page with an odd beginning.
    if found is None or len(body) > LONGEST // 2 or b"<" in body[:SNIFFED]:
        return None
    # A cut inside a text leaves a line's end in it, which no JSON may hold; one in a list leaves half a list.
    lines, cuts = BETWEEN_OBJECTS.subn(_LINES, found[1])
    try:
        body.decode("utf-8")
        first = loads((lines[: lines.find(_LINES) + 1] if cuts else lines).decode("utf-8"))
    except (UnicodeDecodeError, DeliveryError):
        return None
    return (first, lines, cuts) if isinstance(first, dict) and first else None


def read_plainly(body: bytes) -> pa.Table | None:
    """The requests of an answer, a column for each field; None where the careful reader must read it.

    That is where a value is no text, no null and no number with a fraction, where an object has other fields than the
    first, or lacks one that no specification knows (for a known one that is the same as null), and what is no JSON.
    """
    if (found := fields_of(body)) is None:
        return None
    first, lines, cuts = found
    if not {"service_request_id", "requested_datetime"} & first.keys() or not _TYPES.keys() >= set(
        map(type, first.values())
    ):
        return None
    schema = pa.schema([(name, _TYPES[type(value)]) for name, value in first.items()])
    options = paj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    try:
        table = paj.read_json(pa.BufferReader(lines), paj.ReadOptions(use_threads=False, block_size=LONGEST), options)
    except (pa.ArrowInvalid, UnicodeDecodeError):  # the latter while it words its complaint
        return None
    if table.num_rows != cuts + 1:  # objects with nothing between them
        return None
    for name, column in zip(table.column_names, table.columns, strict=True):
        if column.null_count and name not in KNOWN_FIELDS:
            return None
        if pa.types.is_float64(column.type) and not _is_fractions(column):
            return None
    return table


def _is_fractions(column: pa.ChunkedArray) -> bool:
    """Whether each number has a fraction: 59 and 59.0 are one to Arrow, and so may a large one be that is neither, or
    one that JSON does not know."""
    numbers = column.drop_null().to_numpy()
    return bool(np.all(np.isfinite(numbers) & (np.floor(numbers) != numbers)))
