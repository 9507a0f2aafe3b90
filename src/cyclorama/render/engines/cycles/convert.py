"""Models that only Blender reads, as GLB: ``python -m cyclorama.render.engines.cycles.convert SRC DST.glb``.

A program of its own, so that the process that asks never loads Blender. Exit code 2 and one sentence on
standard error if the file can't be read.
"""

import sys
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.render.engines.cycles.session import import_blender, quiet


def convert(source: Path, target: Path) -> None:
    """Write the meshes of ``source`` (.fbx .usd .usda .usdc .usdz .blend) to ``target``, modifiers applied.

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
        bpy.ops.export_scene.gltf(
            filepath=str(target),
            export_format="GLB",
            use_selection=True,
            export_apply=True,
            export_yup=True,
            export_animations=False,
        )


def _import(bpy: Any, source: Path) -> None:
    kind = source.suffix.lower()
    if kind == ".blend":
        bpy.ops.wm.open_mainfile(filepath=str(source), load_ui=False)
        return
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if kind == ".fbx":
        bpy.ops.import_scene.fbx(filepath=str(source))
    else:
        bpy.ops.wm.usd_import(filepath=str(source))


def main() -> None:
    """Convert what the command line names."""
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
