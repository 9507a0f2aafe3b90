"""Every engine's light against school mathematics, the lookup in environments and the analytic engine."""

import dataclasses

import numpy as np
import pytest

from cyclorama.core.geometry import pixel_rays, rotation_about
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Environment, Lamp, Surface
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.environment import environment_light
from cyclorama.render.spheres import sphere_geometry
from stage import DARK, MIRROR, SHELF, above, map_directions, placed

ROTATIONS = [0.0, 1.0, -2.5]


def ball(model, surface=None, environment=DARK, lamps=()):
    """A ball that nearly fills the picture."""
    return above(placed(1, model, surface=surface, size=9.0), environment=environment, lamps=lamps)


def facing(scene, at_least=0.25):
    """Where a ball faces the camera enough, and there the unit directions in which a mirror would send the rays."""
    camera, geometry = scene.camera, sphere_geometry(scene, SHELF)
    turn = camera.world_from_camera[:3, :3].T
    rays = pixel_rays(camera.k, 0, 0, camera.width, camera.height) @ turn
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    normals = geometry.normal_camera @ turn
    cosines = np.sum(rays * normals, axis=-1, keepdims=True)
    seen = (geometry.instance_ids > 0) & (-cosines[..., 0] > at_least)
    return seen, (rays - 2 * cosines * normals)[seen]


def plainly_shaded(scene):
    return Analytic(SHELF, RenderSettings("analytic")).render(scene)[..., :3]


@pytest.mark.parametrize("rotation_rad", ROTATIONS)
def test_a_mirror_shows_the_environment_in_every_direction(engine, rotation_rad):
    """The map's colour is its direction: any flip, wrong turn or wrong sense is seen, and strength and tint."""
    environment = Environment("directions", rotation_rad, strength=0.7, tint=(1.0, 0.5, 0.25))
    scene = ball("sphere-1", MIRROR, environment)
    seen, directions = facing(scene)
    found = engine.render(scene)[seen, :3]
    expected = (1 + 0.9 * directions @ rotation_about([0, 0, 1], rotation_rad)) * 0.7 * (1.0, 0.5, 0.25)
    assert directions.min() < -0.8
    assert directions.max() > 0.9
    for truth in (expected, environment_light(environment, directions, SHELF)):
        assert np.median(np.abs(found - truth) / truth) < 0.005
        assert np.quantile(np.abs(found - truth) / truth, 0.95) < 0.02


@pytest.mark.parametrize("rotation_rad", ROTATIONS)
def test_a_small_bright_light_of_the_environment_falls_from_where_it_is(engine, rotation_rad):
    """What is sampled for lighting is the same map in the same pose as what is seen: Lambert's law, texel by texel."""
    scene = ball("matt-sphere", environment=Environment("spot", rotation_rad))
    seen, _ = facing(scene)
    normals = (sphere_geometry(scene, SHELF).normal_camera @ scene.camera.world_from_camera[:3, :3].T)[seen]
    radiance = SHELF.environment("spot")[..., 0]
    rows, columns = np.nonzero(radiance > 1)
    texel = np.pi / len(radiance)
    solid_angles = np.sin((rows + 0.5) * texel) * texel**2
    directions = map_directions(len(radiance))[rows, columns] @ rotation_about([0, 0, 1], -rotation_rad)
    rest, spot = radiance.min(), radiance.max()
    expected = rest + np.maximum(normals @ directions.T, 0) @ solid_angles * (spot - rest) / np.pi
    found = engine.render(scene)[seen, 0]
    assert expected.max() > 10 * np.quantile(expected, 0.05)
    assert found.mean() == pytest.approx(expected.mean(), rel=0.01)
    np.testing.assert_allclose(found, expected, atol=0.1 * expected.max())


@pytest.mark.parametrize("environment", [Environment(None, strength=0.74), Environment("even", 0.3)])
def test_a_white_ball_in_even_light_cannot_be_told_from_it(engine, environment):
    """The furnace test: what falls in comes out."""
    scene = ball("matt-sphere", Surface(base_color=(1, 1, 1)), environment)
    light = engine.render(scene)[facing(scene)[0], :3]
    np.testing.assert_allclose(light, 0.37, rtol=0.1)
    # The rasterizer estimates how open a hemisphere is from the depths of neighbouring pixels.
    np.testing.assert_allclose(light.mean(axis=0), 0.37, rtol={"cycles": 0.003, "raster": 0.004}[engine.name])


@pytest.mark.parametrize(
    "lamp",
    [
        Lamp("point", (0.5, 0.4, 1.0), color=(1.0, 0.5, 0.2), power_w=20.0),
        Lamp("point", (-0.7, 0.1, 0.6), power_w=5.0, size_m=0.01),
        Lamp("area", (0.5, 0.4, 1.0), direction=(-0.3, 0.2, -1.0), power_w=10.0, color=(0.2, 1.0, 0.6)),
        Lamp("sun", (9.0, 9.0, 9.0), direction=(0.3, 0.2, -1.0), power_w=2.0),
    ],
    ids=["coloured point", "near point", "slanting area", "sun"],
)
def test_lamps_shine_as_radiometry_says(engine, lamp):
    scene = above("matt", lamps=[lamp], environment=DARK)
    found, expected = (light[4:-4, 4:-4, :3] for light in (engine.render(scene), plainly_shaded(scene)))
    assert expected.max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=0.05, atol=0.01 * expected.max())
    assert np.median(np.abs(found / expected - 1)) < 0.01


def test_a_spot_lights_its_cone_and_nothing_else(engine):
    """The rim is soft: within seven tenths of its radius the light is whole, beyond it there is none."""
    lamp = Lamp("spot", (0.3, -0.2, 1.5), power_w=20.0, spot_angle_rad=0.6, size_m=0.01)
    scene = above("matt", lamps=[lamp], environment=DARK)
    found, expected = engine.render(scene)[..., 0], plainly_shaded(scene)[..., 0]
    y, x = np.mgrid[1 - 1 / 64 : -1 : -1 / 32, -1 + 1 / 64 : 1 : 1 / 32]
    share = np.hypot(x - 0.3, y + 0.2) / (1.5 * np.tan(0.3))
    np.testing.assert_allclose(found[share < 0.7], expected[share < 0.7], rtol=0.03)
    assert found[share > 1.2].max() < 0.01 * expected.max()


def test_a_thing_between_lamp_and_ground_casts_a_shadow_there(engine):
    screen = placed(2, "matt", (0.25, 0, 0.5), Surface(base_color=(0, 0, 0)), 0.2)
    lamp = Lamp("sun", (0, 0, 0), direction=(-1.0, 0.0, -1.0), power_w=np.sqrt(2) * np.pi)
    light = engine.render(above(placed(1, "matt"), screen, lamps=[lamp], environment=DARK))[..., 0]
    # The sun moves the screen's shadow half a metre towards -x: to a square of .4 m about (-.25, 0).
    assert light[28:37, 20:28].max() < 0.02
    np.testing.assert_allclose(light[32, 4:12], 1.0, rtol=0.03)


def test_emission_is_radiance_and_lights_the_neighbours(engine):
    np.testing.assert_allclose(
        engine.render(above("matt", surface=Surface((0, 0, 0), emission=(0.5, 2, 3)), environment=DARK))[32, 32],
        [0.5, 2, 3, 1],
        rtol=0.01,
    )
    lights = []
    for emission in (None, (5.0, 1.0, 0.0)):
        orb = placed(2, "matt-sphere", (0.5, 0, 0.2), Surface((0, 0, 0), emission=emission), 2.0)
        lights.append(engine.render(above(placed(1, "matt"), orb, environment=DARK))[..., :3])
    dark, lit = lights
    assert dark.max() < 1e-5
    floor = lit[32, 4:40]
    assert (np.diff(floor[::6, 0]) > 0).all()  # brighter towards the orb
    np.testing.assert_allclose(floor[:, 1], floor[:, 0] / 5, rtol=0.05)
    assert floor[:, 2].max() < 1e-4
    # An orb of radiance L and radius r lights a floor at distance d under its centre's height h with pi L r^2 h / d^3.
    distance_m = np.hypot(0.5 + 1 - 8.5 / 32, 0.2)
    assert lit[32, 8, 0] == pytest.approx(5 * 0.2**2 * 0.2 / distance_m**3, rel=0.1)


def behind_a_ball(model, surface=None):
    """A ball before a square of four colours."""
    return above(placed(1, "corners", (0, 0, -1.0), size=2.0), placed(2, model, (0, 0, 0.5), surface, 4.0))


def test_a_ball_of_glass_shows_what_is_behind_it_upside_down(engine):
    """And is brighter than one that light does not pass."""
    clear, empty = engine.render(behind_a_ball("glass-sphere")), engine.render(above(placed(1, "corners", size=1.5)))
    black = engine.render(behind_a_ball("glass-sphere", Surface(base_color=(0, 0, 0), transmission=0.0)))
    for y in (slice(21, 28), slice(37, 44)):
        for x in (slice(21, 28), slice(37, 44)):
            through, opposite = (light[..., :3].mean(axis=(0, 1)) for light in (clear[y, x], empty[::-1, ::-1][y, x]))
            np.testing.assert_allclose(through, opposite, atol=0.2)
    disc = np.s_[24:40, 24:40]
    assert clear[disc][..., :3].mean() > 5 * black[disc][..., :3].mean()


def test_glass_lets_the_backdrop_through(engine):
    """Which is put behind the light later."""
    glass, opaque = (engine.render(ball("glass-sphere", Surface(transmission=t)))[32, 32, 3] for t in (1.0, 0.0))
    assert opaque == 1
    assert glass < 0.2


def test_a_rougher_metal_spreads_its_highlight(engine):
    pictures = [
        engine.render(ball("sphere-1", dataclasses.replace(MIRROR, roughness=r), Environment("spot")))[..., 1]
        for r in (0.05, 0.2, 0.4, 0.7)
    ]
    peaks = [picture.max() for picture in pictures]
    widths = [(picture > picture.max() / 2).sum() for picture in pictures]
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[0] > 10 * peaks[-1]
    # Below a roughness of .2 it is as wide as the light itself, but for noise.
    assert widths[1:] == sorted(widths[1:])
    assert widths[0] < 1.2 * widths[1]
    assert widths[-1] > 10 * widths[0]


def test_metal_takes_the_colour_of_its_surface_and_dielectric_does_not(engine):
    """Under its highlight a red dielectric is white, a red metal red."""
    for metallic, blue_over_red in ((1.0, (0.0, 0.2)), (0.0, (0.6, 1.1))):
        surface = Surface(base_color=(0.9, 0.02, 0.02), metallic=metallic, roughness=0.1)
        light = engine.render(ball("sphere-1", surface, Environment("spot"))).reshape(-1, 4)
        highlight = light[np.argmax(light[:, 1])]
        assert blue_over_red[0] <= highlight[2] / highlight[0] < blue_over_red[1]
