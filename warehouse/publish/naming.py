"""How the files of a picture are named: whose, when, and who may read them, in every name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any


def picture_stem(picture: Mapping[str, Any]) -> str:
    """Return what the names of a picture's files share: ``9999_2026-10-16_0630_TLP-AMBER``."""
    head = picture["head"]
    return "_".join(
        _name_part(part) for part in (head["municipality_code"], head["local_day"], head["local_time"], head["tlp"])
    )


def methods_name(picture: Mapping[str, Any], language: str) -> str:
    """Return the name of the page that explains the sheet's numbers; it stands beside the sheet."""
    return f"metod_{picture_stem(picture)}_{language}.html"


def weekly_stem(picture: Mapping[str, Any]) -> str:
    """Return what the names of a weekly picture's files share: ``veckobild_9999_2026-v42_TLP-AMBER``."""
    year, week, _ = date.fromisoformat(picture["week"]["until_day"]).isocalendar()
    head = picture["head"]
    return f"veckobild_{_name_part(head['municipality_code'])}_{year}-v{week:02d}_{_name_part(head['tlp'])}"


def _name_part(text: str) -> str:
    """Return ``text`` for a file name: '06:30' is '0630', 'TLP:AMBER+STRICT' is 'TLP-AMBER-STRICT'."""
    text = re.sub(r"(?<=\d):(?=\d)", "", text)
    return re.sub(r"[^A-Za-z0-9-]+", "-", text).strip("-") or "okand"
