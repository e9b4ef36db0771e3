"""Made-up keys of the intake, and its file as an operator writes it."""

from __future__ import annotations

import base64
from pathlib import Path

KEY, OTHER = b"k" * 32, b"o" * 32
FEED = "guard_nordvakt"
FEEDS = {FEED: None, "felanmalan": None}


def whsec(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path
