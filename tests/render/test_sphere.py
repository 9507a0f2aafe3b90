"""The sphere test: one predicate for everything that makes geometry, and for every engine's picture."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import maximum_filter, minimum_filter

from cyclorama.core.geometry import pixel_rays, transformed
from cyclorama.core.plugins import plugin, plugin_names
from cyclorama.core.render import RenderSettings
from cyclorama.render.geometry import cast
from cyclorama.render.spheres import sphere_geometry
from scenes import RADIUS_M, Shelf, leaf_model, leaves_scene, sphere_model, spheres_scene

SHELF = Shelf(sphere_model(), leaf_model())
# Cut-out textures are holes in pictures and labels alike.
SCENES = [spheres_scene(0), spheres_scene(1), leaves_scene()]
# How far a tessellated sphere lies inside the true one, relative to its radius, and how far its normals turn.
SAGITTA, FACET_DEG = 2e-3, 3.0
GEOMETRIES = [
    pytest.param(cast, SAGITTA, FACET_DEG, id="cast"),
    pytest.param(sphere_geometry, 3e-6, 1e-2, id="exact"),
]
ENGINES = [
    pytest.param(name, marks={"cycles": [pytest.mark.blender], "raster": [pytest.mark.gl]}.get(name, []))
    for name in plugin_names("cyclorama.render.engines")
]
# A worker of its own: Blender and our test process do not share one.
WORKER = """
import sys
import numpy as np
from cyclorama.core.plugins import plugin
from cyclorama.core.render import RenderSettings
from scenes import Shelf, leaf_model, leaves_scene, sphere_model, spheres_scene
engine = plugin("cyclorama.render.engines", sys.argv[1])
renderer = engine(Shelf(sphere_model(), leaf_model()), RenderSettings(sys.argv[1], "draft", device="cpu"))
scenes = [spheres_scene(0), spheres_scene(1), leaves_scene()]
np.save(sys.argv[2], np.stack([renderer.render(scene) for scene in scenes]))
renderer.close()
"""


@pytest.mark.parametrize(("geometry_of", "roundness", "facet_deg"), GEOMETRIES)
@pytest.mark.parametrize("seed", range(5))
def test_every_labelled_pixel_unprojects_onto_the_surface_of_its_sphere(geometry_of, roundness, facet_deg, seed):
    """One predicate checks depth, ids, normals, intrinsics, pose and pixel centres together."""
    scene = spheres_scene(seed)
    geometry = geometry_of(scene, SHELF)
    rays = pixel_rays(scene.camera.k, 0, 0, scene.camera.width, scene.camera.height)
    assert (geometry.instance_ids > 0).mean() > 0.1
    for instance in scene.instances:
        seen = geometry.instance_ids == instance.id
        world = transformed(scene.camera.world_from_camera, rays[seen] * geometry.depth_m[seen][:, None])
        outward = world - instance.world_from_object[:3, 3]
        np.testing.assert_allclose(np.linalg.norm(outward, axis=1), RADIUS_M * instance.scale[0], rtol=roundness)
        normals = geometry.normal_camera[seen] @ scene.camera.world_from_camera[:3, :3].T
        cosines = np.sum(normals * outward, axis=1) / np.linalg.norm(outward, axis=1)
        assert (cosines > np.cos(np.radians(facet_deg)) - 1e-7).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_ray_caster_misses_nothing_that_mathematics_sees(seed):
    """The other half of the sphere test; only where surfaces meet or end may triangles differ from the sphere."""
    scene = spheres_scene(seed)
    truth, geometry = sphere_geometry(scene, SHELF), cast(scene, SHELF)
    differs = truth.instance_ids != geometry.instance_ids
    assert not (differs & ~edges(truth.instance_ids)).any()
    assert differs.mean() < 0.005
    same = ~differs & (truth.instance_ids > 0)
    # A ray that grazes the sphere runs a long way between it and its triangles.
    radii = np.array([0, *(RADIUS_M * i.scale[0] for i in scene.instances)])[truth.instance_ids[same]]
    assert (np.abs(truth.depth_m[same] - geometry.depth_m[same]) < np.sqrt(2 * SAGITTA) * radii).all()
    for id, silhouette in truth.silhouettes.items():
        found = geometry.silhouettes[id]
        assert found.total_px == pytest.approx(silhouette.total_px, rel=0.02, abs=2)
        np.testing.assert_allclose(found.extent_xyxy, silhouette.extent_xyxy, atol=1)


@pytest.mark.parametrize("name", ENGINES)
def test_a_picture_covers_exactly_what_geometry_says_but_for_edge_pixels(name, tmp_path):
    for scene, light in zip(SCENES, rendered(name, tmp_path / "light.npy"), strict=True):
        ids = cast(scene, SHELF).instance_ids
        # Cycles' filter takes light from up to .75 pixels aside.
        alpha, edge = light[..., 3], edges(ids, reach_px=2 if name == "cycles" else 1)
        assert light.shape == (*ids.shape, 4)
        assert light.dtype == np.float32
        np.testing.assert_allclose(alpha[~edge], (ids > 0)[~edge], atol=0.01)
        # Half a pixel is more on one side than on the other nowhere but within the edge.
        assert ((alpha > 0.5) != (ids > 0)).mean() < 0.02
        assert alpha.sum() == pytest.approx((ids > 0).sum(), rel=0.02)
        assert np.isfinite(light).all()
        assert light[ids > 0, :3].mean() > 1e-3


def rendered(name, path):
    """(3, H, W, 4) light of the scenes; Blender in a process of its own."""
    if name != "cycles":
        renderer = plugin("cyclorama.render.engines", name)(SHELF, RenderSettings(name, "draft"))
        return np.stack([renderer.render(scene) for scene in SCENES])
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", WORKER, name, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return np.load(path)


def edges(ids, reach_px=1):
    """Pixels that have a neighbour of another id."""
    size = 2 * reach_px + 1
    return maximum_filter(ids, size) != minimum_filter(ids, size)
