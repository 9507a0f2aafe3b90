"""Depth as the lamps see it, all their views in one texture."""

from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.render.engines.raster.lamps import Shining
from cyclorama.render.engines.raster.programs import assign, bind, new_program
from cyclorama.render.engines.raster.shadows import ShadowView
from cyclorama.render.engines.raster.surfaces import Coat
from cyclorama.render.engines.raster.textures import data_texture
from cyclorama.render.engines.raster.things import Thing, ball_around
from cyclorama.render.engines.raster.view import columns

TILES_A_ROW = 4
# Of the shader: for what is opaque everywhere, and for what is not.
VARIANTS: tuple[tuple[str, ...], ...] = ((), ("SHEER",), ("SHEER", "ALPHA_TEXTURE"))
# From this many views on, each is given half the edge.
MANY_VIEWS = 9

# Multiples of it, less their whole part, are far from each other.
GOLDEN_SHARE = 0.6180339887


@dataclass(frozen=True, eq=False)
class Lighting:
    """The lamps of one picture.

    Attributes:
        lamps: (4, 4) each, as ``lighting.glsl`` takes them.
        views: From where their shadows are drawn, as ``shadows.glsl`` takes them.
    """

    lamps: tuple[FloatArray, ...]
    views: moderngl.Texture
    shadow_map: moderngl.Texture

    def release(self) -> None:
        """Give back what is of this picture alone."""
        self.views.release()


class ShadowMap:
    """Draws shadow maps; keeps the latest size's texture."""

    def __init__(self, context: moderngl.Context, tile_px: int) -> None:
        self._context, self._tile_px = context, tile_px
        self._largest_px = int(context.info["GL_MAX_TEXTURE_SIZE"])
        self._programs = {d: new_program(context, "shadow.vert", ["shadow.frag"], d) for d in VARIANTS}
        self._target: tuple[moderngl.Framebuffer, moderngl.Texture] | None = None

    def draw(self, lamps: Sequence[Shining], things: Sequence[Thing]) -> Lighting:
        """The lamps, and the shadows that things cast in their light."""
        views: list[tuple[ShadowView, list[Thing]]] = []
        rows = []
        for lamp in lamps:
            casters = [t for t in things if not t.is_ground and t.instance.id != lamp.source]
            seen = lamp.views(*ball_around(casters)) if casters else []
            rows.append(lamp.row(len(views), len(seen)))
            views += [(view, casters) for view in seen]
        tile_px = self._fitting(len(views))
        buffer, depth = self._sized(len(views), tile_px)
        buffer.use()  # Else the part that the last target was limited to is all that is cleared.
        buffer.clear(depth=1.0)
        tiles = [self._view(i, view, casters, buffer, tile_px) for i, (view, casters) in enumerate(views)]
        return Lighting(
            tuple(rows),
            data_texture(self._context, np.array(tiles or [np.zeros((6, 4))])),
            depth,
        )

    def _fitting(self, views: int) -> int:
        """Edge of a view: halved where there are many, and until the device can hold them all."""
        tile_px = self._tile_px if views < MANY_VIEWS else self._tile_px // 2
        while -(-views // TILES_A_ROW) * tile_px > self._largest_px:
            tile_px //= 2
        return tile_px

    def _sized(self, views: int, tile_px: int) -> tuple[moderngl.Framebuffer, moderngl.Texture]:
        size = (min(max(views, 1), TILES_A_ROW) * tile_px, -(-max(views, 1) // TILES_A_ROW) * tile_px)
        if self._target is not None and self._target[0].size != size:
            for held in self._target:
                held.release()
            self._target = None
        if self._target is None:
            depth = self._context.depth_texture(size)
            depth.compare_func, depth.filter = "", (moderngl.NEAREST, moderngl.NEAREST)
            depth.repeat_x = depth.repeat_y = False
            self._target = self._context.framebuffer(depth_attachment=depth), depth
        return self._target

    def _view(
        self, number: int, view: ShadowView, casters: Sequence[Thing], buffer: moderngl.Framebuffer, tile_px: int
    ) -> FloatArray:
        x, y = number % TILES_A_ROW * tile_px, number // TILES_A_ROW * tile_px
        buffer.use()
        buffer.viewport = (x, y, tile_px, tile_px)
        self._context.enable_only(moderngl.DEPTH_TEST)
        for thing in casters:
            if view.sees(thing.center, thing.radius_m):
                self._cast(thing, view)
        width, height = buffer.size
        # Half a texel in, so that lookups stay inside of the tile.
        tile = ((x + 0.5) / width, (y + 0.5) / height, (tile_px - 1) / width, (tile_px - 1) / height)
        return view.row(tile, tile_px)

    def _cast(self, thing: Thing, view: ShadowView) -> None:
        matrix = columns(view.clip_from_relative @ thing.relative_from_object)
        for coat, (first, count) in zip(thing.coats, thing.mesh.ranges, strict=True):
            if not count:
                continue
            program = self._programs[_variant(coat)]
            assign(
                program,
                clip_from_object=matrix,
                alpha=coat.values["base_color"][3],
                alpha_cutoff=coat.values["alpha_cutoff"],
                opacity=coat.opacity,
                phase=thing.instance.id * GOLDEN_SHARE % 1,
            )
            bind(program, **coat.textures)
            thing.mesh.array(self._context, program).render(vertices=count, first=first)


def _variant(coat: Coat) -> tuple[str, ...]:
    if not (coat.has_holes or coat.is_translucent):
        return ()
    return VARIANTS[2 if "ALPHA_TEXTURE" in coat.defines else 1]
