"""Takes withdrawn summaries out of a landed window, so that the same tables can still be made of it.

The police remove names by editing a summary or taking a notice down. The old text then stands only in our
landing zone, and goes from there within the time the municipality has set. What remains is the fingerprint,
so that history (that the text was changed, and when) is the same after a rebuild, and the words the text was
read as.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from connectors.kit import fingerprint
from connectors.polisen_events.texts import read_summary
from connectors.polisen_events.title import tidy
from connectors.strict_json import decode


def erase(body: bytes, texts: Collection[tuple[int, str]]) -> bytes:
    """``body`` without the given summaries: each is (id, fingerprint of the raw summary as in
    field_fingerprints).

    A summary becomes ``{"erased": "<8 hex digits>"}``, with ``marks`` and ``pii`` (words, no text) where its
    reading gave some. Everything else keeps its value and order; with nothing to erase the very same bytes
    come back. Also works on a window in quarantine, as long as it is a list of objects. Raises DeliveryError
    where the body is not JSON that this house reads; the caller must then delete the whole object.
    """
    wanted = set(texts)
    value = decode(body)
    entries = value if isinstance(value, list) else []
    hits = [entry for entry in entries if isinstance(entry, dict) and _key(entry) in wanted]
    if not hits:
        return body
    for entry in hits:
        entry["summary"] = _remains(entry)
    return json.dumps(value, ensure_ascii=False).encode("utf-8")


def _key(entry: dict[str, Any]) -> tuple[Any, str] | None:
    id, summary = entry.get("id"), entry.get("summary")
    if not isinstance(summary, str) or not isinstance(id, int) or isinstance(id, bool):
        return None
    return id, fingerprint(summary)


def _remains(entry: dict[str, Any]) -> dict[str, str]:
    type_ = entry.get("type")
    reading = read_summary(entry["summary"], tidy(type_) if isinstance(type_, str) else "")
    remains = {"erased": fingerprint(entry["summary"])}
    if reading.marks:
        remains["marks"] = ",".join(sorted(reading.marks))
    if reading.pii:
        remains["pii"] = reading.pii
    return remains
