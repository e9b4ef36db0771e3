"""Telling the Prefect server that something happened: ids and counts, never what was said.

    lagesbild.delivery.landed     a delivery of lagesbild.feed.<feed> has landed, and waits to be read
    lagesbild.feed.changed        the lake says something else of lagesbild.feed.<feed> than it did
    lagesbild.picture.published   a sheet is out

The triggers that answer stand in ``prefect.yaml``. An event may be lost – no server, a busy one – so nothing
depends on one: whatever an event starts also runs on its clock.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.server_api import ServerAway, api_url, ask

if TYPE_CHECKING:
    from flows.results import FeedResult

LANDED = "lagesbild.delivery.landed"
CHANGED = "lagesbild.feed.changed"
PUBLISHED = "lagesbild.picture.published"

#: What an event may be about: words of ours with dots between them. A file's name or a partner's word is none.
_RESOURCE = re.compile(r"lagesbild(\.[a-z][a-z0-9_]{0,60}){1,3}")


def emit(name: str, resource: str, **counts: int) -> bool:
    """Send one event about ``resource`` (``lagesbild.feed.<feed>``); True when a server has taken it.

    Never raises and never takes longer than a few seconds: who emits has already done its work. Refused, and so
    False, is what is no name, resource or whole number of ours: an event is seen by everybody who sees the server.
    """
    if api_url() is None or name not in (LANDED, CHANGED, PUBLISHED) or not _RESOURCE.fullmatch(resource):
        return False
    if not all(isinstance(count, int) and not isinstance(count, bool) for count in counts.values()):
        return False
    event = {
        "id": str(uuid.uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": resource, "prefect.resource.name": resource.rsplit(".", 1)[-1]},
        "payload": counts,
    }
    try:
        ask("POST", "/events", [event])
    except ServerAway:
        return False
    return True


def feed_resource(feed: str) -> str:
    """The id by which events and triggers know a feed."""
    return f"lagesbild.feed.{feed}"


def tell_change(result: FeedResult) -> bool:
    """Emit that the feed's part of the lake is another now; nothing where nothing was read, or only what was known.

    A source asked every quarter of an hour mostly says the same again: that it was heard can wait for the picture's own
    clock.
    """
    done = result.ingested
    if done is None or not (done.versions or done.rejected or done.quarantined or done.remade):
        return False
    return emit(
        CHANGED,
        feed_resource(result.feed),
        deliveries=done.deliveries,
        quarantined=done.quarantined,
        accepted=done.accepted,
        rejected=done.rejected,
        duplicate=done.duplicate,
    )
