"""Marks of raw fields: four bytes each that tell that a field changed, and do not tell what stood in it.

A report version keeps the marks of the record it came from and one number over them all, so that a later delivery can
be held against it without its text being kept outside the landing zone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Marks = npt.NDArray[np.uint32]

_NEW_HASH = hashlib.sha256().copy


@lru_cache(maxsize=32_768)  # most fields say what they said in the record before
def fingerprint(text: str, length: int = 8) -> str:
    """The first ``length`` hex digits of the text's SHA-256: tells change, does not tell the text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def mark(text: str | None) -> int:
    """The first four bytes of the text's SHA-256 as a number, never 0; 0 where there is no text."""
    return 0 if text is None else int(fingerprint(text), 16) or 1


def marks_of(texts: pa.Array | pa.ChunkedArray) -> Marks:
    """``mark`` of each text of a column (plain or dictionary-encoded), worked out once per distinct text."""
    if isinstance(texts, pa.ChunkedArray):
        texts = pa.concat_arrays(texts.unify_dictionaries().chunks) if texts.num_chunks else pa.array([], texts.type)
    encoded = texts if pa.types.is_dictionary(texts.type) else pc.dictionary_encode(texts)
    known = marks_of_texts([*encoded.dictionary.to_pylist(), None])  # the last one stands for a missing text
    return known[np.asarray(pc.fill_null(encoded.indices, len(known) - 1))]


def marks_of_texts(texts: Sequence[str | None]) -> Marks:
    """``mark`` of each of the texts."""
    missing = []  # where none is; most often there is none but the last, as columns have it
    given = texts[:-1] if len(texts) and texts[-1] is None else texts
    try:
        letters = [*map(str.encode, given)]  # type: ignore[arg-type]
    except (TypeError, UnicodeEncodeError):  # one is None, or half a character: slower, and hardly ever met
        missing = [place for place, text in enumerate(given) if text is None]
        letters = [b"" if text is None else text.encode("utf-8", "surrogatepass") for text in given]
    digests = []
    for each in letters:
        fresh = _NEW_HASH()  # a quarter cheaper than making one, which looks up anew what SHA-256 is
        fresh.update(each)
        digests.append(fresh.digest())
    marks = np.zeros(len(texts), dtype=np.uint32)
    marks[: len(given)] = np.maximum(np.frombuffer(b"".join(digests), dtype=">u4")[::8], 1)
    marks[missing] = 0
    return marks


def fingerprints(fields: Mapping[str, str | None]) -> tuple[str, bytes, int]:
    """(field_names, field_fingerprints, source_hash) of one record's raw fields, as in the contract's columns."""
    columns = fingerprint_columns({name: np.array([mark(text)], np.uint32) for name, text in fields.items()}, 1)
    return tuple(columns[name][0].as_py() for name in ("field_names", "field_fingerprints", "source_hash"))


def told(field_names: str, field_fingerprints: bytes) -> dict[str, str]:
    """Each field that has a value and the eight hex digits of its mark, out of two of the contract's columns."""
    marks = [field_fingerprints[place : place + 4].hex() for place in range(0, len(field_fingerprints), 4)]
    named = zip(field_names.split(",") if field_names else [], marks, strict=True)
    return {name: digits for name, digits in named if digits != "00000000"}


def fingerprint_columns(marks: Mapping[str, Marks], length: int) -> dict[str, pa.Array]:
    """The three columns of ``length`` records whose fields have these marks.

    ``field_names``: the names in their order, comma-joined; ``field_fingerprints``: their marks one after the other,
    four bytes each, most significant first; ``source_hash``: one number over all fields that have a value.
    """
    names = sorted(marks)
    table = np.empty((length, len(names)), dtype=">u4")
    for place, name in enumerate(names):
        table[:, place] = marks[name]
    buffers = [None, pa.py_buffer(table.tobytes())]
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(4 * len(names)), length, buffers)
    return {
        "field_names": pa.DictionaryArray.from_arrays(np.zeros(length, np.int32), pa.array([",".join(names)])),
        "field_fingerprints": fixed.cast(pa.binary()),
        "source_hash": pa.array(source_hashes(marks, length)),
    }


def source_hashes(marks: Mapping[str, Marks], length: int) -> npt.NDArray[np.int64]:
    """One number per record, the same where its fields are. A field without a value counts for nothing, so that a
    column the source adds and leaves empty changes no record.

    Each mark is mixed with its field's name by SplitMix64's finaliser (Steele, Lea, Flood 2014) and the results are
    added: the same on every machine and in every release.
    """
    total = np.zeros(length, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for name, column in marks.items():
            salt = np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))
            total += np.where(column == 0, np.uint64(0), _mixed(column.astype(np.uint64) + salt))
        return _mixed(total).view(np.int64)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
