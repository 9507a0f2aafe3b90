"""Parts of a picture, small enough to be drawn at once."""

from dataclasses import dataclass
from itertools import pairwise

from cyclorama.core.arrays import FloatArray
from cyclorama.render.window import Window

# A part is at most this wide and high; each needs about 90 bytes for every sample.
WINDOW_PX = 1024
# Around a part, so that what lies just beside it hides light as well.
BORDER_PX = 48


@dataclass(frozen=True)
class Piece:
    """What is drawn at once.

    Attributes:
        inner: What is kept.
        outer: What is drawn: more by a border, where the picture goes on.
    """

    inner: Window
    outer: Window

    def kept(self, drawn: FloatArray) -> FloatArray:
        """Of what was drawn, (h, w, 4), what is kept."""
        x, y = self.inner.x0 - self.outer.x0, self.inner.y0 - self.outer.y0
        rows, columns = self.inner.shape
        return drawn[y : y + rows, x : x + columns]


def pieces(width: int, height: int, side: int = 1) -> list[Piece]:
    """Parts that cover a picture once, with ``side`` samples along a pixel's edge; all are drawn in the same size."""
    edge = min(WINDOW_PX, 4 * WINDOW_PX // side)
    return [
        Piece(Window(x0, y0, x1, y1), Window(x, y, x + columns, y + rows))
        for y0, y1, y, rows in _spans(height, edge)
        for x0, x1, x, columns in _spans(width, edge)
    ]


def _spans(size: int, edge: int) -> list[tuple[int, int, int, int]]:
    """(first, end) of what is kept and (first, length) of what is drawn, along one axis."""
    count = -(-size // edge)
    length = min(size, -(-size // count) + BORDER_PX * min(count - 1, 2))
    bounds = [i * size // count for i in range(count + 1)]
    return [(a, b, min(max(a - BORDER_PX, 0), size - length), length) for a, b in pairwise(bounds)]
