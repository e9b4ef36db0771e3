"""Renew the pictures in ``docs/`` from the made-up town: ``python -m tests.screenshots`` (Chromium and pdftoppm).

Makes the demo in a folder of its own, through the program, with its week and its public version.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from flows.cli import main
from tests.chromium import browser

DOCS = Path(__file__).resolve().parent.parent / "docs"
#: The demo's morning once more, with what is made of it besides.
MADE_AGAIN = ("picture", "--at", "2026-10-16 06:15", "--weekly", "--public")
#: Dots an inch of a printed page, and how much of a long page a picture shows, in pixels.
PRINTED, TALLEST = 110, 2400


def take(folder: Path) -> None:
    """Make the demo below ``folder`` and write every picture into ``docs/``. StopIteration: a page is missing."""
    data = str(folder / "data")
    assert main(["demo", "--data", data]) == 0
    assert main([*MADE_AGAIN, "--settings", "lindvik", "--data", data]) == 0
    published = folder / "data" / "published"
    sheet = next(published.glob("utsattningsblad_*_sv.html"))
    week, public = (next(published.rglob(f"{name}_*_sv.html")) for name in ("veckobild", "oppen_lagesbild"))
    with browser(folder) as chromium:
        for name, page in (("utsattningsblad", sheet), ("veckobild", week), ("oppen_lagesbild", public)):
            chromium.open(page)
            (folder / "page.pdf").write_bytes(chromium.pdf())
            subprocess.run(
                [
                    "pdftoppm",
                    "-r",
                    str(PRINTED),
                    "-f",
                    "1",
                    "-l",
                    "1",
                    "-singlefile",
                    "-png",
                    folder / "page.pdf",
                    DOCS / name,
                ],
                check=True,
            )
        chromium.open(sheet, 320)
        (DOCS / "telefon.png").write_bytes(chromium.shot(tallest=TALLEST))
        chromium.open(sheet, 1100)
        chromium.run("document.getElementById('dark').click()")
        (DOCS / "mork_skarm.png").write_bytes(chromium.shot(tallest=TALLEST))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        take(Path(made))
    sys.stdout.write(f"renewed in {DOCS}\n")
