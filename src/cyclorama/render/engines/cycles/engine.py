"""Renders scenes with Cycles and reads the pictures from memory."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.kept import Kept
from cyclorama.core.library import Library
from cyclorama.core.model import Model
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import GOBO, Camera, Instance, Scene, Surface
from cyclorama.render.edges import Stretch, edge_distances, stretch_of
from cyclorama.render.engines.cycles.lights import World, new_lamp, set_camera
from cyclorama.render.engines.cycles.materials import ImagesOf, new_material
from cyclorama.render.engines.cycles.meshes import mesh_bytes, new_mesh
from cyclorama.render.engines.cycles.session import configure, import_blender, quiet
from cyclorama.render.engines.cycles.textures import Fineness, Textures
from cyclorama.render.relabel import relabelled

# Of meshes, and of images, that stay in Blender from one scene to the next.
MOST_BYTES = 128 * 2**20


class Cycles:
    """Path-traced light of scenes; one per process."""

    cores_per_worker: ClassVar[int] = 2

    def __init__(self, library: Library, settings: RenderSettings) -> None:
        self._library = library
        self._bpy = bpy = import_blender()
        with quiet():
            configure(bpy, settings)
            scene = bpy.context.scene
            scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
            scene.collection.objects.link(scene.camera)
            self._world = World(bpy)
        self._meshes = Kept(bpy.data.meshes.remove, mesh_bytes, MOST_BYTES)
        self._textures = Textures(bpy, library, MOST_BYTES)
        self._result: FloatArray | None = None
        self._forget_results = self._read_results()

    def render(self, scene: Scene) -> FloatArray:
        """(H, W, 4) float32 linear premultiplied RGBA; the backdrop is left out."""
        with quiet():
            try:
                self._build(scene)
                self._bpy.ops.render.render()
            finally:
                self._clear()
        if self._result is None:
            raise RuntimeError(f"Blender gave no picture of scene {scene.index}")
        picture, self._result = self._result, None
        return picture[::-1][: scene.camera.height, : scene.camera.width]

    def has_depth_of_field(self, scene: Scene) -> bool:  # noqa: ARG002
        """Always: its paths begin all over the aperture."""
        return True

    def close(self) -> None:
        """Empty Blender's memory."""
        self._forget_results()
        with quiet():
            self._bpy.ops.wm.read_factory_settings(use_empty=True)

    def _read_results(self) -> Callable[[], None]:
        """Catch each picture when Cycles has finished it: it is not reachable from Python later. Gives what ends it."""
        import cycles  # type: ignore[import-not-found]

        blender_finish = cycles.CyclesRender.render_frame_finish

        def finish_and_keep(engine: Any) -> None:
            blender_finish(engine)  # Before, a picture of more than 2048 x 2048 pixels is still in tiles on the disk.
            result = engine.get_result()
            picture = np.empty((result.resolution_y, result.resolution_x, 4), np.float32)
            result.layers[0].passes["Combined"].rect.foreach_get(picture.reshape(-1))
            self._result = picture

        cycles.CyclesRender.render_frame_finish = finish_and_keep
        return partial(setattr, cycles.CyclesRender, "render_frame_finish", blender_finish)

    def _build(self, scene: Scene) -> None:
        blender = self._bpy.context.scene
        set_camera(blender, scene.camera)
        for lamp in scene.lamps:
            blender.collection.objects.link(new_lamp(self._bpy, lamp))
        looks: dict[Any, Any] = {}
        for instance in scene.instances:
            blender.collection.objects.link(self._new_object(instance, scene.camera, looks))
        environment = scene.environment
        self._world.show(environment, environment.map and self._textures.environment(environment.map))
        blender.cycles.seed = (scene.seed * 1_000_003 + scene.index) % 2**31

    def _new_object(self, instance: Instance, camera: Camera, looks: dict[Any, Any]) -> Any:
        """An object; the instances of a model that look the same share a mesh, which Cycles then holds once."""
        model = relabelled(self._library.model(instance.model), instance.surface, self._library)
        fineness = self._textures.fineness(model, instance, camera)
        # How far a bump reaches depends on the instance's scale.
        scale = instance.scale[0] if instance.surface.normal_map else 1.0
        worn = stretch_of(instance.scale) if instance.surface.edge_wear else None
        look = model.id, instance.surface, fineness, scale, worn
        if look not in looks:
            looks[look] = self._dressed(model, instance.surface, fineness, abs(scale), worn)
        made = self._bpy.data.objects.new(f"instance {instance.id}", looks[look])
        made.matrix_world = instance.world_from_model.T.tolist()
        made.visible_camera = instance.layer != GOBO
        return made

    def _dressed(self, model: Model, surface: Surface, fineness: Fineness, scale: float, worn: Stretch | None) -> Any:
        # Were the materials the objects' own, Cycles would hold the mesh once for each.
        mesh = self._mesh(model, worn).copy()
        textures = self._textures
        images = ImagesOf(
            textures.of_model(model, fineness),
            textures.of_library(fineness),
            textures.relief(fineness),
            textures.of_decals(surface, fineness),
        )
        for slot, material in enumerate(model.materials):
            mesh.materials[slot] = new_material(self._bpy, model, material, surface, images, scale)
        return mesh

    def _mesh(self, model: Model, worn: Stretch | None) -> Any:
        """A model's mesh; with its edges' distances, if they are worn under some stretch."""

        def make() -> Any:
            return new_mesh(self._bpy, model, edge_distances(model, worn) if worn else None)

        return self._meshes.get((model.id, worn), make)

    def _clear(self) -> None:
        """Remove what was made for one scene; bare meshes and textures are kept for the next."""
        data, camera = self._bpy.data, self._bpy.context.scene.camera
        objects = [o for o in data.objects if o != camera]
        data.batch_remove([*objects, *(set(data.meshes) - set(self._meshes)), *data.lights, *data.materials])
        self._meshes.trim()
        self._textures.trim()
