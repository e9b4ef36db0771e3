"""One Chromium for many looks at pages: any width, dark or light, screen or paper, and what a script finds there.

Spoken to over its DevTools protocol (``websockets`` comes with Prefect), so that a page is as narrow as a phone, a
picture as long as the page, and the page's own policy against scripts stays in force for the page itself.
"""

from __future__ import annotations

import base64
import json
import struct
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from websockets.sync.client import ClientConnection, connect

from tests.browser import CHROMIUM, FLAGS

#: That flag is an order to print and leave.
STAYING = [flag for flag in FLAGS if flag != "--no-pdf-header-footer"]
#: An A4 page in inches, and CSS pixels an inch.
A4 = (8.27, 11.69)


class Browser:
    """A page being looked at."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self._session: str | None = None
        self._session = self._ask("Target.attachToTarget", targetId=self._tab(), flatten=True)["sessionId"]
        self._ask("Page.enable")

    def _tab(self) -> str:
        """The first tab, which a browser that has just begun may not have yet."""
        for _ in range(1200):
            for target in self._ask("Target.getTargets")["targetInfos"]:
                if target["type"] == "page":
                    return str(target["targetId"])
            time.sleep(0.05)
        raise AssertionError("Chromium opened no tab")

    def open(self, page: Path, width: int = 1100, *, is_dark: bool = False) -> None:
        """Open a file on a screen of ``width`` pixels, whose reader prefers dark or light."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self._ask("Emulation.setEmulatedMedia", media="", features=[scheme])
        self._measure(width, 900)
        self._ask("Page.navigate", url=page.resolve().as_uri())
        while self.run("document.readyState") != "complete" or self.run("location.href") == "about:blank":
            time.sleep(0.02)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        told = self._ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def shot(self, scale: float = 1) -> bytes:
        """The whole page as it stands on the screen: a PNG."""
        width, height = self.run("[innerWidth, document.documentElement.scrollHeight]")
        self._measure(width, min(height, 16000), scale)
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"])

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


def pixels(png: bytes) -> npt.NDArray[np.uint8]:
    """The pixels of a PNG as Chromium writes it (8 bits, RGB or RGBA, not interlaced): height × width × 3."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    width = height = depth = 0
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, bits, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (bits, interlaced) == (8, 0) and colours in (2, 6)
            depth = 3 if colours == 2 else 4
        packed += body if kind == b"IDAT" else b""
        at += length + 12
    raw = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * depth)
    rows = np.zeros((height, width, depth), np.uint8)
    above = np.zeros((width, depth), np.uint8)
    for n in range(height):
        rows[n] = above = _unfiltered(int(raw[n, 0]), raw[n, 1:].reshape(width, depth), above)
    return rows[:, :, :3]


def _unfiltered(kind: int, line: npt.NDArray[np.uint8], above: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """One line of a PNG from what was stored of it and the line above (the format's five filters)."""
    if kind == 0:
        return line
    if kind == 1:
        return np.cumsum(line, axis=0, dtype=np.uint8)
    if kind == 2:
        return line + above
    out = np.zeros_like(line)
    left = corner = np.zeros(line.shape[1], np.int16)
    for n, (stored, over) in enumerate(zip(line.astype(np.int16), above.astype(np.int16), strict=True)):
        if kind == 3:
            left = (stored + (left + over) // 2) & 255
        else:
            guess = left + over - corner
            off = [abs(guess - left), abs(guess - over), abs(guess - corner)]
            nearest = np.where((off[0] <= off[1]) & (off[0] <= off[2]), left, np.where(off[1] <= off[2], over, corner))
            left, corner = (stored + nearest) & 255, over
        out[n] = left
    return out
