from __future__ import annotations

import pytest

from connectors.kit import source_key


@pytest.mark.parametrize("plain", ["R1", "NV-100017", "2026-00123", "00017", "A00123", "610109", "HAN/26_7.b", "ÖV-12"])
def test_a_plain_number_is_the_key_as_it_stands(plain: str) -> None:
    assert source_key(f" {plain} ") == plain


@pytest.mark.parametrize(
    "personal",
    [
        "850709-9805",
        "8507099805",
        "19850709-9805",
        "198507099805",
        "1985-07-09-9805",
        "SX-850709/9805",
        "850769-9802",  # a co-ordination number: the day and sixty
        "850709-T805",  # an interim number
        "070-1234567",
        "0701234567",
        "08-12345678",
        "0046701234567",
        "46701234567",
        "ABC123",
        "abc12d",
        "ABC-123",
        "Bil-ABC123",
        "Karlsson",
        "Karlsson1",
        "karl-erik.7",
        "Åsa",
        "anna@example.org",
        "Anna Andersson",
    ],
)
def test_a_key_that_could_be_a_person_leaves_as_a_fingerprint_that_stays_the_same(personal: str) -> None:
    key = source_key(personal)
    assert key.startswith("x") and len(key) == 17 and key == source_key(personal)
    assert not any(part in key for part in ("8507", "070", "ABC", "Karlsson"))
