"""What is worked out once per combination is what each row would have got by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.guard_tabular.observations import _joined
from connectors.guard_tabular.records import Records

rows = st.lists(st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.integers(-1, 1), st.booleans()), max_size=12)


@settings(deadline=None)
@given(rows)
def test_a_key_is_repeated_where_one_delivery_says_two_things_under_it(many: list[tuple[int, str, int, bool]]) -> None:
    records = Records(
        fields={},
        delivery=np.array([row[0] for row in many], dtype=np.int64),
        record_number=np.arange(len(many), dtype=np.int32),
        filled=np.zeros(len(many), dtype=np.int32),
        source_key=pa.array([row[1] for row in many], pa.string()).dictionary_encode(),
        is_natural_key=np.zeros(len(many), dtype=bool),
        prints={"source_hash": pa.array([row[2] for row in many], pa.int64())},
    )
    kept = [place for place, row in enumerate(many) if row[3]]
    said: dict[tuple[int, str], set[int]] = {}
    for place in kept:
        said.setdefault(many[place][:2], set()).add(many[place][2])
    found = records.is_repeated(np.array(kept, dtype=np.int64)).tolist()
    assert found == [len(said[many[place][:2]]) > 1 for place in kept]


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from([None, "", "b,x", "a"])), max_size=9))
def test_flags_are_joined_in_order_and_each_stands_once(many: list[tuple[bool, bool, str | None]]) -> None:
    flags: dict[str, Any] = {name: np.array([row[n] for row in many], dtype=bool) for n, name in enumerate("ca")}
    joined = _joined(flags, pa.array([row[2] for row in many], pa.string()))
    expected = []
    for is_c, is_a, more in many:
        words = {"c"} if is_c else set()
        words |= {"a"} if is_a else set()
        expected.append(",".join(sorted(words | {word for word in (more or "").split(",") if word})))
    assert joined.to_pylist() == expected
