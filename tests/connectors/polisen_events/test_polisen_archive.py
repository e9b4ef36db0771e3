"""The connector over recorded answers of the police; skipped where the archive is absent."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from made_up_police import Police, rows_of

from connectors.kit import fingerprint
from connectors.normalised import Normalised
from connectors.polisen_events import rows as read_rows
from connectors.polisen_events.connector import normalise
from connectors.polisen_events.entries import Record
from connectors.polisen_events.erase import erase
from connectors.polisen_events.title import read_published
from tests.connectors.marked import prints

pytestmark = pytest.mark.feeds


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def moment(file: str) -> datetime:
    return datetime.strptime(file[:18], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)


def read(police: Police, folder: Path) -> Normalised:
    return normalise(police.archive(folder), police.context(), None)


def versions(tables: Normalised) -> dict[str, list[dict[str, Any]]]:
    """Per key the observations that differed from the one before: a plain stand-in for the versioning step."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    columns = ["source_key", "observation", "source_hash", "ingested_at", "municipality_code"]
    columns += ["field_names", "field_fingerprints"]
    for row in tables.observations.select(columns).to_pylist():
        story = found[row["source_key"]]
        if not story or (story[-1]["source_hash"], story[-1]["observation"]) != (
            row["source_hash"],
            row["observation"],
        ):
            story.append(row)
    return found


def edits(tables: Normalised) -> set[tuple[str, datetime, str, str, str]]:
    """(id, first seen, field, fingerprint before, fingerprint after) of every changed field."""
    found = set()
    for key, story in versions(tables).items():
        for before, after in pairwise(story):
            old, new = prints(before), prints(after)
            for field in old.keys() | new.keys():
                if old.get(field) != new.get(field):
                    found.add((key, after["ingested_at"], field, old.get(field, ""), new.get(field, "")))
    return found


@pytest.mark.parametrize("name", ["replay", "current"])
def test_the_archive_gives_exactly_the_known_edits_and_events(police: Police, feeds_folder: Path, name: str) -> None:
    folder = feeds_folder / "police" / name
    tables = read(police, folder)
    expected = {
        (
            line["id"],
            moment(line["first_file_with_new"]),
            line["field"].replace("location_", "location."),
            fingerprint(line["before"]),
            fingerprint(line["after"]),
        )
        for line in lines(folder / "expected_edits.csv")
    }
    assert edits(tables) == expected

    fates = {row["report_id"].split(":")[1]: row["presence"] for row in tables.presence.to_pylist()}
    words = {"left_at_tail": "left_tail", "deleted": "vanished", "present_at_end": None}
    story = versions(tables)
    events = lines(folder / "expected_events.csv")
    assert {event["id"] for event in events} == set(story)
    for event in events:
        assert fates.get(event["id"]) == words[event["fate_in_run"]]
        seen = [row for row in story[event["id"]] if row["observation"] == "seen"]
        assert len(seen) == int(event["n_versions"])


def test_the_replay_has_one_foreign_answer_and_two_withdrawals(police: Police, feeds_folder: Path) -> None:
    folder = feeds_folder / "police" / "replay"
    deliveries = police.archive(folder)
    tables = normalise(deliveries, police.context(), None)
    classes = {moment(line["file"]): line["class"] for line in lines(folder / "manifest.csv")}
    assert {o.received_at: o.reason or "ok" for o in tables.outcomes} == classes
    gone = [row for row in rows_of(tables) if row["observation"] == "withdrawn"]
    assert [row["source_key"] for row in gone] == ["610137", "611245"]
    assert tables.notices.num_rows == 0


def test_a_corrected_municipality_moves_the_event(police: Police, feeds_folder: Path) -> None:
    story = versions(read(police, feeds_folder / "police" / "replay"))["610109"]
    moved = [(row["municipality_code"], f"{row['ingested_at']:%dT%H%M}") for row in story]
    assert moved == [("0763", "22T0433"), ("1080", "22T0530"), ("1080", "22T0642")]


def test_the_bad_answers_are_kept_apart_in_sequence_and_each_alone(police: Police, feeds_folder: Path) -> None:
    folder = feeds_folder / "police" / "bad"
    expected = {}
    for line in lines(folder / "README.csv"):
        if line["file"].endswith(".json.gz"):
            is_foreign = line["what"].startswith("answer to somebody else's query")
            is_empty = line["n_records"] == "0"
            reason = "filtered_response" if is_foreign else "empty_body" if is_empty else None
            expected[moment(line["file"])] = reason
    deliveries = police.archive(folder)
    together = normalise(deliveries, police.context(), None)
    assert {o.received_at: o.reason for o in together.outcomes} == expected
    for delivery in deliveries:
        (alone,) = normalise([delivery], police.context(), None).outcomes
        assert alone.reason == expected[delivery.received_at]
    page = police.land((folder / "560424.object-moved.html").read_bytes())
    (outcome,) = normalise([page], police.context(), None).outcomes
    assert outcome.reason == "not_json"


def test_a_mass_change_of_urls_and_an_id_used_again_are_versions(police: Police, feeds_folder: Path) -> None:
    tables = read(police, feeds_folder / "police" / "bad")
    last = datetime(2024, 12, 4, 15, 28, 39, tzinfo=UTC)
    changed: dict[str, set[str]] = defaultdict(set)
    for key, when, field, _, _ in edits(tables):
        if when == last and key != "560424":
            changed[key].add(field)
    assert len(changed) >= 350 and all(fields <= {"url", "location.gps"} for fields in changed.values())
    story = [(row["observation"], row["municipality_code"]) for row in versions(tables)["560424"]]
    assert story == [("seen", "1283"), ("seen", "2380"), ("withdrawn", "2380"), ("seen", "1283")]


def test_the_hand_read_sample_agrees_in_every_row(police: Police, feeds_folder: Path) -> None:
    sample = lines(feeds_folder / "police" / "truth.csv")
    assert len(sample) == 269
    records = [
        Record(
            int(line["id"]),
            line["datetime_raw"],
            line["name_raw"],
            line["type_raw"],
            line["summary_raw"],
            "/",
            line["location_name_raw"],
            "",
        )
        for line in sample
    ]
    published = [at for record in records if (at := read_published(record.datetime))]
    rows = read_rows.rows_of(records, published, police.context()).contents.to_pylist()
    for line, values in zip(sample, rows, strict=True):
        flags = values["dq_flags"].split(",")
        found = (
            values["category_source"],
            values["municipality_code"] or "",
            values["county_code"] or "",
            values["published_at"],
            values["occurred_from"],
            "summary" in flags,
            "press_notice" in flags,
            "title_type_differs" in flags,
        )
        expected = (
            line["type"],
            line["municipality_code"],
            line["county_code"],
            datetime.fromisoformat(line["published_at"]),
            datetime.fromisoformat(line["occurred_at"]) if line["occurred_at"] else None,
            line["is_summary"] == "true",
            line["is_press_notice"] == "true",
            line["title_type"] != "",
        )
        assert found == expected, line["id"]
        if line["municipality"]:
            assert values["place_text"] in (line["municipality"], None)
        if values["occurred_from"] is None:  # never unknown without a reason
            reasons = {"summary", "dst_ambiguous", "title_unreadable", "title_day_doubtful"}
            assert reasons & set(flags) or any(flag.startswith("title_") for flag in flags), line["id"]


def test_every_type_seen_has_a_category(feeds_folder: Path, police: Police) -> None:
    types = [line["type"] for line in lines(feeds_folder / "police" / "types.csv")]
    records = [Record(1, "", "", each, "", "", None, None) for each in types]
    rows = read_rows.rows_of(records, [datetime(2026, 8, 21, 6, 5, 10, tzinfo=UTC)] * len(records), police.context())
    assert rows.contents.column("category_source").to_pylist() == [each.strip() for each in types]


def test_a_name_taken_out_of_the_archive_leaves_history_as_it_was(police: Police, feeds_folder: Path) -> None:
    archive = police.archive(feeds_folder / "police" / "replay")
    deliveries = [d for d in archive if f"{d.received_at:%m%d}" == "1024"]
    before = normalise(deliveries, police.context(), None)
    bodies = {d.sha256: d.body() for d in deliveries}
    named = next(
        line["before"]
        for line in lines(feeds_folder / "police" / "replay" / "expected_edits.csv")
        if line["id"] == "610347"
    )
    erased = [
        police.land(erase(bodies[d.sha256], {(610347, fingerprint(named))}), at=d.received_at) for d in deliveries
    ]
    assert any(a.sha256 != b.sha256 for a, b in zip(erased, deliveries, strict=True))
    assert not any(named.encode() in d.body() for d in erased)
    after = normalise(erased, police.context(), None)
    kept = [
        name for name in before.observations.column_names if name not in ("delivery_sha256", "note_public", "dq_flags")
    ]
    assert after.observations.select(kept).equals(before.observations.select(kept))


def test_no_named_person_and_no_point_leaves(police: Police, feeds_folder: Path) -> None:
    for name in ("replay", "current", "bad"):
        observations: pa.Table = read(police, feeds_folder / "police" / name).observations
        notes = observations.column("note_public").drop_null().unique().to_pylist()
        assert notes and not any("Testnamn" in note for note in notes)
        assert max(len(note) for note in notes) <= 140
        for column in ("latitude", "longitude", "area_id", "place_id"):
            assert observations.column(column).null_count == observations.num_rows
