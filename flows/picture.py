"""The flow that makes the picture from what has been received: settings + lake → tables → checks → sheet."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow, task

from flows import job
from flows.opened import open_house
from flows.store import Run, Store


@task(name="make-picture")
def picture_task(moment: datetime, data: str, settings_name: str, is_past: bool) -> job.PictureResult:
    """The picture as of ``moment``, in the lock its flow holds."""
    settings, _ = open_house(settings_name, data)
    return job.make_picture(Store.at(data), settings, Run.start(), moment, is_past=is_past)


@flow(name="picture", log_prints=False)
def picture(
    settings: str, data: str | None = None, at: datetime | None = None, wait_s: float = 600.0
) -> job.PictureResult:
    """The picture of the municipality ``settings`` as of now, or as it was known ``at`` a moment with an offset."""
    _, store = open_house(settings, data)
    if at is not None and at.tzinfo is None:
        raise ValueError("at: give the moment with its offset from UTC")
    with store.writing("picture", wait_s):
        moment = (at or datetime.now(UTC)).astimezone(UTC)
        return picture_task(moment, str(store.folder), settings, at is not None)
