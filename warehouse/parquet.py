"""How the lake's Parquet files are written: which columns get a dictionary or statistics, how many rows a group has.

Both are worth their cost only where they are used. Kept for every column, as pyarrow does unless told, they were two
fifths of the CPU time of writing report versions, and a fifth of the bytes (2026-11-26).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

#: Rows in a row group. A night and a morning ask for the last rows of files that hold years, and pass over the groups
#: whose statistics say that they are older: at 122,880 rows (DuckDB's own default) most of a year was read. An eighth
#: of that costs 3 % more room and no time in writing (2026-11-26).
GROUP_ROWS = 16_384

#: Texts of which each row has its own: a dictionary of them is all of them, and the places in it besides.
OWN = frozenset({"report_id", "entry_id", "source_key"})

#: Numbers that repeat: a report without a point of its own stands at the point of its place.
REPEATED = frozenset({"latitude", "longitude"})


def how_to_write(schema: pa.Schema) -> dict[str, Any]:
    """What to ask of pyarrow's ``write_table`` or ``ParquetWriter`` for a table of the lake in this schema.

    A dictionary for texts that repeat. Instants and ids rise along a file: written as differences they take half the
    room. The smallest and largest of a row group for numbers and instants; nobody looks for a text's, and comparing
    texts was a sixth of writing them.
    """
    text = [field.name for field in schema if pa.types.is_string(field.type)]
    instants = [field.name for field in schema if pa.types.is_timestamp(field.type)]
    return {
        "compression": "zstd",
        "store_schema": False,
        "use_dictionary": [name for name in schema.names if name in REPEATED or (name in text and name not in OWN)],
        "column_encoding": dict.fromkeys(instants, "DELTA_BINARY_PACKED")
        | {name: "DELTA_BYTE_ARRAY" for name in text if name in OWN},
        "write_statistics": [field.name for field in schema if field.name not in {*text, "field_fingerprints"}],
    }
