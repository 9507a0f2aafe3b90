"""A session with Blender: the same picture always, memory that stays flat, settings that hold, and silence."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.kept import Kept
from cyclorama.core.scene import Camera, Environment, Lamp, Surface
from cyclorama.render.engines.cycles.session import quiet
from scenes import leaves_scene, spheres_scene
from stage import LOOKING_DOWN, SHELF, above, placed
from studio import Studio

pytestmark = pytest.mark.blender

COUNTS = """{name: len(items) for name in dir(bpy.data)
             if isinstance(items := getattr(bpy.data, name), bpy.types.bpy_prop_collection)}"""
RESIDENT_MB = "int(open('/proc/self/statm').read().split()[1]) * __import__('os').sysconf('SC_PAGE_SIZE') / 1e6"
LAMPS = tuple(Lamp(kind, (1.0, i, 2.0), power_w=20.0) for i, kind in enumerate(("point", "area", "spot", "sun")))
# Lamps of all kinds beside a map: which one a path asks for light is drawn by lot, in the order that Cycles has them.
LIT = dataclasses.replace(spheres_scene(0, count=8), environment=Environment("spot", 0.3), lamps=LAMPS)
GLOWING = above(
    placed(1, "matt"),
    placed(2, "sphere-1", (0.5, 0, 0.2), Surface(emission=(5, 1, 0))),
    placed(3, "mug", (-0.4, 0.2, 0.1), Surface(emission=(0, 1, 9)), 4.0),
    lamps=LAMPS[:2],
)
SCENES = [LIT, spheres_scene(1), GLOWING, above("corners"), leaves_scene()]


@pytest.fixture(scope="module")
def other_studio(tmp_path_factory):
    """Another process, for tests that open engines with the settings that they need."""
    studio = Studio(SHELF, tmp_path_factory.mktemp("studio"))
    yield studio
    studio.close()


def test_importing_the_engine_does_not_import_blender():
    program = "import cyclorama.render.engines.cycles, sys; sys.exit('bpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0
    assert "bpy" not in sys.modules


def test_a_scene_gives_the_same_pixels_whatever_was_rendered_before_and_wherever(studio, other_studio):
    """Bit for bit: again, after others, in another process, with another number of threads."""
    first = [studio.render(scene) for scene in SCENES]
    backwards = [studio.render(scene) for scene in SCENES[::-1]][::-1]
    other_studio.open(threads=1)
    elsewhere = [other_studio.render(scene) for scene in SCENES[::-1] for _ in range(2)][::-2]
    for index in range(len(SCENES)):
        np.testing.assert_array_equal(first[index], backwards[index])
        np.testing.assert_array_equal(first[index], elsewhere[index])


def test_noise_changes_with_the_seed_and_with_the_index(studio):
    pictures = [studio.render(dataclasses.replace(LIT, seed=s, index=i)) for s, i in ((0, 0), (0, 1), (1, 0))]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert (pictures[a] != pictures[b]).mean() > 0.1
        np.testing.assert_allclose(pictures[a].mean(), pictures[b].mean(), rtol=0.05)


def test_a_scene_that_fails_leaves_nothing_behind(studio):
    first = studio.render(above("matt", lamps=LAMPS))
    counts = studio.evaluate(COUNTS)
    with pytest.raises(KeyError, match="nowhere"):
        studio.render(above("matt", "nowhere", lamps=LAMPS))
    with pytest.raises(KeyError, match="no image"):
        studio.render(above(placed(1, "matt", surface=Surface(texture="no image"))))
    assert studio.evaluate(COUNTS) == counts
    np.testing.assert_array_equal(studio.render(above("matt", lamps=LAMPS)), first)


def test_memory_stays_flat_over_many_images(studio):
    """What Blender holds depends on the models and textures met, not on the number of images."""

    def render(indexes):
        for index in indexes:
            scene = spheres_scene(index, count=3 + index % 6, width=64, height=48)
            studio.render(dataclasses.replace(scene, environment=LIT.environment, lamps=LAMPS[: index % 5]))
        return studio.evaluate(COUNTS), studio.evaluate(RESIDENT_MB)

    counts, resident_mb = render(range(8))
    later_counts, later_mb = render(range(8, 28))
    assert later_counts == counts
    assert counts["meshes"] > 0
    # It swings by 10 MB without growing, seen over 140 images; one sphere kept per image would make 16 MB.
    assert later_mb - resident_mb < 16


def test_what_was_not_used_for_longest_is_removed_until_the_rest_fits():
    removed = []
    kept = Kept(removed.append, len, most_bytes=5)
    for name in ("a", "bb", "ccc", "a", "dddd", "bb"):
        assert kept.get(name, lambda name=name: name.upper()) == name.upper()
        kept.trim()
    assert removed == ["A", "BB", "CCC", "A", "DDDD"]


def test_instances_that_look_the_same_share_a_mesh(other_studio):
    """Cycles holds a mesh once for all objects that have it, so a thousand bolts take the memory of one."""
    other_studio.open(samples=1)
    handler = "lambda *_: bpy.seen.append([m.users for m in bpy.data.meshes if m.users])"
    other_studio.evaluate(f"setattr(bpy, 'seen', []) or bpy.app.handlers.render_pre.append({handler})")
    red = Surface(base_color=(1, 0, 0))
    other_studio.render(
        above(*(placed(i + 1, "matt-sphere", (0, 0, 0.1 * i), red if i % 3 else Surface()) for i in range(9)))
    )
    assert sorted(other_studio.evaluate("bpy.seen")[0]) == [3, 6]


def test_a_picture_that_is_rendered_in_tiles_is_read_whole(other_studio):
    """As those of more than 2048 x 2048 pixels are."""
    other_studio.open(quality="draft")
    whole = other_studio.render(LIT)
    other_studio.evaluate("setattr(bpy.context.scene.cycles, 'tile_size', 32)")
    np.testing.assert_array_equal(other_studio.render(LIT), whole)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 2), (3, 9), (2500, 16)])
def test_a_picture_may_be_smaller_than_blenders_smallest(studio, width, height):
    """Each corner shows its colour, as far as there are corners; the filter mixes in what is a pixel aside."""
    k = [[1.5 * width, 0, width / 2], [0, 1.5 * height, height / 2], [0, 0, 1]]
    light = studio.render(dataclasses.replace(above("corners"), camera=Camera(width, height, k, LOOKING_DOWN)))
    assert light.shape == (height, width, 4)
    if width > 1:
        colors = np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)])
        corners = light[[0, 0, -1, -1], [0, -1, 0, -1], :3]
        distances = np.linalg.norm(corners[:, None] - colors, axis=-1)
        np.testing.assert_array_equal(distances.argmin(axis=1), range(4))


def test_an_engine_that_was_closed_is_gone(other_studio):
    for _ in range(3):
        other_studio.open(samples=1)
        other_studio.render(SCENES[3])
    assert other_studio.engines() == 1  # and neither the library nor the pictures that it held


def test_better_quality_means_more_samples_and_less_noise(other_studio):
    noise, samples = [], []
    for quality in ("draft", "fair", "good", "best"):
        other_studio.open(quality=quality)
        pictures = [other_studio.render(dataclasses.replace(LIT, seed=seed)) for seed in (1, 2)]
        noise.append(np.sqrt(np.mean(np.subtract(*pictures) ** 2)))
        samples.append(other_studio.evaluate("bpy.context.scene.cycles.samples"))
    assert samples == [4, 8, 16, 256]
    assert noise[0] > 1.1 * noise[1] > 1.2 * noise[2] > 2 * noise[3]
    other_studio.open(quality="draft", samples=9)
    assert other_studio.evaluate("bpy.context.scene.cycles.samples") == 9


def test_pictures_are_denoised(other_studio):
    other_studio.open(quality="draft")
    pictures = [[other_studio.render(dataclasses.replace(LIT, seed=seed)) for seed in (1, 2)]]
    other_studio.evaluate("setattr(bpy.context.scene.cycles, 'use_denoising', False)")
    pictures += [[other_studio.render(dataclasses.replace(LIT, seed=seed)) for seed in (1, 2)]]
    denoised, raw = (np.sqrt(np.mean(np.subtract(*pair) ** 2)) for pair in pictures)
    assert denoised < 0.5 * raw


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"quality": "superb"}, "expected one of draft, fair, good, best"),
        ({"device": "abacus"}, "take 'auto' or 'cpu'"),
    ],
)
def test_settings_that_can_not_be_are_refused_in_a_sentence(other_studio, settings, sentence):
    with pytest.raises(InputError, match=sentence):
        other_studio.open(**settings)


def test_blender_is_silent(studio):
    studio.render(SCENES[0])
    assert (studio.folder / "stdout").read_text() == ""
    assert (studio.folder / "stderr").read_text() == ""


def test_what_is_written_past_python_goes_to_the_log(capfd, tmp_path, monkeypatch):
    """As Blender's own code writes: to the file descriptors."""
    monkeypatch.setenv("CYCLORAMA_BLENDER_LOG", str(tmp_path / "log"))
    os.write(1, b"before ")
    with quiet():
        os.write(1, b"one ")
        os.write(2, b"two ")
    os.write(1, b"after")
    assert capfd.readouterr() == ("before after", "")
    assert (tmp_path / "log").read_text() == "one two "
