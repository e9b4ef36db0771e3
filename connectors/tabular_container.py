"""What a file is that is not the table it should be, in words that say what to do. Nothing is unpacked here."""

from __future__ import annotations

import io
import re
import zipfile

from connectors.kit import DeliveryError
from connectors.tabular_xlsx import BROKEN_ZIP

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"

#: The first bytes are enough to tell a web page or JSON from a table.
_SNIFFED = 512


def refuse_container_as_text(body: bytes) -> None:
    """Raise DeliveryError ``format_unexpected`` where bytes that should be separated text are a container of another
    kind."""
    if body.startswith(_PDF):
        raise DeliveryError("format_unexpected", "filen är en PDF; be avsändaren om CSV eller xlsx")
    if body.startswith(_ZIP):
        found = what_zip(body)
        wanted = "packa upp det" if found == "ett zip-arkiv" else "spara som CSV"
        raise DeliveryError("format_unexpected", f"filen är {found} men mappningen väntar CSV; {wanted}")
    if body.startswith(_OLE):
        found = "en gammal eller lösenordsskyddad arbetsbok (.xls)"
        raise DeliveryError("format_unexpected", f"filen är {found} men mappningen väntar CSV; spara som CSV")


def what_zip(body: bytes) -> str:
    """What a zip is by the names of its members: a workbook, a text document or an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
    except (ValueError, *BROKEN_ZIP):
        return "ett skadat eller avkortat zip-arkiv"
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "en arbetsbok"
    if "word/document.xml" in names:
        return "ett Word-dokument"
    return "ett kalkylark eller dokument från LibreOffice" if "mimetype" in names else "ett zip-arkiv"


def what_it_is(body: bytes) -> str | None:
    """What text is that holds no header of the table; None where it may be a table after all."""
    opening = body[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(?:!doctype html|html|head|body|table|meta|script|style|div)\b", opening):
        return "filen är en webbsida: en inloggning, ett felmeddelande eller en export till Excel i HTML"
    if opening.startswith(b"<"):
        return "filen är XML"
    return "filen är JSON" if re.match(rb"[\[{]\s*[\[{\"]", opening) else None
