"""What happens between the light and the file: each effect is what its name says, and none is nothing."""

import dataclasses

import numpy as np
import pytest

from cyclorama.core.scene import Backdrop, Sensor
from cyclorama.render.chip import FULL_WELL, demosaicked, flicker, gathered, mosaic, noisy
from cyclorama.render.develop import develop
from cyclorama.render.optics import fringed, through_lens, vignetted
from cyclorama.render.processor import coarsened, recorded, sharpened
from scenes import Shelf, spheres_scene

SHELF = Shelf()
EVERYTHING = Sensor(
    vignetting=0.4, chromatic_aberration_px=2, blur_sigma_px=0.7, readout_s=0.02, exposure_s=0.003, flicker=0.5,
    white_e=400, read_noise_e=5, bayer=True, noise_sigma=0.01, sharpening=1, resolution=0.7, jpeg_quality=70,
    webp_quality=60,
)  # fmt: skip


def textured(seed=0, height=72, width=96):
    return np.random.default_rng(seed).lognormal(-1, 0.7, (height, width, 3)).astype(np.float32)


def flat(color, height=64, width=64):
    return np.broadcast_to(np.asarray(color, np.float32), (height, width, 3)).copy()


def spot(x_px, y_px, sigma_px=3.0, size=200):
    """(size, size, 3) white light about a point."""
    x, y = (np.arange(size) + 0.5 - c for c in (x_px, y_px))
    light = np.exp(-(x**2 + y[:, None] ** 2) / (2 * sigma_px**2))
    return np.repeat(light[..., None], 3, axis=-1).astype(np.float32)


def centroid(plane):
    """Columns, rows."""
    columns, rows = (np.arange(n) + 0.5 for n in plane.shape[::-1])
    return np.array([(plane.sum(axis=0) * columns).sum(), (plane.sum(axis=1) * rows).sum()]) / plane.sum()


def developed(sensor, seed=0):
    scene = dataclasses.replace(spheres_scene(0), backdrop=Backdrop("color"), sensor=sensor)
    return develop(scene, np.dstack([textured(seed), np.ones((72, 96), np.float32)]), SHELF)


def test_by_default_light_and_picture_stay_as_they_are_to_the_last_bit():
    light = textured()
    assert gathered(through_lens(light, Sensor()), Sensor()) is light
    levels = np.random.default_rng(0).integers(0, 256, (72, 96, 3))
    np.testing.assert_array_equal(recorded(Sensor(), levels / 255), levels)


def test_the_noise_seed_decides_all_chance():
    one, again, other = (developed(dataclasses.replace(EVERYTHING, noise_seed=s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).mean() > 0.3


@pytest.mark.parametrize(
    "field", [f.name for f in dataclasses.fields(Sensor) if f.name not in ("auto_exposure", "noise_seed")]
)
def test_every_field_changes_the_picture(field):
    other = {
        "exposure_ev": 0.5, "white_balance": (1.1, 1, 0.9), "infrared": True, "exposure_s": 0.007, "flicker_hz": 120.0,
        "flicker_phase_rad": 1.0, "jpeg_quality": 20, "webp_quality": 5, "bayer": False, "resolution": 0.4,
    }.get(field, 0.0)  # fmt: skip
    other = None if field == "white_e" else other
    assert (developed(EVERYTHING) != developed(dataclasses.replace(EVERYTHING, **{field: other}))).any()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_vignetting_takes_its_share_from_the_corners_and_nothing_from_the_middle(share):
    found = vignetted(np.ones((301, 401, 3), np.float32), share)
    assert found[150, 200] == pytest.approx(1)
    assert found[0, 0] == pytest.approx(1 - share, abs=5e-3)
    np.testing.assert_array_equal(found, found[::-1, ::-1])
    assert (np.diff(found[150, 200:, 0]) < 0).all()
    # As cos^4 of an angle whose tangent grows with the distance from the middle.
    tangent = np.sqrt(found[150, [250, 300], 1] ** -0.5 - 1)
    assert tangent[1] == pytest.approx(2 * tangent[0], rel=1e-3)


@pytest.mark.parametrize(("x", "y"), [(150, 150), (30, 100), (100, 100), (180, 40)])
def test_chromatic_aberration_shifts_red_outwards_and_blue_inwards_in_proportion_to_the_radius(x, y):
    found = fringed(spot(x, y), 4.0)
    shift = 4.0 * (np.array([x, y]) - 100) / (100 * np.sqrt(2))
    for channel, sign in enumerate((1, 0, -1)):
        np.testing.assert_allclose(centroid(found[..., channel]) - [x, y], sign * shift, atol=0.03)
        assert found[..., channel].sum() == pytest.approx(spot(x, y)[..., 0].sum(), rel=0.07)


@pytest.mark.parametrize("exposure_s", [1e-4, 0.004, 0.013])
def test_flicker_is_the_light_that_each_row_gathers_during_its_exposure(exposure_s):
    sensor = Sensor(readout_s=0.03, exposure_s=exposure_s, flicker=0.6, flicker_hz=120, flicker_phase_rad=0.7)
    found = flicker(50, sensor)[:, 0, 0]
    middles = 0.03 * (np.arange(50) + 0.5) / 50
    times = middles[:, None] + exposure_s * ((np.arange(1000) + 0.5) / 1000 - 0.5)
    expected = (1 + 0.6 * np.cos(2 * np.pi * 120 * times + 0.7)).mean(axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_an_exposure_of_whole_swings_shows_no_flicker():
    np.testing.assert_allclose(flicker(50, Sensor(readout_s=0.03, exposure_s=0.02, flicker=0.9)), 1, atol=1e-6)


def test_the_variance_of_noise_grows_linearly_with_the_light_from_that_of_reading():
    sensor = Sensor(white_e=500, read_noise_e=8)
    levels = np.array([0.0, 0.1, 0.5, 1.0, 3.0])
    noise = [noisy(flat([x] * 3, 256, 256), sensor) - np.float32(x) for x in levels]
    np.testing.assert_allclose([n.mean() for n in noise], 0, atol=1e-3)
    np.testing.assert_allclose([n.var() for n in noise], levels / 500 + (8 / 500) ** 2, rtol=0.02)


def test_noise_of_more_electrons_is_weaker_by_the_square_root():
    weak, strong = (noisy(flat([0.5] * 3), Sensor(white_e=e)).std() for e in (40_000, 400))
    assert strong / weak == pytest.approx(10, rel=0.03)


def test_infrared_is_the_red_light_in_grey_noise_included():
    sensor = dataclasses.replace(EVERYTHING, infrared=True, jpeg_quality=None, webp_quality=None)
    picture = developed(sensor)
    assert np.ptp(picture.astype(int), axis=-1).max() == 0
    clean = Sensor(infrared=True, auto_exposure=False)
    np.testing.assert_array_equal(developed(clean)[..., 1], developed(Sensor(auto_exposure=False))[..., 0])


@pytest.mark.parametrize("color", [(0.7, 0.2, 0.1), (0.0, 0.0, 1.0), (0.0, FULL_WELL, 0.0)])
@pytest.mark.parametrize("shape", [(64, 64), (33, 51)])
def test_a_bayer_pattern_leaves_flat_colours_as_they_are(color, shape):
    light = flat(color, *shape)
    np.testing.assert_allclose(demosaicked(mosaic(light)), light, atol=2e-4)


def test_a_bayer_pattern_shows_false_colours_where_things_are_finer_than_it():
    stripes = np.repeat(np.tile(np.float32([[1, 0]]), (64, 32))[..., None], 3, axis=-1)
    assert np.ptp(demosaicked(mosaic(stripes))[10:-10, 10:-10], axis=-1).max() > 0.5
    ramp = np.repeat(np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1))[..., None], 3, axis=-1)
    np.testing.assert_allclose(demosaicked(mosaic(ramp))[4:-4, 4:-4], ramp[4:-4, 4:-4], atol=0.01)


def test_a_bayer_pattern_correlates_the_noise_of_neighbours():
    sensor = Sensor(white_e=300)
    found = []
    for bayer in (False, True):
        red = gathered(flat([0.5] * 3, 256, 256), dataclasses.replace(sensor, bayer=bayer))[..., 0]
        found.append(np.corrcoef(red[:, :-1].reshape(-1), red[:, 1:].reshape(-1))[0, 1])
    assert abs(found[0]) < 0.02
    assert found[1] > 0.4


def test_noise_in_the_dark_is_not_cut_off_by_the_bayer_pattern():
    found = gathered(flat([0.0] * 3, 256, 256), Sensor(white_e=300, read_noise_e=10, bayer=True))
    assert found.mean() == pytest.approx(0, abs=1e-3)


def test_sharpening_lets_edges_overshoot_and_keeps_the_rest():
    edge = np.full((40, 40, 3), 0.3, np.float32)
    edge[:, 20:] = 0.6
    one, two = (sharpened(edge, amount) for amount in (0.5, 1.0))
    assert one.mean() == pytest.approx(edge.mean(), abs=1e-5)
    np.testing.assert_allclose(two - edge, 2 * (one - edge), atol=1e-6)
    np.testing.assert_allclose(one[:, [5, 35]], edge[:, [5, 35]], atol=1e-6)
    # Half a pixel beside the edge, a Gaussian of 1 px has taken .31 of the step away.
    np.testing.assert_allclose(one[:, 19:21, 0], np.tile([0.3 - 0.046, 0.6 + 0.046], (40, 1)), atol=2e-3)


@pytest.mark.parametrize("share", [0.5, 0.25])
def test_a_lower_resolution_holds_nothing_finer_than_its_pixels(share):
    image = np.random.default_rng(0).uniform(0.3, 0.7, (96, 96, 3)).astype(np.float32)
    found = coarsened(image, share)
    power = np.abs(np.fft.rfft2(found[..., 0] - found[..., 0].mean())) ** 2
    rows, columns = np.meshgrid(np.fft.fftfreq(96), np.fft.rfftfreq(96), indexing="ij")
    assert power[np.maximum(abs(rows), columns) > 0.75 * share].sum() < 0.1 * power.sum()
    assert found.mean() == pytest.approx(image.mean(), abs=1e-3)


@pytest.mark.parametrize("field", ["jpeg_quality", "webp_quality"])
def test_compression_leaves_artefacts_the_more_the_lower_its_quality(field):
    plain, low, high = (developed(Sensor(**{field: q})).astype(float) for q in (None, 20, 97))
    assert 0 < np.abs(high - plain).mean() < np.abs(low - plain).mean() < 40


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 1)])
def test_the_smallest_pictures_go_through_all(size):
    light = np.ones((*size, 3), np.float32)
    sensor = EVERYTHING
    assert recorded(sensor, gathered(through_lens(light, sensor), sensor)).shape == (*size, 3)
