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
from connectors.tabular_container import what_it_is, what_zip
from connectors.tabular_xlsx import BROKEN_ZIP, CELL_TYPES

#: What the zip directory may declare: members, bytes unpacked in all. A report of 100,000 rows has about 20
#: members and unpacks to 60 MB.
MEMBER_CAP, UNPACKED_CAP = 1_000, 400_000_000

#: Wall-clock seconds for the child: above its processor limit, so that a child that waits is ended too.
TIMEOUT_SECONDS = 90

_SAVE_AS = "spara som CSV eller xlsx"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


#: The rows of one sheet: the cells' texts, and a letter each for their types (see ``CELL_TYPES``).
Sheet = list[tuple[list[str], str]]


def read_workbook(body: bytes, sheet: str | None) -> list[Sheet]:
    """The named sheet of a workbook, or all visible ones in the book's order.

    Raises DeliveryError when the file is not an xlsx, declares
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
    sheets: list[Sheet] = []
    for line in lines.splitlines():
        if (row := json.loads(line)) is None:  # a sheet begins
            sheets.append([])
        else:
            sheets[-1].append((row[0], row[1]))
    return sheets


def refuse_container(body: bytes) -> None:
    """Raise DeliveryError when the bytes are not an unprotected xlsx of sane size. Opens nothing."""
    if body.startswith(_OLE):
        detail = f"filen är en lösenordsskyddad arbetsbok eller gammal .xls; {_SAVE_AS} utan lösenord"
        raise DeliveryError("workbook_protected_or_old", detail)
    if not body.startswith(b"PK\x03\x04"):
        raise DeliveryError("not_a_workbook", _not_a_zip(body))
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
    except (ValueError, *BROKEN_ZIP):
        detail = "arbetsboken är skadad eller avkortad; spara och skicka den på nytt"
        raise DeliveryError("workbook_damaged", detail) from None
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        found = what_zip(body)
        wanted = "packa upp det" if found == "ett zip-arkiv" else _SAVE_AS
        found = "en arbetsbok av annat slag (.xlsb)" if found == "en arbetsbok" else found
        raise DeliveryError("workbook_format", f"filen är {found} men mappningen väntar xlsx; {wanted}")
    if any(member.flag_bits & 1 for member in members):
        raise DeliveryError("workbook_protected_or_old", f"arbetsboken är lösenordsskyddad; {_SAVE_AS} utan lösenord")
    if len(members) > MEMBER_CAP or sum(member.file_size for member in members) > UNPACKED_CAP:
        detail = f"arbetsboken packar upp till mer än {UNPACKED_CAP // 1_000_000} MB eller {MEMBER_CAP} delar"
        raise DeliveryError("workbook_too_large", f"{detail}; {_SAVE_AS} i mindre delar")


def _not_a_zip(body: bytes) -> str:
    """What bytes are that are no workbook, and what to do about it."""
    if body.startswith(b"%PDF"):
        return "filen är en PDF; be avsändaren om xlsx"
    if found := what_it_is(body):
        return f"{found}; {_SAVE_AS}"
    if b"\x00" not in body[:4096]:
        return (
            'filen är text, kanske CSV, men mappningen väntar xlsx; be om xlsx, eller skriv kind = "csv" i mappningen'
        )
    return f"filen är ingen arbetsbok; {_SAVE_AS}"


__all__ = ["CELL_TYPES", "Sheet", "read_workbook", "refuse_container"]
