"""The ``lagesbild`` command: what it can be asked, and how it answers.

Only the standard library is imported here and in ``*_verbs``, so that ``--help`` answers at once; each verb imports
what it needs.

Exit codes: 0 published (or done) · 1 unexpected · 2 usage or settings · 3 published but degraded · 4 not published,
the last good sheet stands · 5 another run holds the lock.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import cache

from flows.insats_verbs import add_insats_verbs
from flows.orchestration_verbs import add_orchestration_verbs
from flows.question_verbs import add_question

EPILOG = """exit codes: 0 done, published · 1 unexpected fault · 2 usage or settings · 3 published but degraded
(a feed failed or a delivery is in quarantine) · 4 not published, the last good sheet stands · 5 another run
holds the lock. The municipality is named by --settings, a folder or one of those that come along
(lindvik, haninge), or by LAGESBILD_SETTINGS; its data folder by --data or LAGESBILD_DATA."""

LAKE_VERBS = {
    "verify": "read every file that any kept state lists, and hold it against its hash",
    "compact": "merge the small files of a feed and month; the rows stay as they are",
    "history": "the states the lake has been in: when, by which run and program, what changed",
    "rollback": "make the lake equal to an older state; the next run reads the deliveries since then again",
}


def seconds(text: str) -> float:
    """A time to wait, from nought to a week: of what else a float may be some would last for ever."""
    count = float(text)
    if not 0 <= count <= 604_800:
        raise ValueError
    return count


@cache
def parser() -> argparse.ArgumentParser:
    """The whole command line, made once in a process."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--settings", metavar="FOLDER", help="the municipality's settings: a folder, or a name")
    shared.add_argument("--data", metavar="FOLDER", help="where the municipality's data is kept")
    shared.add_argument("--json", action="store_true", help="answer in JSON on standard output")
    shared.add_argument("--wait", type=seconds, metavar="SECONDS", help="how long to wait for another run (0)")
    shared.add_argument("--traceback", action="store_true", help="show where an unexpected fault came from")
    whole = argparse.ArgumentParser(
        prog="lagesbild",
        parents=[shared],
        epilog=EPILOG,
        description="The daily common operating picture of crime and disorder in a municipality.",
    )
    verbs = whole.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, does: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=does, description=does, parents=[shared])

    def with_picture(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
        command.add_argument("--lang", choices=["sv", "en"], action="append", help="the sheet's language")
        command.add_argument("--open", action="store_true", help="open the sheet in the browser")
        return command

    with_picture(verb("demo", "make a made-up town's year of deliveries, and its picture"))
    run = with_picture(verb("run", "hear all feeds, then make the picture as of now"))
    run.add_argument("--no-prefect", action="store_true", help="do not record the run in a Prefect server")
    collect = verb("collect", "hear one feed, land what it says and read it into the lake")
    collect.add_argument("feed", metavar="FEED")
    picture = with_picture(verb("picture", "make the picture from what has been received"))
    picture.add_argument("--at", metavar="MOMENT", help='as it was known then: "2025-10-24 06:00", local time')
    picture.add_argument("--weekly", action="store_true", help="the picture of the last whole week as well")
    picture.add_argument("--public", action="store_true", help="the public version as well, small counts hidden")
    backfill = verb("backfill", "read an archive of deliveries whose names state when each was received")
    backfill.add_argument("feed", metavar="FEED")
    backfill.add_argument("folder", metavar="FOLDER")
    status = verb("status", "what was heard, when, what became of it, and where the last good sheet is")
    status.add_argument("--mail", action="store_true", help="send it to those in alarms.toml who are told `status`")
    rejects = verb("rejects", "what was refused or noticed, and why")
    rejects.add_argument("feed", metavar="FEED", nargs="?")
    rejects.add_argument("--notices", action="store_true", help="show what was noticed instead")
    rejects.add_argument("--rows", type=int, default=20, metavar="N", help="how many single rows to list (20)")
    words = verb("words", "the words a feed used that no vocabulary knows; read from the landing zone, for your eyes")
    words.add_argument("feed", metavar="FEED")
    question = verb("sql", "ask the picture's tables; q:5.2 shows the query and the rows behind that number")
    add_question(question)
    handed = verb("handouts", "what `sql --out` wrote: when, which question, how many rows, under which label")
    handed.add_argument("--rows", type=int, default=20, metavar="N", help="how many to list (20)")
    audit = verb("audit", "is what was landed, decided, published and handed out what was written down then")
    audit.add_argument("code", metavar="CODE", nargs="?", help="the 16 digits at a sheet's foot, or in its mail")
    trace = verb("trace", "where a number (q:5.2), a report or a delivery (its hash) comes from")
    trace.add_argument("id", metavar="ID")
    verb("rebuild", "make the lake again from landed deliveries alone, and compare")
    verb("housekeeping", "erase withdrawn texts whose time is out, merge small files, let old states of the lake go")
    lake = verb("lake", "look after the lake: its hashes, its small files, its older states")
    inside = lake.add_subparsers(dest="lake_verb", required=True, metavar="VERB")
    for name, does in LAKE_VERBS.items():
        part = inside.add_parser(name, help=does, description=does, parents=[shared])
        if name == "rollback":
            part.add_argument("number", type=int, metavar="NUMBER", help="the state, as `lake history` numbers it")
        if name == "history":
            part.add_argument("--rows", type=int, default=20, metavar="N", help="how many states to list (20)")
    add_insats_verbs(verb, shared)
    add_orchestration_verbs(verb, with_picture)
    verb("doctor", "is everything as it should be: settings, disk, hashes, clock, environment")
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = parser().parse_args(argv)
    from flows.commands import execute

    return execute(arguments)


if __name__ == "__main__":
    sys.exit(main())
