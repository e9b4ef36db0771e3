"""WCAG 2.2 AA over the style sheet's colours: 4.5:1 for text (1.4.3), 3:1 for lines that mean something (1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import warehouse.publish

CSS = Path(warehouse.publish.__file__).with_name("sheet.css").read_text(encoding="utf-8")
_ROOTS = re.findall(r":root\{([^}]*)\}", CSS)
_LIGHT = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", _ROOTS[0]))
THEMES = {"light": _LIGHT, "dark": {**_LIGHT, **dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", _ROOTS[1]))}}

_STATES = ["fresh", "late", "down", "never"]
TEXT = [
    *[(ink, ground) for ink in ["ink", "soft", "accent", *_STATES] for ground in ("paper", "tint")],
    ("paper", "ink"),
    ("paper", "accent"),
    ("warn-ink", "warn-bg"),
    *[(ink, status) for status in ("gron", "gul", "orange", "rod", "okand") for ink in ("level-ink", "ink")],
    *[("h-ink", f"h{n}") for n in (1, 2, 3)],
    *[("h-ink-deep", f"h{n}") for n in (4, 5)],
    ("ring-ink", "ring"),
    ("ring-old-ink", "ring-old"),
]
LINES = [("line", "paper"), ("dot", "paper"), ("dot", "band"), ("ring", "paper"), ("accent", "paper")]
LINES += [("line", status) for status in ("gron", "gul", "orange", "rod", "okand")]


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two hex colours."""

    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
        parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize(("least", "pairs"), [(4.5, TEXT), (3.0, LINES)])
def test_every_pair_of_colours_can_be_told_apart(theme: str, least: float, pairs: list[tuple[str, str]]) -> None:
    colours = THEMES[theme]
    weak = {
        f"{ink} on {ground}": round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground in pairs
        if contrast(colours[ink], colours[ground]) < least
    }
    assert weak == {}


def test_the_label_is_in_the_colours_of_tlp_on_black() -> None:
    for colour in re.findall(r"\.tlp-[a-z_,.-]+\{color:(#[0-9a-f]{6})\}", CSS):
        assert contrast(colour, "#000") >= 4.5
