"""Vessels turned on a lathe, whose volumes school mathematics knows."""

import numpy as np
import trimesh

from cyclorama.core.model import Material, Model

GLASS = Material("glass", (1, 1, 1, 1), roughness=0.0, transmission=1.0)
# Inner radius, inner height, thickness of wall and floor.
RADIUS_M, HEIGHT_M, WALL_M = 0.03, 0.1, 0.004


def model_of(id, mesh, material=None):
    return Model(id, id, mesh.vertices, mesh.faces, mesh.vertex_normals, materials=(material or Material(),))


def lathed(id, profile, material=None):
    return model_of(id, trimesh.creation.revolve(np.array(profile), sections=128), material)


def cup(material=None):
    """A cylinder with a wall; its floor's upper side is at z = 0."""
    outer = RADIUS_M + WALL_M
    profile = [(0, -WALL_M), (outer, -WALL_M), (outer, HEIGHT_M), (RADIUS_M, HEIGHT_M), (RADIUS_M, 0), (0, 0)]
    return lathed("cup", profile, material)


def sheet_cup():
    """The same without thickness, its normals outwards."""
    return lathed("sheet", [(0, 0), (RADIUS_M, 0), (RADIUS_M, HEIGHT_M)])


def bottle(material=GLASS):
    """A closed cylinder: one surface, no wall."""
    return lathed("bottle", [(0, 0), (RADIUS_M, 0), (RADIUS_M, HEIGHT_M), (0, HEIGHT_M)], material)
