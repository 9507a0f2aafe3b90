"""Models that only Blender reads, as GLB: ``python -m cyclorama.render.engines.cycles.convert SRC DST.glb``.

A program of its own, so that the process that asks never loads Blender. Writes beside DST.glb a DST.json with two
lists: "lost" names textures that are missing or damaged, "used" the files beside the model's own that it is made of; or
with one sentence, "refused", if the file can't be read. Standard output won't do: Blender's last words come there.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.render.engines.cycles.session import import_blender, quiet


def convert(source: Path, target: Path) -> dict[str, list[str]]:
    """Write the meshes of ``source`` (.fbx .usd .usda .usdc .usdz .blend) to ``target``, modifiers applied, z up.

    Returns:
        "lost": names of the images that the meshes' materials use and Blender can't load; "used": absolute paths of
        those that it did load from files, and of the .blend files that ``source`` links.

    Raises:
        InputError: Blender can't read the file, or it holds no mesh.
    """
    bpy = import_blender()
    with quiet():
        try:
            _import(bpy, source)
        except (RuntimeError, OSError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
            raise InputError(f"Blender can't read it, the file is damaged ({reason})") from error
        # Blender's importers report success also when they found nothing.
        meshes = [o for o in bpy.context.scene.objects if o.type == "MESH" and len(o.data.polygons)]
        if not meshes:
            raise InputError("Blender finds no mesh in it; the file is empty or damaged")
        bpy.ops.object.select_all(action="DESELECT")
        for mesh in meshes:
            mesh.hide_set(False)
            mesh.select_set(True)
        lost = sorted({name for mesh in meshes for name in _lost_textures(bpy, mesh, source)})
        used = sorted({str(file.resolve()) for file in _used_files(bpy, meshes) if file.is_file()})
        if source.suffix.lower() == ".fbx":
            _keep_colors(meshes)
        bpy.ops.export_scene.gltf(
            filepath=str(target),
            export_format="GLB",
            use_selection=True,
            export_apply=True,
            export_yup=False,
            export_animations=False,
            export_vertex_color="ACTIVE" if source.suffix.lower() == ".fbx" else "MATERIAL",
        )
    return {"lost": lost, "used": used}


def _import(bpy: Any, source: Path) -> None:
    kind = source.suffix.lower()
    if kind == ".blend":
        bpy.ops.wm.open_mainfile(filepath=str(source), load_ui=False)
        return
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if kind == ".fbx":
        bpy.ops.import_scene.fbx(filepath=str(source))
    elif kind == source.suffix or kind != ".usdz":
        bpy.ops.wm.usd_import(filepath=str(source))
    else:  # OpenUSD knows its archives by small letters alone; they name no files beside them.
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(source, copy := Path(folder) / "model.usdz")
            bpy.ops.wm.usd_import(filepath=str(copy), import_textures_mode="IMPORT_PACK")


def _lost_textures(bpy: Any, mesh: Any, source: Path) -> Iterator[str]:
    for material, node in _texture_nodes(mesh):
        if node.image and 0 in node.image.size:
            yield bpy.path.basename(node.image.filepath) or node.image.name
        elif not node.image and source.suffix.lower().startswith(".usd"):  # Its importer forgets the name.
            yield f"of material {material.name}"


def _used_files(bpy: Any, meshes: Iterable[Any]) -> Iterator[Path]:
    yield from (Path(bpy.path.abspath(library.filepath)) for library in bpy.data.libraries)
    for image in {node.image for mesh in meshes for _, node in _texture_nodes(mesh) if node.image}:
        if not image.packed_file:
            yield Path(bpy.path.abspath(image.filepath, library=image.library))


def _texture_nodes(mesh: Any) -> list[tuple[Any, Any]]:
    """(material, node) of every node for an image."""
    materials = [slot.material for slot in mesh.material_slots if slot.material and slot.material.node_tree]
    return [(m, node) for m in materials for node in _nodes(m.node_tree) if node.type == "TEX_IMAGE"]


def _nodes(tree: Any) -> Iterator[Any]:
    for node in tree.nodes:
        yield node
        if node.type == "GROUP" and node.node_tree:
            yield from _nodes(node.node_tree)


def _keep_colors(meshes: Iterable[Any]) -> None:
    """FBX can't say whether its vertex colours are to be seen: they are where there is no texture."""
    for mesh in meshes:
        if _texture_nodes(mesh):
            while mesh.data.color_attributes:
                mesh.data.color_attributes.remove(mesh.data.color_attributes[0])


def main() -> None:
    """Convert what the command line names."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    told: dict[str, Any]
    try:
        told = convert(source, target)
    except InputError as error:
        told = {"refused": str(error)}
    target.with_suffix(".json").write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main()
