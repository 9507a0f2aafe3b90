"""A rendered picture with the exact geometry behind every pixel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray, IntArray, frozen
from cyclorama.core.scene import Scene


@dataclass(frozen=True, eq=False)
class Silhouette:
    """All pixels that an instance would cover if it were alone, also those hidden behind others.

    Attributes:
        x0: Image column of the mask's first column.
        y0: Image row of the mask's first row.
        mask: (h, w) bool, cropped to the image; (0, 0) where the instance is outside of it.
        total_px: Pixels of the whole silhouette, the part beyond the border of the image included: up to four image
            widths and heights away, and beyond the border estimated from a part of the pixels where they are many.
        extent_xyxy: Box of the whole silhouette, as far as it is followed; zeros where it has no pixel.
    """

    x0: int
    y0: int
    mask: BoolArray
    total_px: int
    extent_xyxy: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class SeenPoints:
    """Where a camera sees the keypoints of an instance.

    Attributes:
        xy: (K, 2) pixels, in the image or beyond; nan behind the camera.
        is_clear: (K,) bool whether nothing lies before it, other than a little of the instance itself.
    """

    xy: FloatArray
    is_clear: BoolArray


@dataclass(frozen=True, eq=False)
class Geometry:
    """What rays through the pixels' centres hit first; not anti-aliased.

    Attributes:
        instance_ids: (H, W) int32, 0 where nothing is.
        depth_m: (H, W) float32 along the optical axis, inf where nothing is.
        normal_camera: (H, W, 3) float32 unit normals towards the camera, camera frame; 0 where nothing is.
        silhouettes: One per instance that has a category, by instance id.
        keypoints: Of those whose model has some, by instance id.
    """

    instance_ids: IntArray
    depth_m: FloatArray
    normal_camera: FloatArray
    silhouettes: Mapping[int, Silhouette]
    keypoints: Mapping[int, SeenPoints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ids = frozen(self.instance_ids, np.int32, (-1, -1), "instance_ids")
        object.__setattr__(self, "instance_ids", ids)
        object.__setattr__(self, "depth_m", frozen(self.depth_m, np.float32, ids.shape, "depth_m"))
        normals = frozen(self.normal_camera, np.float32, (*ids.shape, 3), "normal_camera")
        object.__setattr__(self, "normal_camera", normals)

    def visible(self, instance_id: int) -> BoolArray:
        """(h, w) where a labelled instance is seen, of the part of the image that its silhouette's mask covers."""
        silhouette = self.silhouettes[instance_id]
        height, width = silhouette.mask.shape
        rows = slice(silhouette.y0, silhouette.y0 + height)
        return self.instance_ids[rows, silhouette.x0 : silhouette.x0 + width] == instance_id


@dataclass(frozen=True, eq=False)
class Frame:
    """A scene, its picture and its geometry.

    Attributes:
        rgb: (H, W, 3) uint8 sRGB.
    """

    scene: Scene
    rgb: ByteArray
    geometry: Geometry
