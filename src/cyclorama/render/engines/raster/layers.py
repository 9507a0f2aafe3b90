"""What is nearest in each sample and each pixel, as textures."""

import moderngl

NAMES = ("color_metallics", "normal_roughnesses", "emission_reflectances")
GLASSES = "glasses"


class Layer:
    """The nearest surfaces of one kind, opaque or translucent: samples, and the mean of each pixel's.

    The pixels' depth is no depth but their class: one smooth surface, or lit sample by sample (``resolve.frag``).
    """

    def __init__(self, context: moderngl.Context, width: int, height: int, side: int, *, is_glass: bool) -> None:
        names = (*NAMES, GLASSES) if is_glass else NAMES
        fine, size = (width * side, height * side), (width, height)
        self.samples = {name: context.texture(fine, 4, dtype="f2") for name in names}
        self.pixels = {name: context.texture(size, 4, dtype="f2") for name in names}
        self.means = context.texture(size, 2, dtype="f4")
        self.depths, self.classes = context.depth_texture(fine), context.depth_texture(size)
        self.depths.compare_func = ""
        resolved = [*(self.pixels[n] for n in NAMES), self.means, *(self.pixels[n] for n in names[len(NAMES) :])]
        self.sample_buffer = context.framebuffer(list(self.samples.values()), self.depths)
        self.pixel_buffer = context.framebuffer(resolved, self.classes)
        for texture in self._textures():
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)

    def release(self) -> None:
        """Give the device's memory back."""
        self.sample_buffer.release()
        self.pixel_buffer.release()
        for texture in self._textures():
            texture.release()

    def _textures(self) -> list[moderngl.Texture]:
        return [*self.samples.values(), *self.pixels.values(), self.means, self.depths, self.classes]


class Targets:
    """All textures of one window's size; those for glass are made when first asked for."""

    def __init__(self, context: moderngl.Context, width: int, height: int, side: int) -> None:
        self.size = (width, height)
        self._context, self._side = context, side
        self.opaque = Layer(context, width, height, side, is_glass=False)
        self.openness = context.texture((-(-width // 2), -(-height // 2)), 2, dtype="f4")
        self.light, self.whole = (context.texture(self.size, 4, dtype="f4") for _ in range(2))
        for texture in (self.openness, self.light, self.whole):
            texture.repeat_x = texture.repeat_y = False
        self.open_buffer = context.framebuffer([self.openness])
        # Lighting is added where the classes say; clearing and copying must leave them alone.
        self.light_buffer, self.whole_buffer = context.framebuffer([self.light]), context.framebuffer([self.whole])
        self.opaque_buffer = context.framebuffer([self.light], self.opaque.classes)
        self._glass: tuple[Layer, moderngl.Framebuffer] | None = None

    @property
    def glass(self) -> tuple[Layer, moderngl.Framebuffer]:
        """The translucent layer, and where its light is added to the whole picture."""
        if self._glass is None:
            layer = Layer(self._context, *self.size, self._side, is_glass=True)
            self._glass = layer, self._context.framebuffer([self.whole], layer.classes)
        return self._glass

    def release(self) -> None:
        """Give the device's memory back."""
        if self._glass is not None:
            self._glass[1].release()
            self._glass[0].release()
        for buffer in (self.open_buffer, self.light_buffer, self.whole_buffer, self.opaque_buffer):
            buffer.release()
        for texture in (self.openness, self.light, self.whole):
            texture.release()
        self.opaque.release()
