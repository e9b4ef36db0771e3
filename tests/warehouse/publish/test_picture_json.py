from __future__ import annotations

import json
import re
import time
from pathlib import Path

import duckdb
import jsonschema
import pytest

from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from tests.warehouse.publish.page import Page
from tests.warehouse.rows import Town, local, weekly
from warehouse.connection import connect
from warehouse.publish.picture_json import canonical_json, picture_hash, picture_schema, read_picture
from warehouse.publish.sheet import render


def read(variant: str) -> dict:
    return read_picture(made_up_picture.database(MORNINGS[variant]()))


@pytest.mark.parametrize("variant", sorted(MORNINGS))
def test_the_picture_keeps_its_schema(variant: str) -> None:
    picture = json.loads(canonical_json(read(variant)))
    schema = picture_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    if variant == "hostile":  # one query id is itself an attack
        picture["source"][0]["query_id"] = "1.1"
        picture["query"] = []
        picture["picture_hash"] = "0" * 64
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(picture)


def test_every_object_of_the_schema_refuses_what_it_does_not_name() -> None:
    schema = picture_schema()
    assert schema["additionalProperties"] is False
    for name, table in schema["$defs"].items():
        assert table["additionalProperties"] is False, name
        assert table["required"] == list(table["properties"]), name


def test_a_column_that_the_schema_does_not_name_is_not_read() -> None:
    connection = made_up_picture.database(made_up_picture.ordinary())
    connection.execute("ALTER TABLE picture.event ADD COLUMN reporter_name VARCHAR DEFAULT 'canary'")
    assert b"canary" not in canonical_json(read_picture(connection))


def test_a_missing_column_and_a_missing_table_are_both_named() -> None:
    connection = made_up_picture.database(made_up_picture.ordinary())
    connection.execute("ALTER TABLE picture.source DROP COLUMN is_frozen")
    connection.execute("DROP TABLE picture.heat_hour")
    with pytest.raises(ValueError, match=re.escape("picture.source lacks is_frozen")) as fault:
        read_picture(connection)
    assert "picture.heat_hour lacks weekday, hour, count" in str(fault.value)


def test_a_table_of_one_row_with_two_is_refused() -> None:
    connection = made_up_picture.database(made_up_picture.ordinary())
    connection.execute("INSERT INTO picture.head SELECT * FROM picture.head")
    with pytest.raises(ValueError, match=r"picture.head has 2 rows and must have 1"):
        read_picture(connection)


def test_times_are_utc_whatever_zone_connection_and_host_are_in(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = made_up_picture.database(made_up_picture.ordinary())
    at_home = read_picture(connection)
    connection.execute("SET TimeZone = 'America/Lima'")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert read_picture(connection) == at_home
    time.tzset()
    assert at_home["head"]["moment_at"] == "2026-10-16T04:30:00Z"
    assert at_home["head"]["local_day"] == "2026-10-16"


def test_not_a_number_becomes_unknown() -> None:
    connection = made_up_picture.database(made_up_picture.ordinary())
    connection.execute("UPDATE picture.deviation SET expected = 'nan', p_value = 'infinity'")
    row = read_picture(connection)["deviation"][0]
    assert row["expected"] is None
    assert row["p_value"] is None


def test_the_order_rows_were_stored_in_does_not_change_the_hash() -> None:
    rows = made_up_picture.ordinary()
    turned = {table: list(reversed(listed)) for table, listed in rows.items()}
    one, other = (read_picture(made_up_picture.database(r)) for r in (rows, turned))
    assert canonical_json(one) == canonical_json(other)


def test_the_hash_is_of_everything_but_itself() -> None:
    picture = read("ordinary")
    assert picture["picture_hash"] == picture_hash(picture) == picture_hash({**picture, "picture_hash": "other"})
    picture["event"][0]["severity"] = 1
    assert picture_hash(picture) != picture["picture_hash"]


def test_canonical_json_has_sorted_keys_and_no_nan() -> None:
    assert canonical_json({"b": 1, "a": {"d": "å", "c": None}}) == '{"a":{"c":null,"d":"å"},"b":1}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})


def test_a_database_without_a_picture_says_so() -> None:
    with pytest.raises(ValueError, match=r"picture.head lacks"):
        read_picture(duckdb.connect())


def test_what_the_build_makes_keeps_the_schema_and_can_be_printed(tmp_path: Path) -> None:
    """The real tables and the made-up ones of these tests have the same columns, and the sheet takes both."""
    town = Town()
    town.heard("guard_a", 371)
    weekly(town, [9, 4, 5, 3, 4, 5, 4, 3])
    town.report("a", local(0, "03:00"), ingested_at=local(0, "05:00"), category="vald.ran", severity_default=4)
    connection = connect(town.build(tmp_path).path, read_only=True)
    picture = read_picture(connection)
    jsonschema.Draft202012Validator(picture_schema(), format_checker=jsonschema.FormatChecker()).validate(picture)
    for language in ("sv", "en"):
        page = Page(render(picture, language))
        assert page.unclosed == page.faults == []
    assert picture["event"]
    for table, columns in picture_schema()["$defs"].items():
        if table != "made_with":
            real = {row[0] for row in connection.execute(f"DESCRIBE picture.{table}").fetchall()}
            assert set(columns["properties"]) <= real, table
