"""A page as a grey printer or a reader without colour sight has it: what its pixels say, once colour is gone.

Grey is WCAG's relative luminance, which is what contrast is counted from: two colours of one grey have contrast 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tests.chromium import Browser

Grey = npt.NDArray[np.float64]

#: Every text on the page with its place: what has letters of its own and is seen. A ratio of letters to their ground is
#: told from the pixels inside.
TEXTS = """
(() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest("title, desc, style, pre, .skip, [aria-hidden]")) continue;
    let hidden = false;
    for (let up = element; up; up = up.parentElement) hidden ||= getComputedStyle(up).clipPath !== "none";
    if (hidden) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 3 || box.height < 6) continue;
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      if (!top || !(element.contains(top) || top.contains(element))) continue;
      let cut = false;  // what is below or beside what its box shows is not on the page
      for (let up = element; up; up = up.parentElement) {
        const edge = up.getBoundingClientRect(), shown = getComputedStyle(up);
        cut ||= shown.overflowY !== "visible" && box.top > edge.bottom - 2;
        cut ||= shown.overflowX !== "visible" && box.x + box.width / 2 > edge.right;
      }
      if (cut) continue;
      found.push([element.className.baseVal ?? element.className, node.data.trim().slice(0, 30),
                  box.left, box.top, box.right, box.bottom]);
    }
  }
  return found;
})()
"""


def contrast(one: float, other: float) -> float:
    """WCAG's ratio of two luminances."""
    dark, light = sorted((one, other))
    return (light + 0.05) / (dark + 0.05)


def grey(browser: Browser, scale: float = 1, strip: tuple[float, float] | None = None) -> Grey:
    """The relative luminance, 0 to 1, of every pixel of the open page, or of a strip of it."""
    width, height, packed = browser.grey(scale, strip)
    part = np.arange(256) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear[np.frombuffer(packed, np.uint8)]).reshape(height, width)


def weak_texts(browser: Browser, least: float = 4.5, scale: float = 3) -> list[str]:
    """Every text whose letters stand out from their ground by less than ``least`` once the page is grey.

    The ground is the grey most of the text's box has, the letters are the grey farthest from it. Drawn thrice as large
    as on the screen, so that a thin letter has a pixel of its full colour.
    """
    weak = []
    # Strip by strip: Chromium paints no more than 16,384 dots downwards, and a full morning has twice as many.
    picture = np.concatenate([grey(browser, scale, strip) for strip in browser.strips(scale)])
    for kind, text, left, top, right, bottom in browser.run(TEXTS):
        box = picture[round(top * scale) : round(bottom * scale), round(left * scale) : round(right * scale)].ravel()
        if not box.size:
            continue
        counts, edges = np.histogram(box, bins=64, range=(0, 1))
        ground = float(box[(box >= edges[counts.argmax()]) & (box <= edges[counts.argmax() + 1])].mean())
        best = max(contrast(ground, float(box.min())), contrast(ground, float(box.max())))
        if best < least:
            weak.append(f"{kind}: {text!r} {best:.2f}")
    return weak


def boxes(browser: Browser, selector: str) -> list[dict[str, Any]]:
    """The place and words of every element that a selector finds."""
    script = f"""[...document.querySelectorAll({selector!r})].map(e => {{ const b = e.getBoundingClientRect();
      return {{kind: e.className.baseVal ?? e.className, text: e.textContent.trim(), left: b.left, top: b.top,
               right: b.right, bottom: b.bottom}}; }})"""
    return list(browser.run(script))
