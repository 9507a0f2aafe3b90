"""Masks as polygons that give back exactly the same pixels."""

import numpy as np

from cyclorama.core.arrays import BoolArray

Point = tuple[int, int]
Step = tuple[int, int]


def polygons_from_mask(mask: BoolArray) -> list[list[int]]:
    """Outlines along the pixels' edges, so that rasterizing gives the mask back to the last pixel.

    COCO's polygons are united and know no holes, so a part with a hole is cut in two through the hole.

    Args:
        mask: (H, W) bool.

    Returns:
        [x, y, x, y, ...] for each part.
    """
    loops = _loops(mask)
    hole = next((loop for loop in loops if _doubled_area(loop) < 0), None)
    if hole is None:
        return [[n for point in _corners(loop) for n in point] for loop in loops]
    columns = [x for x, _ in hole]
    cut = (min(columns) + max(columns) + 1) // 2
    left, right = mask.copy(), mask.copy()
    left[:, cut:] = False
    right[:, :cut] = False
    return polygons_from_mask(left) + polygons_from_mask(right)


def _loops(mask: BoolArray) -> list[list[Point]]:
    """Closed paths along pixel edges, the inside on the right as seen in the image; holes run the other way."""
    steps = _steps(mask)
    loops = []
    while steps:
        point = start = next(iter(steps))
        step: Step = (0, 0)
        loop = []
        while True:
            step = _take(steps, point, step)
            loop.append(point)
            point = (point[0] + step[0], point[1] + step[1])
            if point == start and _may_close(steps, point, step):
                break
        loops.append(loop)
    return loops


def _steps(mask: BoolArray) -> dict[Point, list[Step]]:
    """From each corner of a pixel, the edges that leave it with the inside on the right."""
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    sides = (  # Neighbour, corner of the pixel where its edge begins, direction (x right, y down).
        (padded[:-2, 1:-1], (0, 0), (1, 0)),
        (padded[1:-1, 2:], (1, 0), (0, 1)),
        (padded[2:, 1:-1], (1, 1), (-1, 0)),
        (padded[1:-1, :-2], (0, 1), (0, -1)),
    )
    steps: dict[Point, list[Step]] = {}
    for neighbour, (dx, dy), step in sides:
        for y, x in zip(*np.nonzero(inside & ~neighbour), strict=True):
            steps.setdefault((int(x) + dx, int(y) + dy), []).append(step)
    return steps


def _take(steps: dict[Point, list[Step]], point: Point, before: Step) -> Step:
    """The edge to follow; where two pixels touch at a corner, turn so that they stay apart."""
    options = steps[point]
    right = (-before[1], before[0])
    chosen = right if right in options else options[0]
    options.remove(chosen)
    if not options:
        del steps[point]
    return chosen


def _may_close(steps: dict[Point, list[Step]], point: Point, before: Step) -> bool:
    return (-before[1], before[0]) not in steps.get(point, ())


def _doubled_area(loop: list[Point]) -> int:
    x, y = np.array(loop).T
    return int(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _corners(loop: list[Point]) -> list[Point]:
    """The loop without the points in the middle of straight edges."""
    around = zip(loop[-1:] + loop[:-1], loop, loop[1:] + loop[:1], strict=True)
    return [b for a, b, c in around if (b[0] - a[0]) * (c[1] - b[1]) != (b[1] - a[1]) * (c[0] - b[0])]
