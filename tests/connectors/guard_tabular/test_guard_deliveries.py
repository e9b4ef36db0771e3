"""A guard's delivery as a whole: its columns, the days it covers, and what is held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from guard_town import (
    NORDVAKT_HEADER,
    RECEIVED_AT,
    context,
    delivery,
    mapping,
    nordvakt_file,
    one,
    read,
    reasons,
    rows,
    told,
)

from connectors.guard_tabular.connector import normalise
from connectors.kit import fingerprint


def test_a_new_column_is_told_by_place_and_fingerprint_and_changes_no_hash(tmp_path: Path) -> None:
    plain = rows(read(tmp_path, nordvakt_file({})))[0]
    result = read(tmp_path, nordvakt_file({"Vittne": "Eva Ek"}, header=NORDVAKT_HEADER + ";Vittne"))
    assert told(result, "new_column") == [(None, f"kolumn 15, {fingerprint('Vittne')}", 1, None)]
    assert rows(result)[0]["source_hash"] == plain["source_hash"]


def test_a_missing_column_holds_the_delivery_and_its_records_count_as_rejected(tmp_path: Path) -> None:
    body = nordvakt_file({}, {"Rapportnr": "R2"}, header=NORDVAKT_HEADER.replace("Händelsetyp", "Typ av händelse"))
    result = read(tmp_path, body, nordvakt_file({}))
    held, accepted = sorted(result.outcomes, key=lambda outcome: outcome.disposition == "accepted")
    assert (held.disposition, held.reason, held.seen_count, held.rejected_count) == (
        "quarantined",
        "column_missing",
        2,
        2,
    )
    assert (accepted.disposition, accepted.seen_count) == ("accepted", 1)
    assert [row["record_count"] for row in result.rejects.to_pylist()] == [2]


def test_a_delivery_of_nothing_but_ragged_rows_is_held(tmp_path: Path) -> None:
    result = read(tmp_path, nordvakt_file() + b"a;b\r\n" * 5, nordvakt_file({}))
    held, accepted = sorted(result.outcomes, key=lambda outcome: outcome.disposition == "accepted")
    assert (held.reason, held.seen_count, held.rejected_count) == ("too_many_rejects", 5, 5)
    assert accepted.seen_count == result.observations.num_rows == 1


def test_a_column_listed_as_optional_may_be_missing(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    given["optional"] = {"columns": ["police_reference"]}
    body = nordvakt_file({}, header=NORDVAKT_HEADER.replace(";K-nr", ""))
    assert rows(read(tmp_path, body, given=given))[0]["police_informed"] is False


def test_a_rolling_file_covers_its_days_and_an_empty_one_the_day_before(tmp_path: Path) -> None:
    (outcome,) = read(tmp_path, nordvakt_file({})).outcomes
    assert (outcome.covers_from, outcome.covers_until) == (datetime(2026, 8, 19, 22, tzinfo=UTC), RECEIVED_AT)
    result = read(tmp_path, b"")
    (empty,) = result.outcomes
    assert (empty.disposition, empty.seen_count) == ("accepted", 0)
    assert empty.covers_from == datetime(2026, 8, 21, 22, tzinfo=UTC)
    assert empty.covers_until == datetime(2026, 8, 22, 22, tzinfo=UTC)
    assert told(result, "empty_file") == [(None, "inget har hänt", 0, None)]
    assert told(read(tmp_path, nordvakt_file()), "header_only") == [(None, "inget har hänt", 0, None)]


def test_a_rolling_company_may_send_an_archive_and_an_old_correction_extends_nothing(tmp_path: Path) -> None:
    days = [{"Rapportnr": f"R{day}", "Datum": f"2026-08-{day:02d}"} for day in range(1, 22, 2)]
    (archive,) = read(tmp_path, nordvakt_file(*days)).outcomes
    assert archive.covers_from == datetime(2026, 7, 31, 22, tzinfo=UTC)
    (night,) = read(tmp_path, nordvakt_file({}, {"Rapportnr": "R7", "Datum": "2026-06-01"})).outcomes
    assert night.covers_from == datetime(2026, 8, 19, 22, tzinfo=UTC)


def test_a_record_without_a_word_for_what_happened_is_flagged(tmp_path: Path) -> None:
    row = one(tmp_path, Händelsetyp="")
    assert (row["category"], row["category_source"], row["dq_flags"]) == ("okand", None, "category_missing")


def test_a_file_that_is_not_rolling_covers_the_days_it_tells_of(tmp_path: Path) -> None:
    given = mapping("nordvakt")
    del given["coverage"]
    body = nordvakt_file({"Datum": "2026-08-03"}, {"Rapportnr": "R2", "Datum": "2026-08-20"})
    (outcome,) = read(tmp_path, body, given=given).outcomes
    assert outcome.covers_from == datetime(2026, 8, 2, 22, tzinfo=UTC)
    assert outcome.covers_until == datetime(2026, 8, 20, 22, tzinfo=UTC)


def test_every_record_is_a_row_or_a_reject_in_a_mixed_delivery(tmp_path: Path) -> None:
    body = (
        nordvakt_file(*[{"Rapportnr": f"R{n}"} for n in range(12)], {"Datum": "skräp"}, {"Datum": "2030-01-01"})
        + b"ragged;row\r\nSumma;14;;;;;;;;;;;;\r\n"
    )
    result = read(tmp_path, body)
    (outcome,) = result.outcomes
    assert (outcome.seen_count, outcome.rejected_count, result.observations.num_rows) == (16, 4, 12)
    assert sorted(reason for _, reason, _ in reasons(result)) == [
        "date_unreadable",
        "future",
        "ragged_row",
        "totals_row",
    ]


def test_the_same_deliveries_give_the_same_tables_one_by_one_or_all_at_once(tmp_path: Path) -> None:
    nights = [RECEIVED_AT + timedelta(days=n) for n in range(3)]
    bodies = [nordvakt_file(*[{"Rapportnr": f"R{n + k}", "Datum": "2026-08-21"} for k in range(4)]) for n in range(3)]
    given = [delivery(tmp_path, body, night) for body, night in zip(bodies, nights, strict=True)]
    town = context(mapping("nordvakt"))
    together = normalise(given, town, None)
    apart = [normalise([night], town, None) for night in given]
    assert together.observations.equals(pa.concat_tables([one.observations for one in apart]).combine_chunks())
    assert together.outcomes == [outcome for one in apart for outcome in one.outcomes]
