"""Renders scenes with OpenGL: opaque surfaces first, then their light, then what is seen through glass."""

from collections.abc import Sequence
from typing import Any, ClassVar

import moderngl
import numpy as np

from cyclorama.assets.environment_maps import Sun
from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.errors import InputError
from cyclorama.core.kept import Kept
from cyclorama.core.library import Library
from cyclorama.core.model import Model
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import GOBO, Environment, Instance, Scene
from cyclorama.render.edges import Stretch, edge_distances, stretch_of
from cyclorama.render.engines.raster.context import open_context
from cyclorama.render.engines.raster.ground import ground_of, is_below, lamps_irradiance
from cyclorama.render.engines.raster.lamps import Shining, glowing, shining
from cyclorama.render.engines.raster.meshes import Mesh, new_mesh
from cyclorama.render.engines.raster.passes import Passes
from cyclorama.render.engines.raster.pieces import pieces
from cyclorama.render.engines.raster.probe import Probe, ProbeMaker
from cyclorama.render.engines.raster.shadow_map import ShadowMap
from cyclorama.render.engines.raster.shot import Ambience, Shot
from cyclorama.render.engines.raster.surfaces import Coat, coat_of
from cyclorama.render.engines.raster.textures import new_texture
from cyclorama.render.engines.raster.things import Thing
from cyclorama.render.engines.raster.view import View, depth_range_m
from cyclorama.render.environment import GREY
from cyclorama.render.relabel import relabelled

# Samples along a pixel's edge, edge of a lamp's view of the shadows in texels, samples of each shadow.
QUALITIES = {"draft": (2, 512, 8), "fair": (2, 1024, 8), "good": (2, 1024, 16), "best": (4, 2048, 32)}
# Of the samples along a pixel's edge: more show no difference, and from more than 4 on windows get smaller.
MOST_SIDE = 8
MESH_BYTES, TEXTURE_BYTES, PROBE_BYTES = 192 << 20, 384 << 20, 64 << 20
# Nothing finer is shown, however large the texture: twice the picture's longer edge, and at least this.
LEAST_TEXTURE_PX = 1024


class Raster:
    """Rasterized light of scenes; one per process.

    There: GGX and Lambert under lamps with soft shadows and under the environment, textures, normal maps, vertex
    colours, holes, emission, ambient occlusion, light from the ground. Approximated: glass (see through.frag), of which
    three layers are seen through each other, things one by one; what lets light through casts a dithered shadow of the
    light that it takes, glass a grey one as if it were thin, without caustics (cycles, without them too, gives glass
    the shadow of something opaque); lamps are points but for their shadows and highlights, and so are glowing things;
    the ground is endless to what lies below it; of the environment only its brightest part casts a sharp shadow. Not
    there: light that one object reflects to another, reflections of one in another.
    """

    cores_per_worker: ClassVar[int] = 1

    def __init__(self, library: Library, settings: RenderSettings) -> None:
        if settings.quality not in QUALITIES:
            raise InputError(f"quality '{settings.quality}': expected one of {', '.join(QUALITIES)}")
        side, tile_px, taps = QUALITIES[settings.quality]
        self._side = min(max(1, round(settings.samples**0.5)), MOST_SIDE) if settings.samples else side
        self._library = library
        self._context = context = open_context(settings)
        # It need not be the last that was opened.
        with context:
            self._largest_px = int(context.info["GL_MAX_TEXTURE_SIZE"])
            self._passes = Passes(context, self._side, taps)
            self._shadows = ShadowMap(context, tile_px)
            self._probe_maker = ProbeMaker(context)
        self._meshes: Kept[tuple[Mesh, int]] = _kept(MESH_BYTES)
        self._textures: Kept[tuple[moderngl.Texture, int]] = _kept(TEXTURE_BYTES)
        self._probes: Kept[tuple[Probe, int]] = _kept(PROBE_BYTES)

    def render(self, scene: Scene) -> FloatArray:
        """(H, W, 4) float32 linear premultiplied RGBA; the backdrop is left out."""
        # Another engine of this process may have been at work.
        with self._context:
            return self._rendered(scene)

    def has_depth_of_field(self, scene: Scene) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def close(self) -> None:
        """Give the device's memory back."""
        self._context.release()

    def _rendered(self, scene: Scene) -> FloatArray:
        placed = [(i, relabelled(self._library.model(i.model), i.surface, self._library)) for i in scene.instances]
        texture_px = min(self._largest_px, max(LEAST_TEXTURE_PX, 2 * max(scene.camera.width, scene.camera.height)))
        things = [self._thing(i, m, scene, texture_px) for i, m in placed]
        seen = [thing for thing in things if thing.instance.layer != GOBO]
        probe, ambience, lamps = self._light(scene, seen)
        near_m, far_m = depth_range_m(scene.camera, [(t.instance, t.model) for t in seen])
        light = np.zeros((scene.camera.height, scene.camera.width, 4), np.float32)
        lighting = self._shadows.draw(lamps, things)
        try:
            for piece in pieces(scene.camera.width, scene.camera.height, self._side):
                view = View(scene.camera, piece.outer, near_m, far_m)
                drawn = self._passes.draw(Shot(view, seen, probe, ambience, lighting))
                light[piece.inner.slices] = piece.kept(drawn)
        finally:
            lighting.release()
        for kept in (self._meshes, self._textures, self._probes):
            kept.trim()
        return light

    def _thing(self, instance: Instance, model: Model, scene: Scene, texture_px: int) -> Thing:
        def own(name: str, is_color: bool) -> moderngl.Texture:
            key = (model.textures_id, name, is_color, texture_px)
            return self._texture(key, model.textures[name], is_color, texture_px)

        def library(id: str, is_color: bool) -> moderngl.Texture:
            return self._texture((id, is_color, texture_px), self._library.image(id), is_color, texture_px)

        mesh = self._mesh(model, stretch_of(instance.scale) if instance.surface.edge_wear else None)
        coats: tuple[Coat, ...] = tuple(coat_of(model, m, instance.surface, own, library) for m in model.materials)
        relative = np.array(instance.world_from_model)
        relative[:3, 3] -= scene.camera.world_from_camera[:3, 3]
        return Thing(instance, model, mesh, coats, relative)

    def _mesh(self, model: Model, worn: Stretch | None) -> Mesh:
        """A model's mesh; with its edges' distances, if they are worn under some stretch."""

        def make() -> tuple[Mesh, int]:
            return new_mesh(self._context, model, edge_distances(model, worn) if worn else None)

        return self._meshes.get((model.id, worn), make)[0]

    def _texture(self, key: object, pixels: ByteArray, is_color: bool, largest_px: int) -> moderngl.Texture:
        return self._textures.get(
            key, lambda: new_texture(self._context, pixels, is_color=is_color, largest_px=largest_px)
        )[0]

    def _light(self, scene: Scene, things: Sequence[Thing]) -> tuple[Probe, Ambience, list[Shining]]:
        """All light that the scene says: the environment's probe, how it is turned, and lamps, its sun among them."""
        environment, eye = scene.environment, scene.camera.world_from_camera[:3, 3]
        probe = self._probe(environment)
        factor = environment.strength * np.asarray(environment.tint, float)
        lamps = [shining(lamp, eye) for lamp in scene.lamps]
        lamps += [lamp for thing in things if thing.radiant_m2.any() for lamp in glowing(thing)]
        if probe.sun is not None and factor.any():
            lamps.append(_sunlight(probe.sun, factor, environment.rotation_rad))
        ground = ground_of(things)
        if ground is not None:
            lamps = [lamp for lamp in lamps if not is_below(lamp, ground)]
        return probe, _ambience(scene, things, probe, factor, lamps), lamps

    def _probe(self, environment: Environment) -> Probe:
        def make() -> tuple[Probe, int]:
            if environment.map is None:
                return self._probe_maker.make(np.full((32, 64, 3), GREY, np.float32))
            return self._probe_maker.make(self._library.environment(environment.map))

        return self._probes.get(environment.map, make)[0]


def _sunlight(sun: Sun, factor: FloatArray, rotation_rad: float) -> Shining:
    """An environment's sun as a lamp."""
    cosine, sine = np.cos(rotation_rad), np.sin(rotation_rad)
    x, y, z = sun.towards_it
    towards = -np.array([cosine * x - sine * y, sine * x + cosine * y, z])
    return Shining("sun", np.zeros(3), towards, sun.irradiance * factor, float(np.tan(sun.angle_rad)), gloss="map")


def _ambience(
    scene: Scene, things: Sequence[Thing], probe: Probe, factor: FloatArray, lamps: Sequence[Shining]
) -> Ambience:
    """The environment, and what the ground sends back of all light."""
    others = [t.radius_m for t in things if not t.is_ground]
    reach_m = float(np.median(others)) if others else 0.1
    turns = scene.environment.rotation_rad / (2 * np.pi)
    ground = ground_of(things)
    if ground is None:
        return Ambience(factor, turns, np.zeros(4), reach_m)
    eye = scene.camera.world_from_camera[:3, 3]
    irradiance = probe.irradiance_up * factor + lamps_irradiance(ground, things, scene.lamps, eye, reach_m)
    for sun in lamps:
        if sun.gloss == "map":
            irradiance = irradiance + sun.power * max(float(-sun.towards[2]), 0)
    radiance = ground.coats[0].mean_color() * irradiance / np.pi
    return Ambience(factor, turns, np.array([*radiance, 1.0]), reach_m)


def _kept(most_bytes: int) -> Kept[Any]:
    """For pairs of what holds the device's memory and its size in bytes."""
    return Kept(lambda held: held[0].release(), lambda held: int(held[1]), most_bytes)
