"""In which order translucent things are drawn, and where in the picture they may be."""

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import projected, transformed
from cyclorama.core.hull import box_corners
from cyclorama.core.scene import Camera
from cyclorama.render.engines.raster.shot import Shot
from cyclorama.render.engines.raster.things import Thing
from cyclorama.render.window import NEAR_M

# Of translucent things that are seen through each other.
MOST_LAYERS = 3


def layered(shot: Shot) -> list[list[Thing]]:
    """Translucent things by layers, the farthest first; what may cover a thing is in a later layer than it.

    Liquid is behind the glass around it. Of more than ``MOST_LAYERS`` behind each other, or twice as many where there
    is liquid, the nearest share the last.
    """
    seen = [part for thing in shot.things for part in thing.translucent_parts()]
    windows = {t.instance.id: _box_window(t, shot.view.camera) for t in seen}
    has_liquid = any(material.keeps for thing in seen for material in thing.model.materials)
    layers: list[list[Thing]] = [[] for _ in range(MOST_LAYERS * (1 + has_liquid))]
    for thing in sorted(seen, key=lambda t: -float(np.linalg.norm(t.center))):
        low, high = windows[thing.instance.id]
        covered = [
            number
            for number, things in enumerate(layers)
            for lows, highs in (windows[t.instance.id] for t in things)
            if (lows < high).all() and (low < highs).all()
        ]
        layers[min(max(covered, default=-1) + 1, len(layers) - 1)].append(thing)
    return [things for things in layers if things]


def glass_window(shot: Shot) -> tuple[int, int, int, int]:
    """First column and row, width and height of the part of the view's window in which translucent things may be."""
    camera, outer = shot.view.camera, shot.view.window
    found = [_box_window(t, camera) for t in shot.things if any(coat.is_translucent for coat in t.coats)]
    low, high = np.min([f[0] for f in found], axis=0), np.max([f[1] for f in found], axis=0)
    x0, y0 = (int(e) for e in np.clip(np.floor(low), (outer.x0, outer.y0), (outer.x1, outer.y1)))
    x1, y1 = (int(e) for e in np.clip(np.ceil(high), (outer.x0, outer.y0), (outer.x1, outer.y1)))
    return x0 - outer.x0, y0 - outer.y0, x1 - x0, y1 - y0


def _box_window(thing: Thing, camera: Camera) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest pixel coordinates (2,) of a thing's bounding box."""
    corners = transformed(thing.relative_from_object, box_corners(thing.model.bounds_m))
    corners = corners @ camera.world_from_camera[:3, :3]
    if corners[:, 2].min() < NEAR_M:
        return np.full(2, -np.inf), np.full(2, np.inf)
    pixels = projected(camera.k, corners)
    return pixels.min(axis=0), pixels.max(axis=0)
