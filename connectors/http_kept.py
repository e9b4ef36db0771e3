"""The last answer of a source that marks its answers (ETag), kept so that an unchanged one need not be sent again.

One file per feed: a line of JSON, then the body. It is a cache: one that is torn, of another address or not the bytes
its line says is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

#: A mark as RFC 9110 (8.8.3) writes it, of a length a header may have.
_MARK = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')


@dataclass(frozen=True)
class Kept:
    """An answer with status 200 as it came: the mark the source gave it, its body, and what it was."""

    mark: str
    body: bytes
    media_type: str | None


def read_kept(folder: Path, feed: str, address: str) -> Kept | None:
    """The feed's last answer from ``address``, None where none is kept whole."""
    try:
        line, _, body = _path(folder, feed).read_bytes().partition(b"\n")
        said = json.loads(line)
        if said["address"] == _digest(address.encode()) and said["body"] == _digest(body):
            return Kept(said["mark"], body, said["media_type"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def keep(folder: Path, feed: str, address: str, mark: str | None, body: bytes, media_type: str | None) -> None:
    """Keep an answer whose mark can be asked by; let go of the last one where it has none. Never fails for the disk."""
    path = _path(folder, feed)
    with contextlib.suppress(OSError):
        if mark is None or not _MARK.fullmatch(mark):
            path.unlink(missing_ok=True)
            return
        # The address may hold a key, so it is known again by its hash alone.
        said = {"address": _digest(address.encode()), "body": _digest(body), "mark": mark, "media_type": media_type}
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        unfinished.write_bytes(json.dumps(said).encode() + b"\n" + body)
        unfinished.replace(path)


def _path(folder: Path, feed: str) -> Path:
    return folder / f"{feed}.answer"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
