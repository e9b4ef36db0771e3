"""Sorted numbers tell which report ids a file holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from warehouse.report_keys import keys_of, stand_in, write_keys

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=20)


@given(TEXTS)
def test_a_text_has_the_same_number_alone_and_in_any_company(texts: list[str]) -> None:
    together = keys_of(pa.array(["ledande", *texts], pa.string()).slice(1))
    parted = keys_of(pa.chunked_array([texts[:3], texts[3:]], pa.string()))
    alone = [keys_of(pa.array([text], pa.string()))[0] for text in texts]
    assert together.tolist() == parted.tolist() == alone
    assert len(set(alone)) == len(set(texts))


def test_the_number_of_a_text_is_the_same_on_every_machine_and_in_every_edition() -> None:
    numbers = keys_of(pa.array(["", "a", "guard_test:1", "åäö"]))
    assert [f"{number:016x}" for number in numbers] == [
        "e220a8397b1dcdaf",
        "ce6424e913aedceb",
        "51c8b53d25ca8b70",
        "250c78967ec72011",
    ]


def test_serial_numbers_of_a_feed_share_no_number() -> None:
    ids = pa.array([f"guard_nordvakt:2026-{n:07d}" for n in range(300_000)])
    assert len(np.unique(keys_of(ids))) == 300_000


def test_what_stands_in_a_file_is_found_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.keys"
    ids = pa.array([f"guard_test:{n}" for n in range(0, 1000, 2)])
    write_keys(keys_of(ids), path)
    asked = keys_of(pa.array([f"guard_test:{n}" for n in range(1000)]))
    assert stand_in(path, asked).tolist() == [n % 2 == 0 for n in range(1000)]
    assert stand_in(path, asked[:0]).tolist() == []
    write_keys(asked[:0], path)
    assert not stand_in(path, asked).any()
