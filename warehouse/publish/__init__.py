"""Publishing: the picture tables as a page to print and a file to compute with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from warehouse.connection import connect
from warehouse.files import write_bytes
from warehouse.publish.companions import write_companions
from warehouse.publish.methods import methods_page
from warehouse.publish.minimal import render_minimal
from warehouse.publish.naming import methods_name, picture_stem
from warehouse.publish.picture_json import canonical_json, read_picture
from warehouse.publish.published import published_back
from warehouse.publish.sheet import render
from warehouse.publish.words import words as texts_in

__all__ = ["Published", "publish", "published_back", "read_picture"]


@dataclass(frozen=True)
class Published:
    """What was published. ``degraded`` names, per language, the exception that made the page a plain one.

    ``incomplete`` names, by kind of file (map, tables, mail, schema, methods), why it does not stand beside the sheet.
    """

    sheet: Path
    picture_json: Path
    picture_hash: str
    sheets: dict[str, Path]
    latest: Path
    degraded: dict[str, str]
    incomplete: dict[str, str] = field(default_factory=dict)

    @property
    def is_degraded(self) -> bool:
        """Whether any page is the plain one."""
        return bool(self.degraded)


def publish(
    database: Path,
    folder: Path,
    languages: Sequence[str] = ("sv",),
    notice: str = "",
    chain: tuple[str, str] | None = None,
    picture: dict[str, Any] | None = None,
) -> Published:
    """Write the sheet in each language, ``picture_….json`` and what stands beside them into ``folder``.

    File names carry municipality, local day and time, and the TLP label:
    ``utsattningsblad_9999_2026-10-16_0630_TLP-AMBER_sv.html``. ``latest.html`` is the first language's page once
    more, ``latest_en.html`` another's; neither is touched by a picture older than one already there. Each file
    is replaced whole or not at all, the JSON first, so that a page never stands without its numbers. If the page
    cannot be rendered it is the plain one (see ``Published.degraded``); the exception's class is kept and its
    text is not, since it may hold payload. ``notice`` is a sentence that stands above everything else on the page,
    ``chain`` (where the house's journals stood, and its code) what stands at its foot; the plain page, of which
    there is no record, has none. ``picture`` is what ``read_picture`` says of ``database``, where its builder has
    asked already.

    Raises ValueError for no language, or when the database lacks a table or column of the picture;
    duckdb.Error when it cannot be read; OSError when a file cannot be written.
    """
    if not languages:
        raise ValueError("publish needs at least one language")
    if picture is None:
        with connect(database, read_only=True) as connection:
            picture = read_picture(connection)
    head = picture["head"]
    stem = picture_stem(picture)
    data = folder / f"picture_{stem}.json"
    write_bytes(data, canonical_json(picture))
    # A picture made of the past must not stand as today's.
    is_newest = datetime.fromisoformat(head["moment_at"]) == next(published_back(folder))[0]
    sheets: dict[str, Path] = {}
    pages: dict[str, bytes] = {}
    degraded: dict[str, str] = {}
    for language in languages:
        page, fault = _page(picture, language, notice, chain)
        if fault:
            degraded[language] = fault
        sheets[language] = folder / f"utsattningsblad_{stem}_{language}.html"
        write_bytes(sheets[language], page)
        pages[language] = page
    incomplete = _write_beside(picture, folder, stem, languages)
    if is_newest:
        for language, page in pages.items():
            write_bytes(folder / ("latest.html" if language == languages[0] else f"latest_{language}.html"), page)
    return Published(
        sheet=sheets[languages[0]],
        picture_json=data,
        picture_hash=picture["picture_hash"],
        sheets=sheets,
        latest=folder / "latest.html",
        degraded=degraded,
        incomplete=incomplete,
    )


def _write_beside(picture: dict[str, Any], folder: Path, stem: str, languages: Sequence[str]) -> dict[str, str]:
    """Write the methods pages and the companions; return what is missing. Nothing here may cost the sheet."""
    incomplete: dict[str, str] = {}
    for language in languages:
        try:
            write_bytes(folder / methods_name(picture, language), methods_page(picture, language).encode())
        except Exception as fault:
            incomplete["methods"] = type(fault).__name__
    try:
        incomplete |= write_companions(picture, folder, stem)
    except OSError as fault:
        incomplete["folder"] = type(fault).__name__
    return incomplete


def _page(
    picture: dict[str, Any], language: str, notice: str, chain: tuple[str, str] | None
) -> tuple[bytes, str | None]:
    try:
        return _noticed(_chained(render(picture, language), language, chain), notice), None
    except Exception as fault:
        # Any fault at all: a plain page at 06.15 is worth more than a good one never. It is reported, not hidden.
        return _noticed(render_minimal(picture, language), notice), type(fault).__name__


def _chained(page: str, language: str, chain: tuple[str, str] | None) -> str:
    """The page with the anchor of the house's journals: at the end of the foot's first line, which has room."""
    if chain is None:
        return page
    anchor, code = map(escape, chain)
    told = f' · {escape(texts_in(language)["footer.chain"])} <code class="chain" title="{anchor}">{code}</code>'
    before, foot, after = page.partition("<footer>")
    return before + foot + after.replace("</p>", f"{told}</p>", 1)


def _noticed(page: str, notice: str) -> bytes:
    if notice:
        told = f"\n<p><strong>{escape(notice)}</strong></p>"
        page = re.sub(r"<main[^>]*>", lambda main: main[0] + told, page, count=1)
    return page.encode()
