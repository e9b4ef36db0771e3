"""A mark is the same however many texts are marked at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from connectors.marks import mark, marks_of, marks_of_texts


def test_texts_marked_together_have_the_marks_they_have_alone_and_a_missing_one_has_none() -> None:
    texts = ["a", None, "", "å", "a", None]
    alone = [mark(text) for text in texts]
    assert (alone[1], alone[2] != 0) == (0, True)
    assert marks_of_texts(texts).tolist() == alone
    for array in (pa.array(texts), pa.array(texts).dictionary_encode(), pa.chunked_array([texts[:2], texts[2:]])):
        assert marks_of(array).tolist() == alone
    assert marks_of_texts([]).dtype == np.uint32
    assert marks_of_texts([None] * 3).tolist() == [0, 0, 0]
    assert marks_of_texts(["a", None]).tolist() == [mark("a"), 0]
    assert marks_of_texts(["a", "half \ud800", None]).tolist() == [mark("a"), mark("half \ud800"), 0]
