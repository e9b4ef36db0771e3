"""Which earlier picture sections 5 and 6 are compared with, and what it said.

Of the whole municipality it is the newest recorded one that lay on the table at the last meeting, whatever the settings
count the news of section 4 from: only a picture that was published has said anything. A part of the municipality is
compared with the newest picture of the same part.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.pictures import Recorded, recorded, recorded_as, recorded_back

if TYPE_CHECKING:
    from flows.store import Store

Said = dict[str, Any]


def said_by_meeting(store: Store, met: datetime, moment: datetime) -> tuple[Said | None, str]:
    """What the picture said that a meeting begun by ``met`` had, and its hash; (None, "") where there was none.

    ``moment`` is the new picture's: it is never compared with itself or a later one.
    """
    for at, line in recorded_back(store):
        if at <= met and at < moment and (record := recorded(line)) and (said := said_of(store, record)):
            return said, record.picture_hash
    return None, ""


def said_again(store: Store, record: Recorded) -> tuple[Said | None, str | None]:
    """What the recorded picture was compared with, and why that cannot be told (None where it can)."""
    if record.earlier is None:
        return None, "made before pictures were compared with earlier ones"
    if not record.earlier:
        return None, None
    for one in recorded_as(store, record.earlier):
        if said := said_of(store, one):
            return said, None
    return None, f"the picture it was compared with ({record.earlier[:12]}) is no longer recorded"


def said_of(store: Store, record: Recorded) -> Said | None:
    """What a recorded picture said; of one recorded before that was written down, its published numbers say it."""
    if record.said is not None:
        return dict(record.said)
    from warehouse.publish.published import published_back

    for at, path in published_back(store.published, record.moment_at):
        if at < record.moment_at:
            break
        if record.picture_hash.encode() in (content := path.read_bytes()):
            return _said_by(content)
    return None


def said_of_part(folder: Path, moment: datetime) -> Said | None:
    """What the newest picture before ``moment`` among those published in a part's own ``folder`` said."""
    from warehouse.publish.published import published_back

    before = (path for at, path in published_back(folder, moment) if at < moment)
    return next((said for path in before if (said := _said_by(path.read_bytes()))), None)


def _said_by(content: bytes) -> Said | None:
    """None for a picture that another program wrote in another shape: nothing is compared with half of one."""
    from warehouse.earlier import said_by

    try:
        return said_by(json.loads(content))
    except (ValueError, KeyError, TypeError):
        return None
