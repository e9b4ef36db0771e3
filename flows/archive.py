"""An archive of deliveries that carry their own times: reading a folder of them into the landing zone."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.kit import visible
from connectors.times import to_utc
from flows.hear import FILE_BYTES_CAP, read_still
from flows.store import Run, Store
from warehouse.landing import Arrival

#: A date and, mostly, a time in a file's name: 2025-10-19T043315Z, 20251019_0433, 2025-10-19.
MOMENT = re.compile(
    r"(?<!\d)(?P<y>20\d\d)-?(?P<m>[01]\d)-?(?P<d>[0-3]\d)"
    r"(?:[T_ -]?(?P<H>[0-2]\d)[:.-]?(?P<M>[0-5]\d)(?:[:.-]?(?P<S>[0-5]\d))?(?P<Z>Z)?)?(?!\d)"
)

#: Files of an archive, or bytes of them, that are landed at once: folders and the journal are made durable once for all
#: of them. Bounds what is held in memory, and how long a delivery of tonight waits behind them: about a second.
BATCH_FILES = 256
BATCH_BYTES = 32_000_000


@dataclass
class Archived:
    """What a folder gave: how many files were landed, known already, or passed over and why."""

    landed: int = 0
    known: int = 0
    passed_over: list[tuple[str, str]] = field(default_factory=list)


def moment_in_name(name: str, zone: ZoneInfo) -> datetime | None:
    """The UTC instant a file name states, or None.

    ``Z`` means UTC, else the feed's own zone. A date alone means the end of that day: a delivery for a day
    cannot have been whole before, and a picture of the past must not know it too early.
    """
    found = MOMENT.search(name)
    if not found:
        return None
    try:
        day = datetime(int(found["y"]), int(found["m"]), int(found["d"]))  # noqa: DTZ001 (made UTC below)
        if found["H"] is None:
            local = day + timedelta(days=1)
        else:
            local = day.replace(hour=int(found["H"]), minute=int(found["M"]), second=int(found["S"] or 0))
    except ValueError:
        return None
    return local.replace(tzinfo=UTC) if found["Z"] else to_utc(local, zone).instant


def land_archive(store: Store, feed: str, folder: Path, zone: ZoneInfo, run: Run) -> Archived:
    """Land every file of ``folder`` whose name states when it was received; ``.gz`` is the archive's own wrapping.

    Raises FileNotFoundError where there is no such folder. Twice, or in any order, gives the same journal content.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    result = Archived()
    found = []
    for path in sorted(folder.iterdir(), key=lambda p: p.name.encode("utf-8", "surrogateescape")):
        if path.is_dir():
            result.passed_over.append((visible(path.name), "is a folder; read it by a back-fill of its own"))
            continue
        moment = moment_in_name(path.name, zone)
        if moment is None:
            result.passed_over.append((visible(path.name), "no time of receipt in its name"))
        elif moment > run.now():
            result.passed_over.append((visible(path.name), "its name states a time that has not come yet"))
        else:
            found.append((moment, path))
    found.sort(key=lambda item: (item[0], item[1].name))
    batch: list[Arrival] = []
    size = 0
    for number, (moment, path) in enumerate(found, start=1):
        body = read_still(path, settle_s=0.0)
        if not isinstance(body, str) and path.suffix == ".gz":
            body = unzipped(body)
        if isinstance(body, str):
            result.passed_over.append((visible(path.name), body))
        else:
            batch.append(Arrival(body, moment, visible(path.name.removesuffix(".gz"), 200)))
            size += len(body)
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES or number == len(found):
            landed = store.landing.land_all(feed, batch, landed_at=run.now(), run_id=run.run_id)
            result.known += landed.count(None)
            result.landed += len(landed) - landed.count(None)
            run.progress(f"{feed}: {number} of {len(found)} files landed", number / len(found))
            batch, size = [], 0
    return result


def unzipped(body: bytes, cap: int = FILE_BYTES_CAP) -> bytes | str:
    """The content of a gzip file, or in words why not. Stops at ``cap`` bytes, so that a bomb does no harm."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = unpack.decompress(body, cap)
    except zlib.error:
        return "is no whole gzip file"
    if unpack.unconsumed_tail:
        return f"unpacks to more than {cap} bytes"
    return content if unpack.eof else "is no whole gzip file"
