"""The passes over one window of the picture.

Software rasterizers take both ways of a branch but skip what the depth test rejects. So choices are made by passes:
pixels that show one smooth surface are lit once, at the mean of their samples, and only the others sample by sample.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import moderngl
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.render.engines.raster.layers import Layer, Targets
from cyclorama.render.engines.raster.probe import lobe_albedos
from cyclorama.render.engines.raster.programs import assign, bind, new_program
from cyclorama.render.engines.raster.shot import Shot
from cyclorama.render.engines.raster.textures import data_texture
from cyclorama.render.engines.raster.things import Thing
from cyclorama.render.engines.raster.translucency import glass_window, layered
from cyclorama.render.engines.raster.view import View, columns

SURFACE = ["surface_types.glsl", "surface.glsl"]
LIGHTING = ["surface_types.glsl", "samples.glsl", "environment.glsl", "shadows.glsl", "lighting.glsl"]
# Depths that no rounding to 24 bits can part from themselves.
SMOOTH, MANY_SIDED = 0.0, 0.25
MOST_TAPS = 32
GOLDEN_ANGLE_RAD = np.pi * (3 - 5**0.5)


class Passes:
    """Programs and targets; keeps the targets of the latest size."""

    def __init__(self, context: moderngl.Context, side: int, shadow_taps: int) -> None:
        self._context, self._side, self._shadow_taps = context, side, shadow_taps
        self._programs: dict[tuple[str, ...], moderngl.Program] = {}
        self._screens: dict[moderngl.Program, moderngl.VertexArray] = {}
        albedos = lobe_albedos()
        self._albedos = data_texture(context, np.concatenate([albedos, 0 * albedos], axis=-1))
        self._albedos.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._albedos.repeat_x = self._albedos.repeat_y = False
        self._targets: Targets | None = None

    def draw(self, shot: Shot) -> FloatArray:
        """(h, w, 4) float32 light of the view's window, linear and premultiplied."""
        targets = self._sized(*shot.view.window.shape)
        self._draw_samples(shot, targets)
        self._occlude(shot, targets)
        self._light_opaque(shot, targets)
        if not shot.has_glass:
            return _read(targets.light_buffer)
        for number, things in enumerate(layered(shot)):
            if number:
                self._copy(targets.whole_buffer, targets.light_buffer)
            else:
                self._copy(targets.light_buffer, targets.whole_buffer)
            layer = replace(shot, things=things)
            self._draw_glass(layer, targets)
            self._light_glass(layer, targets)
        return _read(targets.whole_buffer)

    def _sized(self, height: int, width: int) -> Targets:
        if self._targets is None or self._targets.size != (width, height):
            if self._targets is not None:
                self._targets.release()
            self._targets = Targets(self._context, width, height, self._side)
        return self._targets

    def _program(self, vertex: str, fragment: Sequence[str], defines: Sequence[str] = ()) -> moderngl.Program:
        key = (vertex, *fragment, *defines)
        if key not in self._programs:
            self._programs[key] = new_program(self._context, vertex, fragment, defines)
        return self._programs[key]

    def _fill(self, program: moderngl.Program) -> None:
        """Run a program in every pixel that the depth test leaves."""
        if program not in self._screens:
            self._screens[program] = self._context.vertex_array(program, [])
        self._screens[program].render(vertices=3)

    def _draw_samples(self, shot: Shot, targets: Targets) -> None:
        layer = targets.opaque
        layer.sample_buffer.use()
        layer.sample_buffer.clear(depth=1.0)
        self._context.enable_only(moderngl.DEPTH_TEST)
        # What is in front hides the rest before it is shaded; the ground is behind most things.
        for thing in sorted(shot.things, key=lambda t: (t.is_ground, float(np.linalg.norm(t.center)))):
            self._draw(shot.view, thing, is_translucent=False)
        self._resolve(shot.view, layer)

    def _draw_glass(self, shot: Shot, targets: Targets) -> None:
        layer, _ = targets.glass
        self._limit(shot, targets)
        layer.sample_buffer.use()
        layer.sample_buffer.clear(depth=1.0)
        self._context.enable_only(moderngl.DEPTH_TEST)
        for thing in shot.things:
            self._draw(shot.view, thing, is_translucent=True, depths=targets.opaque.depths)
        self._resolve(shot.view, layer, "GLASS")

    def _limit(self, shot: Shot, targets: Targets) -> None:
        """Leave what is far from all glass as it is."""
        layer, buffer = targets.glass
        x, y, width, height = glass_window(shot)
        side = self._side
        layer.sample_buffer.scissor = (side * x, side * y, side * width, side * height)
        layer.pixel_buffer.scissor = buffer.scissor = (x, y, width, height)

    def _draw(self, view: View, thing: Thing, *, is_translucent: bool, **textures: moderngl.Texture) -> None:
        """Draw the parts of a thing that are translucent, or those that are not."""
        for coat, (first, count) in zip(thing.coats, thing.mesh.ranges, strict=True):
            if not count or coat.is_translucent != is_translucent:
                continue
            last = "glass.frag" if is_translucent else "mesh.frag"
            program = self._program("mesh.vert", [*SURFACE, last], (*coat.defines, *["FLAT"] * thing.mesh.is_flat))
            assign(
                program,
                relative_from_object=columns(thing.relative_from_object),
                normal_from_object=columns(thing.normal_from_object),
                clip_from_relative=columns(view.clip_from_relative),
                thickness_m=thing.radius_m,
                solidity=thing.solidity,
                **coat.values,
            )
            bind(program, **coat.textures, **textures)
            self._cull(thing)
            thing.mesh.array(self._context, program).render(vertices=count, first=first)

    def _cull(self, thing: Thing) -> None:
        # The camera may be within a thing.
        is_outside = float(np.linalg.norm(thing.center)) > thing.radius_m
        if not (thing.mesh.is_closed and is_outside) or thing.shows_inside:
            self._context.disable(moderngl.CULL_FACE)
            return
        self._context.enable(moderngl.CULL_FACE)
        # The picture's rows run against OpenGL's, so what was counter-clockwise is clockwise.
        self._context.front_face = "ccw" if thing.is_mirrored else "cw"

    def _resolve(self, view: View, layer: Layer, *defines: str) -> None:
        layer.pixel_buffer.use()
        layer.pixel_buffer.clear(depth=1.0)
        self._context.enable_only(moderngl.DEPTH_TEST)
        program = self._program("screen.vert", ["samples.glsl", "resolve.frag"], defines)
        self._camera(program, view)
        bind(program, depths=layer.depths, **layer.samples)
        self._fill(program)

    def _occlude(self, shot: Shot, targets: Targets) -> None:
        targets.open_buffer.use()
        self._context.enable_only(moderngl.NOTHING)
        program = self._program("screen.vert", ["samples.glsl", "occlusion.frag"])
        self._camera(program, shot.view)
        samples_per_m = float(shot.view.camera.k[0, 0]) * self._side
        assign(program, reach_m=shot.ambience.reach_m, samples_per_m=samples_per_m)
        bind(program, depths=targets.opaque.depths, **targets.opaque.samples)
        self._fill(program)

    def _camera(self, program: moderngl.Program, view: View) -> None:
        rays = columns(view.ray_from_sample(self._side))
        assign(program, near_far=(view.near_m, view.far_m), ray_from_sample=rays, side=self._side)

    def _light_opaque(self, shot: Shot, targets: Targets) -> None:
        targets.light_buffer.use()
        targets.light_buffer.clear()
        targets.opaque_buffer.use()
        self._add_light(shot, targets.opaque, (), openness=targets.openness)

    def _copy(self, source: moderngl.Framebuffer, target: moderngl.Framebuffer) -> None:
        # Used, so that all of it is copied and not only the part that glass is limited to.
        target.use()
        self._context.copy_framebuffer(target, source)

    def _light_glass(self, shot: Shot, targets: Targets) -> None:
        layer, buffer = targets.glass
        targets.light.build_mipmaps()
        targets.light.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        buffer.use()
        self._add_light(shot, layer, ("GLASS",))
        through = self._lighting_program("through.frag", shot, layer, ("GLASS",))
        assign(through, clip_from_relative=columns(shot.view.clip_from_relative))
        for _ in self._parts(through, layer):
            bind(through, behind=targets.light, opaque_depths=targets.opaque.depths)
            self._fill(through)

    def _add_light(self, shot: Shot, layer: Layer, defines: Sequence[str], **textures: moderngl.Texture) -> None:
        """Add environment and lamps, as a layer sends them to the camera, to the target in use."""
        ambient = self._lighting_program("ambient.frag", shot, layer, defines)
        for _ in self._parts(ambient, layer):
            bind(ambient, **textures)
            self._fill(ambient)
        if not shot.lighting.lamps:
            return
        program = self._lighting_program("lamp.frag", shot, layer, defines)
        for lamp in shot.lighting.lamps:
            assign(program, lamp=[tuple(row) for row in lamp])
            for _ in self._parts(program, layer):
                self._fill(program)

    def _parts(self, program: moderngl.Program, layer: Layer) -> Iterator[None]:
        """Set a program up for all smooth pixels, then for each sample of the others."""
        self._context.enable_only(moderngl.DEPTH_TEST | moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE
        self._context.depth_func = "=="
        try:
            assign(program, of_pixels=True, class_depth=SMOOTH, corner=(0, 0))
            bind(program, **layer.pixels)
            yield
            assign(program, of_pixels=False, class_depth=MANY_SIDED)
            bind(program, **layer.samples)
            for sample in range(self._side**2):
                assign(program, corner=(sample % self._side, sample // self._side))
                yield
        finally:
            self._context.depth_func = "<"

    def _lighting_program(self, name: str, shot: Shot, layer: Layer, defines: Sequence[str]) -> moderngl.Program:
        program = self._program("class.vert", [*LIGHTING, name], defines)
        self._camera(program, shot.view)
        assign(program, **self._light_values(shot))
        bind(
            program,
            depths=layer.depths,
            means=layer.means,
            reflections=shot.probe.reflections,
            shaded_reflections=shot.probe.shaded_reflections,
            irradiance=shot.probe.above if shot.ambience.ground[3] else shot.probe.irradiance,
            albedos=self._albedos,
            shadow_views=shot.lighting.views,
            shadow_map=shot.lighting.shadow_map,
        )
        return program

    def _light_values(self, shot: Shot) -> dict[str, Any]:
        width, height = shot.lighting.shadow_map.size
        steps = np.arange(MOST_TAPS)
        radii = np.sqrt((steps + 0.5) / self._shadow_taps)
        taps = radii[:, None] * np.stack([np.cos(GOLDEN_ANGLE_RAD * steps), np.sin(GOLDEN_ANGLE_RAD * steps)], axis=1)
        return {
            "environment_turns": shot.ambience.turns,
            "environment_factor": tuple(shot.ambience.factor),
            "ground": tuple(shot.ambience.ground),
            "shadow_texel": (1 / width, 1 / height),
            "shadow_taps": self._shadow_taps,
            "taps": [tuple(tap) for tap in taps],
        }


def _read(buffer: moderngl.Framebuffer) -> FloatArray:
    """(h, w, 4) float32."""
    return np.frombuffer(buffer.read(components=4, dtype="f4"), np.float32).reshape(buffer.height, buffer.width, 4)
