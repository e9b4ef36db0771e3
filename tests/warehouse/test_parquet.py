"""What a file of the lake carries beside its rows: dictionaries and statistics only where they are worth their cost."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.contract import LAKE_TABLES
from warehouse.contract_current import CURRENT_TABLES
from warehouse.parquet import OWN, how_to_write

EVERY_TABLE = {**LAKE_TABLES, **CURRENT_TABLES}


def rows_of(schema: pa.Schema) -> pa.Table:
    """Three rows of the smallest values of each column's kind."""
    return pa.Table.from_arrays([_values(field.type) for field in schema], schema=schema)


def _values(kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return pa.array(["a", "a", "b"]).cast(kind)
    if pa.types.is_boolean(kind):
        return pa.array([True, True, False])
    wide = pa.int64() if pa.types.is_timestamp(kind) or pa.types.is_floating(kind) else pa.int32()
    return pa.array([1, 1, 2], wide).cast(kind)


def _columns(path: Path) -> dict[str, pq.ColumnChunkMetaData]:
    group = pq.read_metadata(path).row_group(0)
    return {group.column(place).path_in_schema: group.column(place) for place in range(group.num_columns)}


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_every_table_is_read_as_it_was_written_and_only_texts_are_without_statistics(table: str, tmp_path: Path):
    schema, path = EVERY_TABLE[table], tmp_path / "file.parquet"
    rows = rows_of(schema)
    pq.write_table(rows, path, **how_to_write(schema))
    assert pq.read_table(path, schema=schema).equals(rows)
    texts = {field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_binary(field.type)}
    columns = _columns(path)
    assert {name for name, column in columns.items() if column.statistics is None} == texts
    with_dictionary = {name for name, column in columns.items() if column.has_dictionary_page}
    assert with_dictionary <= texts | {"latitude", "longitude"}
    assert with_dictionary.isdisjoint({*OWN, "field_fingerprints"})


def test_a_text_that_stays_encoded_is_written_as_one_that_does_not(tmp_path: Path):
    schema = LAKE_TABLES["report_version"]
    rows = rows_of(schema)
    encoded = pa.table({f.name: _encoded(rows.column(f.name)) for f in schema})
    for name, table in (("plain", rows), ("encoded", encoded)):
        pq.write_table(table, tmp_path / name, **how_to_write(schema))
    both = [_columns(tmp_path / name) for name in ("plain", "encoded")]
    assert both[0].keys() == both[1].keys()
    for name in schema.names:
        assert both[0][name].encodings == both[1][name].encodings, name


def _encoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.dictionary_encode() if pa.types.is_string(column.type) else column
