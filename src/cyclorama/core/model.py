"""A 3D model as every engine sees it: frozen triangles in metres, and physically based materials."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray, IntArray, frozen
from cyclorama.core.hull import enclosing_points
from cyclorama.core.joints import Joint
from cyclorama.core.landmarks import Landmarks


@dataclass(frozen=True)
class Material:
    """Metallic-roughness material, as glTF 2.0 defines it.

    Factors multiply their texture. Textures are names in ``Model.textures``; ``None`` is no texture.

    Attributes:
        base_color: RGBA, linear.
        emission: RGB, linear radiance.
        alpha_mode: "opaque", "cut" (pixels whose alpha is under ``alpha_cutoff`` are holes, also in
            the labels) or "blend".
        metallic_roughness_texture: Green is roughness, blue is metallic.
        normal_texture: Tangent space, y up (OpenGL).
        keeps: Whether it stays as it is where an instance's surface is changed: coffee in a mug that is painted.
    """

    name: str = "material"
    base_color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    metallic: float = 0.0
    roughness: float = 0.5
    transmission: float = 0.0
    ior: float = 1.5
    emission: tuple[float, float, float] = (0.0, 0.0, 0.0)
    alpha_mode: str = "opaque"
    alpha_cutoff: float = 0.5
    base_color_texture: str | None = None
    metallic_roughness_texture: str | None = None
    normal_texture: str | None = None
    emission_texture: str | None = None
    keeps: bool = False


@dataclass(frozen=True, eq=False)
class Model:
    """Triangles in metres with materials; immutable, so pictures and labels see the same surface.

    Attributes:
        id: Unique by content, e.g. "mug-3fa2b1c4d5".
        vertices_m: (V, 3) float32, object frame, metres.
        faces: (F, 3) int32, counter-clockwise seen from outside.
        normals: (V, 3) float32 unit shading normals.
        uv: (V, 2) float32, v up; or None.
        colors: (V, 4) uint8 sRGB vertex colours that multiply the base colour; or None.
        face_materials: (F,) int32 index into ``materials``.
        textures: name -> (H, W, 3 or 4) uint8; colour textures are sRGB.
        joints: What moves parts of it; parents and leaders come first.
        face_joints: (F,) int32 index of the joint that moves each triangle, which shares no vertex with what another
            one moves; -1 for what stands still; empty without joints.
        landmarks: Its keypoints, if it has some.
        made_from: The model as it was, if it has been deformed or posed; the id tells how.
    """

    id: str
    name: str
    vertices_m: FloatArray
    faces: IntArray
    normals: FloatArray
    uv: FloatArray | None = None
    colors: ByteArray | None = None
    face_materials: IntArray = field(default_factory=lambda: np.zeros(0, np.int32))
    materials: tuple[Material, ...] = (Material(),)
    textures: Mapping[str, ByteArray] = field(default_factory=dict)
    joints: tuple[Joint, ...] = ()
    face_joints: IntArray = field(default_factory=lambda: np.zeros(0, np.int32))
    landmarks: Landmarks | None = None
    made_from: "Model | None" = None

    def __post_init__(self) -> None:
        count = len(self.vertices_m)
        self._freeze("vertices_m", np.float32, (-1, 3))
        self._freeze("faces", np.int32, (-1, 3))
        self._freeze("normals", np.float32, (count, 3))
        if self.uv is not None:
            self._freeze("uv", np.float32, (count, 2))
        if self.colors is not None:
            self._freeze("colors", np.uint8, (count, 4))
        if not len(self.face_materials):
            object.__setattr__(self, "face_materials", np.zeros(len(self.faces), np.int32))
        self._freeze("face_materials", np.int32, (len(self.faces),))
        self._freeze("face_joints", np.int32, (len(self.faces) if self.joints else 0,))

    def _freeze(self, name: str, dtype: npt.DTypeLike, shape: tuple[int, ...]) -> None:
        object.__setattr__(self, name, frozen(getattr(self, name), dtype, shape, name))

    @property
    def textures_id(self) -> str:
        """The same for models that have the same textures because one is made from the other."""
        return self.id if self.made_from is None else self.made_from.textures_id

    @property
    def nbytes(self) -> int:
        """Bytes of its triangles; textures, which other models may share, are left out."""
        arrays = self.vertices_m, self.faces, self.normals, self.uv, self.colors, self.face_materials
        return sum(array.nbytes for array in arrays if array is not None)

    @cached_property
    def keeps(self) -> BoolArray:
        """(F,) whether each triangle's material stays as it is where the surface is changed."""
        return np.array([material.keeps for material in self.materials])[self.face_materials]

    @cached_property
    def bounds_m(self) -> FloatArray:
        """(2, 3) lowest and highest corner in the object's frame, metres."""
        return np.stack([self.vertices_m.min(axis=0), self.vertices_m.max(axis=0)]).astype(float)

    @cached_property
    def center_m(self) -> FloatArray:
        """(3,) middle of the bounds, object frame, metres."""
        return self.bounds_m.mean(axis=0)

    @cached_property
    def hull_m(self) -> FloatArray:
        """(N, 3) float64 points around all vertices, at most a few thousand, object frame, metres."""
        return enclosing_points(self.vertices_m)

    @cached_property
    def radius_m(self) -> float:
        """Radius of the sphere about ``center_m`` that holds every vertex, metres."""
        return float(np.linalg.norm(self.vertices_m - self.center_m, axis=1).max())
