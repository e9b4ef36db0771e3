"""One Chromium for many looks at pages: any width, dark or light, screen or paper, and what a script finds there.

Spoken to over its DevTools protocol (``websockets`` comes with Prefect), so that a page is as narrow as a phone, a
picture as long as the page, and the page's own policy against scripts stays in force for the page itself.
"""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browser import AXE, CHROMIUM, FLAGS

#: That flag is an order to print and leave.
STAYING = [flag for flag in FLAGS if flag != "--no-pdf-header-footer"]
#: Dots downwards in one picture: Chromium leaves out what comes after 16,384.
DOTS_AT_MOST = 9000
#: An A4 page in inches, and CSS pixels an inch.
A4 = (8.27, 11.69)


SPILLED = """
[...document.querySelectorAll("main section")].flatMap(section => {
  const edge = section.getBoundingClientRect().right + 1;
  const out = [...section.querySelectorAll("td, th, li, p, h2, h3, .lead, .mark, .told")]
    .filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > edge);
  const cut = [...section.querySelectorAll(".lead-warned")].filter(e => e.scrollWidth > e.clientWidth + 1);
  return [...out, ...cut].map(e => e.tagName + " " + e.className + ": " + e.textContent.trim().slice(0, 40));
})"""


GREY = """(async () => {
  const png = Uint8Array.from(atob("PNG"), c => c.charCodeAt(0));
  const drawn = await createImageBitmap(new Blob([png], {type: "image/png"}));
  const canvas = new OffscreenCanvas(drawn.width, drawn.height), pen = canvas.getContext("2d");
  pen.drawImage(drawn, 0, 0);
  const straight = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const linear = new Float64Array(256).map((_, n) => straight(n / 255));
  const seen = pen.getImageData(0, 0, drawn.width, drawn.height).data, grey = new Uint8Array(seen.length / 4);
  for (let n = 0; n < grey.length; n++) {
    const y = .2126 * linear[seen[4 * n]] + .7152 * linear[seen[4 * n + 1]] + .0722 * linear[seen[4 * n + 2]];
    grey[n] = Math.round(255 * (y <= .0031308 ? 12.92 * y : 1.055 * y ** (1 / 2.4) - .055));
  }
  const parts = [];
  for (let n = 0; n < grey.length; n += 8190) parts.push(btoa(String.fromCharCode(...grey.subarray(n, n + 8190))));
  return [drawn.width, drawn.height, parts.join("")];
})()"""


class Browser:
    """A page being looked at."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self._session: str | None = None
        self._session = self._ask("Target.attachToTarget", targetId=self._tab(), flatten=True)["sessionId"]
        self._ask("Page.enable")
        # The page's policy would hide what the page asks for: a reader with another program may not keep it.
        self._ask("Page.setBypassCSP", enabled=True)

    def _tab(self) -> str:
        """The first tab, which a browser that has just begun may not have yet."""
        for _ in range(1200):
            for target in self._ask("Target.getTargets")["targetInfos"]:
                if target["type"] == "page":
                    return str(target["targetId"])
            time.sleep(0.05)
        raise AssertionError("Chromium opened no tab")

    def open(self, page: Path, width: int = 1100, *, is_dark: bool = False, media: str = "") -> None:
        """Open a file ``width`` pixels wide on a screen, or as for 'print'; its reader prefers dark or light."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self._ask("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self._measure(width, 900)
        self._ask("Page.navigate", url=page.resolve().as_uri())
        while self.run("document.readyState") != "complete" or self.run("location.href") == "about:blank":
            time.sleep(0.02)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        told = self._ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def requests(self) -> list[str]:
        """Every address the open page made the browser ask for beside itself."""
        time.sleep(0.2)
        return list(self.run("performance.getEntriesByType('resource').map(e => e.name)"))

    def violations(self) -> list[str]:
        """axe-core's violations of WCAG 2.2 A and AA in the open page, as rule, first place and how many."""
        self.run(AXE.read_text(encoding="utf-8") + ";0")
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        told = self.run(
            f"axe.run(document, {{runOnly: {tags}, elementRef: false}}).then(r => [r.passes.length,"
            " r.violations.map(v => v.id + ': ' + v.nodes[0].target + ' ×' + v.nodes.length)])"
        )
        assert told[0] > 10, "axe-core looked at nothing"
        return list(told[1])

    def spilled(self) -> list[str]:
        """What stands outside its own section, or has a warning cut: text nobody can read."""
        return list(self.run(SPILLED))

    def shot(self, scale: float = 1, tallest: int = 16000) -> bytes:
        """The page as it stands on the screen, from its top to its end or ``tallest`` pixels down: a PNG."""
        width, height = self.run("[innerWidth, document.documentElement.scrollHeight]")
        self._measure(width, min(height, tallest), scale)
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"])

    def strips(self, scale: float = 1) -> list[tuple[float, float]]:
        """From and until where, in pixels of the page, it is pictured piece by piece; all of it is then laid out."""
        width, height = self.run("[innerWidth, document.documentElement.scrollHeight]")
        self._measure(width, height)
        tall = DOTS_AT_MOST // scale
        return [(top, min(top + tall, height)) for top in range(0, height, int(tall))]

    def grey(self, scale: float = 1, strip: tuple[float, float] | None = None) -> tuple[int, int, bytes]:
        """The page without its colours: width, height, and a byte a pixel, sRGB's grey of the same luminance.

        The browser takes its own picture apart: it is a hundred times as quick at it. ``strip`` is one of ``strips``.
        """
        script = GREY.replace(
            "PNG", base64.b64encode(self._strip(scale, *strip) if strip else self.shot(scale)).decode()
        )
        width, height, packed = self.run(script)
        return width, height, base64.b64decode(packed)

    def _strip(self, scale: float, top: float, bottom: float) -> bytes:
        """A part of the page, from its left edge to its right."""
        clip = {"x": 0, "y": top, "width": self.run("innerWidth"), "height": bottom - top, "scale": scale}
        told = self._ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(told["data"])

    def pdf(self) -> bytes:
        """The page on paper, A4 as its style sheet says."""
        told = self._ask(
            "Page.printToPDF", preferCSSPageSize=True, printBackground=True, paperWidth=A4[0], paperHeight=A4[1]
        )
        return base64.b64decode(told["data"])

    def _measure(self, width: int, height: int, scale: float = 1) -> None:
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        said = {"id": self._number, "method": method, "params": params}
        self._socket.send(json.dumps(said | ({"sessionId": self._session} if self._session else {})))
        while True:
            told = json.loads(self._socket.recv(timeout=60))
            if told.get("id") == self._number:
                assert "error" not in told, (method, told["error"])
                return dict(told["result"])


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A Chromium with its profile in ``folder``, ended at the end."""
    profile = folder / "chromium"
    told = profile / "DevToolsActivePort"
    told.unlink(missing_ok=True)  # of a browser before this one
    process = subprocess.Popen(
        [str(CHROMIUM), *STAYING, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(1200):
            if told.is_file() and len(lines := told.read_text().split()) == 2:
                break
            assert process.poll() is None, "Chromium did not start"
            time.sleep(0.05)
        with connect(f"ws://127.0.0.1:{lines[0]}{lines[1]}", max_size=None, compression=None, proxy=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(20)
