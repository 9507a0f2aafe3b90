"""Nothing that is trained on shows a scene that chooses the checkpoint."""

from dataclasses import replace

import pytest

from cyclorama.dataset import read_dataset
from cyclorama.detect.settings import Mixing
from cyclorama.detect.training.division import divided
from cyclorama.detect.training.train import train
from noise import noise_dataset, noise_sample
from runs import metrics
from stores import ball_store

pytestmark = pytest.mark.train


def grouped(*groups):
    """A dataset of as many pictures, each of the group that is named."""
    return noise_dataset(*[replace(noise_sample(i), group=group) for i, group in enumerate(groups)])


@pytest.mark.parametrize("count", [0, 1, 19, 20, 29, 30, 101])
def test_images_without_groups_are_held_out_one_by_one(count):
    members = tuple(range(5, 5 + count))
    kept, held_out = divided(grouped(*[None] * 200), members)
    assert held_out == (members[9::10] if count >= 20 else ())
    assert kept == tuple(m for m in members if m not in held_out)


def test_views_of_a_scene_are_held_out_together_wherever_they_lie():
    """Of eleven scenes with three views each, in turns, the tenth that comes."""
    names = [f"scene {i % 11}" for i in range(33)]
    kept, held_out = divided(grouped(*names), range(33))
    assert held_out == (9, 20, 31)
    assert sorted(kept + held_out) == list(range(33))


def test_images_of_their_own_count_as_groups_beside_others():
    kept, held_out = divided(grouped(*["video"] * 30, *[None] * 12), range(42))
    assert held_out == (38,)
    assert kept[:30] == tuple(range(30))


def test_of_few_scenes_none_is_held_out():
    assert divided(grouped(*[f"scene {i % 9}" for i in range(90)]), range(90)) == (tuple(range(90)), ())


@pytest.mark.parametrize("role", ["dataset", "photographs"])
def test_training_holds_out_whole_scenes(monkeypatch, settings, tmp_path, role):
    """Ten scenes with three views each: one of them is measured on, and the rest make the epoch."""
    ball_store(tmp_path / "balls", count=30, size=(48, 32), maps=())

    def in_groups(root):
        read = read_dataset(root)
        samples = [replace(sample, group=f"scene {i // 3}") for i, sample in enumerate(read.samples)]
        return replace(read, samples=samples)

    monkeypatch.setattr("cyclorama.detect.training.train.read_dataset", in_groups)
    mixing = Mixing(real=str(tmp_path / "balls")) if role == "photographs" else Mixing()
    own, events = replace(settings, steps=1, image_size=32, batch=9, mixing=mixing), []
    train(tmp_path / "balls", tmp_path / "run", own, on_event=events.append)
    assert metrics(tmp_path / "run")[0]["images"] == 3
    found = [int(result.id) // 3 for result in events[-1].results]
    assert len(set(found)) == 1
