"""Our materials as Blender's nodes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Surface
from cyclorama.render.engines.cycles.meshes import COLORS, UV
from cyclorama.render.engines.cycles.textures import Images
from cyclorama.render.wear import DUST_COLOR, WORN_ROUGHNESS


class Shader:
    """A material under construction."""

    def __init__(self, bpy: Any, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self._tree = self.material.node_tree
        self._tree.nodes.clear()
        self.principled = self.node("ShaderNodeBsdfPrincipled")
        output = self.node("ShaderNodeOutputMaterial")
        self.link(self.principled.outputs["BSDF"], output.inputs["Surface"])

    def node(self, kind: str, **settings: Any) -> Any:
        """A new node with some of its properties set."""
        made = self._tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(made, name, value)
        return made

    def link(self, output: Any, input: Any) -> None:
        """Connect two sockets."""
        self._tree.links.new(output, input)

    def put(self, name: str, value: Any) -> None:
        """Set an input of the principled shader: a socket is linked, a number or colour is set."""
        target = self.principled.inputs[name]
        if hasattr(value, "is_output"):
            self.link(value, target)
        else:
            target.default_value = value

    def texture(self, image: Any) -> Any:
        """A texture node on the model's own coordinates."""
        made = self.node("ShaderNodeTexImage", image=image)
        self.link(self.node("ShaderNodeUVMap", uv_map=UV).outputs["UV"], made.inputs["Vector"])
        return made

    def product(self, a: Any, b: Any) -> Any:
        """The colour a times b; each is a socket or an RGBA tuple."""
        made = self.node("ShaderNodeMix", data_type="RGBA", blend_type="MULTIPLY", clamp_factor=False)
        made.inputs["Factor"].default_value = 1.0
        for socket, value in zip((s for s in made.inputs if s.type == "RGBA"), (a, b), strict=True):
            if hasattr(value, "is_output"):
                self.link(value, socket)
            else:
                socket.default_value = value
        return next(s for s in made.outputs if s.type == "RGBA")

    def mixed(self, a: Any, b: Any, share: Any) -> Any:
        """From a to b by a socket's number; both are numbers or sockets of numbers, or colours as in ``product``."""
        kind = "RGBA" if isinstance(b, tuple) else "VALUE"
        made = self.node("ShaderNodeMix", data_type="RGBA" if kind == "RGBA" else "FLOAT")
        factor, *_ = (s for s in made.inputs if s.type == "VALUE")
        self.link(share, factor)
        sockets = [s for s in made.inputs if s.type == kind and s.name in "AB"]
        for socket, value in zip(sockets, (a, b), strict=True):
            if hasattr(value, "is_output"):
                self.link(value, socket)
            else:
                socket.default_value = value
        return next(s for s in made.outputs if s.type == kind)

    def scaled(self, value: Any, factor: float) -> Any:
        """A socket's number times a factor."""
        made = self.node("ShaderNodeMath", operation="MULTIPLY")
        self.link(value, made.inputs[0])
        made.inputs[1].default_value = factor
        return made.outputs[0]


@dataclass(frozen=True)
class ImagesOf:
    """Where a material's images come from.

    Attributes:
        own: Gives the model's textures.
        library: Gives the library's images.
        relief: Gives heights of the library's normal maps.
    """

    own: Images
    library: Images
    relief: Callable[[str], Any]


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
    shader, own, library = Shader(bpy, material.name), images.own, images.library
    color, alpha = _base_color(shader, model, material, surface, own, library)
    _alpha(shader, material, alpha)
    roughness, metallic = _gloss(shader, material, surface, own, library)
    transmission: Any = material.transmission if surface.transmission is None else surface.transmission
    if surface.wear is not None:
        worn = shader.node("ShaderNodeSeparateColor")
        shader.link(_box_projected(shader, library(surface.wear, False), surface), worn.inputs["Color"])
        dull, dusty = (shader.scaled(worn.outputs[name], surface.wear_strength) for name in ("Red", "Green"))
        color = shader.mixed(color, (*DUST_COLOR, 1.0), dusty)
        roughness = shader.mixed(roughness, WORN_ROUGHNESS, dull)
        metallic, transmission = (shader.mixed(value, 0.0, dusty) for value in (metallic, transmission))
    shader.put("Base Color", color)
    shader.put("Roughness", roughness)
    shader.put("Metallic", metallic)
    _emission(shader, material, surface, own)
    shader.put("Transmission Weight", transmission)
    shader.put("IOR", material.ior)
    _normal(shader, material, surface, images, scale)
    return shader.material


def _normal(shader: Shader, material: Material, surface: Surface, images: ImagesOf, scale: float) -> None:
    if surface.normal_map is not None:
        bump = shader.node("ShaderNodeBump")
        bump.inputs["Strength"].default_value = 1.0
        bump.inputs["Distance"].default_value = surface.tile_m[0] * scale
        shader.link(_box_projected(shader, images.relief(surface.normal_map), surface), bump.inputs["Height"])
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
        return _shifted(shader, _box_projected(shader, library(surface.texture, True), surface), surface), alpha
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


def _box_projected(shader: Shader, image: Any, surface: Surface) -> Any:
    coordinates = shader.node("ShaderNodeTexCoord")
    mapping = shader.node("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = tuple(1 / edge for edge in surface.tile_m)
    shader.link(coordinates.outputs["Object"], mapping.inputs["Vector"])
    texture = shader.node("ShaderNodeTexImage", image=image, projection="BOX", projection_blend=0.15)
    shader.link(mapping.outputs["Vector"], texture.inputs["Vector"])
    return texture.outputs["Color"]


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
        channels = shader.node("ShaderNodeSeparateColor")
        shader.link(_box_projected(shader, library(map, False), surface), channels.inputs["Color"])
        return shader.scaled(channels.outputs["Green"], 1.0 if changed is None else changed)

    return (
        chosen(roughness, surface.roughness, surface.roughness_map),
        chosen(metallic, surface.metallic, surface.metallic_map),
    )


def _emission(shader: Shader, material: Material, surface: Surface, own: Images) -> None:
    emission = material.emission if surface.emission is None else surface.emission
    if not any(emission):
        return
    strength = max(emission)
    color: Any = (*(c / strength for c in emission), 1.0)
    if material.emission_texture and surface.emission is None:
        color = shader.product(shader.texture(own(material.emission_texture, True)).outputs["Color"], color)
    shader.put("Emission Color", color)
    shader.put("Emission Strength", strength)
