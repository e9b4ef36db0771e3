"""A page as a coordinator reads it: one line a row or sentence, sections in order, numbers with their query ids.

Made from the HTML, so that what the template does to a text is in it. What no coordinator reads (hashes, the map's
drawing, SQL, column heads) is left out.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: What begins a line of its own; cells of a row stand on one, apart.
_LINES = frozenset({"h1", "h2", "h3", "p", "li", "tr", "dl", "figcaption", "section"})
_CELLS = frozenset({"td", "th", "dt", "dd", "span"})
_UNREAD = frozenset({"style", "title", "svg", "pre", "code", "thead", "caption", "details", "footer", "head"})
_VOID = frozenset({"meta", "br", "input", "link"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        if self.unread or tag in _UNREAD or any(name == "aria-hidden" for name, _ in attrs):
            self.unread.append(tag)
        elif tag in _LINES:
            self.lines.append("## " if tag in ("h1", "h2") else "")
        elif tag in _CELLS:
            self.lines[-1] += " | " if tag in ("td", "th", "dd") else " "

    def handle_endtag(self, tag: str) -> None:
        if self.unread:
            self.unread.pop()
        elif tag in _LINES:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.lines[-1] += " ".join(data.split()).join((" ", " ")) if data.strip() else " "


def read_aloud(page: str, until: str | None = None) -> str:
    """The page's text, line by line; no further than the first line that begins with ``until``."""
    reader = _Reader()
    reader.feed(page)
    lines = []
    for line in reader.lines:
        told = re.sub(r" *\| *(\| *)*", " | ", " ".join(line.replace("\N{NO-BREAK SPACE}", " ").split())).strip(" |")
        told = re.sub(r" (q[v0-9.]+)", r"[\1]", told)
        if until and told.removeprefix("## ").startswith(until):
            break
        if told and told != "##":
            lines.append(told)
    return "\n".join(lines) + "\n"
