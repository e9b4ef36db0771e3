"""Bytes of a text table become text: which encoding an old system wrote in, and control characters by their bytes."""

from __future__ import annotations

import pytest

from connectors import tabular_text
from connectors.tabular import TableSpec, read_table

SWEDISH = "Löpnr;Händelse;Plats\n1;Bråk;Västra vägen\n2;Stöld;Ån\n"


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac-roman"])
@pytest.mark.parametrize("promised", [None, "cp1252", "cp850"])
def test_a_header_with_swedish_letters_tells_the_encoding_of_an_old_system(encoding: str, promised: str | None) -> None:
    spec = TableSpec({"id": ("Löpnr",), "what": ("Händelse",)}, frozenset({"id", "what"}), encoding=promised)
    table = read_table(SWEDISH.encode(encoding), spec)
    assert table.columns.column("Plats").to_pylist() == ["Västra vägen", "Ån"]
    assert table.encoding == encoding
    said = [one.notice for one in table.notices]
    assert said == (["encoding_differs"] if promised not in (None, encoding) else [])


def test_a_promised_old_encoding_is_believed_where_the_header_cannot_tell() -> None:
    spec = TableSpec({"id": ("ID",), "what": ("Vad",)}, frozenset({"id"}), encoding="cp850")
    assert read_table("ID;Vad\n1;Bråk\n".encode("cp850"), spec).columns.column("Vad").to_pylist() == ["Bråk"]


def test_control_characters_are_found_by_their_bytes_where_they_are_by_the_letters() -> None:
    for letter in map(chr, range(0x800)):
        for text in (letter, f"å{letter}b"):
            found = tabular_text._CONTROL.search(text) is not None
            assert tabular_text._has_controls(text.encode()) == found, hex(ord(letter))
    assert not tabular_text._has_controls(b"")
