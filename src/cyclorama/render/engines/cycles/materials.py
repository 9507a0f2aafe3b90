"""Our materials as Blender's nodes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Surface
from cyclorama.render.decals import PAPER_ROUGHNESS
from cyclorama.render.engines.cycles.decals import decal_color
from cyclorama.render.engines.cycles.meshes import COLORS, EDGES, UV
from cyclorama.render.engines.cycles.shader import Shader
from cyclorama.render.engines.cycles.textures import Images
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


@dataclass(frozen=True)
class ImagesOf:
    """Where a material's images come from.

    Attributes:
        own: Gives the model's textures.
        library: Gives the library's images.
        relief: Gives heights of the library's normal maps.
        decals: Those stuck on, in their order.
    """

    own: Images
    library: Images
    relief: Callable[[str], Any]
    decals: tuple[Any, ...] = ()


def new_material(
    bpy: Any, model: Model, material: Material, surface: Surface, images: ImagesOf, scale: float = 1.0
) -> Any:
    """Blender's material for one of a model's materials under an instance's surface.

    Args:
        bpy: Blender.
        model: Says whether there are vertex colours.
        material: The model's own.
        surface: The instance's changes.
        images: Gives its images.
        scale: The instance's, along the first axis.
    """
    surface = surface.on(material)
    shader, own, library = Shader(bpy, material.name), images.own, images.library
    color, alpha = _base_color(shader, model, material, surface, own, library)
    _alpha(shader, material, alpha)
    roughness, metallic = _gloss(shader, material, surface, own, library)
    transmission = material.transmission if surface.transmission is None else surface.transmission
    look = Look(color, roughness, metallic, transmission)
    worn = None if surface.wear is None else _channels(shader, library(surface.wear, False), surface)
    if worn is not None and surface.edge_wear > 0:
        bare = _bare(shader, worn["Blue"], surface.edge_wear)
        look = look.covered(shader, (*EDGE_COLOR, 1.0), bare, EDGE_ROUGHNESS, hides=False)
    for decal, image in zip(surface.decals, images.decals, strict=False):
        look = look.covered(shader, *decal_color(shader, decal, image), PAPER_ROUGHNESS)
    _emission(shader, material, surface, own, look.glow)
    if worn is not None:
        dull, dusty = (shader.scaled(worn[name], surface.wear_strength) for name in ("Red", "Green"))
        look = look.covered(shader, (*DUST_COLOR, 1.0), dusty, None)
        look = replace(look, roughness=shader.mixed(look.roughness, WORN_ROUGHNESS, dull))
    shader.put("Base Color", look.color)
    shader.put("Roughness", look.roughness)
    shader.put("Metallic", look.metallic)
    shader.put("Transmission Weight", look.transmission)
    shader.put("IOR", material.ior)
    _normal(shader, material, surface, images, scale)
    return shader.material


@dataclass(frozen=True)
class Look:
    """What a surface is at each place: numbers or sockets.

    Attributes:
        glow: Share of its emission that is seen.
    """

    color: Any
    roughness: Any
    metallic: Any
    transmission: Any
    glow: Any = 1.0

    def covered(self, shader: Shader, color: Any, share: Any, roughness: float | None, *, hides: bool = True) -> "Look":
        """Of another colour, and roughness if that is told, as far as a socket's share says.

        Args:
            shader: Takes the nodes.
            color: RGBA, or a socket.
            share: Socket of a number.
            roughness: Of what covers.
            hides: Whether metal, glass and glow are covered too.
        """
        made = replace(self, color=shader.mixed(self.color, color, share))
        if roughness is not None:
            made = replace(made, roughness=shader.mixed(self.roughness, roughness, share))
        if not hides:
            return made
        metallic, transmission = (shader.mixed(v, 0.0, share) for v in (self.metallic, self.transmission))
        return replace(made, metallic=metallic, transmission=transmission, glow=shader.mixed(self.glow, 0.0, share))


def _channels(shader: Shader, image: Any, surface: Surface) -> Any:
    """Sockets of the colours of an image on the object's box."""
    channels = shader.node("ShaderNodeSeparateColor")
    shader.link(shader.box_projected(image, surface.tile_m), channels.inputs["Color"])
    return channels.outputs


def _bare(shader: Shader, chips: Any, wear: float) -> Any:
    """Share of what lies under worn paint that is seen."""
    edges = shader.node("ShaderNodeSeparateXYZ")
    shader.link(shader.node("ShaderNodeAttribute", attribute_name=EDGES).outputs["Vector"], edges.inputs["Vector"])
    x, y, z = edges.outputs
    widths = shader.scaled(shader.math("MINIMUM", x, shader.math("MINIMUM", y, z)), 1 / EDGE_WIDTH)
    reach = shader.math("SUBTRACT", shader.scaled(chips, EDGE_REACH * wear), widths)
    return shader.scaled(shader.math("MULTIPLY", reach, EDGE_SHARPNESS, is_clamped=True), EDGE_COVER)


def _normal(shader: Shader, material: Material, surface: Surface, images: ImagesOf, scale: float) -> None:
    if surface.normal_map is not None:
        bump = shader.node("ShaderNodeBump")
        bump.inputs["Strength"].default_value = 1.0
        bump.inputs["Distance"].default_value = surface.tile_m[0] * scale
        shader.link(shader.box_projected(images.relief(surface.normal_map), surface.tile_m), bump.inputs["Height"])
        shader.put("Normal", bump.outputs["Normal"])
    elif material.normal_texture and surface.texture is None:
        bump = shader.node("ShaderNodeNormalMap", uv_map=UV)
        shader.link(shader.texture(images.own(material.normal_texture, False)).outputs["Color"], bump.inputs["Color"])
        shader.put("Normal", bump.outputs["Normal"])


def _base_color(
    shader: Shader, model: Model, material: Material, surface: Surface, own: Images, library: Images
) -> tuple[Any, Any]:
    alpha: Any = material.base_color[3]
    replaced = surface.texture is not None or surface.base_color is not None
    textured = material.base_color_texture
    if textured and not (replaced and material.alpha_mode == "opaque"):
        node = shader.texture(own(textured, True))
        alpha = shader.scaled(node.outputs["Alpha"], material.base_color[3])
    if surface.texture is not None:
        return _shifted(shader, shader.box_projected(library(surface.texture, True), surface.tile_m), surface), alpha
    if surface.base_color is not None:
        return (*surface.base_color, 1.0), alpha
    color: Any = (*material.base_color[:3], 1.0)
    if textured:
        color = shader.product(node.outputs["Color"], color)
    if model.colors is not None:
        attribute = shader.node("ShaderNodeVertexColor", layer_name=COLORS)
        color = shader.product(attribute.outputs["Color"], color)
    return _shifted(shader, color, surface), alpha


def _shifted(shader: Shader, color: Any, surface: Surface) -> Any:
    if not surface.hue_shift_rad and (surface.saturation, surface.value) == (1, 1):
        return color
    node = shader.node("ShaderNodeHueSaturation")
    node.inputs["Hue"].default_value = (0.5 + surface.hue_shift_rad / (2 * np.pi)) % 1.0
    node.inputs["Saturation"].default_value, node.inputs["Value"].default_value = surface.saturation, surface.value
    if hasattr(color, "is_output"):
        shader.link(color, node.inputs["Color"])
    else:
        node.inputs["Color"].default_value = color
    return node.outputs["Color"]


def _alpha(shader: Shader, material: Material, alpha: Any) -> None:
    if material.alpha_mode == "opaque":
        return
    if material.alpha_mode == "cut":
        alpha = _cut(shader, alpha, material.alpha_cutoff)
    shader.put("Alpha", alpha)


def _cut(shader: Shader, alpha: Any, cutoff: float) -> Any:
    """All or nothing, as the labels have it."""
    if not hasattr(alpha, "is_output"):
        return float(alpha >= cutoff)
    step = shader.node("ShaderNodeMath", operation="GREATER_THAN")
    shader.link(alpha, step.inputs[0])
    # The node asks for more than the cutoff, glTF and the labels for at least as much.
    step.inputs[1].default_value = cutoff - 1e-6
    return step.outputs[0]


def _gloss(shader: Shader, material: Material, surface: Surface, own: Images, library: Images) -> tuple[Any, Any]:
    """Roughness and metallic: each of the surface's map, else the surface's number, else the material's own."""
    roughness: Any = material.roughness
    metallic: Any = material.metallic
    if material.metallic_roughness_texture and surface.texture is None and surface.roughness_map is None:
        channels = shader.node("ShaderNodeSeparateColor")
        texture = shader.texture(own(material.metallic_roughness_texture, False))
        shader.link(texture.outputs["Color"], channels.inputs["Color"])
        roughness = shader.scaled(channels.outputs["Green"], material.roughness)
        metallic = shader.scaled(channels.outputs["Blue"], material.metallic)

    def chosen(value: Any, changed: float | None, map: str | None) -> Any:
        if map is None:
            return value if changed is None else changed
        green = _channels(shader, library(map, False), surface)["Green"]
        return shader.scaled(green, 1.0 if changed is None else changed)

    return (
        chosen(roughness, surface.roughness, surface.roughness_map),
        chosen(metallic, surface.metallic, surface.metallic_map),
    )


def _emission(shader: Shader, material: Material, surface: Surface, own: Images, glow: Any) -> None:
    """Its emission, of which a share is seen."""
    emission = material.emission if surface.emission is None else surface.emission
    if not any(emission):
        return
    strength = max(emission)
    color: Any = (*(c / strength for c in emission), 1.0)
    if material.emission_texture and surface.emission is None:
        color = shader.product(shader.texture(own(material.emission_texture, True)).outputs["Color"], color)
    shader.put("Emission Color", color)
    shader.put("Emission Strength", shader.scaled(glow, strength) if hasattr(glow, "is_output") else strength)
