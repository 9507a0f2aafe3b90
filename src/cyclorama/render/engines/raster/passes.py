"""The passes over one window of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.render.engines.raster.probe import Probe, lobe_albedos
from cyclorama.render.engines.raster.programs import assign, bind, new_program, number_units
from cyclorama.render.engines.raster.shadow_map import Lighting
from cyclorama.render.engines.raster.textures import data_texture
from cyclorama.render.engines.raster.things import Thing
from cyclorama.render.engines.raster.view import View, columns

GLASS = ["surface_types.glsl", "surface.glsl", "samples.glsl"]
LIGHTING = ["surface_types.glsl", "environment.glsl", "shadows.glsl", "lighting.glsl"]


@dataclass(frozen=True, eq=False)
class Ambience:
    """The environment as this scene has it.

    Attributes:
        factor: (3,) on the map's radiance.
        turns: Of the map about the world's z.
        ground: (4,) radiance that comes from below the horizon, and 1; zeros without a ground.
        reach_m: How far off things hide the environment's light.
    """

    factor: FloatArray
    turns: float
    ground: FloatArray
    reach_m: float


class Targets:
    """Textures of one window's size."""

    def __init__(self, context: moderngl.Context, width: int, height: int, side: int) -> None:
        self.size = (width, height)
        fine = (width * side, height * side)
        self.colors = context.texture(fine, 4, dtype="f2")
        self.normals = context.texture(fine, 4, dtype="f2")
        self.emissions = context.texture(fine, 4, dtype="f2")
        self.depths = context.depth_texture(fine)
        self.depths.compare_func = ""
        self.openness = context.texture(self.size, 1, dtype="f1")
        self.light = context.texture(self.size, 4, dtype="f4")
        self.final = context.texture(self.size, 4, dtype="f4")
        self.glass = [context.texture(fine, 4, dtype="f2") for _ in range(2)]
        for texture in (self.colors, self.normals, self.emissions, self.depths, self.openness, self.final, *self.glass):
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.samples = context.framebuffer([self.colors, self.normals, self.emissions], self.depths)
        self.opened = context.framebuffer([self.openness])
        self.lit = context.framebuffer([self.light])
        self.over = context.framebuffer(self.glass, self.depths)
        self.resolved = context.framebuffer([self.final])

    def release(self) -> None:
        """Give the device's memory back."""
        for buffer in (self.samples, self.opened, self.lit, self.over, self.resolved):
            buffer.release()
        textures = (self.colors, self.normals, self.emissions, self.depths, self.openness, self.light, self.final)
        for texture in (*textures, *self.glass):
            texture.release()


class Passes:
    """Programs and targets; keeps the targets of the latest size."""

    def __init__(self, context: moderngl.Context, side: int, shadow_taps: int) -> None:
        self._context, self._side, self._taps = context, side, shadow_taps
        screen = "screen.vert"
        self._mesh = self._program("mesh.vert", ["surface_types.glsl", "surface.glsl", "mesh.frag"])
        self._occlusion = self._program(screen, ["samples.glsl", "occlusion.frag"])
        self._light = self._program(screen, ["samples.glsl", *LIGHTING, "light.frag"])
        self._glass = self._program("mesh.vert", [*GLASS, *LIGHTING[1:], "glass.frag"])
        self._resolve = self._program(screen, ["resolve.frag"])
        self._screens = {p: context.vertex_array(p, []) for p in (self._occlusion, self._light, self._resolve)}
        albedos = lobe_albedos()
        self._albedos = data_texture(context, np.concatenate([albedos, 0 * albedos], axis=-1))
        self._albedos.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._albedos.repeat_x = self._albedos.repeat_y = False
        self._targets: Targets | None = None

    def draw(
        self, view: View, things: Sequence[Thing], probe: Probe, ambience: Ambience, lighting: Lighting
    ) -> FloatArray:
        """(h, w, 4) float32 light of the view's window, linear and premultiplied."""
        targets = self._sized(*view.window.shape)
        self._draw_samples(view, things, targets)
        self._open(view, targets, ambience)
        self._shine(view, targets, probe, ambience, lighting)
        result = targets.lit
        if any(coat.is_translucent for thing in things for coat in thing.coats):
            self._draw_glass(view, things, targets, probe, ambience, lighting)
            result = targets.resolved
        height, width = view.window.shape
        return np.frombuffer(result.read(components=4, dtype="f4"), np.float32).reshape(height, width, 4)

    def _program(self, vertex: str, fragment: list[str]) -> moderngl.Program:
        program = new_program(self._context, vertex, fragment)
        number_units(program)
        return program

    def _sized(self, height: int, width: int) -> Targets:
        if self._targets is None or self._targets.size != (width, height):
            if self._targets is not None:
                self._targets.release()
            self._targets = Targets(self._context, width, height, self._side)
        return self._targets

    def _draw_samples(self, view: View, things: Sequence[Thing], targets: Targets) -> None:
        targets.samples.use()
        targets.samples.clear(depth=1.0)
        self._context.enable_only(moderngl.DEPTH_TEST)
        # What is in front hides the rest before it is shaded; the ground is behind most things.
        for thing in sorted(things, key=lambda t: (t.is_ground, float(np.linalg.norm(t.center)))):
            self._draw(self._mesh, view, thing, is_translucent=False)

    def _draw(self, program: moderngl.Program, view: View, thing: Thing, *, is_translucent: bool) -> None:
        """Draw the parts of a thing that are translucent, or those that are not."""
        if not any(coat.is_translucent == is_translucent for coat in thing.coats):
            return
        assign(
            program,
            relative_from_object=columns(thing.relative_from_object),
            normal_from_object=columns(thing.normal_from_object),
            clip_from_relative=columns(view.clip_from_relative),
            thickness_m=thing.radius_m,
            solidity=thing.mesh.solidity,
        )
        self._cull(thing)
        array = thing.mesh.array(self._context, program)
        for coat, (first, count) in zip(thing.coats, thing.mesh.ranges, strict=True):
            if count and coat.is_translucent == is_translucent:
                assign(program, **coat.values)
                bind(program, **coat.textures)
                array.render(vertices=count, first=first)

    def _cull(self, thing: Thing) -> None:
        is_cut = any(coat.values["alpha_cutoff"] >= 0 for coat in thing.coats)
        # The camera may be within a thing.
        is_outside = float(np.linalg.norm(thing.center)) > thing.radius_m
        if not (thing.mesh.is_closed and is_outside) or is_cut:
            self._context.disable(moderngl.CULL_FACE)
            return
        self._context.enable(moderngl.CULL_FACE)
        # The picture's rows run against OpenGL's, so what was counter-clockwise is clockwise.
        self._context.front_face = "ccw" if thing.is_mirrored else "cw"

    def _camera(self, program: moderngl.Program, view: View, targets: Targets) -> None:
        assign(
            program,
            near_far=(view.near_m, view.far_m),
            ray_from_sample=columns(view.ray_from_sample(self._side)),
            side=self._side,
        )
        bind(program, depths=targets.depths)

    def _open(self, view: View, targets: Targets, ambience: Ambience) -> None:
        targets.opened.use()
        self._context.enable_only(moderngl.NOTHING)
        self._camera(self._occlusion, view, targets)
        assign(
            self._occlusion,
            reach_m=ambience.reach_m,
            samples_per_m=float(view.camera.k[0, 0]) * self._side,
        )
        bind(self._occlusion, normals=targets.normals)
        self._screens[self._occlusion].render(vertices=3)

    def _lit_by(self, program: moderngl.Program, probe: Probe, ambience: Ambience, lighting: Lighting) -> None:
        width, height = lighting.shadow_map.size
        assign(
            program,
            environment_turns=ambience.turns,
            environment_factor=tuple(ambience.factor),
            ground=tuple(ambience.ground),
            lamp_count=lighting.count,
            shadow_texel=(1 / width, 1 / height),
            shadow_taps=self._taps,
        )
        bind(
            program,
            reflections=probe.reflections,
            shaded_reflections=probe.shaded_reflections,
            irradiance=probe.above if ambience.ground[3] else probe.irradiance,
            albedos=self._albedos,
            lamps=lighting.lamps,
            shadow_views=lighting.views,
            shadow_map=lighting.shadow_map,
        )

    def _shine(self, view: View, targets: Targets, probe: Probe, ambience: Ambience, lighting: Lighting) -> None:
        targets.lit.use()
        self._context.enable_only(moderngl.NOTHING)
        self._camera(self._light, view, targets)
        self._lit_by(self._light, probe, ambience, lighting)
        bind(
            self._light,
            color_metallics=targets.colors,
            normal_roughnesses=targets.normals,
            emission_reflectances=targets.emissions,
            openness=targets.openness,
        )
        self._screens[self._light].render(vertices=3)

    def _draw_glass(
        self,
        view: View,
        things: Sequence[Thing],
        targets: Targets,
        probe: Probe,
        ambience: Ambience,
        lighting: Lighting,
    ) -> None:
        targets.light.build_mipmaps()
        targets.light.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        targets.light.repeat_x = targets.light.repeat_y = False
        targets.over.use()
        targets.over.depth_mask = False
        for texture in targets.glass:
            texture.write(bytes(texture.width * texture.height * 8))
        self._context.enable_only(moderngl.DEPTH_TEST | moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._lit_by(self._glass, probe, ambience, lighting)
        self._camera(self._glass, view, targets)
        bind(self._glass, behind=targets.light)
        for thing in sorted(things, key=lambda t: -float(np.linalg.norm(t.center))):
            self._draw(self._glass, view, thing, is_translucent=True)
        targets.resolved.use()
        self._context.enable_only(moderngl.NOTHING)
        assign(self._resolve, side=self._side)
        bind(self._resolve, opaque=targets.light, light_covers=targets.glass[0], alpha_covers=targets.glass[1])
        self._screens[self._resolve].render(vertices=3)
