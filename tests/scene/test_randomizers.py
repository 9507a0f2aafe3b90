"""Each randomizer decides its own part, within the recipe's limits."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from cyclorama.core.errors import InputError
from cyclorama.core.geometry import rotation_about
from cyclorama.core.lights import Sky, sky_id, sky_of
from cyclorama.core.plain import to_plain
from cyclorama.core.plugins import plugin
from cyclorama.core.scene import GOBO, Camera, Environment, Instance, Scene
from cyclorama.core.scene import Sensor as SceneSensor
from cyclorama.core.temperature import blackbody_color
from cyclorama.scene import Recipe, gather
from cyclorama.scene.chance import Dice
from cyclorama.scene.randomizers.lamps import SUN_W_M2_PER_W, Lamps
from cyclorama.scene.randomizers.sensor import Sensor
from cyclorama.scene.sampler import RANDOMIZERS

BASE = {"targets": [{"model": "builtin:mug"}], "image": {"width": 160, "height": 120}}
ASSETS = gather(Recipe.model_validate({**BASE, "ground": {"photos": ["builtin:letters"]}}))
SPHERE, MUG = "sphere-builtin1", ASSETS.targets[0]
BLANK = Scene(
    0,
    0,
    Camera(160, 120, np.eye(3), np.eye(4)),
    (
        Instance(1, MUG, np.eye(4), "mug"),
        Instance(2, SPHERE, np.eye(4), None, "distractor"),
        Instance(3, ASSETS.fixtures["plane"], np.eye(4), None, "ground", (8.0, 8.0, 1.0)),
    ),
)
LAYERS = {"material": "target", "distractors": "distractor", "ground": "ground"}


def recipe_of(part, fields, **sections):
    return Recipe.model_validate({**BASE, part: fields, **sections})


def applied(part, fields, *, times=200, assets=ASSETS, **sections):
    """Scenes whose ``part`` was decided, and what was recorded."""
    recipe = recipe_of(part, fields, **sections)
    all_dice = [Dice(0, index, part) for index in range(times)]
    blank = replace(BLANK, camera=Camera(recipe.image.width, recipe.image.height, np.eye(3), np.eye(4)))
    scenes = [plugin(RANDOMIZERS, part).apply(blank, getattr(recipe, part), assets, dice) for dice in all_dice]
    return scenes, [dice.draws for dice in all_dice]


def surfaces(part, fields, **options):
    scenes, _ = applied(part, fields, **options)
    return [i.surface for scene in scenes for i in scene.instances if i.layer == LAYERS[part]]


def within(values, low, high):
    """All in the range, and the range made use of."""
    values, margin = np.asarray(values, float), 0.15 * (high - low)
    assert low - 1e-9 <= values.min() <= low + margin
    assert high - margin <= values.max() <= high + 1e-9


def share(happened):
    return pytest.approx(np.mean(happened), abs=0.12)


@pytest.mark.parametrize(
    "part", ["camera", "material", "distractors", "ground", "environment", "lamps", "backdrop", "sensor"]
)
def test_a_randomizer_changes_nothing_but_its_own_part(part):
    fields = {"hue_shift_deg": 30} if part == "material" else {}
    before, after = to_plain(BLANK), to_plain(applied(part, fields, times=1)[0][0])
    own = {"material": "instances", "distractors": "instances", "ground": "instances"}.get(part, part)
    assert {k for k in before if before[k] != after[k]} == {own}
    for a, b in zip(before["instances"], after["instances"], strict=True):
        assert {k for k in a if a[k] != b[k]} <= ({"surface"} if a["layer"] == LAYERS.get(part) else set())


def test_the_camera_stands_on_the_recipes_shell_looks_at_the_middle_and_rolls_as_told():
    fields = {
        "distance_m": {"uniform": [0.5, 2]}, "elevation_deg": {"uniform": [-30, 60]},
        "azimuth_deg": {"uniform": [0, 180]}, "roll_deg": {"uniform": [-20, 40]},
    }  # fmt: skip
    scenes, draws = applied("camera", fields)
    poses = [s.camera.world_from_camera for s in scenes]
    eyes = np.array([p[:3, 3] for p in poses])
    distances = np.linalg.norm(eyes, axis=1)
    within(distances, 0.5, 2)
    within(np.degrees(np.arcsin(eyes[:, 2] / distances)), -30, 60)
    within(np.degrees(np.arctan2(eyes[:, 1], eyes[:, 0])), 0, 180)
    # The optical axis runs through the origin; x is level but for the roll.
    np.testing.assert_allclose([p[:3, 2] * d for p, d in zip(poses, distances, strict=True)], -eyes, atol=1e-9)
    rolls = [np.degrees(np.arctan2(p[2, 0], -p[2, 1])) for p in poses]
    np.testing.assert_allclose(np.abs(rolls), np.abs([d["camera.roll_deg"] for d in draws]), atol=1e-6)
    np.testing.assert_allclose(distances, [d["camera.distance_m"] for d in draws])


def test_the_camera_looks_past_the_middle_by_at_most_the_jitter():
    scenes, _ = applied("camera", {"look_at_jitter_m": 0.1})
    misses = [
        np.linalg.norm(np.cross(s.camera.world_from_camera[:3, 3], s.camera.world_from_camera[:3, 2])) for s in scenes
    ]
    assert 0.08 < max(misses) <= 0.1 * np.sqrt(3)
    still, _ = applied("camera", {"look_at_jitter_m": 0})
    np.testing.assert_array_equal(
        [s.camera.world_from_camera[:3, 3] for s in still], [s.camera.world_from_camera[:3, 3] for s in scenes]
    )


@pytest.mark.parametrize(
    ("width", "height", "fields", "fov_x_deg"),
    [
        (160, 120, {"fov_deg": 70}, 70),
        (160, 120, {"focal_length_mm": 18}, 90),
        (160, 120, {"focal_length_mm": 18, "sensor_width_mm": 18}, np.degrees(2 * np.arctan(0.5))),
        (120, 160, {"focal_length_mm": 18}, np.degrees(2 * np.arctan(0.75))),
        (120, 160, {"fov_deg": 70}, 70),
    ],
)
def test_the_lens_sees_as_wide_as_the_recipe_says(width, height, fields, fov_x_deg):
    """A full-frame camera's longer side is 36 mm, whichever way it is held."""
    (scene,), _ = applied("camera", fields, times=1, image={"width": width, "height": height})
    k = scene.camera.k
    assert np.degrees(2 * np.arctan(width / 2 / k[0, 0])) == pytest.approx(fov_x_deg)
    assert k[0, 0] == k[1, 1]
    assert (k[0, 2], k[1, 2]) == (width / 2, height / 2)


def test_a_camera_is_a_pinhole_that_draws_as_before_unless_the_recipe_says_otherwise():
    """What a lens adds is drawn last: all else stays as it was."""
    (plain,), (before,) = applied("camera", {"look_at_jitter_m": 0.1}, times=1)
    fields = {"look_at_jitter_m": 0.1, "f_number": {"uniform": [2, 8]}, "distortion": {"k1": {"uniform": [-0.2, 0]}}}
    (bent,), (after,) = applied("camera", fields, times=1)
    assert (plain.camera.lens, plain.camera.aperture_m) == (None, 0.0)
    assert before == {name: value for name, value in after.items() if name in before}
    np.testing.assert_array_equal(plain.camera.world_from_camera, bent.camera.world_from_camera)
    np.testing.assert_array_equal(plain.camera.k, bent.camera.k)


@pytest.mark.parametrize("zoom", [{"focal_length_mm": 50}, {"fov_deg": np.degrees(2 * np.arctan(0.36))}])
def test_the_aperture_is_the_focal_length_over_the_f_number_and_focus_is_where_the_camera_looks(zoom):
    """A 50 mm lens at f/4 has an entrance pupil of 12.5 mm."""
    scenes, draws = applied("camera", {**zoom, "f_number": 4, "look_at_jitter_m": 0.1}, times=5)
    np.testing.assert_allclose([s.camera.aperture_m for s in scenes], 0.0125)
    for scene in scenes:
        pose = scene.camera.world_from_camera
        assert np.abs(pose[:3, 3] + scene.camera.focus_m * pose[:3, 2]).max() <= 0.1
    assert all(d["camera.f_number"] == 4 for d in draws)


def test_focus_and_distortion_are_drawn_as_told_and_recorded():
    fields = {
        "fov_deg": 40, "focus_m": {"uniform": [0.5, 2]},
        "distortion": {"k1": {"uniform": [-0.2, 0.1]}, "k2": 0.05, "p2": {"uniform": [-1e-3, 1e-3]}},
    }  # fmt: skip
    scenes, draws = applied("camera", fields)
    k1, k2, p1, p2, k3 = np.transpose([s.camera.distortion for s in scenes])
    within(k1, -0.2, 0.1)
    within(p2, -1e-3, 1e-3)
    within([s.camera.focus_m for s in scenes], 0.5, 2)
    assert ((k2 == 0.05) & (p1 == 0) & (k3 == 0)).all()
    assert [d["camera.distortion.k1"] for d in draws] == list(k1)


def test_a_known_cameras_intrinsics_are_taken_as_they_are():
    fields = {"k": [150.5, 151, 81, 58.5], "f_number": 2, "sensor_width_mm": 16}
    (scene,), (draws,) = applied("camera", fields, times=1)
    np.testing.assert_array_equal(scene.camera.k, [[150.5, 0, 81], [0, 151, 58.5], [0, 0, 1]])
    # 150.5 of 160 pixels are 15.05 of 16 mm.
    assert scene.camera.aperture_m == pytest.approx(0.01505 / 2)
    assert not {"camera.focal_length_mm", "camera.fov_deg"} & set(draws)


@pytest.mark.parametrize("k1", [0.0, -0.05])
def test_a_fisheye_sees_as_wide_as_the_recipe_says(k1):
    (scene,), (draws,) = applied("camera", {"fov_deg": 110, "fisheye": {"k1": k1}}, times=1)
    left, right = scene.camera.unprojected(np.array([[0.0, 60.0], [160.0, 60.0]]))
    assert np.degrees(np.arctan(right[0]) - np.arctan(left[0])) == pytest.approx(110)
    assert draws["camera.fisheye.k1"] == k1


def test_a_camera_moves_as_fast_as_told_in_every_direction():
    still, plain = applied("camera", {"f_number": 4})
    scenes, draws = applied("camera", {"f_number": 4, "speed_m_s": {"uniform": [0, 2]}, "turn_deg_s": 30})
    shifts = np.array([s.camera.velocity_m_s for s in scenes])
    turns = np.array([s.camera.angular_velocity_rad_s for s in scenes])
    within(np.linalg.norm(shifts, axis=1), 0, 2)
    np.testing.assert_allclose(np.linalg.norm(shifts, axis=1), [d["camera.speed_m_s"] for d in draws])
    np.testing.assert_allclose(np.linalg.norm(turns, axis=1), np.radians(30))
    for directions in (shifts / np.linalg.norm(shifts, axis=1, keepdims=True), turns / np.radians(30)):
        np.testing.assert_allclose(directions.mean(axis=0), 0, atol=0.15)
        np.testing.assert_allclose((directions**2).mean(axis=0), 1 / 3, atol=0.1)
    assert not any(s.camera.is_moving for s in still)
    assert all(a == {k: v for k, v in b.items() if k in a} for a, b in zip(plain, draws, strict=True))


def test_a_shutter_rolls_as_told_and_flickers_bands_with_it():
    fields = {"turn_deg_s": 30, "rolling_shutter_ms": {"uniform": [10, 30]}}
    (rolling, _), (plain, _) = applied("camera", fields), applied("camera", {"turn_deg_s": 30})
    within([s.camera.readout_s for s in rolling], 0.01, 0.03)
    assert all(
        to_plain(replace(a.camera, readout_s=0)) == to_plain(b.camera) for a, b in zip(rolling, plain, strict=True)
    )
    sensor = recipe_of("sensor", {"flicker": {"readout_s": 0.5}}).sensor
    for scene, readout_s in ((rolling[0], rolling[0].camera.readout_s), (plain[0], 0.5)):
        assert Sensor.apply(scene, sensor, ASSETS, Dice(0, 0, "sensor")).sensor.readout_s == readout_s
    with pytest.raises(
        ValidationError, match="rolling_shutter_ms shows only how the camera turns; expected turn_deg_s"
    ):
        recipe_of("camera", {"rolling_shutter_ms": 20})


def test_the_environment_is_one_of_the_maps_turned_dimmed_and_tinted_as_told():
    fields = {"rotation_deg": {"uniform": [0, 90]}, "strength": {"uniform": [0.5, 2]}, "tint": {"uniform": [0, 0.4]}}
    scenes, _ = applied("environment", fields)
    within([s.environment.rotation_rad for s in scenes], 0, np.pi / 2)
    within([s.environment.strength for s in scenes], 0.5, 2)
    tints = np.array([s.environment.tint for s in scenes])
    assert ((tints >= 0.6) & (tints <= 1)).all()
    assert tints.min() < 0.75
    assert {s.environment.map for s in scenes} == set(ASSETS.files["environment.maps"])


def test_lamps_are_as_many_as_told_and_shine_at_the_middle_from_where_they_are():
    fields = {
        "count": {"randint": [0, 3]}, "kinds": ["point", "area", "spot", "sun"], "distance_m": {"uniform": [1, 3]},
        "elevation_deg": {"uniform": [10, 80]}, "power_w": {"uniform": [5, 50]}, "size_m": {"uniform": [0.1, 0.5]},
    }  # fmt: skip
    scenes, _ = applied("lamps", fields)
    assert {len(s.lamps) for s in scenes} == {0, 1, 2, 3}
    lamps = [lamp for s in scenes for lamp in s.lamps]
    assert {lamp.kind for lamp in lamps} == set(fields["kinds"])
    distances = np.linalg.norm([lamp.position_m for lamp in lamps], axis=1)
    within(distances, 1, 3)
    within([lamp.size_m for lamp in lamps], 0.1, 0.5)
    within(np.degrees(np.arcsin([-lamp.direction[2] for lamp in lamps])), 10, 80)
    within([lamp.power_w / (SUN_W_M2_PER_W if lamp.kind == "sun" else 1) for lamp in lamps], 5, 50)
    for lamp, distance in zip(lamps, distances, strict=True):
        np.testing.assert_allclose(-np.multiply(lamp.direction, distance), lamp.position_m, atol=1e-12)


def test_targets_keep_their_material_unless_the_recipe_says_otherwise():
    assert all(to_plain(s) == to_plain(BLANK.instances[0].surface) for s in surfaces("material", {}))


def test_targets_change_hue_roughness_and_texture_as_often_and_as_far_as_told():
    fields = {
        "hue_shift_deg": {"uniform": [-90, 45]}, "roughness": {"uniform": [0.2, 0.6]}, "metallic": 1,
        "probability": 0.3, "texture_probability": 0.7,
    }  # fmt: skip
    found = surfaces("material", fields)
    within(np.degrees([s.hue_shift_rad for s in found]), -90, 45)
    within([s.roughness for s in found if s.roughness is not None], 0.2, 0.6)
    assert share([s.roughness is not None for s in found]) == 0.3
    assert all((s.metallic == 1) == (s.roughness is not None) for s in found)
    assert share([s.texture is not None for s in found]) == 0.7
    assert {s.texture for s in found} - {None} <= set(ASSETS.files["material.textures"])


def test_built_in_shapes_take_a_colour_or_a_texture_in_the_shares_told():
    found = surfaces("distractors", {"textured": 0.4, "own_material": 1})
    assert all((s.texture is None) != (s.base_color is None) for s in found)
    assert share([s.texture is not None for s in found]) == 0.4
    assert {s.texture for s in found} - {None} <= set(ASSETS.files["distractors.textures"])
    assert {(s.metallic, s.transmission) for s in found} == {(None, None), (1, None), (None, 1)}
    assert all(0 <= s.roughness <= 0.95 for s in found)


@pytest.mark.parametrize("keeps", [0, 1])
def test_models_from_files_keep_their_own_material_as_often_as_told(keeps, tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "cache"))
    (tmp_path / "tri.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    fields = {"models": [str(tmp_path / "tri.obj")], "own_material": keeps}
    assets = gather(recipe_of("distractors", fields))
    recipe = recipe_of("distractors", fields)
    scene = Scene(
        0, 0, BLANK.camera, (Instance(1, assets.files["distractors.models"][0], np.eye(4), None, "distractor"),)
    )
    changed = plugin(RANDOMIZERS, "distractors").apply(scene, recipe.distractors, assets, Dice(0, 0, "distractors"))
    assert (changed.instances[0].surface == scene.instances[0].surface) == bool(keeps)


@pytest.mark.parametrize(("color", "photo"), [(1.0, 0.5), (0.0, 0.0), (0.0, 1.0), (0.4, 0.5)])
def test_the_ground_is_a_colour_a_texture_or_a_photograph_in_the_shares_told(color, photo):
    fields = {
        "color_probability": color,
        "photo_probability": photo,
        "texture_size_m": {"uniform": [0.5, 1]},
    }
    found = surfaces("ground", fields)
    plain = [s.texture is None for s in found]
    assert share(plain) == color
    assert all((s.base_color is not None) == is_plain for s, is_plain in zip(found, plain, strict=True))
    assert share([s.texture in ASSETS.files["ground.photos"] for s in found]) == (1 - color) * photo + (1 - color) * (
        1 - photo
    ) * ASSETS.files["ground.textures"].count(ASSETS.files["ground.photos"][0]) / len(ASSETS.files["ground.textures"])
    # A tile's size in the world is that on the unit square times the square's scale.
    tiles = [s.tile_m[0] * 8 for s in found if s.texture]
    assert all(0.5 <= tile <= 1 for tile in tiles)


@pytest.mark.parametrize("shares", [(1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 3, 1), (2, 0, 2)])
def test_backdrops_come_in_the_shares_told(shares):
    scenes, draws = applied("backdrop", dict(zip(("environment", "color", "photo"), shares, strict=True)))
    kinds = [s.backdrop.kind for s in scenes]
    for kind, of in zip(("environment", "color", "photo"), shares, strict=True):
        assert share([k == kind for k in kinds]) == of / sum(shares)
        assert (kind in kinds) == (of > 0)
    assert [d["backdrop.kind"] for d in draws] == kinds


@pytest.mark.parametrize(("width", "height"), [(160, 120), (300, 100), (100, 300)])
def test_a_photograph_is_cropped_inside_itself_to_the_images_shape(width, height, tmp_path):
    Image.new("RGB", (90, 40)).save(tmp_path / "wide.png")
    Image.new("RGB", (40, 90)).save(tmp_path / "tall.png")
    fields, image = {"environment": 0, "color": 0, "photos": [str(tmp_path)]}, {"width": width, "height": height}
    assets = gather(recipe_of("backdrop", fields))
    scenes, _ = applied("backdrop", fields, times=60, image=image, assets=assets)
    sizes = []
    for scene in scenes:
        rows, columns = assets.library.image(scene.backdrop.photo).shape[:2]
        x0, y0, x1, y1 = scene.backdrop.crop_xyxy
        assert 0 <= x0 < x1 <= 1 + 1e-12
        assert 0 <= y0 < y1 <= 1 + 1e-12
        assert (x1 - x0) * columns / ((y1 - y0) * rows) == pytest.approx(width / height)
        sizes.append(max(x1 - x0, y1 - y0))
    within(sizes, 0.5, 1)
    assert {scene.backdrop.mirrored for scene in scenes} == {False, True}


def test_the_sensor_exposes_balances_blurs_and_compresses_as_told():
    fields = {
        "exposure_ev": {"uniform": [-1, 2]}, "white_balance": {"uniform": [0, 0.2]},
        "blur_sigma_px": {"uniform": [0, 3]}, "noise_sigma": {"uniform": [0, 0.1]},
        "jpeg_quality": {"randint": [50, 60]},
    }  # fmt: skip
    sensors = [s.sensor for s in applied("sensor", fields)[0]]
    within([s.exposure_ev for s in sensors], -1, 2)
    within([s.blur_sigma_px for s in sensors], 0, 3)
    within([s.noise_sigma for s in sensors], 0, 0.1)
    assert {s.jpeg_quality for s in sensors} == set(range(50, 61))
    assert all(0.8 <= c <= 1 for s in sensors for c in s.white_balance)
    assert len({s.noise_seed for s in sensors}) == len(sensors)
    assert all(s.sensor.jpeg_quality is None for s in applied("sensor", {"jpeg_quality": None}, times=5)[0])


def test_what_a_sensor_adds_is_drawn_last_and_only_where_it_is_asked_for():
    (plain, *_), (before, *_) = applied("sensor", {}, times=1)
    fields = {
        "vignetting": {"uniform": [0.1, 0.5]}, "chromatic_aberration_px": 1, "white_e": 500, "sharpening": 1,
        "resolution": 0.5, "webp_quality": 50, "bayer": 1, "infrared": True, "flicker": {},
    }  # fmt: skip
    (full, *_), (after, *_) = applied("sensor", fields, times=1)
    assert plain.sensor == replace(
        SceneSensor(), **{n: getattr(plain.sensor, n) for n in (
            "exposure_ev", "white_balance", "blur_sigma_px", "noise_sigma", "jpeg_quality", "noise_seed",
        )},
    )  # fmt: skip
    assert before == {name: value for name, value in after.items() if name in before}
    assert full.sensor.noise_seed == plain.sensor.noise_seed
    assert (full.sensor.bayer, full.sensor.infrared, full.sensor.webp_quality) == (True, True, 50)
    assert len(after) == len(before) + len(fields) + 4


def test_the_sensors_effects_are_drawn_as_told():
    fields = {
        "vignetting": {"uniform": [0.1, 0.5]}, "chromatic_aberration_px": {"uniform": [-1, 1]},
        "white_e": {"uniform": [100, 900]}, "read_noise_e": {"uniform": [1, 5]}, "bayer": 0.5,
        "sharpening": {"uniform": [0, 2]}, "resolution": {"uniform": [0.3, 1]}, "infrared": 0.25,
        "webp_quality": {"randint": [30, 40]}, "exposure_s": {"uniform": [0.001, 0.02]},
        "flicker": {"strength": {"uniform": [0, 1]}, "readout_s": {"uniform": [0.01, 0.02]}},
    }  # fmt: skip
    sensors = [s.sensor for s in applied("sensor", fields)[0]]
    for name in ("vignetting", "chromatic_aberration_px", "white_e", "read_noise_e", "sharpening", "resolution"):
        within([getattr(s, name) for s in sensors], *fields[name]["uniform"])
    within([s.flicker for s in sensors], 0, 1)
    within([s.readout_s for s in sensors], 0.01, 0.02)
    within([s.exposure_s for s in sensors], 0.001, 0.02)
    within([s.flicker_phase_rad for s in sensors], 0, 2 * np.pi)
    assert {s.flicker_hz for s in sensors} == {100, 120}
    assert {s.webp_quality for s in sensors} == set(range(30, 41))
    assert share([s.bayer for s in sensors]) == 0.5
    assert share([s.infrared for s in sensors]) == 0.25


def test_the_exposures_length_is_drawn_where_the_camera_moves():
    (still,), _ = applied("sensor", {}, times=1)
    moving = replace(BLANK, camera=replace(BLANK.camera, velocity_m_s=(1.0, 0.0, 0.0)))
    scene = Sensor.apply(moving, recipe_of("sensor", {"exposure_s": 0.02}).sensor, ASSETS, Dice(0, 0, "sensor"))
    assert still.sensor.exposure_s == SceneSensor().exposure_s
    assert scene.sensor.exposure_s == 0.02


def test_nothing_is_of_a_family_or_worn_unless_the_recipe_says_so():
    """Nor is anything drawn for it: older recipes give the scenes that they gave."""
    for part in LAYERS:
        scenes, draws = applied(part, {}, times=20)
        found = [i.surface for scene in scenes for i in scene.instances]
        assert {(s.wear, s.normal_map, s.roughness_map, s.saturation, s.value) for s in found} == {
            (None, None, None, 1.0, 1.0)
        }
        assert not any(name.endswith((".family", ".of_family", ".wear")) for d in draws for name in d)


@pytest.mark.parametrize("part", LAYERS)
def test_a_share_is_of_a_family_with_all_its_maps_and_tiles_of_their_real_size(part):
    fields = {"families": ["builtin:wood", "builtin:brushed_metal-2"], "family_probability": 0.6, "family_size": 2}
    if part == "distractors":
        fields["count"] = 1
    assets = gather(recipe_of(part, fields))
    _, draws = applied(part, fields, assets=assets)
    found = surfaces(part, fields, assets=assets)
    made = [s for s in found if s.normal_map]
    assert share([bool(s.normal_map) for s in found]) == 0.6
    assert {s.texture for s in made} == set(assets.files[f"{part}.families"])
    assert {s.metallic for s in made} == {0.0, 1.0}
    scale = 8.0 if part == "ground" else 1.0
    for surface in made:
        assert surface.roughness_map == f"{surface.texture}/roughness"
        tile = 2 * (0.15 if "metal" in surface.texture else 0.3)
        assert surface.tile_m == pytest.approx((tile / scale, tile / scale, tile))
        assert assets.library.image(surface.normal_map).shape == (512, 512, 3)
    assert {d[f"{part}.family"] for d in draws if f"{part}.family" in d} == {s.texture for s in made}


@pytest.mark.parametrize("part", LAYERS)
def test_wear_is_as_strong_as_told_and_of_all_kinds(part):
    fields = {"wear": {"uniform": [0.2, 0.9]}}
    assets = gather(recipe_of(part, fields))
    found = surfaces(part, fields, assets=assets)
    within([s.wear_strength for s in found], 0.2, 0.9)
    assert {s.wear for s in found} == set(assets.files["wear"])
    assert len(assets.files["wear"]) == 4


@pytest.mark.parametrize("part", LAYERS)
def test_edges_are_worn_as_told_by_the_same_maps_and_drawn_after_all_that_wear_draws(part):
    fields = {"wear_edges": {"uniform": [0.2, 0.9]}}
    assets = gather(recipe_of(part, fields))
    found = surfaces(part, fields, assets=assets)
    within([s.edge_wear for s in found], 0.2, 0.9)
    assert {s.wear for s in found} == set(assets.files["wear"])
    assert {s.wear_strength for s in found} == {0.0}
    worn = {"wear": {"uniform": [0.2, 0.9]}}
    (before,), (plain,) = applied(part, worn, times=1, assets=assets)
    (after,), (drawn,) = applied(part, {**worn, **fields}, times=1, assets=assets)
    assert {s.edge_wear for s in (i.surface for i in before.instances)} == {0.0}
    first = next(n for n, i in enumerate(after.instances) if i.layer == LAYERS[part])
    assert replace(after.instances[first].surface, edge_wear=0.0) == before.instances[first].surface
    assert set(drawn) - set(plain) == {f"{part}.wear_edges"}


def test_targets_colours_are_more_or_less_saturated_and_bright_as_told():
    found = surfaces("material", {"saturation": {"uniform": [0, 1.5]}, "value": {"uniform": [0.5, 1]}})
    within([s.saturation for s in found], 0, 1.5)
    within([s.value for s in found], 0.5, 1)


def test_a_folder_without_a_set_of_maps_is_named(tmp_path):
    (tmp_path / "wood.jpg").write_bytes(b"")
    for folder, what in ((tmp_path, "holds no set of maps"), (tmp_path / "none", "no folder")):
        with pytest.raises(InputError, match=rf"material.families: .*{what}"):
            gather(recipe_of("material", {"families": [str(folder)], "family_probability": 0.5}))


def test_lamps_have_colours_of_their_temperatures():
    fields = {"count": 2, "color": 0, "temperature_k": {"uniform": [2000, 12_000]}}
    scenes, draws = applied("lamps", fields)
    drawn = [t for d in draws for t in d["lamps.temperature_k"]]
    within(drawn, 2000, 12_000)
    for lamp, temperature in zip((lamp for s in scenes for lamp in s.lamps), drawn, strict=True):
        assert lamp.color == pytest.approx(blackbody_color(temperature))


def test_lamps_are_where_they_were_without_temperatures():
    plain, warm = (applied("lamps", {"count": 1, **more}, times=5)[0] for more in ({}, {"temperature_k": 2700}))
    for a, b in zip(plain, warm, strict=True):
        assert replace(a.lamps[0], color=(1, 1, 1)) == replace(b.lamps[0], color=(1, 1, 1))


def test_a_share_of_scenes_is_under_skies_of_the_recipes_numbers():
    fields = {"sky": 0.5, "sun_deg": {"uniform": [10, 40]}, "turbidity": {"uniform": [3, 5]}}
    scenes, draws = applied("environment", fields)
    skies = [sky_of(s.environment.map) for s in scenes]
    assert share([s is not None for s in skies]) == 0.5
    within([s.sun_deg for s in skies if s], 10, 40)
    within([s.turbidity for s in skies if s], 3, 5)
    assert all(s is None or s.sun_deg == round(d["environment.sun_deg"], 1) for s, d in zip(skies, draws, strict=True))
    assert all(
        s.environment.map not in ASSETS.files["environment.maps"] or not d["environment.sky"]
        for s, d in zip(scenes, draws, strict=True)
    )


def test_cards_stand_between_their_lamp_and_the_scene_and_come_last():
    fields = {"count": 2, "gobos": 3, "gobo_size_m": {"uniform": [0.05, 0.1]}, "distance_m": 2}
    scenes, _ = applied("lamps", fields, times=20)
    for scene in scenes:
        cards = [i for i in scene.instances if i.layer == GOBO]
        assert scene.instances == (*BLANK.instances, *cards)
        assert [i.id for i in cards] == list(range(4, 10))
        for lamp, mine in zip(scene.lamps, (cards[:3], cards[3:]), strict=True):
            for card in mine:
                along = card.world_from_object[:3, 3] @ lamp.position_m / 4
                assert 0.4 <= along <= 0.7
                assert card.world_from_object[:3, 2] == pytest.approx(np.array(lamp.position_m) / 2)
                # Its shadow's middle is near the scene's.
                shadow = (card.world_from_object[:3, 3] - along * np.array(lamp.position_m)) / (1 - along)
                assert np.linalg.norm(shadow) <= 0.3 * 2 * 2**0.5
    within([s for scene in scenes for i in scene.instances[3:] for s in i.scale[:2]], 0.05, 0.1)
    plain = applied("lamps", {k: v for k, v in fields.items() if "gobo" not in k}, times=20)[0]
    assert [s.lamps for s in plain] == [s.lamps for s in scenes]


def test_cards_stand_before_the_sun_of_an_environment_that_has_one():
    sky = sky_id(Sky(40.0, 3.0))
    options = recipe_of("lamps", {"count": 0, "sun_gobos": 3, "gobo_size_m": 0.1, "distance_m": 2}).lamps
    for rotation_rad in (0.0, 1.0, 4.0):
        towards_it = rotation_about([0, 0, 1], rotation_rad) @ [np.cos(np.radians(40)), 0, np.sin(np.radians(40))]
        scene = replace(BLANK, environment=Environment(sky, rotation_rad))
        cards = Lamps.apply(scene, options, ASSETS, Dice(0, 0, "lamps")).instances[3:]
        assert [(i.id, i.layer) for i in cards] == [(4, GOBO), (5, GOBO), (6, GOBO)]
        for card in cards:
            place = card.world_from_object[:3, 3]
            np.testing.assert_allclose(card.world_from_object[:3, 2], towards_it, atol=0.02)
            assert 0.78 <= place @ towards_it <= 1.42
            assert np.linalg.norm(place - (place @ towards_it) * towards_it) <= 0.3 * 2 * 2**0.5 + 0.03
    for map in (None, sky_id(Sky(0.0, 3.0))):
        assert not Lamps.apply(
            replace(BLANK, environment=Environment(map)), options, ASSETS, Dice(0, 0, "lamps")
        ).instances[3:]


def test_cards_before_the_sun_come_after_all_else_and_change_nothing_of_it():
    scene, fields = replace(BLANK, environment=Environment(sky_id(Sky(40.0, 3.0)))), {"count": 2, "gobos": 1}
    plain, shaded = Dice(0, 0, "lamps"), Dice(0, 0, "lamps")
    before = Lamps.apply(scene, recipe_of("lamps", fields).lamps, ASSETS, plain)
    after = Lamps.apply(scene, recipe_of("lamps", {**fields, "sun_gobos": 2}).lamps, ASSETS, shaded)
    assert to_plain(before.lamps) == to_plain(after.lamps)
    assert to_plain(before.instances) == to_plain(after.instances[: len(before.instances)])
    assert len(after.instances) == len(before.instances) + 2
    assert set(shaded.draws) - set(plain.draws) == {"lamps.sun_gobos"}
