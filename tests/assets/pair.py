"""Blender's part of ``test_formats``: two bricks in every format, ``python pair.py FOLDER``.

The first, 2 x 3 x 4 at the origin, has a texture; the second, ten further along x, has vertex colours. What each corner
has follows from where it is, so that any reader can be asked whether it kept it.
"""

import sys
from pathlib import Path

import bpy

CORNERS = [(x, y, z) for x in (0, 2) for y in (0, 3) for z in (0, 4)]
SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def brick(name):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(CORNERS, [], SIDES)
    mesh.update()
    brick = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(brick)
    return brick, [CORNERS[loop.vertex_index] for loop in mesh.loops]


def textured(folder):
    made, corners = brick("textured")
    layer = made.data.uv_layers.new(name="UVMap")
    for texel, (x, _, z) in zip(layer.data, corners, strict=True):
        texel.uv = (x / 2, z / 4)
    material = bpy.data.materials.new("skin")
    material.use_nodes = True
    nodes = material.node_tree.nodes
    image = nodes.new("ShaderNodeTexImage")
    image.image = bpy.data.images.load(str(folder / "skin.png"))
    material.node_tree.links.new(image.outputs["Color"], nodes["Principled BSDF"].inputs["Base Color"])
    made.data.materials.append(material)


def colored():
    made, corners = brick("colored")
    made.location.x = 10
    made.data.uv_layers.new(name="UVMap")
    attribute = made.data.color_attributes.new("Color", "BYTE_COLOR", "CORNER")
    for value, (x, y, z) in zip(attribute.data, corners, strict=True):
        value.color_srgb = ((10 + 100 * x) / 255, (20 + 50 * y) / 255, (30 + 25 * z) / 255, 1)


def export(folder):
    for suffix in ("usda", "usdc", "usd", "usdz"):
        bpy.ops.wm.usd_export(filepath=str(folder / f"pair.{suffix}"))
    bpy.ops.wm.usd_export(filepath=str(folder / "feet.usda"), convert_scene_units="FEET")
    bpy.ops.export_scene.fbx(filepath=str(folder / "pair.fbx"))
    bpy.ops.export_scene.gltf(filepath=str(folder / "pair.glb"), export_format="GLB")
    bpy.ops.export_scene.gltf(filepath=str(folder / "pair.gltf"), export_format="GLTF_SEPARATE")
    bpy.ops.wm.obj_export(filepath=str(folder / "pair.obj"), forward_axis="Y", up_axis="Z")
    bpy.ops.wm.ply_export(filepath=str(folder / "pair.ply"), forward_axis="Y", up_axis="Z", export_colors="SRGB")
    bpy.ops.wm.stl_export(filepath=str(folder / "pair.stl"))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "pair.blend"))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    textured(folder)
    colored()
    export(folder)
