"""Signatures of Standard Webhooks (standardwebhooks.com, v1): who sent these bytes, and when.

``webhook-id``, ``webhook-timestamp`` and the body, with a dot between them, under HMAC-SHA256 with the partner's key;
``webhook-signature`` holds one or more ``v1,<base64>`` with blanks between. The project's own Python library is not
used: it decodes every body as UTF-8 (1.1.0), and ours are CSV in cp1252 and XLSX.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping

#: Seconds a sender's clock may differ from ours; the specification's own default.
TOLERANCE_S = 300
#: No dot: what is signed has dots between its parts, and one signature must not do for two ids.
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:-]{0,127}")


class NotSigned(Exception):
    """The message says in one line what is wrong, and holds nothing that was sent."""


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature a sender puts in ``webhook-signature``."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def message_id(headers: Mapping[str, str]) -> tuple[str, int]:
    """The id and time a push states of itself. Raises NotSigned where they are missing or not of the right shape."""
    identity, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not ID.fullmatch(identity):
        raise NotSigned("webhook-id is missing, or is not 1 to 128 letters, digits and _:-")
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        raise NotSigned("webhook-timestamp is missing, or is not whole seconds since 1970")
    return identity, int(stamp)


def refuse_unsigned(keys: Iterable[bytes], headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Raises NotSigned unless the body is signed with one of ``keys``, and lately (``now``: seconds since 1970)."""
    identity, stamp = message_id(headers)
    given = [one for one in headers.get("webhook-signature", "").split(" ") if one.startswith("v1,")]
    if not given:
        raise NotSigned("webhook-signature is missing, or holds no v1 signature")
    wanted = [signature(key, identity, stamp, body) for key in keys]
    if not any(hmac.compare_digest(one.encode(), want.encode()) for one in given for want in wanted):
        raise NotSigned("the signature is not by a key of this feed")
    if abs(now - stamp) > TOLERANCE_S:
        raise NotSigned(f"webhook-timestamp is more than {TOLERANCE_S} s from our clock")
