"""Robot files of boxes, whose places school mathematics knows."""

import trimesh


def box(size, at=(0, 0, 0), color="1 0 0 1"):
    x, y, z = at
    return f"""<visual><origin xyz="{x} {y} {z}"/><geometry><box size="{" ".join(map(str, size))}"/></geometry>
        <material name="c{color}"><color rgba="{color}"/></material></visual>"""


def link(name, *visuals):
    return f'<link name="{name}">{"".join(visuals)}</link>'


def joint(name, kind, parent, child, at=(0, 0, 0), axis=(0, 0, 1), more='<limit lower="0" upper="1.5"/>'):
    return f"""<joint name="{name}" type="{kind}"><parent link="{parent}"/><child link="{child}"/>
        <origin xyz="{" ".join(map(str, at))}"/><axis xyz="{" ".join(map(str, axis))}"/>{more}</joint>"""


def robot(*elements):
    return f'<?xml version="1.0"?><robot name="made">{"".join(elements)}</robot>'


# A body of 0.6 x 0.4 x 0.8 m; its door's hinge is at (0.3, -0.2), a drawer beside it comes out by 0.3 m along -y, and
# the drawer's knob turns without end.
DOOR_LIMITS = '<limit lower="-1.5707963" upper="0"/>'
CABINET = robot(
    link("body", box((0.6, 0.4, 0.8))),
    link("door", box((0.3, 0.02, 0.8), at=(-0.15, -0.01, 0), color="0 1 0 1")),
    link("drawer", box((0.28, 0.02, 0.2), at=(0, -0.01, 0), color="0 0 1 1")),
    link("knob"),
    link("handle", '<visual><geometry><mesh filename="package://made/meshes/handle.stl"/></geometry></visual>'),
    joint("hinge", "revolute", "body", "door", at=(0.3, -0.2, 0), axis=(0, 0, -2), more=DOOR_LIMITS),
    joint("slide", "prismatic", "body", "drawer", (-0.15, -0.2, 0), (0, -1, 0), '<limit lower="0" upper="0.3"/>'),
    joint("spin", "continuous", "drawer", "knob", at=(0, -0.02, 0), axis=(0, 1, 0), more=""),
    joint("weld", "fixed", "knob", "handle", at=(0, -0.02, 0), more=""),
)


def write_cabinet(folder):
    """The cabinet's file, in a package whose meshes are beside the file's folder."""
    path = folder / "made" / "urdf" / "cabinet.urdf"
    (folder / "made" / "meshes").mkdir(parents=True)
    path.parent.mkdir()
    trimesh.creation.box((0.1, 0.02, 0.02)).export(folder / "made" / "meshes" / "handle.stl")
    path.write_text(CABINET)
    return path
