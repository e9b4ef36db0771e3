"""Checks over a built database: each file in ``checks/`` selects the offending rows, and no row is good news.

``fail_*.sql`` stops a picture from being taken into use; ``warn_*.sql`` is told to the operator. Selecting the
offenders cannot be written inside out unnoticed, as an assertion can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

CHECKS = Path(__file__).resolve().parent / "checks"

#: How many offending rows a finding shows.
EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """What a check found: its name, what it looks for, how many rows offend, and the first of them as text."""

    check: str
    meaning: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.check}: {self.count} rows. {self.meaning}"


class CheckFailed(Exception):
    """A fail check found rows. The old database stands."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        lines = [f"{finding} First: {'; '.join(finding.examples)}" for finding in findings]
        super().__init__("the new picture was not taken into use:\n" + "\n".join(lines))


def run_checks(con: duckdb.DuckDBPyConnection, kind: str) -> list[Finding]:
    """Run ``checks/<kind>_*.sql``; one Finding for each that selects rows. ``kind`` is 'fail' or 'warn'."""
    found = []
    for path in sorted(CHECKS.glob(f"{kind}_*.sql")):
        text = path.read_text(encoding="utf-8")
        try:
            # One statement: to plan some thirty questions is most of what they cost.
            offenders = con.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({text.rstrip().rstrip(';')})")
            columns, rows = [column[0] for column in offenders.description or ()], offenders.fetchall()
        except duckdb.Error as error:
            raise type(error)(f"checks/{path.name}: {error}") from error
        if rows:
            examples = tuple(
                ", ".join(f"{n}={v}" for n, v in zip(columns, row, strict=True)) for row in rows[:EXAMPLES]
            )
            found.append(Finding(path.stem, meaning_of(text), len(rows), examples))
    return found


def meaning_of(text: str) -> str:
    """The comment a SQL file opens with, as one line."""
    comment = re.match(r"(?:--[^\n]*\n)+", text)
    return " ".join(line.lstrip("- ") for line in comment.group().splitlines()) if comment else ""
