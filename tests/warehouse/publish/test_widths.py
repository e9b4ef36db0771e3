"""The sheet on screens of every width, laid out by a browser: slow, and skipped where no Chromium is installed."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.browser import CHROMIUM, FLAGS
from tests.warehouse.publish import made_up_picture
from tests.warehouse.publish.hard_mornings import MORNINGS
from warehouse.publish.picture_json import read_picture
from warehouse.publish.sheet import render

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to lay out with")]

#: CSS pixels: a small phone, a phone, both sides of each of the style sheet's two limits (704 and 896), a desk.
WIDTHS = (320, 390, 703, 705, 800, 885, 897, 1000, 1280)


#: What is measured in the page of a frame: the width it takes; where the first event's badge and name begin.
TAKEN = "page.documentElement.scrollWidth"
FIRST_EVENT = (
    "['.events .sev-cell','.events tbody th'].map(what=>page.querySelector(what).getBoundingClientRect())"
    ".map(box=>[box.left,box.top,box.right,box.bottom])"
)


def measured(page: str, folder: Path, what: str) -> dict[int, Any]:
    """The answer of ``what`` of the page in a frame of each of WIDTHS."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    frames = "".join(
        f'<iframe style="width:{width}px;height:900px;border:0" srcdoc="{html.escape(page)}"></iframe>'
        for width in WIDTHS
    )
    measure = (
        "onload=()=>document.body.setAttribute('data-taken',"
        f"JSON.stringify([...document.querySelectorAll('iframe')].map(one=>one.contentDocument).map(page=>{what})))"
    )
    (folder / "frames.html").write_text(f"<body>{frames}<script>{measure}</script>", encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            *FLAGS,
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            (folder / "frames.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    taken = re.search(r'data-taken="([^"]*)"', done.stdout.decode())
    assert taken
    return dict(zip(WIDTHS, json.loads(taken[1]), strict=True))


@pytest.mark.parametrize("variant", ["ordinary", "empty_town", "crowded", "hostile"])
def test_no_screen_from_320_pixels_up_has_to_be_scrolled_sideways(variant: str, tmp_path: Path) -> None:
    page = render(read_picture(made_up_picture.database(MORNINGS[variant]())))
    taken = measured(page, tmp_path, TAKEN)
    assert {width: at for width, at in taken.items() if at > width} == {}


def test_the_gravity_of_an_event_stands_to_the_left_of_its_name_on_every_screen(tmp_path: Path) -> None:
    page = render(read_picture(made_up_picture.database(MORNINGS["ordinary"]())))
    for width, (badge, name) in measured(page, tmp_path, FIRST_EVENT).items():
        assert badge[2] <= name[0] + 1 and badge[1] < name[3] and name[1] < badge[3], width
