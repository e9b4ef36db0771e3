"""Bytes → JSON values, where anything two readers could understand differently is refused.

The standard parser lets NaN, repeated keys, lone surrogates and numbers of any size through. Each of them
would be stored as something else than was sent, so a body that holds one is not read at all: it goes to
quarantine with its reason and stays in the landing zone.
"""

from __future__ import annotations

import json
import math
import re
from itertools import chain
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import orjson

from connectors.kit import DeliveryError

#: Digits of an integer. The source's ids have six; eighteen always fit the 64 bits a table can hold.
INTEGER_DIGITS = 18

#: Levels a value nobody asked for may be nested. A fixed number, since the interpreter's own limit depends on
#: who calls; the feeds' own records have two to four levels.
DEPTH = 20

#: A body that is plainly a list of objects, and what is between two of them: where to look before anything is parsed.
#: JSON's blanks alone: \s lets two more through.
LIST_OF_OBJECTS = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*(\{.*\})[ \t\r\n]*\][ \t\r\n]*", re.DOTALL)
BETWEEN_OBJECTS = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*\{")

#: Types of values that hold others.
_NESTED = {list, dict}

_UNSURE = object()
_IS_BLANK = np.isin(np.arange(256), np.frombuffer(b" \t\r\n", dtype=np.uint8))
_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def decode(body: bytes) -> Any:
    """The value in ``body``: UTF-8, with or without a byte order mark.

    Raises DeliveryError: empty_body, not_utf8, not_json, not_finite, duplicate_key, number_out_of_range,
    lone_surrogate, too_deep.
    """
    if not body.removeprefix(b"\xef\xbb\xbf").strip():
        raise DeliveryError("empty_body", "the answer holds no bytes to read")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeliveryError("not_utf8", f"byte {error.start} is not UTF-8") from None
    return loads(text)


def loads(text: str, deepest: int | None = None) -> Any:
    """The value in ``text``, nested at most ``deepest`` levels where that is given. Raises DeliveryError as ``decode``
    does, but for the first two reasons."""
    value, depth = _quickly(text)
    if value is _UNSURE:
        value = _carefully(text)
        depth = _depth_of(value) if deepest is not None else 0
    if deepest is not None and depth > deepest:
        raise _too_deep()
    return value


def _quickly(text: str) -> tuple[Any, int]:
    """The value, and how deep it is nested, by a parser eight times as fast, where it can be proved that the careful
    one would say the same; else ``_UNSURE``.

    orjson refuses what is no JSON, is not finite or is half a character. It lets a repeated key pass: so the keys that
    stand in the text are counted against those of the value. A quote is the beginning or the end of a string by turns
    where none is escaped, and one before a colon ends a key. It reads an integer of any size: so a text with as many
    digits in a row as such an integer has is not read so.
    """
    try:
        body = text.encode("utf-8")
        value = orjson.loads(body)
    except ValueError:  # UnicodeEncodeError is one
        return _UNSURE, 0
    if not isinstance(value, list | dict) or (b"\\" in body and (b'\\"' in body or b"\\\\" in body)):
        return _UNSURE, 0
    letters = np.frombuffer(body, dtype=np.uint8)
    after = letters[np.flatnonzero(letters == ord('"'))[1::2] + 1]
    if _IS_BLANK[after].any() and _SPACED_KEY.search(body):
        return _UNSURE, 0
    if _has_long_digits(letters):
        return _UNSURE, 0
    count, depth = _keys_of(value)
    return (value if int(np.count_nonzero(after == ord(":"))) == count else _UNSURE), depth


def _has_long_digits(letters: npt.NDArray[np.uint8]) -> bool:
    """Whether more than INTEGER_DIGITS digits stand in a row, also inside a text: perhaps a number too large."""
    run, length = letters - np.uint8(ord("0")) < 10, 1  # below the nought comes 255
    while length <= INTEGER_DIGITS:
        step = min(length, INTEGER_DIGITS + 1 - length)
        run = run[:-step] & run[step:]
        length += step
    return bool(run.any())


def _keys_of(value: Any) -> tuple[int, int]:
    """How many keys all objects of the value have together; its depth."""
    count, depth, layer = 0, 0, [value]
    while layer:
        depth += 1
        count += sum(map(len, layer if set(map(type, layer)) == {dict} else [o for o in layer if type(o) is dict]))
        inner = _inside(layer)
        layer = [one for one in inner if type(one) in _NESTED] if set(map(type, inner)) & _NESTED else []
    return count, depth


def _inside(layer: list[Any]) -> list[Any]:
    """All that the lists and objects of ``layer`` hold."""
    if set(map(type, layer)) == {dict}:
        return list(chain.from_iterable(map(dict.values, layer)))
    return list(chain.from_iterable(outer.values() if type(outer) is dict else outer for outer in layer))


def _carefully(text: str) -> Any:
    try:
        value = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_float,
            object_pairs_hook=_object,
        )
        if _SURROGATE.search(text):  # pairs are fine; only a half cannot be written as UTF-8 again
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        detail = f"not JSON from character {error.pos}"
        if text.lstrip().startswith("<"):
            detail = "the answer is a web page or other mark-up, not JSON; the source or a server on the way sent it"
        raise DeliveryError("not_json", detail) from None
    except UnicodeEncodeError:
        raise DeliveryError("lone_surrogate", "a text holds half a character") from None
    except RecursionError:
        raise _too_deep() from None
    return value


def refuse_deep(value: Any) -> None:
    """Raises DeliveryError too_deep where ``value`` is nested more than DEPTH levels."""
    if _depth_of(value) > DEPTH:
        raise _too_deep()


def _depth_of(value: Any) -> int:
    """How many levels the value is nested; one more than DEPTH for any that is nested deeper."""
    layer = [value] if isinstance(value, dict | list) else []
    depth = 0
    while layer and depth <= DEPTH:
        depth += 1
        inner = _inside(layer)
        layer = [one for one in inner if type(one) in _NESTED] if _NESTED & set(map(type, inner)) else []
    return depth


def _too_deep() -> DeliveryError:
    return DeliveryError("too_deep", "the values are nested far deeper than any answer of this source")


def _refuse_constant(word: str) -> NoReturn:
    raise DeliveryError("not_finite", "the answer holds NaN or Infinity, which JSON does not know")


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > INTEGER_DIGITS:
        raise DeliveryError("number_out_of_range", f"a number has more than {INTEGER_DIGITS} digits")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise DeliveryError("number_out_of_range", "a number is too large")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DeliveryError("duplicate_key", "an object names the same field twice")
    return value
