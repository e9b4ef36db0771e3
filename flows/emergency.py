"""The sheet of a morning on which no picture can be made: why, what the last good one said, and what came since.

It leans on as little as there is: the journal, the last published numbers, and what of the settings can be read. Each
part that fails is left out. No text of a delivery is on it.
"""

from __future__ import annotations

import csv
import errno
import json
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from flows.store import Store
from warehouse.files import write_bytes
from warehouse.publish.formats import Formats, visible

#: Bytes kept free for this page on a disk that is full: it takes about 10 kB, with what is beside it.
RESERVE_BYTES = 256_000

_STYLE = (
    "body{font-family:sans-serif;margin:1.5rem;max-width:50rem}table{border-collapse:collapse}"
    "td,th{border:1px solid #666;padding:.2rem .5rem;text-align:left}"
    ".why{border:3px solid #000;padding:.5rem 1rem}@page{size:A4;margin:12mm}"
)


@cache
def texts(language: str) -> Mapping[str, str]:
    """The page's words in 'sv' or 'en'."""
    with Path(__file__).with_name("emergency_words.csv").open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row[language] for row in csv.DictReader(lines)}


@dataclass(frozen=True)
class Known:
    """What can be said without a picture. ``received`` by feed: title, received last, deliveries since ``last_at``."""

    town: str = ""
    language: str = "sv"
    zone: tzinfo = UTC
    tlp: str = "TLP:AMBER"
    last_at: datetime | None = None
    last_lines: tuple[str, ...] = ()
    last_sheet: str | None = None
    received: Mapping[str, tuple[str, datetime | None, int]] | None = field(default_factory=dict)

    @property
    def formats(self) -> Formats:
        return Formats(self.language, cast(ZoneInfo, self.zone))


def known_of(store: Store, raw: Mapping[str, Any], folder: Path | None, now: datetime) -> Known:
    """What ``store`` and the raw municipality.toml (``raw``, of the settings ``folder``) tell. Never raises."""
    last_at: datetime | None = None
    last_lines: tuple[str, ...] = ()
    last_sheet: str | None = None
    head: dict[str, Any] = {}
    language = "en" if raw.get("language") == "en" else "sv"
    with suppress(Exception):
        last_at, last_lines, last_sheet, head = _last(store, now, language)
    zone: tzinfo = UTC
    with suppress(Exception):
        zone = ZoneInfo(str(raw.get("timezone") or "Europe/Stockholm"))
    received = None
    with suppress(Exception):
        received = _received(store, folder, language, last_at)
    return Known(
        str(raw.get("name") or head.get("municipality_name") or ""),
        language,
        zone,
        # The label of what is quoted; without a picture that of the municipality.
        str(head.get("tlp") or raw.get("tlp") or "TLP:AMBER"),
        last_at,
        last_lines,
        last_sheet,
        received,
    )


def _last(store: Store, now: datetime, language: str) -> tuple[datetime, tuple[str, ...], str | None, dict[str, Any]]:
    from flows.sheets import newest_picture, sheet_beside
    from warehouse.publish.lines import five_lines

    newest = newest_picture(store, now)
    assert newest is not None
    at, path = newest
    lines: tuple[str, ...] = ()
    head: dict[str, Any] = {}
    with suppress(Exception):
        picture = json.loads(path.read_bytes())
        head = picture["head"]
        lines = tuple(five_lines(picture, language))
    sheet = sheet_beside(path)
    return at, lines, sheet.name if sheet else None, head


def _received(
    store: Store, folder: Path | None, language: str, since: datetime | None
) -> dict[str, tuple[str, datetime | None, int]]:
    titles: dict[str, str] = {}
    with suppress(Exception):
        feeds = tomllib.loads((folder / "feeds.toml").read_text(encoding="utf-8")) if folder else {}
        titles = {feed: str(table[f"title_{language}"]) for feed, table in feeds.items()}
    last: dict[str, datetime] = {}
    count: Counter[str] = Counter()
    from warehouse.landing import Landed

    for entry in store.landing.entries():
        if isinstance(entry, Landed):
            last[entry.feed] = max(entry.received_at, last.get(entry.feed, entry.received_at))
            count[entry.feed] += since is None or entry.received_at > since
    return {feed: (titles.get(feed, feed), last.get(feed), count[feed]) for feed in dict.fromkeys([*titles, *last])}


def page(known: Known, cause: str, detail: str, now: datetime) -> str:
    """The page, of ``now`` (UTC). ``cause`` is a word of results.cause_of, ``detail`` the fault in words."""
    words, formats = texts(known.language), known.formats
    local = now.astimezone(known.zone)
    zone = words["utc"] if known.zone is UTC else ""
    title = words["title"].format(town=known.town).strip()
    made = words["made"].format(day=formats.long_day(local.date()), clock=formats.time(local), zone=zone)
    parts = [
        f'<!DOCTYPE html>\n<html lang="{known.language}"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_safe(title)}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{_safe(title)}</h1><p><strong>{_safe(made[:1].upper() + made[1:])} · {_safe(known.tlp)}</strong></p>",
        f'<div class="why"><p><strong>{_safe(words["not_a_picture"])}</strong></p>',
        f"<p>{_safe(words.get(f'why.{cause}', words['why.fault']))}</p></div>",
        f"<p>{_safe(words['do'])}</p><h2>{_safe(words['last'])}</h2>",
    ]
    if known.last_at is None:
        parts.append(f"<p>{_safe(words['last.none'])}</p>")
    else:
        hours = formats.number((now - known.last_at) / timedelta(hours=1))
        told = [f"<li>{_safe(line)}</li>" for line in known.last_lines]
        parts += [f"<p>{_safe(words['last.age'].format(hours=hours))}</p><ul>", *told, "</ul>"]
        if known.last_sheet:
            link = f'<a href="{_safe(known.last_sheet)}">{_safe(known.last_sheet)}</a>'
            parts.append(f"<p>{_safe(words['last.file']).format(file=link)}</p>")
    parts.append(f"<h2>{_safe(words['feeds'])}</h2>")
    parts += _table(known, words, formats, local) if known.received else [f"<p>{_safe(words['feeds.none'])}</p>"]
    parts.append(f"<p><small>{_safe(words['detail'].format(detail=detail))}</small></p></main></body></html>")
    return "\n".join(parts) + "\n"


def _table(known: Known, words: Mapping[str, str], formats: Formats, local: datetime) -> list[str]:
    heads = "".join(f'<th scope="col">{_safe(words[f"feeds.{name}"])}</th>' for name in ("feed", "received", "since"))
    rows = [f"<table><thead><tr>{heads}</tr></thead><tbody>"]
    for title, at, count in (known.received or {}).values():
        when = formats.moment(at.isoformat(), local.date()) if at else words["never"]
        rows.append(f"<tr><td>{_safe(title)}</td><td>{_safe(when)}</td><td>{count}</td></tr>")
    return [*rows, "</tbody></table>"]


def _safe(text: str) -> str:
    return escape(visible(text))


def write_page(store: Store, known: Known, content: str, now: datetime) -> Path | None:
    """Put the page where the sheet should be, and ``latest.html``; returns where it is.

    On a full disk the bytes kept for it are let go; where nothing can be written there, it is put into the folder for
    temporary files; None where not even that can be written to.
    """
    local = now.astimezone(known.zone)
    name = f"nodblad_{local:%Y-%m-%d_%H%M}_{known.language}.html"
    for _ in range(2):
        try:
            target = store.published / name
            write_bytes(target, content.encode())
            write_bytes(store.published / "latest.html", content.encode())
            return target
        except OSError as error:
            if error.errno != errno.ENOSPC or not let_reserve_go(store):
                break
    with suppress(OSError):
        aside = Path(tempfile.mkdtemp(prefix="lagesbild-")) / name
        aside.write_text(content, encoding="utf-8")
        return aside
    return None


def keep_reserve(store: Store) -> None:
    """Keep some bytes of the disk for a morning on which it is full. Raises OSError."""
    reserve = store.folder / "reserve"
    if not reserve.exists():
        write_bytes(reserve, b"\0" * RESERVE_BYTES)


def let_reserve_go(store: Store) -> bool:
    """Free them; whether there were any."""
    try:
        (store.folder / "reserve").unlink()
        return True
    except OSError:
        return False
