"""Vessels and the liquid in them."""

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.assets.builtin.models import model as builtin
from cyclorama.assets.convex import convex_parts
from cyclorama.assets.fill import filled, shows_liquid
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.liquids import LIQUIDS
from cyclorama.assets.resources import model_resource
from cyclorama.assets.vessels import GAP, WALL
from cyclorama.core.deformation import Deformation, deformed_id
from cyclorama.core.errors import InputError
from cyclorama.core.filling import Filling, filled_id, id_and_filling
from cyclorama.core.library import id_and_level, level_id
from cyclorama.core.model import Material
from vessels import GLASS, HEIGHT_M, RADIUS_M, bottle, cup, model_of, sheet_cup

AREA_M2 = np.pi * RADIUS_M**2


def liquid_of(model, name="coffee"):
    """The liquid's surface in a filled model."""
    index = [m.name for m in model.materials].index(name)
    mesh = trimesh.Trimesh(model.vertices_m.astype(float), model.faces[model.face_materials == index], process=False)
    mesh.merge_vertices(merge_norm=True)
    mesh.remove_unreferenced_vertices()
    return mesh


def poured(model, share, up=(0, 0, 1), liquid="coffee"):
    return liquid_of(filled(model, Filling(share, liquid, up), id="filled"), liquid)


@given(st.integers(0, 10_000), st.sampled_from(sorted(LIQUIDS)), st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_an_id_tells_the_filling_beside_all_else(share, liquid, up):
    filling = Filling(share / 10_000, liquid, tuple(up))
    empty = deformed_id("cup~1=2", Deformation(taper=0.3))
    named, level = id_and_level(level_id(filled_id(empty, filling), 2))
    assert level == 2
    assert id_and_filling(named) == ((empty, filling) if share else (empty, None))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("make", [cup, sheet_cup])
def test_a_cup_holds_its_share_of_the_inner_height(make, share):
    """Volume and level are those of the inner cylinder, less what wall and gap take: under 0.3 mm of 30."""
    liquid = poured(make(), share)
    assert liquid.is_watertight
    assert liquid.bounds[1, 2] == pytest.approx(share * HEIGHT_M, abs=4e-4)
    assert liquid.bounds[0, 2] == pytest.approx(0, abs=6e-4)
    assert liquid.volume == pytest.approx(AREA_M2 * share * HEIGHT_M, rel=0.035)


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_a_closed_bottle_holds_liquid_a_little_inside_of_its_surface(share):
    """Closed on all sides, so in any pose; of the cylinder of which a wall is left out."""
    size_m = 2 * bottle().radius_m
    wall = WALL * size_m
    volume = np.pi * (RADIUS_M - wall) ** 2 * (HEIGHT_M - 2 * wall)
    for up in ((0, 0, 1), (0, 0, -1)):
        assert poured(bottle(), share, up).volume == pytest.approx(share * volume, rel=0.03)
    lying = poured(bottle(), 0.5, (1, 0, 0))
    assert lying.volume == pytest.approx(volume / 2, rel=0.03)
    assert lying.bounds[1, 0] == pytest.approx(0, abs=1e-4)


def test_liquid_stays_inside_of_its_vessel():
    for model in (cup(), sheet_cup(), bottle(), builtin("mug", "mug")):
        liquid = poured(model, 0.7)
        distance = trimesh.proximity.closest_point(
            trimesh.Trimesh(model.vertices_m.astype(float), model.faces, process=False), liquid.vertices
        )[1]
        assert distance.min() > 0.3 * GAP * 2 * model.radius_m


@pytest.mark.parametrize("tilt_deg", [10, 25])
def test_a_tilted_cup_holds_liquid_up_to_where_it_would_run_over(tilt_deg):
    """Its surface is level, and at the lower side of the rim if full: half of a cylinder's top slice is gone."""
    tilt = np.radians(tilt_deg)
    up = np.array([np.sin(tilt), 0, np.cos(tilt)])
    liquid = poured(cup(), 1.0, tuple(up))
    heights = liquid.vertices @ up
    lowest_of_rim = HEIGHT_M * np.cos(tilt) - RADIUS_M * np.sin(tilt)
    assert heights.max() == pytest.approx(lowest_of_rim, abs=5e-4)
    is_top = heights > heights.max() - 1e-5
    assert np.ptp(liquid.vertices[is_top, 0]) == pytest.approx(2 * RADIUS_M, abs=1e-3)
    assert liquid.volume == pytest.approx(AREA_M2 * (HEIGHT_M - RADIUS_M * np.tan(tilt)), rel=0.03)


def test_what_lies_on_its_side_or_head_is_empty():
    for up in ((1, 0, 0), (0, 0, -1)):
        assert not shows_liquid(cup(), up)


def test_only_what_shows_liquid_is_a_vessel():
    assert shows_liquid(cup())
    assert shows_liquid(builtin("mug", "mug"))
    assert shows_liquid(builtin("bottle", "bottle"))
    assert shows_liquid(bottle(GLASS))
    assert not shows_liquid(bottle(Material()))
    assert shows_liquid(bottle(Material()), is_glass=True)
    for name in ("die", "plane", "torus"):
        assert not shows_liquid(builtin(name, name))


def test_a_cup_with_a_hole_in_its_wall_holds_liquid_up_to_the_hole():
    """A window from 60 % of the height on; below it a cup, above it none."""
    window = trimesh.creation.box((0.05, 0.02, 0.02)).apply_translation([RADIUS_M, 0, 0.07])
    whole = trimesh.Trimesh(cup().vertices_m.astype(float), cup().faces)
    liquid = poured(model_of("window", trimesh.boolean.difference([whole, window], engine="manifold")), 1.0)
    assert liquid.bounds[1, 2] == pytest.approx(0.06, abs=4e-4)


def test_the_level_surface_is_shaded_flat_and_the_vessel_stays_as_it_is():
    model = cup()
    made = filled(model, Filling(0.5, "milk"), id="filled")
    np.testing.assert_array_equal(made.vertices_m[: len(model.vertices_m)], model.vertices_m)
    np.testing.assert_array_equal(made.faces[: len(model.faces)], model.faces)
    milk = made.face_materials == len(model.materials)
    corners = made.vertices_m[made.faces[milk]]
    top = corners[..., 2].min(axis=1) > corners[..., 2].max() - 1e-6
    np.testing.assert_allclose(
        made.normals[made.faces[milk][top]], np.broadcast_to([0, 0, 1], (top.sum(), 3, 3)), atol=1e-5
    )
    assert made.textures_id == model.id


def test_a_library_fills_what_is_deformed_and_physics_sees_the_vessel():
    resource = model_resource("builtin:mug")
    library = FileLibrary([resource])
    empty = deformed_id(resource.id, Deformation(taper=0.3))
    id = filled_id(empty, Filling(0.6, "tea"))
    model = library.model(id)
    assert library.resource(level_id(id, 1)) == resource
    assert model.made_from is library.model(empty)
    assert liquid_of(model, "tea").volume > 1e-4
    assert len(library.model(level_id(id, 1)).faces) < len(model.faces)
    assert LIQUIDS["tea"] in library.model(level_id(id, 1)).materials
    assert filled(cup(), Filling(0.5, "tea"), id="a").bounds_m.tolist() == cup().bounds_m.tolist()


def test_convex_pieces_are_those_of_the_empty_vessel():
    glass = bottle()
    made = filled(glass, Filling(0.5, "water"), id=filled_id("bottle", Filling(0.5, "water")))
    for a, b in zip(convex_parts(made), convex_parts(glass), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_holds_nothing_is_told_so():
    with pytest.raises(InputError, match="cup: has no hollow that holds liquid as it stands"):
        filled(
            model_of("cup", trimesh.creation.box((1, 1, 1)).slice_plane([0, 0, 0], [1, 1, 1])),
            Filling(0.5, "tea"),
            id="a",
        )
