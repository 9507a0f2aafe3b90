"""Resources that scenes name by id: models, images and environment maps."""

from dataclasses import dataclass
from typing import Protocol

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.model import Model

LEVEL_MARK = "~"
# Each level of detail has this many times fewer triangles than the one before, but never fewer than the fewest.
LEVEL_FACTOR, FEWEST_FACES = 4, 500


def level_id(id: str, level: int) -> str:
    """Id of a model in fewer triangles: level 1 has a quarter of them, level 2 a sixteenth; 0 is the model itself."""
    return f"{id}{LEVEL_MARK}{level}" if level else id


def id_and_level(id: str) -> tuple[str, int]:
    """The model's id and the level that ``level_id`` put together."""
    base, mark, level = id.rpartition(LEVEL_MARK)
    return (base, int(level)) if mark and level.isdecimal() else (id, 0)


@dataclass(frozen=True)
class Resource:
    """Where a resource comes from, enough to load it again in another process.

    Attributes:
        id: Unique by content: "mug-3fa2b1c4d5" for a file, the same form for what our code generates.
        kind: "model", "image", "environment", "decal" (an image with alpha) or "material" (images that belong together:
            ID is the colour, ID/normal and ID/roughness are maps).
        source: Absolute path, or "builtin:NAME".
        options: Sorted (name, value) pairs that change how it is read: unit, up, texture; of a material the paths of
            its maps.
    """

    id: str
    kind: str
    source: str
    options: tuple[tuple[str, str], ...] = ()


class Library(Protocol):
    """Loads what scenes name; each resource is read once and kept."""

    def model(self, id: str) -> Model:
        """The model with that id, which may name a level of detail (``level_id``)."""

    def image(self, id: str) -> ByteArray:
        """(H, W, 3) uint8 sRGB image with that id; (H, W, 4) of a decal, with alpha."""

    def environment(self, id: str) -> FloatArray:
        """(H, W, 3) float32 linear radiance with that id.

        Equirectangular: row 0 is straight up, the middle column looks along world +x, columns run
        towards -y (clockwise seen from above).
        """
