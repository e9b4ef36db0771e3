"""How the command line speaks: progress and words on standard error, answers on standard output."""

from __future__ import annotations

import json
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any


class Console:
    """Progress as one moving line on a terminal, as plain lines (at most one a second) elsewhere."""

    def __init__(self, is_json: bool = False) -> None:
        self.is_json = is_json
        self.is_terminal = sys.stderr.isatty()
        self._said_at = 0.0
        self._width = 0

    def progress(self, line: str, share: float | None = None) -> None:
        if self.is_terminal:
            text = f"{line} {share:4.0%}" if share is not None else line
            sys.stderr.write("\r" + text.ljust(self._width))
            self._width = len(text)
        elif share is None or share == 1 or time.monotonic() - self._said_at >= 1:
            sys.stderr.write(line + "\n")
            self._said_at = time.monotonic()
        sys.stderr.flush()

    def clear(self) -> None:
        """Leave the moving line behind before something is said for good."""
        if self.is_terminal and self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            self._width = 0

    def say(self, *lines: str) -> None:
        """An answer for a person; nothing where JSON was asked for."""
        self.clear()
        if not self.is_json:
            for line in lines:
                print(line)

    def complain(self, line: str) -> None:
        self.clear()
        print(line, file=sys.stderr)

    def answer(self, value: dict[str, Any]) -> None:
        """The answer for a machine, where it was asked for."""
        self.clear()
        if self.is_json:
            print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def table(rows: list[dict[str, Any]], columns: list[str]) -> list[str]:
    """Rows as lines of aligned text; None is a dash."""
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells), 0) for i, name in enumerate(columns)]
    lines = [columns, *cells]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _cell(value: Any) -> str:
    from connectors.kit import visible

    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return visible(str(value))
