"""How a photograph is looked at: whole or in tiles, for which classes, and what overlaps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import ByteArray
from cyclorama.core.detections import Detections
from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.detect.tiles import Window, merged, suppressed, tile_side, windows

# Of what tiles find of a class, where the user says nothing.
TILES_IOU = 0.5
LEAST_TILE_PX = 32

Finder = Callable[[ByteArray], Detections]


@dataclass(frozen=True)
class Look:
    """What a user asks for beside the network's own.

    Attributes:
        iou: Of detections of a class that overlap more than this (0..1) only the best is given; None leaves it to the
            network, and .5 among tiles.
        classes: Names of those that are wanted; empty is all.
        tiles: Along the photograph's longer side; 0 is none. The photograph is looked at whole, too.
        tile_size: Side of a tile in the photograph's pixels, instead of ``tiles``; 0 is none.
        overlap: Share of a tile's side that neighbours have in common, 0..0.9; as large as the objects, at best.
    """

    iou: float | None = None
    classes: tuple[str, ...] = ()
    tiles: int = 0
    tile_size: int = 0
    overlap: float = 0.2


def looking(finder: Finder, look: Look, categories: Sequence[str]) -> Finder:
    """What ``finder`` finds, as ``look`` says.

    Args:
        finder: Detections in an image.
        look: What is asked for.
        categories: The detector's.

    Raises:
        InputError: A class that the detector doesn't know, both ways to say how large tiles are, or too small ones.
    """
    for name in look.classes:
        if name not in categories:
            raise InputError(f"--classes {name}: the detector doesn't know it.{did_you_mean(name, categories)}")
    if look.tiles and look.tile_size:
        raise InputError("--tiles and --tile-size: expected one of them; each decides the other")
    if 0 < look.tile_size < LEAST_TILE_PX:
        raise InputError(f"--tile-size {look.tile_size}: expected at least {LEAST_TILE_PX} pixels")
    wanted = np.array([not look.classes or name in look.classes for name in categories])

    def found(image: ByteArray) -> Detections:
        whole = finder(image)
        size = (image.shape[1], image.shape[0])
        every = merged(whole, _in_tiles(finder, image, look), size, iou=_tiles_iou(look))
        every = every.chosen(wanted[every.classes])
        if look.iou is None:
            return every
        return every.chosen(suppressed(every.boxes, every.scores, every.classes, iou=look.iou))

    return found


def _in_tiles(finder: Finder, image: ByteArray, look: Look) -> list[tuple[Window, Detections]]:
    height, width = image.shape[:2]
    side = look.tile_size
    if look.tiles:
        side = max(LEAST_TILE_PX, tile_side(width, height, look.tiles, look.overlap))
    if not side or side >= max(width, height):
        return []
    return [
        ((x0, y0, x1, y1), finder(image[y0:y1, x0:x1])) for x0, y0, x1, y1 in windows(width, height, side, look.overlap)
    ]


def _tiles_iou(look: Look) -> float:
    return TILES_IOU if look.iou is None else look.iou
