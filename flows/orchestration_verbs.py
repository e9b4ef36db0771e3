"""The command line of what runs by itself and on demand. Standard library only, like the rest of ``--help``."""

from __future__ import annotations

import argparse
from collections.abc import Callable

Verb = Callable[[str, str], argparse.ArgumentParser]

#: verb → (module, function) that carries it out
CARRIED_OUT_BY = {
    "up": ("flows.up", "up"),
    "down": ("flows.up", "down"),
    "part": ("flows.up", "part"),
    "register": ("flows.up", "register_verb"),
    "drain": ("flows.up", "drain_verb"),
    "briefing": ("flows.on_demand", "briefing"),
    "morning": ("flows.morning", "morning"),
    "watch": ("flows.watch", "watch"),
    "intake": ("flows.intake", "intake"),
}


def add_orchestration_verbs(verb: Verb, with_picture: Callable[[argparse.ArgumentParser], object]) -> None:
    """Add the verbs of CARRIED_OUT_BY to the command line."""
    up = verb("up", "bring up everything on this machine: server, worker, all deployments")
    part = verb("part", "be one part of `up` in the foreground: what a service manager starts")
    part.add_argument("part", metavar="PART", help="server, worker, intake or watch")
    register = verb("register", "make a server that is up know what prefect.yaml says, and close what a kill left open")
    for command in (up, part, register):
        command.add_argument("--host", help="where the server listens (127.0.0.1; elsewhere only with a key)")
        command.add_argument("--port", type=int, help="the server's port (4200)")
    verb("down", "stop what `up` brought up, in order; runs under way may come to their end (--wait SECONDS)")
    verb("drain", "start no more runs and wait for those under way (--wait SECONDS): before the worker is stopped")
    briefing = verb("briefing", "a sheet for a meeting now: asks the feeds that are stale first")
    with_picture(briefing)
    briefing.add_argument("--at", metavar="MOMENT", help='as it was known then: "2025-10-24 06:00", local time')
    briefing.add_argument("--area", action="append", metavar="AREA", help="only this area, by its id; again for more")
    briefing.add_argument("--audience", choices=["meeting", "partners"], default="meeting", help="who may see it")
    briefing.add_argument("--api", action="store_true", help="let the worker make it, by the server's deployment")
    briefing.add_argument("--no-prefect", action="store_true", help="do not record it in a Prefect server")
    morning = verb("morning", "make the sheet without Prefect where none is out this morning: for a timer at 06:10")
    with_picture(morning)
    verb("watch", "take files from the drop folders as soon as they have come to rest; a part of `up`")
    intake = verb("intake", "take deliveries that partners push over HTTPS; a part of `up` where intake.toml is there")
    intake.add_argument("--new-key", metavar="FEED", help="make a key for a partner, show it once, and end")
