"""Workbooks from strangers: what is refused unopened, and the child process that opens the rest."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from connectors.kit import DeliveryError
from connectors.tabular_xlsx import BROKEN_ZIP, CELL_TYPES

#: What the zip directory may declare: members, bytes unpacked in all. A report of 100,000 rows has about 20
#: members and unpacks to 60 MB.
MEMBER_CAP, UNPACKED_CAP = 1_000, 400_000_000

#: Wall-clock seconds for the child: above its processor limit, so that a child that waits is ended too.
TIMEOUT_SECONDS = 90

_SAVE_AS = "spara som CSV eller xlsx"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(body: bytes, sheet: str | None) -> tuple[list[list[str]], list[str]]:
    """(rows of text, one string of type letters per row) of a workbook's sheet; see ``CELL_TYPES``.

    ``sheet`` None means the first visible one. Raises DeliveryError when the file is not an xlsx, declares
    more than the caps, or kills or outlasts the child process that reads it.
    """
    refuse_container(body)
    house = str(Path(__file__).resolve().parent.parent)
    command = [sys.executable, "-m", "connectors.tabular_xlsx", json.dumps({"sheet": sheet})]
    # A clean environment: the child that reads a stranger's file has no secrets to lose.
    environment = {"PYTHONPATH": house, "PATH": os.defpath, "PYTHONIOENCODING": "utf-8"}
    try:
        answer = subprocess.run(
            command,
            input=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        detail = f"arbetsboken gick inte att läsa på {TIMEOUT_SECONDS} sekunder; spara som CSV"
        raise DeliveryError("workbook_unreadable", detail) from None
    lines, _, verdict = answer.stdout.rpartition(b"\n")
    if answer.returncode or not verdict.startswith(b"{"):
        detail = f"läsningen av arbetsboken avbröts (kod {answer.returncode}); spara som CSV"
        raise DeliveryError("workbook_unreadable", detail)
    outcome = json.loads(verdict)
    if outcome["reason"]:
        raise DeliveryError(outcome["reason"], outcome["detail"])
    rows, types = [], []
    for line in lines.splitlines():
        cells, kinds = json.loads(line)
        rows.append(cells)
        types.append(kinds)
    return rows, types


def refuse_container(body: bytes) -> None:
    """Raise DeliveryError when the bytes are not an unprotected xlsx of sane size. Opens nothing."""
    if body.startswith(_OLE):
        detail = f"filen är en lösenordsskyddad arbetsbok eller gammal .xls; {_SAVE_AS} utan lösenord"
        raise DeliveryError("workbook_protected_or_old", detail)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise DeliveryError("not_a_workbook", f"filen är en webbsida eller XML med ändelsen bytt; {_SAVE_AS}")
    if not body.startswith(b"PK\x03\x04"):
        raise DeliveryError("not_a_workbook", f"filen är ingen arbetsbok; {_SAVE_AS}")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
    except (ValueError, *BROKEN_ZIP):
        detail = "arbetsboken är skadad eller avkortad; spara och skicka den på nytt"
        raise DeliveryError("workbook_damaged", detail) from None
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise DeliveryError("workbook_format", f"arbetsboken är .xlsb, .ods eller något annat; {_SAVE_AS}")
    if any(member.flag_bits & 1 for member in members):
        raise DeliveryError("workbook_protected_or_old", f"arbetsboken är lösenordsskyddad; {_SAVE_AS} utan lösenord")
    if len(members) > MEMBER_CAP or sum(member.file_size for member in members) > UNPACKED_CAP:
        detail = f"arbetsboken packar upp till mer än {UNPACKED_CAP // 1_000_000} MB eller {MEMBER_CAP} delar"
        raise DeliveryError("workbook_too_large", f"{detail}; {_SAVE_AS} i mindre delar")


__all__ = ["CELL_TYPES", "read_workbook", "refuse_container"]
