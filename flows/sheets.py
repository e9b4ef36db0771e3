"""The published sheets: which of them must be kept, and is one of today's out."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flows.make_picture import last_meeting

if TYPE_CHECKING:
    from flows.settings import Settings
    from flows.store import Store

#: Days every sheet is kept. What was shown in between is asked after within the month or not at all, and any of them
#: can be made again with `lagesbild picture --at`. Decided 2026-11-26.
KEEP_ALL_DAYS = 30


def newest_sheet(store: Store, now: datetime) -> datetime | None:
    """The moment of the newest sheet of the whole municipality that is out; None where there is none.

    A sheet dated after ``now`` was made while the clock was wrong, and counts for nothing.
    """
    newest = newest_picture(store, now)
    return newest[0] if newest else None


def newest_picture(store: Store, now: datetime) -> tuple[datetime, Path] | None:
    """The newest sheet's moment and its numbers (``picture_….json``), as ``newest_sheet`` counts; None without one."""
    from warehouse.publish.published import published_back

    return next(published_back(store.published, now), None)


def newest_page(store: Store, now: datetime) -> Path | None:
    """The page of the newest good sheet, as ``newest_sheet`` counts; None where none is out."""
    newest = newest_picture(store, now)
    return sheet_beside(newest[1]) if newest else None


def sheet_beside(picture: Path) -> Path | None:
    """The page of a published picture's numbers (``picture_….json``); None where it is gone."""
    stem = picture.stem.removeprefix("picture_")
    return next(iter(sorted(picture.parent.glob(f"utsattningsblad_{stem}_*.html"))), None)


def emergency_page(store: Store) -> Path | None:
    """The *nödblad* that lies in the sheet's place now; None where a good sheet does, or nothing.

    Asked of the bytes that lie there: what was put in its place since has taken them away.
    """
    try:
        latest = (store.published / "latest.html").read_bytes()
        return next((page for page in store.published.glob("nodblad_*.html") if page.read_bytes() == latest), None)
    except OSError:
        return None


def thin_published(folder: Path, settings: Settings, now: datetime) -> int:
    """Of pictures older than KEEP_ALL_DAYS keep the one each day's meeting had; returns how many were let go.

    A sheet is made each time something arrives. The meeting's is what "since last" counts from and what was decided
    over; where a day's meeting had none newer, its day's last one stands in. The parts below ``folder`` go alike.
    """
    from warehouse.publish.companions import PREFIX
    from warehouse.publish.published import published_back

    count = 0
    parts = (path for path in folder.glob("*") if path.is_dir() and not path.name.startswith(PREFIX))
    for place in (folder, *parts):
        by_meeting: dict[datetime, list[tuple[datetime, Path]]] = defaultdict(list)
        for moment, path in published_back(place, now - timedelta(days=KEEP_ALL_DAYS)):
            made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)  # one of a past moment may be new itself
            if made_at < now - timedelta(days=KEEP_ALL_DAYS):
                by_meeting[last_meeting(settings, moment)].append((moment, path))
        for made in by_meeting.values():
            # Between two meetings the newest is what the second of them had.
            for _, path in sorted(made)[:-1]:
                count += 1
                _let_go(path)
    return count


def _let_go(path: Path) -> None:
    """The sheets first, so that a page never stands without its numbers; then what stands beside them."""
    from warehouse.publish.companions import remove_companions

    stem = path.stem.removeprefix("picture_")
    for sheet in path.parent.glob(f"*_{stem}_*.html"):
        sheet.unlink()
    remove_companions(path.parent, stem)
    path.unlink()
