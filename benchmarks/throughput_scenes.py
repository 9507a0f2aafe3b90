"""Scenes for both sides: a recipe for ours, and the same scenes as plain files that any renderer can load."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR

from cyclorama.assets import builtin
from cyclorama.assets.library import FileLibrary
from cyclorama.core.arrays import FloatArray
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Instance, Lamp, Scene
from cyclorama.scene import Recipe, gather, sample_scene

SEED = 7


def bench_recipe(*, objects: int = 5, size_px: int = 512, models: tuple[str, ...] = ()) -> Recipe:
    """Built-in things on a textured table under an environment and lamps, half of them targets beyond five objects.

    The environment is seen where the table ends, and nothing has a colour that BlenderProc could not be told by its
    own functions: no hue is shifted and no map is tinted.

    Args:
        objects: On the table.
        size_px: Edge of the square picture.
        models: Sources of the targets; the built-in ones by default.
    """
    targets = objects if objects <= 5 else objects // 2
    return Recipe.model_validate(
        {
            "name": f"{objects} objects",
            "targets": [{"model": m} for m in models or [f"builtin:{name}" for name in builtin.MODELS]],
            "empty_share": 0,
            "image": {"width": size_px, "height": size_px},
            "layout": {"kind": "tabletop", "count": targets, "max_crop": 0.5},
            "objects": {"orientation": "stable"},
            "camera": {"distance_m": {"uniform": [0.5, 0.9]}, "elevation_deg": {"uniform": [25, 70]}},
            "distractors": {"count": objects - targets, "textured": 0.5},
            "material": {"probability": 0},
            "environment": {"tint": 0},
            "lamps": {"count": 1, "kinds": ["area", "point"]},
            "ground": {"color_probability": 0, "photo_probability": 0},
            "backdrop": {"environment": 1, "color": 0, "photo": 0},
        }
    )


def scenes_of(recipe: Recipe, count: int) -> tuple[FileLibrary, list[Scene]]:
    """The recipe's first scenes, as ``generate`` makes them with SEED, and what they name."""
    assets = gather(recipe)
    return assets.library, [sample_scene(recipe, assets, seed=SEED, index=index) for index in range(count)]


def export_scenes(recipe: Recipe, count: int, folder: Path) -> Path:
    """Write the recipe's first scenes as files.

    Returns:
        A JSON file: a list of scenes with camera, lamps, environment and objects; models are .obj with .png textures,
        maps .exr, images .png.
    """
    folder.mkdir(parents=True, exist_ok=True)
    library, scenes = scenes_of(recipe, count)
    files = _Files(library, folder)
    listing = folder / f"scenes_{count}.json"
    listing.write_text(json.dumps([_scene(scene, files) for scene in scenes]))
    return listing


class _Files:
    """Resources as files, each written once."""

    def __init__(self, library: FileLibrary, folder: Path) -> None:
        self.library, self._folder = library, folder

    def model(self, id: str) -> str:
        path = self._folder / f"{id}.obj"
        if not path.is_file():
            write_obj(self.library.model(id), path)
        return str(path)

    def texture(self, model: Model, name: str) -> str:
        return self._picture(f"{model.id}-{name}", model.textures[name])

    def image(self, id: str) -> str:
        return self._picture(id, self.library.image(id))

    def environment(self, id: str) -> str:
        path = self._folder / f"{id}.exr"
        if not path.is_file():
            write_exr(path, self.library.environment(id))
        return str(path)

    def _picture(self, name: str, pixels: Any) -> str:
        path = self._folder / f"{name}.png"
        if not path.is_file():
            code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
            cv2.imwrite(str(path), cv2.cvtColor(pixels, code))
        return str(path)


def write_exr(path: Path, pixels: FloatArray) -> None:
    """(H, W, 3) linear light as a float image."""
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"RGB": np.ascontiguousarray(pixels, np.float32)}).write(str(path))


def write_obj(model: Model, path: Path) -> None:
    """Triangles with normals and texture coordinates; materials are named 0, 1, ... in the model's order."""
    lines = [f"v {x:.7g} {y:.7g} {z:.7g}" for x, y, z in model.vertices_m]
    lines += [f"vn {x:.6g} {y:.6g} {z:.6g}" for x, y, z in model.normals]
    uv = np.zeros((len(model.vertices_m), 2)) if model.uv is None else model.uv
    lines += [f"vt {u:.7g} {v:.7g}" for u, v in uv]
    for number in range(len(model.materials)):
        lines.append(f"usemtl {number}")
        lines += [_face(face) for face in model.faces[model.face_materials == number] + 1]
    library = path.with_suffix(".mtl")
    library.write_text("".join(f"newmtl {number}\n" for number in range(len(model.materials))))
    path.write_text("\n".join([f"mtllib {library.name}", *lines]) + "\n")


def _face(corners: Iterable[int]) -> str:
    return "f " + " ".join(f"{c}/{c}/{c}" for c in corners)


def _scene(scene: Scene, files: _Files) -> dict[str, Any]:
    camera, environment = scene.camera, scene.environment
    if environment.map is None or set(environment.tint) != {1.0} or scene.backdrop.kind != "environment":
        raise ValueError("a scene for both sides has an untinted map that is seen")
    return {
        "width": camera.width,
        "height": camera.height,
        "k": camera.k.tolist(),
        "world_from_camera": camera.world_from_camera.tolist(),
        "environment": files.environment(environment.map),
        "environment_strength": environment.strength,
        "environment_rotation_rad": environment.rotation_rad,
        "lamps": [_lamp(lamp) for lamp in scene.lamps],
        "objects": [_object(instance, files) for instance in scene.instances],
    }


def _lamp(lamp: Lamp) -> dict[str, Any]:
    return vars(lamp)


def _object(instance: Instance, files: _Files) -> dict[str, Any]:
    model = files.library.model(instance.model)
    return {
        "file": files.model(model.id),
        "category": instance.category,
        "world_from_model": instance.world_from_model.tolist(),
        "materials": [_material(model, material, instance, files) for material in model.materials],
    }


def _material(model: Model, material: Material, instance: Instance, files: _Files) -> dict[str, Any]:
    """What the instance's surface makes of a model's material; only what the benchmark's recipe can give."""
    surface = instance.surface
    unknown = (
        surface.hue_shift_rad,
        material.normal_texture,
        material.metallic_roughness_texture,
        material.alpha_mode != "opaque",
        any(surface.emission or material.emission),
        model.colors is not None,
    )
    if any(unknown):
        raise ValueError(f"{model.id}: has a material that the benchmark does not hand on")
    textured = material.base_color_texture if surface.base_color is None else None
    transmission = material.transmission if surface.transmission is None else surface.transmission
    return {
        "base_color": list(surface.base_color or material.base_color[:3]),
        "texture": files.texture(model, textured) if textured else None,
        "box_texture": files.image(surface.texture) if surface.texture else None,
        "box_scale_m": surface.tile_m[0],
        "roughness": material.roughness if surface.roughness is None else surface.roughness,
        "metallic": material.metallic if surface.metallic is None else surface.metallic,
        "transmission": transmission,
        "ior": material.ior,
    }
