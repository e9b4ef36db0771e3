"""The moment a command is asked for: ``--at``, in the municipality's local time or with an offset of its own."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.times import to_utc
from flows.console import Console
from flows.opened import UsageError
from flows.refresh import past_moment

if TYPE_CHECKING:
    from flows.settings import Settings


def moment_of(text: str, settings: Settings, complain: Callable[[str], None] = lambda _: None) -> datetime:
    """The UTC instant of a local time, or of one with an offset. Raises UsageError.

    A local time that the change of the clock skipped, or that comes twice, is read as everywhere in the house
    (``connectors.times``); which instant that is, is told to ``complain``.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo:
            return moment.astimezone(UTC)
        instant, is_ambiguous, in_gap = to_utc(moment, settings.timezone)
    except (ValueError, OverflowError):
        raise UsageError(
            f'--at {text!a}: write a moment as "2025-10-24 06:00", local time, or with an offset'
        ) from None
    meant = f"{instant.astimezone(settings.timezone).isoformat(' ', 'minutes')} is meant"
    if is_ambiguous:
        complain(f"--at {text}: that time came twice; {meant}, the first. Write the offset for the other")
    elif in_gap:
        complain(f"--at {text}: the clock was put forward past that time; {meant}")
    return instant


def past_moment_of(
    arguments: argparse.Namespace, settings: Settings, now: datetime, console: Console
) -> datetime | None:
    """The past instant (UTC) that ``--at`` names; None without one. Raises UsageError."""
    try:
        return past_moment(moment_of(arguments.at, settings, console.complain) if arguments.at else None, now)
    except ValueError as error:
        raise UsageError(f"--at {arguments.at}: {error}") from None
