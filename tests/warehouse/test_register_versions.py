"""A register's entries as versions: new, changed, withdrawn by a whole register's silence, returned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from warehouse.contract import DELIVERED, REGISTERS, register_said
from warehouse.register_versions import read_register_head, register_versions

START = datetime(2026, 10, 1, 6, tzinfo=UTC)


def delivery(n: int) -> dict[str, Any]:
    return {
        "source_id": "lov", "owner_org": "Provstad", "delivery_sha256": f"{n:064d}", "run_id": "r",
        "ingested_at": START + timedelta(days=n), "tlp": "TLP:AMBER", "retain_until": date(2029, 10, 1),
    }  # fmt: skip


def said(n: int, key: str, title: str) -> dict[str, Any]:
    return delivery(n) | {
        "entry_id": f"lov:{key}", "source_key": key, "record_number": 1, "pii_flags": "", "dq_flags": "",
        "title": title, "start_day": date(2026, 10, 26), "stop_day": date(2026, 10, 30),
    }  # fmt: skip


def versions(
    rows: list[dict[str, Any]], count: int, *, is_whole: bool = True, held: Any = None, head: pa.Table | None = None
) -> tuple[list[tuple[int, str, int, str, str]], pa.Table, dict[Any, int]]:
    table, accepted = register_versions(
        "school_holiday",
        pa.Table.from_pylist(rows, schema=register_said("school_holiday")),
        pa.Table.from_pylist([delivery(n) for n in range(count)], schema=DELIVERED),
        REGISTERS["school_holiday"].empty_table() if head is None else head,
        is_whole=is_whole,
        held=held or {},
    )
    told = [
        (
            (row["ingested_at"] - START).days,
            row["source_key"],
            row["version"],
            row["change_kind"],
            row["changed_fields"],
        )
        for row in table.to_pylist()
    ]
    return told, table, accepted


def test_only_what_differs_is_a_version_and_only_that_is_counted_as_accepted():
    told, _, accepted = versions([said(0, "a", "Höstlov"), said(1, "a", "Höstlov"), said(2, "a", "Lov")], 3)
    assert told == [(0, "a", 1, "new", ""), (2, "a", 2, "changed", "title")]
    assert sum(accepted.values()) == 2


def test_a_whole_register_withdraws_what_it_is_silent_about_and_takes_it_back_when_it_returns():
    told, table, _ = versions([said(0, "a", "Höstlov"), said(0, "b", "Jullov"), said(1, "b", "Jullov"),
                               said(2, "a", "Höstlov"), said(2, "b", "Jullov")], 3)  # fmt: skip
    assert told[2:] == [(1, "a", 2, "withdrawn", ""), (2, "a", 3, "returned", "")]
    gone = table.to_pylist()[2]
    assert gone["title"] == "Höstlov" and gone["delivery_sha256"] == f"{1:064d}" and gone["record_number"] == 0


def test_a_refused_row_does_not_withdraw_its_entry():
    held = {(f"{1:064d}", START + timedelta(days=1)): frozenset({"lov:a"})}
    told, _, _ = versions([said(0, "a", "Höstlov")], 2, held=held)
    assert told == [(0, "a", 1, "new", "")]


def test_changes_alone_withdraw_nothing():
    told, _, _ = versions([said(0, "a", "Höstlov"), said(1, "b", "Jullov")], 2, is_whole=False)
    assert [kind for *_, kind, _ in told] == ["new", "new"]


def test_the_next_reading_goes_on_from_the_last_version(tmp_path):
    import pyarrow.parquet as pq

    _, first, _ = versions([said(0, "a", "Höstlov"), said(1, "a", "Lov")], 2)
    pq.write_table(first, tmp_path / "one.parquet")
    head = read_register_head("school_holiday", [tmp_path / "one.parquet"])
    assert head.column("version").to_pylist() == [2]
    told, table, _ = versions([said(0, "a", "Nytt lov")], 1, head=head)
    assert told == [(0, "a", 3, "changed", "title")]
    assert table.column("first_seen_at").to_pylist() == [START]
