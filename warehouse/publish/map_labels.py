"""Where each area's label goes on the map, so that every number on it can be read in print.

A label may stand anywhere, best inside its area. It never lies on another label, nor on a ring that holds a number.
Where it stands outside its area a line leads to it; where there is no room the area's number stands in its place,
and the table holds the rest. Only in a drawing full of rings may such a number lie on one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]

#: The centres that are tried: their columns' x and their rows' y. Centres are counted row by row.
Mesh = tuple[Floats, Floats]

#: Left, top, right, bottom in drawing units.
Box = tuple[float, float, float, float]

TEXT_HEIGHT = 11.0
#: Width of a letter against the text's height, Arial's mean with some to spare.
LETTER_WIDTH = 0.56
#: The mesh of tried places, in drawing units: finer than a letter.
STEP_ACROSS, STEP_DOWN = 5.0, 4.0
#: What a place costs, in drawing units of distance: a covered single ring, a crossed line, standing outside the
#: own area (a reader must follow the line), and standing in somebody else's.
ON_RING, ON_LINE, OUTSIDE, IN_ANOTHER = 20.0, 60.0, 45.0, 60.0
#: How many of the cheapest places are asked what their line would cross.
TRIED = 150


@dataclass(frozen=True)
class Wish:
    """A label to place: its area's corners (rings of x, y), the point it belongs to, and its texts.

    ``short`` is what stands there if the two lines find no room.
    """

    point: tuple[float, float]
    outline: Sequence[Sequence[tuple[float, float]]]
    lines: tuple[str, str]
    short: str


@dataclass(frozen=True)
class Spot:
    """Where a label stands: centred on x, its first line's base at y, and the line that leads to it, if any."""

    x: float
    y: float
    is_short: bool
    leader: Box | None


def label_spots(wishes: Sequence[Wish], rings: Sequence[tuple[float, float, float, int]], frame: Box) -> list[Spot]:
    """Return a spot for each wish, in their order. ``rings`` are (x, y, radius, number of incidents).

    Areas with the least room of their own choose first, those with none last: they must go elsewhere in any case.
    Deterministic: ties go to the upper left.
    """
    mesh = np.arange(frame[0], frame[2], STEP_ACROSS), np.arange(frame[1], frame[3], STEP_DOWN)
    centres = np.array([(x, y) for y in mesh[1] for x in mesh[0]])
    inside = [_inside(mesh, wish.outline) for wish in wishes]
    inside_count = np.sum(inside, axis=0)
    around = np.array([(x - r, y - r, x + r, y + r) for x, y, r, _ in rings]).reshape(-1, 4)
    numbered = around[np.array([count > 1 for *_, count in rings], dtype=bool)]
    taken: list[Box] = []
    leaders: list[Floats] = []
    spots: dict[int, Spot] = {}
    room = [int((inside[n] & (_touched(mesh, wish.lines, numbered) == 0)).sum()) for n, wish in enumerate(wishes)]
    for n in sorted(range(len(wishes)), key=lambda n: (room[n] == 0, room[n], n)):
        wish = wishes[n]
        foreign = inside_count > inside[n]
        for is_short, on_numbers in ((False, False), (True, False), (True, True)):
            texts = (wish.short,) if is_short else wish.lines
            boxes = _boxes(centres, texts)
            in_frame = (boxes[:, 0] >= frame[0]) & (boxes[:, 1] >= frame[1])
            in_frame &= (boxes[:, 2] <= frame[2]) & (boxes[:, 3] <= frame[3])
            free = in_frame & (_touched(mesh, texts, np.array(taken).reshape(-1, 4)) == 0)
            if not on_numbers:
                free &= _touched(mesh, texts, numbered) == 0
            if free.any():
                break
        else:
            # A full drawing: the number goes near its own point, whatever is there.
            free = in_frame
        cost = np.hypot(centres[:, 0] - wish.point[0], centres[:, 1] - wish.point[1]) + ON_RING * _touched(
            mesh, texts, around
        )
        cost += np.where(inside[n], 0.0, OUTSIDE) + np.where(foreign, IN_ANOTHER, 0.0)
        # What a line would cross is asked of the cheapest places only: it costs the most to tell.
        tried = np.argsort(np.where(free, cost, np.inf), kind="stable")[: min(TRIED, int(free.sum()))]
        lines = _lines(centres[tried], wish.point)
        crossed = np.zeros(len(tried))
        for line in leaders:
            crossed += _holds(boxes[tried], line).any(axis=1)
        for other in taken:
            crossed += ~inside[n][tried] & _within(lines, other).any(axis=1)
        pick = int(np.argmin(cost[tried] + ON_LINE * crossed))
        best = int(tried[pick])
        box = (float(boxes[best, 0]), float(boxes[best, 1]), float(boxes[best, 2]), float(boxes[best, 3]))
        leader = None
        if not inside[n][best]:
            leader = (*wish.point, *_edge(box, *wish.point))
            leaders.append(lines[pick])
        taken.append(box)
        spots[n] = Spot(float(centres[best, 0]), box[1] + TEXT_HEIGHT, is_short, leader)
    return [spots[n] for n in range(len(wishes))]


def _half(lines: Sequence[str]) -> tuple[float, float]:
    """Half the width and half the height of the frame a label's lines fill."""
    return (max(len(line) for line in lines) + 1) * TEXT_HEIGHT * LETTER_WIDTH / 2, (TEXT_HEIGHT * len(lines) + 4) / 2


def _boxes(centres: Floats, lines: Sequence[str]) -> Floats:
    """The frame a label's lines would fill around each centre."""
    half, tall = _half(lines)
    return np.column_stack([centres[:, 0] - half, centres[:, 1] - tall, centres[:, 0] + half, centres[:, 1] + tall])


def _touched(mesh: Mesh, lines: Sequence[str], others: Floats) -> Counts:
    """How many of ``others`` the label's frame would overlap around each centre of the mesh, row by row.

    Frames overlap where they do both across and down, and a mesh has few of either: asked of each centre and each
    other, this was a third of the page. (Whole numbers, so that no library starts threads for the product.)
    """
    (x, y), (half, tall) = mesh, _half(lines)
    across = (x[:, None] - half < others[:, 2]) & (x[:, None] + half > others[:, 0])
    down = (y[:, None] - tall < others[:, 3]) & (y[:, None] + tall > others[:, 1])
    return np.asarray((down.astype(np.int32) @ across.T.astype(np.int32)).ravel())


def _lines(centres: Floats, point: tuple[float, float]) -> Floats:
    """Points along the way from ``point`` to each centre: close enough to tell what a line there would cross."""
    steps = np.linspace(0, 1, 12)[None, :, None]
    return np.asarray(np.array(point)[None, None, :] * (1 - steps) + centres[:, None, :] * steps)


def _holds(boxes: Floats, points: Floats) -> Flags:
    """Whether each box (row) holds each point (column)."""
    x, y = points[None, :, 0], points[None, :, 1]
    return np.asarray((boxes[:, :1] < x) & (x < boxes[:, 2:3]) & (boxes[:, 1:2] < y) & (y < boxes[:, 3:4]))


def _within(lines: Floats, box: Box) -> Flags:
    x, y = lines[..., 0], lines[..., 1]
    return np.asarray((box[0] < x) & (x < box[2]) & (box[1] < y) & (y < box[3]))


def _edge(box: Box, x: float, y: float) -> tuple[float, float]:
    """The point of the box nearest to (x, y): where its line ends."""
    return min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3])


def _inside(mesh: Mesh, outline: Sequence[Sequence[tuple[float, float]]]) -> Flags:
    """Even-odd rule: a centre is inside when a ray to the east crosses the outline an odd number of times."""
    x, y = mesh
    # crossed[row, n]: how many sides cross the row just east of its first n centres.
    crossed = np.zeros((len(y), len(x) + 1), dtype=np.int64)
    for ring in outline:
        start, end = np.array(ring).reshape(-1, 2), np.array([*ring[1:], *ring[:1]]).reshape(-1, 2)
        (x1, y1), (x2, y2) = start.T, end.T
        row, side = np.nonzero((y1 > y[:, None]) != (y2 > y[:, None]))
        at = (x2 - x1)[side] * (y[row] - y1[side]) / (y2 - y1)[side] + x1[side]
        np.add.at(crossed, (row, np.searchsorted(x, at, side="left")), 1)
    to_the_east = crossed[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    return np.asarray((to_the_east % 2 == 1).ravel())
