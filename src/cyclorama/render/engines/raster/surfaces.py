"""A material under an instance's surface, as the shaders take it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Surface
from cyclorama.render.color import LINEAR_OF_BYTE
from cyclorama.render.decals import FACING, PAPER_ROUGHNESS, box_from_model
from cyclorama.render.engines.raster.view import columns
from cyclorama.render.wear import (
    DUST_COLOR,
    EDGE_COLOR,
    EDGE_COVER,
    EDGE_REACH,
    EDGE_ROUGHNESS,
    EDGE_SHARPNESS,
    EDGE_WIDTH,
    WORN_ROUGHNESS,
)

# Less than this share of light let through is taken for none.
LEAST_TRANSMISSION = 0.01


@dataclass(frozen=True, eq=False)
class Coat:
    """Values of the uniforms of ``surface.glsl``.

    Attributes:
        defines: What the shader is told to have.
        is_translucent: Whether what lies behind shines through.
    """

    values: dict[str, Any]
    textures: dict[str, moderngl.Texture]
    defines: tuple[str, ...]
    is_translucent: bool

    @property
    def has_holes(self) -> bool:
        """Whether its alpha cuts parts out."""
        return bool(self.values["alpha_cutoff"] >= 0)

    @property
    def opacity(self) -> float:
        """Share of a lamp's light, of any colour, that it takes where its alpha is 1: glass as a thin pane does."""
        values = self.values
        if values["transmission"] <= LEAST_TRANSMISSION:
            return 1.0
        passed = values["transmission"] * (1 - values["metallic"]) * (1 - values["reflectance"]) ** 2
        return float(1 - passed * self.mean_color().mean())

    def mean_color(self) -> FloatArray:
        """(3,) linear base colour on average; vertex colours are left out."""
        if "BOX_TEXTURE" in self.defines:
            return self._mean("box_texture")
        factor = np.asarray(self.values["base_color"][:3])
        return factor if "REPLACED" in self.defines else factor * self._mean("base_texture")

    def mean_emission(self) -> FloatArray:
        """(3,) linear radiance on average."""
        return np.asarray(self.values["emission"], float) * self._mean("emission_texture")

    def _mean(self, name: str) -> FloatArray:
        """(3,) linear mean of a colour texture; ones where there is none."""
        texture = self.textures.get(name)
        if texture is None:
            return np.ones(3)
        smallest = np.frombuffer(texture.read(level=int(np.log2(max(texture.size))), alignment=1), np.uint8)
        return LINEAR_OF_BYTE[smallest[:3]]


# (name of a texture, is it a colour) -> the device's texture.
Textures = Callable[[str, bool], moderngl.Texture]


def coat_of(model: Model, material: Material, surface: Surface, own: Textures, library: Textures) -> Coat:
    """What a surface's changes make of one of a model's materials; the same rules as the cycles engine's.

    Args:
        model: Says whether there are vertex colours and texture coordinates.
        material: The model's own.
        surface: The instance's changes.
        own: Gives the model's textures.
        library: Gives the library's images.
    """
    surface = surface.on(material)
    textured = _textures(model, material, surface, own)
    textured |= {name: library(id, name == "box_texture") for name, id in _boxed(surface).items()}
    textured |= {f"decal_{n}": library(decal.image, True) for n, decal in enumerate(surface.decals)}
    is_cut = material.alpha_mode == "cut"
    transmission = _either(surface.transmission, material.transmission)
    has_alpha = (
        material.alpha_mode != "opaque" and "base_texture" in textured and textured["base_texture"].components == 4
    )
    is_faded = material.alpha_mode == "blend" and (has_alpha or material.base_color[3] < 1)
    replaced = surface.base_color is not None and surface.texture is None
    color = surface.base_color if replaced and surface.base_color is not None else material.base_color[:3]
    values = {
        "base_color": (*color, 1.0 if material.alpha_mode == "opaque" else material.base_color[3]),
        "hue_turns": surface.hue_shift_rad / (2 * np.pi),
        "saturation": surface.saturation,
        "value": surface.value,
        "wear_strength": surface.wear_strength,
        "worn_roughness": WORN_ROUGHNESS,
        "dust_color": DUST_COLOR,
        "edge_color": EDGE_COLOR,
        "edge_roughness": EDGE_ROUGHNESS,
        "edge_cover": EDGE_COVER,
        "edge_sharpness": EDGE_SHARPNESS,
        "edge_reach": EDGE_REACH * surface.edge_wear,
        "edge_width": EDGE_WIDTH,
        "paper_roughness": PAPER_ROUGHNESS,
        "decal_facing": FACING,
        **{f"decal_{n}_box": columns(box_from_model(decal)) for n, decal in enumerate(surface.decals)},
        "box_tile_m": surface.tile_m,
        "alpha_cutoff": material.alpha_cutoff if is_cut else -1.0,
        "metallic": _factor(surface.metallic, material.metallic, surface.metallic_map),
        "roughness": _factor(surface.roughness, material.roughness, surface.roughness_map),
        "transmission": transmission,
        "emission": _either(surface.emission, material.emission),
        "reflectance": ((material.ior - 1) / (material.ior + 1)) ** 2,
        "ior": material.ior,
        "gloss_textured": _gloss_textured(surface, "gloss_texture" in textured),
    }
    decals = [f"decal_{n}" for n in range(len(surface.decals))]
    defines = [name.upper() for name in (*FIELDS, *BOXED, *decals) if name in textured]
    for name, is_there in (
        ("ALPHA_TEXTURE", has_alpha),
        ("VERTEX_COLORS", model.colors is not None),
        ("BOX", any(name in textured for name in BOXED)),
        ("REPLACED", replaced),
        ("EDGES", surface.wear is not None and surface.edge_wear > 0),
    ):
        defines += [name] * is_there
    return Coat(values, textured, tuple(defines), is_faded or transmission > LEAST_TRANSMISSION)


FIELDS = {
    "base_texture": ("base_color_texture", True),
    "gloss_texture": ("metallic_roughness_texture", False),
    "normal_texture": ("normal_texture", False),
    "emission_texture": ("emission_texture", True),
}


# Of box-projected images the sampler, and which of the surface's.
BOXED = {
    "box_texture": "texture",
    "box_roughness": "roughness_map",
    "box_metallic": "metallic_map",
    "box_normal": "normal_map",
    "box_wear": "wear",
}


def _boxed(surface: Surface) -> dict[str, str]:
    """Ids of the images that it has, by sampler."""
    ids = {name: getattr(surface, field) for name, field in BOXED.items()}
    return {name: id for name, id in ids.items() if id is not None}


def _textures(model: Model, material: Material, surface: Surface, own: Textures) -> dict[str, moderngl.Texture]:
    """The model's own textures that the surface leaves in place."""
    dropped = set()
    if surface.texture is not None:
        dropped |= {"gloss_texture", "normal_texture"}
    if surface.roughness_map is not None:
        dropped.add("gloss_texture")
    if surface.emission is not None:
        dropped.add("emission_texture")
    names = {key: (getattr(material, field), color) for key, (field, color) in FIELDS.items() if key not in dropped}
    if model.uv is None:
        return {}
    return {key: own(name, color) for key, (name, color) in names.items() if name in model.textures}


def _gloss_textured(surface: Surface, is_there: bool) -> tuple[float, float]:
    """Whether roughness and metallic follow their texture, as 0 or 1."""
    return float(is_there and surface.roughness is None), float(is_there and surface.metallic is None)


def _either(changed: Any, own: Any) -> Any:
    return own if changed is None else changed


def _factor(changed: float | None, own: float, map: str | None) -> float:
    """On a map where there is one, which knows nothing of the model's own value."""
    return float(_either(changed, own if map is None else 1.0))
