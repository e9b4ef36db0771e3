"""Reading a page the way a browser does, as far as tests need it."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})


class Page(HTMLParser):
    """Every element with its attributes in order, all text, and the text below each kind of element."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.unclosed: list[str] = []
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self.unclosed and self.unclosed[-1] == tag:
            self.unclosed.pop()
        else:
            self.faults.append(f"</{tag}> closes {self.unclosed[-1:]}")

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.unclosed), data))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def tags(self) -> list[str]:
        """The elements' names in order."""
        return [tag for tag, _ in self.elements]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of one name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, without: tuple[str, ...] = ("style", "title", "pre")) -> str:
        """What a reader sees, with white space run together."""
        return " ".join("".join(t for path, t in self.texts if not set(path) & set(without)).split())
