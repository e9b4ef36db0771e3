"""The public log of a private force: every one of its 12,833 rows is a report or a reject with a reason."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from guard_town import context, delivery, mapping, told

from connectors.guard_tabular.connector import normalise
from connectors.normalised import Normalised

LOG = "guard/uchicago_campus_police/ucpd_incident_data_scraped_2019-12-02.csv.gz"
SCRAPED_AT = datetime(2019, 12, 2, 12, tzinfo=UTC)

pytestmark = pytest.mark.feeds


@pytest.fixture(scope="module")
def log(feeds_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Normalised:
    body = gzip.decompress((feeds_folder / LOG).read_bytes())
    given = delivery(tmp_path_factory.mktemp("log"), body, SCRAPED_AT)
    return normalise([given], context(mapping("ucpd")), None)


def test_every_row_is_a_report_or_a_reject(log: Normalised) -> None:
    (outcome,) = log.outcomes
    assert (outcome.disposition, outcome.seen_count) == ("accepted", 12_833)
    assert log.observations.num_rows == 11_681
    assert Counter(log.rejects.column("reason").to_pylist()) == {
        "outside_table": 589,
        "void": 366,
        "filler_no_incident": 180,
        "blank_row": 15,
        "future": 2,
    }
    numbers = log.observations.column("record_number").to_pylist() + log.rejects.column("record_number").to_pylist()
    assert sorted(numbers) == list(range(1, 12_834))


def test_nearly_every_time_is_read_and_the_rest_is_flagged(log: Normalised) -> None:
    precision = Counter(log.observations.column("occurred_precision").to_pylist())
    assert precision == {"minute": 7_010, "interval": 4_428, "day": 177, "unknown": 66}
    flags = Counter(
        flag for flags in log.observations.column("dq_flags").to_pylist() for flag in flags.split(",") if flag
    )
    assert (flags["time_unreadable"], flags["time_unknown"], flags["reported_unreadable"]) == (91, 140, 24)
    for row in log.observations.select(["occurred_from", "occurred_until", "dq_flags"]).to_pylist():
        if row["occurred_from"] is None:
            assert {"time_unreadable", "time_unknown", "time_missing"} & set(row["dq_flags"].split(","))
        elif row["occurred_until"] is not None:
            assert row["occurred_until"] > row["occurred_from"]


def test_numbers_that_stand_for_several_reports_do_not_join_them(log: Normalised) -> None:
    keys = log.observations.column("source_key").to_pylist()
    assert not {"A00000", "B00000", "None", "NA"} & set(keys)
    assert len(keys) - len(set(keys)) == 9
    assert sum(count for *_, count, _ in told(log, "key_repeated")) == 16


def test_few_words_are_unknown(log: Normalised) -> None:
    assert sum(count for field, _, count, _ in told(log, "unmapped_word") if field == "category") == 13
