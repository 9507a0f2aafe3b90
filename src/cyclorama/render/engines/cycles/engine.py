"""Renders scenes with Cycles and reads the pictures from memory."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.library import Library
from cyclorama.core.model import Model
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Instance, Scene
from cyclorama.render.engines.cycles.images import byte_image, light_image
from cyclorama.render.engines.cycles.lights import World, new_lamp, set_camera
from cyclorama.render.engines.cycles.materials import new_material
from cyclorama.render.engines.cycles.meshes import new_mesh
from cyclorama.render.engines.cycles.session import configure, import_blender, quiet

# Lighting needs no finer map: 40 % less time for .4 dB.
ENVIRONMENT_WIDTH_PX = 512


class Kept:
    """Blender's data by name, the latest used; older ones are removed from Blender's memory."""

    def __init__(self, remove: Callable[[Any], None], capacity: int) -> None:
        self._remove, self._capacity = remove, capacity
        self._items: OrderedDict[str, Any] = OrderedDict()

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        """The item of that name, made if it is not there."""
        if name not in self._items:
            self._items[name] = make()
        self._items.move_to_end(name)
        return self._items[name]

    def trim(self) -> None:
        """Remove what was not used for longest."""
        while len(self._items) > self._capacity:
            self._remove(self._items.popitem(last=False)[1])


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
        self._meshes = Kept(bpy.data.meshes.remove, 256)
        self._images = Kept(bpy.data.images.remove, 128)
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
        return picture.reshape(scene.camera.height, scene.camera.width, 4)[::-1]

    def close(self) -> None:
        """Empty Blender's memory."""
        self._forget_results()
        with quiet():
            self._bpy.ops.wm.read_factory_settings(use_empty=True)

    def _read_results(self) -> Callable[[], None]:
        """Catch each picture when Cycles has finished it: it is not reachable from Python later. Gives what ends it."""
        import cycles  # type: ignore[import-not-found]

        blender_render = cycles.CyclesRender.render

        def render_and_keep(engine: Any, depsgraph: Any) -> None:
            # Asked first: while it renders, Blender frees the depsgraph to save memory.
            render = depsgraph.scene.render
            picture = np.empty(render.resolution_x * render.resolution_y * 4, np.float32)
            blender_render(engine, depsgraph)
            engine.get_result().layers[0].passes["Combined"].rect.foreach_get(picture)
            self._result = picture

        cycles.CyclesRender.render = render_and_keep
        return partial(setattr, cycles.CyclesRender, "render", blender_render)

    def _build(self, scene: Scene) -> None:
        blender = self._bpy.context.scene
        set_camera(blender, scene.camera)
        for lamp in scene.lamps:
            blender.collection.objects.link(new_lamp(self._bpy, lamp))
        for instance in scene.instances:
            blender.collection.objects.link(self._new_object(instance))
        environment = scene.environment
        self._world.show(environment, None if environment.map is None else self._environment_image(environment.map))
        blender.cycles.seed = (scene.seed * 1_000_003 + scene.index) % 2**31

    def _new_object(self, instance: Instance) -> Any:
        model = self._library.model(instance.model)
        mesh = self._meshes.get(model.id, lambda: new_mesh(self._bpy, model))
        made = self._bpy.data.objects.new(f"instance {instance.id}", mesh)
        made.matrix_world = instance.world_from_model.T.tolist()
        for slot, material in zip(made.material_slots, model.materials, strict=True):
            slot.link = "OBJECT"
            slot.material = new_material(
                self._bpy, model, material, instance.surface, self._textures(model), self._library_image
            )
        return made

    def _textures(self, model: Model) -> Callable[[str, bool], Any]:
        def image(name: str, is_color: bool) -> Any:
            key = f"{model.id}/{name}/{is_color}"
            return self._images.get(key, lambda: byte_image(self._bpy, key, model.textures[name], is_color=is_color))

        return image

    def _library_image(self, id: str, is_color: bool) -> Any:
        return self._images.get(id, lambda: byte_image(self._bpy, id, self._library.image(id), is_color=is_color))

    def _environment_image(self, id: str) -> Any:
        return self._images.get(id, lambda: light_image(self._bpy, id, self._lighting_copy(id)))

    def _lighting_copy(self, id: str) -> FloatArray:
        radiance = self._library.environment(id)
        if radiance.shape[1] <= ENVIRONMENT_WIDTH_PX:
            return radiance
        size = (ENVIRONMENT_WIDTH_PX, ENVIRONMENT_WIDTH_PX // 2)
        return np.asarray(cv2.resize(radiance, size, interpolation=cv2.INTER_AREA), np.float32)

    def _clear(self) -> None:
        """Remove what was made for one scene; meshes and textures are kept for the next."""
        data, camera = self._bpy.data, self._bpy.context.scene.camera
        data.batch_remove([*(o for o in data.objects if o != camera), *data.lights, *data.materials])
        self._meshes.trim()
        self._images.trim()
