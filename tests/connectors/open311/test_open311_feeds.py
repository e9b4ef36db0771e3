"""The real samples: every record is read or refused with a reason, and nothing people wrote gets out."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from open311_town import context, delivery, mapping

from connectors.normalised import Normalised
from connectors.open311.connector import normalise

pytestmark = pytest.mark.feeds


def read(folder: Path, path: Path, mapping_name: str) -> Normalised:
    return normalise([delivery(folder, path.read_bytes())], context({}, mapping(mapping_name)), None)


def test_chicagos_fifty_requests_are_read_with_both_their_offsets(feeds_folder: Path, tmp_path: Path) -> None:
    path = feeds_folder / "municipal" / "chicago_open311" / "requests_2014_sample.json"
    tables = read(tmp_path, path, "chicago")
    assert (tables.outcomes[0].seen_count, tables.outcomes[0].rejected_count) == (50, 48)
    assert set(tables.rejects.column("reason").to_pylist()) == {"not_safety_related"}
    assert Counter(tables.observations.column("category").to_pylist()) == {"plats.belysning": 1, "plats.trasigt": 1}

    all_read = normalise([delivery(tmp_path, path.read_bytes())], context(), None)  # another town's mapping
    rows = all_read.observations.to_pylist()
    assert Counter(row["category"] for row in rows) == {"okand": 50}
    assert sum(row["reported_at"] is not None for row in rows) == 50
    assert Counter(row["status"] for row in rows) == {"closed": 49, "open": 1}
    assert sum("duplicate_of_other" in row["dq_flags"] for row in rows) == 2
    assert all("position_outside" in row["dq_flags"] for row in rows)


@pytest.mark.parametrize(
    ("name", "notices"),
    [
        ("services.json", ["service_list"]),
        ("services_fi.json", ["service_list"]),
        ("services_sv.json", ["service_list", "encoding_fallback"]),
        ("services_sv.xml", ["service_list", "encoding_fallback"]),
    ],
)
def test_helsinkis_service_lists_are_told_from_requests(
    name: str, notices: list[str], feeds_folder: Path, tmp_path: Path
) -> None:
    tables = read(tmp_path, feeds_folder / "municipal" / "helsinki_open311" / name, "helsinki")
    assert (tables.outcomes[0].disposition, tables.outcomes[0].seen_count) == ("accepted", 0)
    assert tables.notices.column("notice").to_pylist() == notices


def test_helsinkis_request_with_swapped_coordinates_as_text_is_kept_without_a_position(
    feeds_folder: Path, tmp_path: Path
) -> None:
    tables = read(tmp_path, feeds_folder / "municipal" / "helsinki_open311" / "taskful_request.json", "helsinki")
    found = tables.observations.to_pylist()[0]
    assert (found["latitude"], found["dq_flags"]) == (None, "position_swapped")
    assert (found["status"], found["category"]) == ("closed", "okand")


def texts_in(value: Any) -> set[str]:
    """Every text of some length in a record, however deep."""
    if isinstance(value, str):
        return {value} if len(value) >= 12 else set()
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return set().union(*(texts_in(each) for each in inner))
    return set()


@pytest.mark.parametrize(
    ("path", "mapping_name"),
    [
        ("chicago_open311/requests_2014_sample.json", "chicago"),
        ("chicago_open311/requests_2014_sample.json", "felanmalan"),
        ("helsinki_open311/taskful_request.json", "helsinki"),
    ],
)
def test_no_text_of_a_real_request_leaves_but_ids_and_the_mappings_own_words(
    path: str, mapping_name: str, feeds_folder: Path, tmp_path: Path
) -> None:
    source = feeds_folder / "municipal" / path
    tables = read(tmp_path, source, mapping_name)
    shown = repr([t.to_pylist() for t in (tables.observations, tables.rejects, tables.notices)])
    records = json.loads(source.read_bytes())
    keys = {r["service_request_id"] for r in records} if isinstance(records, list) else {records["service_request_id"]}
    own_words = texts_in(mapping(mapping_name)) | keys
    assert not [text for text in texts_in(records) if text in shown and text not in own_words]
