"""One answer's bytes → records as the source named them, whatever of JSON, XML and encoding it came in.

Two servers in three follow the specification loosely: lists inside an object, a single request without its
list, XML that says UTF-8 and is ISO-8859-1. What is read here is only the form; no field is judged.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any, Literal

from connectors.kit import DeliveryError
from connectors.open311.xml_form import records_of_xml
from connectors.strict_json import DEPTH, loads

#: Keys under which servers put the list; the specification's JSON has the bare list.
LIST_KEYS = ("service_requests", "requests", "service_request", "request")

#: The first bytes are enough to tell a web page or an error page from data.
SNIFF_BYTES = 512

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


@dataclass(frozen=True)
class Contents:
    """What an answer holds: requests, or the list of services; the encoding it was read in.

    ``records`` are as sent: normally dicts, but a list may hold anything; or a table of them (see plainly.py).
    ``is_misdeclared`` says that the bytes were not in the encoding they should be in.
    """

    kind: Literal["requests", "services"]
    records: Any
    encoding: str
    is_misdeclared: bool


def read_contents(body: bytes) -> Contents:
    """The records of one answer.

    Raises DeliveryError with ``empty_body``, ``html_answer``, ``error_answer``, ``bad_json``, ``bad_xml``,
    ``no_list`` or ``not_json_or_xml``, or those of ``strict_json.loads``.
    """
    if not body.strip():
        raise DeliveryError("empty_body", "the answer holds no bytes")
    text, encoding, is_misdeclared = _decoded(body)
    text = text.lstrip("\ufeff \t\r\n")
    opening = text[:SNIFF_BYTES].lower()
    if "<!doctype html" in opening or "<html" in opening:
        raise DeliveryError("html_answer", "the answer is a web page, not data")
    if text.startswith("<"):
        found = records_of_xml(text)
    elif text.startswith(("[", "{")):
        found = _json(text)
    else:
        raise DeliveryError("not_json_or_xml", "the answer begins like neither JSON nor XML")
    kind, records = _sorted_out(found)
    return Contents(kind, records, encoding, is_misdeclared)


def _decoded(body: bytes) -> tuple[str, str, bool]:
    """(text, encoding, whether the bytes broke the encoding they should be in).

    A byte-order mark wins, then what an XML declaration says, then UTF-8, which the specification asks for. Bytes
    that break it are Windows-1252, which old systems call ISO-8859-1. The transport's header is not asked: it is
    wrong more often than the bytes.
    """
    for mark, encoding in BOMS:
        if body.startswith(mark):
            try:
                return body.decode(encoding), encoding, False
            except UnicodeDecodeError:
                break
    said = re.match(rb"\s*<\?xml[^>]{0,80}?encoding=[\"']([A-Za-z0-9._-]{1,30})[\"']", body)
    for encoding in (said.group(1).decode("ascii").lower() if said else "utf-8", "utf-8"):
        try:
            return body.decode(encoding), encoding, False
        except (UnicodeDecodeError, LookupError):
            continue
    try:
        return body.decode("cp1252"), "cp1252", True
    except UnicodeDecodeError:
        return body.decode("iso-8859-1"), "iso-8859-1", True


def _json(text: str) -> Any:
    try:
        return loads(text, DEPTH)
    except DeliveryError as error:
        if error.reason != "not_json":
            raise
        if (records := _json_lines(text)) is not None:
            return records
        raise DeliveryError("bad_json", "the answer is not whole JSON; it may have been cut short") from None


def _json_lines(text: str) -> list[Any] | None:
    """The objects of a text that has one to a line, as databases are often written out; None where a line is none."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
        return None
    try:
        return [loads(line, DEPTH) for line in lines]
    except DeliveryError as error:
        if error.reason != "not_json":
            raise
        return None


def _sorted_out(found: Any) -> tuple[Literal["requests", "services"], list[Any]]:
    """(kind, records) of what was parsed, whichever way the list was wrapped."""
    if isinstance(found, dict):
        if _is_error(found):
            raise DeliveryError("error_answer", "the source answered with an error, not with requests")
        if "service_request_id" in found or "requested_datetime" in found:
            return "requests", [found]
        if isinstance(services := found.get("services"), list):
            return "services", services
        listed = next((found[key] for key in LIST_KEYS if key in found), None)
        if isinstance(listed, dict):  # {"requests": {"request": […]}}, as XML turned into JSON has it
            listed = next((listed[key] for key in LIST_KEYS if key in listed), None)
        if not isinstance(listed, list):
            raise DeliveryError("no_list", "the answer is an object without a list of requests")
        found = listed
    if not isinstance(found, list):
        raise DeliveryError("no_list", "the answer is no list of requests")
    objects = [each for each in found if isinstance(each, dict)]
    if objects and all(_is_error(each) for each in objects):
        raise DeliveryError("error_answer", "the source answered with an error, not with requests")
    if objects and all(_is_service(each) for each in objects):
        return "services", found
    return "requests", found


def _is_error(found: dict[str, Any]) -> bool:
    """GeoReport's errors are {code, description}; others write {error: …} or {errors: …}."""
    if found.keys() & {"service_request_id", "requested_datetime", *LIST_KEYS}:
        return False
    return bool(found.keys() & {"error", "errors"}) or {"code", "description"} <= found.keys()


def _is_service(found: dict[str, Any]) -> bool:
    """A service says how it is asked for, and nothing of a request: a request that lost its id is no service."""
    says_request = found.keys() & {"service_request_id", "token", "requested_datetime", "status", "lat", "long"}
    return "service_code" in found and bool(found.keys() & {"metadata", "type"}) and not says_request
