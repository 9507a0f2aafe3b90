"""Images that training has seen are known again wherever they lie; others are not taken for them."""

import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest
from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.dataset import convert, read_dataset, split
from cyclorama.dataset.folds import write_fold
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.judging.folder import read_evaluation
from cyclorama.detect.results import Seen
from cyclorama.detect.seen import SEEN, note_seen, seen_by
from cyclorama.detect.settings import Mixing
from cyclorama.detect.training.train import train
from stores import ball_store


def pictures(folder, count, seed):
    """Photographs of noise, some of them as wide and as high."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    paths = [folder / f"{i}.png" for i in range(count)]
    for path in paths:
        Image.fromarray(rng.integers(0, 255, (24, 32, 3)).astype(np.uint8)).save(path)
    return paths


def all_of(dataset):
    return [sample.image for sample in dataset.samples]


def test_a_picture_is_known_again_under_another_name_and_others_of_its_name_are_not(tmp_path):
    mine, others = pictures(tmp_path / "mine", 4, 0), pictures(tmp_path / "others", 4, 1)
    (tmp_path / "run").mkdir()
    note_seen(tmp_path / "run", mine[:3], mine[2:], weights="none")
    copies = [shutil.copy(path, tmp_path / f"copy of {path.name}") for path in mine]
    assert seen_by(tmp_path / "run", copies) == Seen(trained_on=3, chosen_by=1)
    assert seen_by(tmp_path / "run", others) == Seen(0, 0)


def test_bmp_files_of_one_size_are_told_apart(tmp_path):
    paths = []
    for path in pictures(tmp_path / "png", 2, 0):
        Image.open(path).save(tmp_path / f"{path.stem}.bmp")
        paths.append(tmp_path / f"{path.stem}.bmp")
    assert paths[0].stat().st_size == paths[1].stat().st_size
    note_seen(tmp_path, paths[:1], [], weights="none")
    assert seen_by(tmp_path, paths) == Seen(1, 0)


@pytest.mark.parametrize("named", ["base", "base/best.pt"])
def test_a_run_has_seen_what_the_run_saw_whose_weights_it_begins_with(tmp_path, monkeypatch, named):
    monkeypatch.chdir(tmp_path)
    first, second, third = pictures(tmp_path / "photos", 3, 0)
    for name in ("base", "next"):
        (tmp_path / name).mkdir()
    note_seen(tmp_path / "base", [first], [second], weights="hub")
    note_seen(tmp_path / "next", [third], [], weights=named)
    assert seen_by(tmp_path / "next", [first, second, third]) == Seen(2, 1)
    monkeypatch.chdir(tmp_path / "base")
    (tmp_path / "other").mkdir()
    note_seen(tmp_path / "other", [third], [], weights="hub")
    assert seen_by(tmp_path / "other", [first, second, third]) == Seen(1, 0)


def test_a_run_that_goes_on_with_other_pictures_has_seen_both(tmp_path):
    first, second, third = pictures(tmp_path / "photos", 3, 0)
    note_seen(tmp_path, [first, tmp_path / "gone.png"], [], weights="none")
    note_seen(tmp_path, [second], [], weights="none")
    assert seen_by(tmp_path, [first, second, third]) == Seen(2, 0)


def test_a_run_that_does_not_tell_is_not_taken_for_one_that_saw_nothing(tmp_path):
    assert seen_by(tmp_path, []) is None
    (tmp_path / SEEN).write_text('{"trained": []}')
    with pytest.raises(InputError, match=r"seen\.json: is damaged .*; copy it again, or delete it$"):
        seen_by(tmp_path, [])


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Twelve photographs, none of them among the renders."""
    folder = tmp_path_factory.mktemp("photos")
    ball_store(folder / "balls", count=20, size=(64, 48), maps=())
    whole = read_dataset(folder / "balls")
    later = replace(whole, samples=[whole.samples[i] for i in range(8, 20)], provenance={})
    write_fold(later, folder / "photos", 0, 2)
    return folder / "photos"


@pytest.mark.train
@pytest.mark.parametrize("use", ["real", "validate", "unlabelled"])
def test_photographs_of_training_are_told_wherever_they_lie_and_a_held_out_part_is_not(
    balls, settings, photos, tmp_path, use
):
    short = replace(settings, epochs=1, steps=1, image_size=32)
    changes = {
        "real": {"mixing": Mixing(real=str(photos), real_share=0.5)},
        "validate": {"validate": str(photos)},
        "unlabelled": {"mixing": Mixing(unlabelled=str(photos), pseudo_share=0.5)},
    }
    run, dataset = tmp_path / "run", read_dataset(photos)
    train(balls, run, replace(short, **changes[use]))
    convert(photos, "yolo", tmp_path / "moved")
    expected = {"real": Seen(6, 0), "validate": Seen(0, 12), "unlabelled": Seen(12, 0)}
    moved = read_dataset(tmp_path / "moved")
    told = evaluate(run, moved, tmp_path / "out", device="cpu")
    assert told.seen == expected[use]
    assert read_evaluation(tmp_path / "out").seen == told.seen
    held_out = evaluate(run, dataset, tmp_path / "test", split="test", device="cpu")
    assert held_out.seen == (Seen(0, 0) if use == "real" else replace_counts(expected[use], 6))
    assert seen_by(run, all_of(read_dataset(balls))) == Seen(8, 0)


def replace_counts(seen, count):
    return Seen(**{name: min(value, count) for name, value in asdict(seen).items()})


@pytest.mark.train
def test_a_split_that_comes_after_training_holds_nothing_out(balls, settings, tmp_path):
    shutil.copytree(balls, tmp_path / "renders")
    short = replace(settings, epochs=1, steps=1, image_size=32)
    train(tmp_path / "renders", tmp_path / "before", short)
    split(tmp_path / "renders", {"train": 0.5, "test": 0.5})
    train(tmp_path / "renders", tmp_path / "after", short)
    dataset = read_dataset(tmp_path / "renders")
    held_out = [dataset.samples[i].image for i in dataset.splits["test"]]
    assert seen_by(tmp_path / "before", held_out) == Seen(len(held_out), 0)
    assert seen_by(tmp_path / "after", held_out) == Seen(0, 0)
