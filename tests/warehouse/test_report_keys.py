"""Sorted numbers tell which report ids a file holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from warehouse.report_keys import has_one_of, keys_in, keys_of, rows_with, write_keys

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


def stands(path: Path, keys: np.ndarray) -> bool:
    return has_one_of(keys_in(path.read_bytes()), keys)


def test_what_stands_in_a_file_is_found_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.keys"
    write_keys(keys_of(pa.array([f"guard_test:{n}" for n in range(0, 1000, 2)])), path)
    asked = [keys_of(pa.array([f"guard_test:{n}"])) for n in range(1000)]
    assert [stands(path, key) for key in asked] == [n % 2 == 0 for n in range(1000)]
    none, one = (np.sort(np.concatenate([*asked[1::2], *more])) for more in ([], asked[2:3]))
    beyond = [np.arange(2_000, dtype=np.uint64), np.arange(2**64 - 2_000, 2**64 - 1, dtype=np.uint64)]
    assert not stands(path, none), "fewer than stand there"
    assert stands(path, one)
    assert not stands(path, np.concatenate([beyond[0], none, beyond[1]])), "more than stand there"
    assert stands(path, np.concatenate([beyond[0], one, beyond[1]]))
    assert not stands(path, none[:0])
    write_keys(none[:0], path)
    assert not stands(path, none)


def test_rows_are_found_by_their_whole_numbers_not_by_how_they_begin() -> None:
    keys = np.array([5 << 40, (5 << 40) + 1, 9, 2**64 - 1, 5 << 40], dtype=np.uint64)
    assert rows_with(keys, np.array([9, 5 << 40, 2**64 - 1], dtype=np.uint64)).tolist() == [0, 2, 3, 4]
    assert rows_with(keys, np.array([3], dtype=np.uint64)).tolist() == []
    assert rows_with(keys, keys[:0]).tolist() == rows_with(keys[:0], keys[:1]).tolist() == []
