"""How ``lagesbild sql`` is asked. Only the standard library, as in cli.py."""

from __future__ import annotations

import argparse
from pathlib import Path

FORMATS = ("table", "csv", "json", "parquet", "geojson", "ics")

#: Seconds a question may take: the cookbook's worst is far below, and a meeting does not wait longer. 2026-11-26.
TIMEOUT_S = 30.0


def add_question(question: argparse.ArgumentParser) -> None:
    """The arguments of ``sql``: the question in one of three ways, none for the shell, and the form of the answer."""
    question.add_argument("query", metavar="QUERY", nargs="?", help=r"SQL, q:5.2, \d or \d TABLE; none: a shell")
    question.add_argument("-c", dest="command", metavar="QUERY", help="the same")
    question.add_argument("-f", dest="file", metavar="FILE", type=Path, help="the question in a file")
    question.add_argument("--format", choices=FORMATS, help="form of the answer (table); of --out by the file's ending")
    question.add_argument(
        "--out", metavar="FILE", type=Path, help="write the answer to this new file, and a line to `handouts`"
    )
    question.add_argument(
        "--excel", action="store_true", help="as CSV with ; and a byte order mark, as Swedish Excel reads"
    )
    question.add_argument(
        "--timeout", type=float, default=TIMEOUT_S, metavar="SECONDS", help="stop a longer question (30)"
    )
