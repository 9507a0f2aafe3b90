"""Renders and labels scenes with BlenderProc; runs in its own Python: ``python blenderproc_side.py JOB.json``.

BlenderProc 2.8.0 as PyPI has it starts only inside a Blender that it downloaded, or where
OUTSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT_BUT_IN_RUN_SCRIPT is set, which lets its modules be imported one by
one. This program does that under a Python that holds ``bpy``: BlenderProc's code is as it was published. ``init`` fails
there only because ``bpy`` knows no language "en_US", so its four other steps are called in its place. Its loader,
materials, lights, camera, renderer, segmentation and writers do all the work, but for one thing that it has no function
for: textures projected from three sides, made of Blender's own nodes.

All scenes' cameras are key frames of one animation, of which one frame is rendered for each scene, as BlenderProc wants
it for several pictures; models are loaded once and copied.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from throughput_clock import Marks

os.environ["OUTSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT_BUT_IN_RUN_SCRIPT"] = "1"

import bpy
import numpy as np
from blenderproc.api import camera, loader, material, math, object, renderer, types, utility, world, writer
from blenderproc.python.renderer import RendererUtility
from blenderproc.python.utility.Initializer import _Initializer, clean_up
from blenderproc.python.utility.SetupUtility import SetupUtility

SHARED_MEMORY = Path("/dev/shm")
CLIP_M = (0.001, 10_000.0)
TINY_PX = 16
# Not what an earlier picture left: its segmentation is no output of this one.
LOADED = ("depth", "normals")


@dataclass
class Phases:
    """CPU seconds of this process and of its children, by what they were for."""

    cpu_s: dict[str, float]

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Adds up the block's time."""
        begun = sum(os.times()[:4])
        yield
        self.cpu_s[name] = self.cpu_s.get(name, 0.0) + sum(os.times()[:4]) - begun


def start(job: dict[str, Any], scenes: list[dict[str, Any]]) -> None:
    """BlenderProc with its defaults, then the job's settings."""
    # Where `blenderproc run` has it too.
    parent = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    SetupUtility.setup_utility_paths(tempfile.mkdtemp(prefix="blender_proc_", dir=parent))
    clean_up(clean_up_camera=True)
    bpy.context.scene.render.engine = "CYCLES"
    RendererUtility.set_render_devices()
    _Initializer.set_default_parameters()
    settings = job["settings"]
    if "samples" in settings:
        renderer.set_max_amount_of_samples(settings["samples"])
    if "noise_threshold" in settings:
        renderer.set_noise_threshold(settings["noise_threshold"])
    if "bounces" in settings:
        renderer.set_light_bounces(**settings["bounces"])
    if not settings.get("denoised", True):
        renderer.set_denoiser(None)
    if not job["labels"]:  # Then its light is wanted, for comparing.
        renderer.set_output_format("OPEN_EXR", 32)
    for frame, scene in enumerate(scenes):
        pose = math.change_source_coordinate_frame_of_transformation_matrix(
            np.array(scene["world_from_camera"]), ["X", "-Y", "-Z"]
        )
        camera.add_camera_pose(pose, frame=frame)
    if job["labels"]:
        renderer.enable_depth_output(activate_antialiasing=False)
        renderer.enable_normals_output()


def build(scene: dict[str, Any], loaded: dict[str, Any]) -> list[Any]:
    """One scene's camera, light and objects; returns what is to be deleted after it."""
    k = np.array(scene["k"])
    k[:2, 2] -= 0.5  # BlenderProc's first pixel has its centre at 0, ours at 0.5.
    camera.set_intrinsics_from_K_matrix(k, scene["width"], scene["height"], *CLIP_M)
    world.set_world_background_hdr_img(
        scene["environment"], scene["environment_strength"], [0.0, 0.0, -scene["environment_rotation_rad"]]
    )
    lamps = [new_lamp(lamp) for lamp in scene["lamps"]]
    return [*lamps, *(new_object(thing, loaded) for thing in scene["objects"])]


def new_lamp(lamp: dict[str, Any]) -> Any:
    """A light of the kind, size and power asked for."""
    light = types.Light(lamp["kind"].upper())
    light.set_energy(lamp["power_w"])
    light.set_color(lamp["color"])
    light.set_location(lamp["position_m"])
    light.set_rotation_mat(camera.rotation_from_forward_vec(np.array(lamp["direction"])))
    if lamp["kind"] == "area":
        light.blender_obj.data.size = lamp["size_m"]
    else:
        light.set_radius(lamp["size_m"])
    return light


def new_object(thing: dict[str, Any], loaded: dict[str, Any]) -> Any:
    """A copy of a model, placed and with the materials asked for."""
    if thing["file"] not in loaded:
        (model,) = loader.load_obj(thing["file"], forward_axis="Y", up_axis="Z")
        model.hide(True)
        loaded[thing["file"]] = model
    made = loaded[thing["file"]].duplicate()
    made.hide(False)
    made.set_local2world_mat(np.array(thing["world_from_model"]))
    made.set_name(thing["category"] or "clutter")
    made.set_cp("category_id", 1 if thing["category"] else 0)
    names = [int(m.get_name().split(".")[0]) for m in made.get_materials()]
    for slot, number in enumerate(names):
        made.set_material(slot, new_material(thing["materials"][number]))
    return made


def new_material(wanted: dict[str, Any]) -> Any:
    """A principled material."""
    made = material.create("bench")
    made.set_principled_shader_value("Base Color", [*wanted["base_color"], 1.0])
    for name in ("roughness", "metallic", "ior"):
        made.set_principled_shader_value("IOR" if name == "ior" else name.title(), wanted[name])
    made.set_principled_shader_value("Transmission Weight", wanted["transmission"])
    file = wanted["box_texture"] or wanted["texture"]
    if file:
        made.set_principled_shader_value("Base Color", bpy.data.images.load(file, check_existing=True))
    if wanted["box_texture"]:
        project_from_three_sides(made, wanted["box_scale_m"])
    return made


def project_from_three_sides(made: Any, scale_m: float) -> None:
    """Turn a material's only texture from texture coordinates to the object's own."""
    texture = made.get_the_one_node_with_type("TexImage")
    texture.projection, texture.projection_blend = "BOX", 0.15
    coordinates, mapping = made.new_node("ShaderNodeTexCoord"), made.new_node("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = (1 / scale_m,) * 3
    made.link(coordinates.outputs["Object"], mapping.inputs["Vector"])
    made.link(mapping.outputs["Vector"], texture.inputs["Vector"])


def make(scene: dict[str, Any], frame: int, loaded: dict[str, Any], job: dict[str, Any], timed: Phases) -> None:
    """Render, label and write one scene, and forget it."""
    out = Path(job["out"])
    utility.set_keyframe_render_interval(frame, frame + 1)
    with timed("build"):
        made = build(scene, loaded)
    with timed("render"):
        data = renderer.render(load_keys=set(LOADED) if job["labels"] else set())
    if not job["labels"]:
        np.save(out / f"{frame}.npy", data["colors"][0])
    else:
        with timed("segment"):
            segments = renderer.render_segmap(map_by=["instance", "class", "name"])
        with timed("write"):
            write(data, segments, out)
    with timed("build"):
        object.delete_multiple(made)
        for unused in [m for m in bpy.data.materials if m.name.startswith("bench")]:
            bpy.data.materials.remove(unused)


def write(data: dict[str, Any], segments: dict[str, Any], out: Path) -> None:
    """Picture, boxes and masks as COCO; depth, normals and instances beside them."""
    writer.write_coco_annotations(
        str(out / "coco"),
        instance_segmaps=segments["instance_segmaps"],
        instance_attribute_maps=segments["instance_attribute_maps"],
        colors=data["colors"],
        supercategory="coco_annotations",
    )
    maps = {"depth": data["depth"], "normals": data["normals"], "instances": segments["instance_segmaps"]}
    writer.write_hdf5(str(out / "maps"), maps, append_to_existing_output=True)


def main() -> None:
    """Do the job: marks tell when it is ready and when each image is on disk."""
    job = json.loads(Path(sys.argv[1]).read_text())
    marks = Marks(Path(job["marks"]))
    scenes = json.loads(Path(job["scenes"]).read_text())[: job["count"]]
    start(job, scenes)
    loaded: dict[str, Any] = {}
    if not job["labels"]:  # Of these the first is counted as well: what is needed once is done before it.
        make({**scenes[0], "width": TINY_PX, "height": TINY_PX}, 0, loaded, job, Phases({}))
    marks.mark("ready")
    for frame, scene in enumerate(scenes):
        timed = Phases({})
        make(scene, frame, loaded, job, timed)
        marks.mark("image", phases=timed.cpu_s)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender 4.2 as a module crashes while Python ends.
