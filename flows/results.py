"""What one run made of a feed, of the picture and of everything, and how a fault is told without payload."""

from __future__ import annotations

import errno
import os
import traceback
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.circuit import FILES_WAIT
from flows.ingest import Ingested

#: Exit codes, as the command line documents them.
PUBLISHED, DEGRADED, NOT_PUBLISHED = 0, 3, 4

#: What a disk says that takes nothing more: whoever reads the fault must know that it is the disk.
DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)

#: What a flow says when there is no new sheet.
NO_SHEET = "no new sheet; the last good one stands. `lagesbild picture` says why"


@dataclass
class FeedResult:
    """What one run made of one feed."""

    feed: str
    status: str  # ok, nothing_new, failed or skipped
    cause: str | None = None
    detail: str | None = None
    ingested: Ingested | None = None

    @property
    def is_degraded(self) -> bool:
        is_whole = self.status not in ("failed", "skipped") and self.cause != FILES_WAIT
        return not is_whole or bool(self.ingested and self.ingested.quarantined)


@dataclass
class PictureResult:
    """Where the picture stands, or why there is none. ``warnings`` are the checks that warned."""

    sheet: Path | None = None
    sheets: dict[str, Path] = field(default_factory=dict)  # by language
    picture_json: Path | None = None
    picture_hash: str | None = None
    moment: datetime | None = None
    warnings: list[str] = field(default_factory=list)
    fault: str | None = None
    cause: str | None = None  # the fault in one word: see cause_of
    notice: str | None = None  # why the sheet is not made as it should be; printed on it
    emergency: Path | None = None  # the page that stands in where no picture could be made
    verdict: str | None = None  # of a picture made again: is it the one that was published
    is_minimal: bool = False

    def sheet_in(self, language: str | None) -> Path | None:
        """The sheet in ``language``; in the municipality's own where there is none in that."""
        return self.sheets.get(language or "", self.sheet)


@dataclass
class RunResult:
    """What a whole run came to, and the exit code that says it in one number."""

    run_id: str
    feeds: list[FeedResult] = field(default_factory=list)
    picture: PictureResult | None = None
    erased_texts: int = 0
    housekeeping_fault: str | None = None
    untold: tuple[str, ...] = ()  # why somebody was not told of it; the sheet is no worse for that

    @property
    def exit_code(self) -> int:
        if self.picture is not None and self.picture.sheet is None:
            return NOT_PUBLISHED
        degraded = any(f.is_degraded for f in self.feeds)
        degraded = degraded or bool(self.picture and (self.picture.is_minimal or self.picture.notice))
        degraded = degraded or self.housekeeping_fault is not None
        return DEGRADED if degraded else PUBLISHED

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "exit_code": self.exit_code}


def cause_of(error: Exception) -> str:
    """What keeps a picture from being made, in one word: lake, check, disk_full, disk, settings, zone or fault."""
    from zoneinfo import ZoneInfoNotFoundError

    from flows.settings_faults import SettingsError
    from warehouse.build import CheckFailed
    from warehouse.manifest import LakeError

    if isinstance(error, LakeError):
        return "lake"
    if isinstance(error, CheckFailed):
        return "check"
    if isinstance(error, SettingsError):
        # Where the zone's own data are gone, every zone is unknown and no settings folder is whole.
        return "zone" if any(fault.key == "timezone" for fault in error.faults) else "settings"
    if isinstance(error, ZoneInfoNotFoundError):
        return "zone"
    full = os.strerror(errno.ENOSPC)
    if full in str(error):  # DuckDB and pyarrow have their own kinds for it, and the system's words
        return "disk_full"
    return "disk" if isinstance(error, OSError) else "fault"


def named(error: Exception) -> str:
    """A fault in words without payload: our own messages whole; else its kind, what the system said, and where."""
    from warehouse.build import CheckFailed
    from warehouse.manifest import LakeError

    if isinstance(error, LakeError | CheckFailed):
        return str(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    # DuckDB and pyarrow have their own kinds for the system's faults, with the system's words somewhere in theirs.
    words = [error.strerror] if isinstance(error, OSError) else [os.strerror(code) for code in DISK_FAULTS]
    said = next((f": {word}" for word in words if word and word in str(error)), "")
    return f"{type(error).__name__}{said} at {Path(where.filename).name}:{where.lineno}"
