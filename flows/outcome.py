"""What a run leaves in Prefect's record: an outcome per feed, a link to the sheet, an event; ids, counts, paths only.

All of it is told when the work is done and the lock is free. A server that went away meanwhile costs the telling,
never the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from prefect import runtime
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.exceptions import PrefectException

from flows.events import PUBLISHED, emit, tell_change
from flows.results import FeedResult, PictureResult

#: What a run says that goes because one like it waits to begin, or is at it.
ANOTHER_WAITS = "another run waits to begin, and takes in what this one came for"
ANOTHER_RUNS = "another run of this job is at it; nothing was changed"


DONE_SINCE = "a run that began after this one was due has done what it was due for"


def due() -> datetime | None:
    """When this run was due, where a worker started it by a deployment; None for one that somebody started here."""
    if not runtime.deployment.id:
        return None
    at: datetime = runtime.flow_run.scheduled_start_time
    return at


def tell_feeds(results: Sequence[FeedResult], wants_picture: bool) -> None:
    """The outcome table; where a picture should follow (``wants_picture``) also an event for each feed that changed."""
    if results:
        _told(create_table_artifact, key="outcome", table=[_row(r) for r in results], description="What each feed gave")
    if wants_picture:
        for result in results:
            tell_change(result)


def tell_picture(result: PictureResult | None, sheet: Path | None = None) -> None:
    """A link to the sheet, and the event that it is out."""
    sheet = sheet or (result.sheet if result else None)
    if result is None or sheet is None:
        return
    _told(create_link_artifact, key="sheet", link=sheet.as_uri(), link_text=sheet.name, description="The sheet")
    emit(PUBLISHED, "lagesbild.picture", warnings=len(result.warnings), degraded=int(result.is_minimal))


def _row(result: FeedResult) -> dict[str, Any]:
    done = result.ingested
    return {
        "feed": result.feed,
        "status": result.status,
        "cause": result.cause or "",
        **({name: getattr(done, name) for name in _COUNTS} if done else dict.fromkeys(_COUNTS, "")),
    }


_COUNTS = ("deliveries", "quarantined", "seen", "accepted", "rejected", "duplicate")


def _told(create: Any, **values: Any) -> None:
    try:
        create(**values)
    except (httpx.HTTPError, PrefectException, RuntimeError):
        return
