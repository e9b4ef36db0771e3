"""A page in Debian's Chromium: printed, measured, and looked through by axe-core. Slow; skipped where they are missing.

axe-core is one file of the npm package: ``npm install --no-save axe-core`` in the project's folder, or LAGESBILD_AXE
naming its ``axe.min.js``.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(
    os.environ.get("LAGESBILD_AXE")
    or Path(__file__).resolve().parent.parent / "node_modules" / "axe-core" / "axe.min.js"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
]
#: Where the page that asks writes what it was answered.
_TOLD = re.compile(r'<pre id="told">(.*?)</pre>', re.S)


def chromium(folder: Path, page: str, *flags: str) -> str:
    """Open ``page`` (HTML) with ``flags``; return what Chromium wrote to standard output."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, (folder / "page.html").as_uri()],
        check=True,
        capture_output=True,
        timeout=100,
    )
    return done.stdout.decode()


def pages(page: str, folder: Path) -> int:
    """Print ``page`` to PDF and return its number of pages."""
    chromium(folder, page, f"--print-to-pdf={folder / 'page.pdf'}")
    return pages_of((folder / "page.pdf").read_bytes())


def pages_of(content: bytes) -> int:
    """The number of pages of a PDF as Chromium writes it."""
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S):
        try:
            content += zlib.decompress(part)
        except zlib.error:
            continue
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", content))


def asked(page: str, folder: Path, script: str, width: int = 1200) -> Any:
    """Open ``page`` ``width`` pixels wide in a frame and return what ``script``, a function of its window, gives.

    The page's own policy forbids scripts, so the copy that is asked stands without it. A frame, because a headless
    window is never narrower than 500 pixels.
    """
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    (folder / "inner.html").write_text(bare, encoding="utf-8")
    outer = f"""<!DOCTYPE html><html lang="sv"><head><title>t</title></head><body>
<iframe id="f" title="t" style="width:{width}px;height:2000px;border:0"></iframe><pre id="told"></pre><script>
const f = document.getElementById("f");
f.onload = async () => {{
  if (f.contentWindow.location.href === "about:blank") return;
  const asked = {script};
  document.getElementById("told").textContent = JSON.stringify(await asked(f.contentWindow));
}};
f.src = "inner.html";
</script></body></html>"""
    dom = chromium(
        folder,
        outer,
        "--allow-file-access-from-files",
        "--virtual-time-budget=20000",
        "--dump-dom",
        "--window-size=1400,2200",
    )
    found = _TOLD.search(dom)
    assert found and found[1], "the page did not answer"
    return json.loads(html.unescape(found[1]))


def overflow(page: str, folder: Path, width: int) -> int:
    """Return by how many pixels ``page`` is wider than a window of ``width``."""
    script = "w => w.document.documentElement.scrollWidth - w.document.documentElement.clientWidth"
    return int(asked(page, folder, script, width))


def violations(page: str, folder: Path, width: int = 1200) -> list[str]:
    """Return axe-core's violations of WCAG 2.2 A and AA in ``page``, as rule and first place."""
    shutil.copy(AXE, folder / "axe.min.js")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    script = f"""async w => {{
    await new Promise((done, failed) => {{
      const s = w.document.createElement("script"); s.src = "axe.min.js"; s.onload = done; s.onerror = failed;
      w.document.head.append(s);
    }});
    const r = await w.axe.run(w.document, {{runOnly: {json.dumps(tags)}, elementRef: false}});
    const found = r.violations.map(v => v.id + ": " + v.nodes[0].target + " ×" + v.nodes.length);
    return {{passes: r.passes.length, found}};
  }}"""
    told = asked(page, folder, script, width)
    assert told["passes"] > 10, "axe-core looked at nothing"
    return list(told["found"])


def requests(page: str, folder: Path) -> list[str]:
    """Return every address the page made the browser ask for beside itself, with the page's own policy taken away."""
    script = """async w => {
    await new Promise(done => w.setTimeout(done, 500));
    return w.performance.getEntriesByType("resource").map(e => e.name);
  }"""
    return list(asked(page, folder, script))
