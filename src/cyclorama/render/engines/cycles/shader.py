"""A material of Blender's under construction."""

from typing import Any

from cyclorama.render.engines.cycles.meshes import UV


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
        kind = "RGBA" if isinstance(b, tuple) or getattr(b, "type", "") == "RGBA" else "VALUE"
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

    def math(self, operation: str, a: Any, b: Any = 0.0, *, is_clamped: bool = False) -> Any:
        """What a math node makes of two numbers, each a socket or a float."""
        made = self.node("ShaderNodeMath", operation=operation, use_clamp=is_clamped)
        for socket, value in zip(made.inputs, (a, b), strict=False):
            if hasattr(value, "is_output"):
                self.link(value, socket)
            else:
                socket.default_value = value
        return made.outputs[0]

    def scaled(self, value: Any, factor: float) -> Any:
        """A socket's number times a factor."""
        return self.math("MULTIPLY", value, factor)

    def box_projected(self, image: Any, tile_m: tuple[float, float, float]) -> Any:
        """Colour of a texture that lies on the object's box, its tiles so large along the three axes."""
        coordinates = self.node("ShaderNodeTexCoord")
        mapping = self.node("ShaderNodeMapping")
        mapping.inputs["Scale"].default_value = tuple(1 / edge for edge in tile_m)
        self.link(coordinates.outputs["Object"], mapping.inputs["Vector"])
        texture = self.node("ShaderNodeTexImage", image=image, projection="BOX", projection_blend=0.15)
        self.link(mapping.outputs["Vector"], texture.inputs["Vector"])
        return texture.outputs["Color"]
