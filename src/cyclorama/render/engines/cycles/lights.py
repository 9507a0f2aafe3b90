"""Our lamps, environment and camera as Blender's."""

from typing import Any

import numpy as np

from cyclorama.core.geometry import rigid, rotation_between
from cyclorama.core.scene import Camera, Environment, Lamp

# Our camera looks along +z with y down, Blender's along -z with y up.
CAMERA_FROM_BLENDER_CAMERA = np.diag([1.0, -1.0, -1.0, 1.0])
SENSOR_MM = 36.0
# Blender makes no picture of fewer rows or columns.
SMALLEST_PX = 4
IMPORTANCE_MAP_PX = 512


def new_lamp(bpy: Any, lamp: Lamp) -> Any:
    """An object that shines as ``lamp`` does."""
    light = bpy.data.lights.new("lamp", lamp.kind.upper())
    light.color = lamp.color
    light.energy = lamp.power_w
    if lamp.kind == "area":
        light.shape, light.size = "SQUARE", lamp.size_m
    elif lamp.kind == "sun":
        light.angle = 0.0093  # The sun's disc, radians.
    else:
        light.shadow_soft_size = lamp.size_m
    if lamp.kind == "spot":
        light.spot_size = lamp.spot_angle_rad
    made = bpy.data.objects.new("lamp", light)
    pose = rigid(rotation_between([0, 0, -1], lamp.direction), lamp.position_m)
    made.matrix_world = pose.T.tolist()
    return made


def set_camera(scene: Any, camera: Camera) -> None:
    """Give Blender's camera our intrinsics and pose; exact for any centre and for oblong pixels.

    A smaller picture than Blender makes goes on to the right and below.
    """
    render, lens = scene.render, scene.camera.data
    width, height = max(camera.width, SMALLEST_PX), max(camera.height, SMALLEST_PX)
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    fx, fy, cx, cy = camera.k[0, 0], camera.k[1, 1], camera.k[0, 2], camera.k[1, 2]
    aspect = fx / fy  # Height of a pixel over its width.
    render.pixel_aspect_x, render.pixel_aspect_y = max(1.0, 1 / aspect), max(1.0, aspect)
    lens.sensor_fit, lens.sensor_width = "HORIZONTAL", SENSOR_MM
    lens.lens = fx / width * SENSOR_MM
    lens.clip_start, lens.clip_end = 1e-3, 1e4
    lens.dof.use_dof, lens.dof.focus_distance = camera.aperture_m > 0, camera.focus_m
    if camera.aperture_m > 0:
        lens.dof.aperture_fstop = lens.lens / 1000 / camera.aperture_m
    lens.shift_x = (0.5 * width - cx) / width
    lens.shift_y = (cy - 0.5 * height) * aspect / width
    scene.camera.matrix_world = (camera.world_from_camera @ CAMERA_FROM_BLENDER_CAMERA).T.tolist()


class World:
    """The environment's nodes, made once."""

    def __init__(self, bpy: Any) -> None:
        self._world = bpy.data.worlds.new("environment")
        bpy.context.scene.world = self._world
        self._world.cycles.sampling_method = "MANUAL"
        self._world.cycles.sample_map_resolution = IMPORTANCE_MAP_PX
        tree = self._world.node_tree
        tree.nodes.clear()
        coordinates, self._mapping = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeMapping")
        self._image, self._tint = tree.nodes.new("ShaderNodeTexEnvironment"), tree.nodes.new("ShaderNodeMix")
        self._tint.data_type, self._tint.blend_type = "RGBA", "MULTIPLY"
        self._tint.inputs["Factor"].default_value = 1.0
        self._first, self._second = (s for s in self._tint.inputs if s.type == "RGBA")
        result = next(s for s in self._tint.outputs if s.type == "RGBA")
        self._background, output = tree.nodes.new("ShaderNodeBackground"), tree.nodes.new("ShaderNodeOutputWorld")
        self._links = tree.links
        tree.links.new(coordinates.outputs["Generated"], self._mapping.inputs["Vector"])
        tree.links.new(self._mapping.outputs["Vector"], self._image.inputs["Vector"])
        tree.links.new(result, self._background.inputs["Color"])
        tree.links.new(self._background.outputs["Background"], output.inputs["Surface"])

    def show(self, environment: Environment, image: Any | None) -> None:
        """Light the scene by ``image``, or by an even grey without one."""
        for link in list(self._first.links):
            self._links.remove(link)
        if image is None:
            self._first.default_value = (0.5, 0.5, 0.5, 1.0)
        else:
            self._image.image = image
            self._links.new(self._image.outputs["Color"], self._first)
        self._second.default_value = (*environment.tint, 1.0)
        self._background.inputs["Strength"].default_value = environment.strength
        # Turning the map by an angle is looking it up in the direction turned back.
        self._mapping.inputs["Rotation"].default_value = (0.0, 0.0, -environment.rotation_rad)
