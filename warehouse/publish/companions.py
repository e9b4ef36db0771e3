"""What stands beside a published sheet: the map, the tables, five lines for a mail, the schema, a list of it all.

All are made of the same picture as the sheet, in one folder that is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from warehouse.files import remove_folder, write_folder
from warehouse.publish.lines import five_lines
from warehouse.publish.map_geojson import map_geojson
from warehouse.publish.picture_json import SCHEMA_FILE
from warehouse.publish.tables_csv import tables_csv
from warehouse.publish.words import LANGUAGES

#: How the folders are named, before the stem that sheet and picture share.
PREFIX = "underlag_"
#: The list of the folder's files, with their hashes.
CONTENTS = "innehall.json"


def companion_folder(folder: Path, stem: str) -> Path:
    """Return where the files beside the sheet of ``stem`` stand below ``folder``."""
    return folder / f"{PREFIX}{stem}"


def write_companions(picture: Mapping[str, Any], folder: Path, stem: str) -> dict[str, str]:
    """Write the folder beside the sheet; return what could not be made, by kind, as the exception's class.

    Label, day and municipality stand in every file's name (``stem``), since a file is passed on alone. A folder that
    holds the same bytes already is left. Raises OSError; what stood there stands there still.
    """
    files, faults = _contents(picture, stem)
    listed = {
        "picture_hash": picture["picture_hash"],
        "files": [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        ],
    }
    contents = (json.dumps(listed, indent=1, sort_keys=True) + "\n").encode()
    target = companion_folder(folder, stem)
    if not _is_there(target, contents):
        write_folder(target, {**files, CONTENTS: contents})
    return faults


def remove_companions(folder: Path, stem: str) -> None:
    """Remove what stands beside the sheet of ``stem``, if anything does."""
    remove_folder(companion_folder(folder, stem))


def _contents(picture: Mapping[str, Any], stem: str) -> tuple[dict[str, bytes], dict[str, str]]:
    makers: dict[str, Callable[[], dict[str, bytes]]] = {
        "map": lambda: {f"karta_{stem}.geojson": map_geojson(picture)},
        "tables": lambda: {f"{table}_{stem}.csv": content for table, content in tables_csv(picture).items()},
        "mail": lambda: {f"mejl_{stem}_{x}.txt": _mail(picture, x) for x in LANGUAGES},
        "schema": lambda: {SCHEMA_FILE.name: SCHEMA_FILE.read_bytes()},
    }
    files: dict[str, bytes] = {}
    faults: dict[str, str] = {}
    for kind, make in makers.items():
        try:
            files |= make()
        except Exception as fault:
            # The sheet is worth more than what stands beside it. The text of a fault may hold payload: it is not kept.
            faults[kind] = type(fault).__name__
    return files, faults


def _mail(picture: Mapping[str, Any], language: str) -> bytes:
    return "".join(f"{line}\n" for line in five_lines(dict(picture), language)).encode()


def _is_there(target: Path, contents: bytes) -> bool:
    try:
        return (target / CONTENTS).read_bytes() == contents
    except OSError:
        return False
