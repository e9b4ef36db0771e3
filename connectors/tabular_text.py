"""Bytes of a text table into clean UTF-8: which encoding it was, and what stood out in it.

The order of belief: a byte-order mark, the encoding the mapping promises, strict UTF-8, cp1252, latin-1. A
promise of a single-byte encoding is overruled when the bytes are valid UTF-8 with letters outside ASCII:
text in cp1252 is valid UTF-8 by accident only in sequences such as "Ã¥" that no Swedish word contains.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import numpy as np

from connectors.kit import DeliveryError

#: Encodings a mapping may name.
ENCODINGS = ("utf-8-sig", "utf-8", "cp1252", "latin-1", "cp850", "mac-roman", "utf-16", "utf-16-le", "utf-16-be")

#: Those in which any bytes, or nearly any, are some text.
SINGLE_BYTE = ("cp1252", "latin-1", "cp850", "mac-roman")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: C0 controls but tab and line ends, DEL, and C1: never part of a report, able to drive a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

#: A UTF-8 letter read as cp1252 once too often: Ã or Â and what the second byte became.
_MOJIBAKE = re.compile(r"[ÃÂ](?:[\u0080-\u00bf]|[€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ])")

#: Suspect when at least this many pairs and this share of all letters outside ASCII look doubly encoded: a
#: single "Ã" can be a name, a twentieth of all å, ä and ö cannot.
MOJIBAKE_PAIRS, MOJIBAKE_SHARE = 3, 0.05

#: Share of NUL bytes on odd or even places in the first 4 kB that tells UTF-16 without a mark: Swedish text
#: in UTF-16 has a NUL in nearly every second byte, other tables have none.
_NUL_SHARE = 0.3


@dataclass(frozen=True)
class Decoded:
    """A table's text as UTF-8 bytes without mark, and what the delivery record should say of it."""

    utf8: bytes
    encoding: str  # as found, one of ENCODINGS
    control_count: int  # control characters replaced by visible escapes such as \\x00
    mojibake_count: int  # letter pairs that look doubly encoded; 0 below the threshold
    is_escaped: bool


def decode(body: bytes, promised: str | None) -> Decoded:
    """The text of ``body``; ``promised`` is the mapping's encoding or None.

    Control characters become visible escapes and are counted. Doubly encoded text is counted, never
    repaired. Raises DeliveryError ``encoding_unreadable`` when no encoding fits.
    """
    return _cleaned(*_read(body, promised))


def decode_as(body: bytes, encoding: str) -> Decoded:
    """``decode`` in an encoding that is known to be the right one. Raises DeliveryError ``encoding_unreadable``."""
    return _cleaned(encoding, _decoded(body, encoding))


def _cleaned(encoding: str, text: str) -> Decoded:
    text = text.lstrip("\ufeff")  # programs that mark what was marked before leave a second mark in the first header
    utf8 = text.encode("utf-8")
    control_count = 0
    if _has_controls(utf8):  # hardly ever, and then the regex is paid for
        text, control_count = _CONTROL.subn(lambda match: f"\\x{ord(match[0]):02x}", text)
        if control_count:
            utf8 = text.encode("utf-8")
    return Decoded(utf8, encoding, control_count, _mojibake(text), control_count > 0)


def _has_controls(utf8: bytes) -> bool:
    """Whether ``_CONTROL`` finds anything: the bytes below a blank but for tabs and line ends, DEL, and those of C1."""
    letters = np.frombuffer(utf8, dtype=np.uint8)
    low = letters[letters < ord(" ")]
    if b"\x7f" in utf8 or not ((low == ord("\n")) | (low == ord("\r")) | (low == ord("\t"))).all():
        return True
    return b"\xc2" in utf8 and bool((letters[np.flatnonzero(letters == 0xC2) + 1] < 0xA0).any())


def _read(body: bytes, promised: str | None) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return encoding, _decoded(body[len(mark) :], encoding.removesuffix("-sig"))
    head = body[:4096]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(zeros) >= 4 and zeros.count(0) >= _NUL_SHARE * len(zeros):
            return encoding, _decoded(body, encoding)
    order = ["utf-8", "cp1252", "latin-1"]
    # A single-byte encoding fits any bytes; UTF-8 almost never fits by accident, so it is asked first.
    if promised in SINGLE_BYTE and not body.isascii():
        order = ["utf-8", promised, "cp1252", "latin-1"]
    elif promised in SINGLE_BYTE:
        order = [promised]
    for encoding in order:
        try:
            return encoding, body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DeliveryError("encoding_unreadable", "filens teckenkodning kan inte läsas; spara som CSV i UTF-8")


def _decoded(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        detail = f"filen säger sig vara {encoding} men är det inte från byte {error.start}; spara som CSV i UTF-8"
        raise DeliveryError("encoding_unreadable", detail) from None


def _mojibake(text: str) -> int:
    if "Ã" not in text and "Â" not in text:
        return 0
    pairs = len(_MOJIBAKE.findall(text))
    foreign = len(text.encode("utf-8")) - len(text)  # each letter outside ASCII costs at least one byte more
    return pairs if pairs >= MOJIBAKE_PAIRS and pairs * 2 >= MOJIBAKE_SHARE * foreign else 0
