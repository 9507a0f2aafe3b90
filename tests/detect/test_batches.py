"""Batches are a function of the settings and the step's number; nothing else has a say."""

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation, Dataset, Sample
from cyclorama.detect.batches import Batches, truth
from cyclorama.label.objects.box import Box

pytestmark = pytest.mark.train

WIDTH, HEIGHT = 80, 60
COUNT = 7


def sample(position, *, annotations=None, load_image=None):
    """A picture of noise, all of it one object whose category is the sample's own."""
    noise = np.random.default_rng(position).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    whole = (Annotation(f"c{position}", 1, {Box: Box(0, 0, WIDTH, HEIGHT)}),)
    own = whole if annotations is None else annotations
    return Sample(str(position), WIDTH, HEIGHT, Path(f"{position}.png"), load_image or (lambda: noise), own)


def dataset(*samples):
    return Dataset(tuple(f"c{i}" for i in range(COUNT)), samples, Path(), "none")


SAMPLES = dataset(*[sample(i) for i in range(COUNT)])


def batches(*, members=range(COUNT), size=2, image_size=30, seed=0, data=SAMPLES):
    return Batches(data, tuple(members), size, image_size, seed)


def members_of(batch):
    """Positions of a batch's samples, known by their category; the whole picture is never cropped away."""
    return [int(target["labels"].item()) - 1 for target in batch[1]]


def assert_equal(these, those):
    for (images, targets), (other_images, other_targets) in zip(these, those, strict=True):
        for one, other in zip(images, other_images, strict=True):
            assert torch.equal(one, other)
        for one, other in zip(targets, other_targets, strict=True):
            assert one.keys() == other.keys()
            assert all(torch.equal(one[key], other[key]) for key in one)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 2 * COUNT), st.sets(st.integers(0, COUNT - 1), min_size=1), st.integers(0, 3))
def test_an_epoch_has_every_member_once_and_fills_its_last_batch_with_some_again(size, members, epoch):
    own = batches(members=sorted(members), size=size)
    shown = list(own.between(epoch * own.per_epoch, (epoch + 1) * own.per_epoch))
    assert all(len(images) == len(targets) == size for images, targets in shown)
    numbers = [i for batch in shown for i in members_of(batch)]
    assert sorted(numbers[: len(members)]) == sorted(members)
    assert len(numbers) - len(members) < size
    assert set(numbers) == members


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 2**32))
def test_batches_from_a_step_on_are_the_same_as_when_begun_from_zero(start, length, seed):
    assert_equal(
        list(batches(seed=seed).between(0, start + length))[start:], batches(seed=seed).between(start, start + length)
    )


def test_order_and_pictures_are_others_in_each_epoch_and_with_each_seed():
    own, other = batches(size=1), batches(size=1, seed=1)
    epochs = [list(b.between(e * COUNT, (e + 1) * COUNT)) for b in (own, other) for e in range(3)]
    assert len({tuple(i for batch in epoch for i in members_of(batch)) for epoch in epochs}) == len(epochs)
    pictures = {epoch[k][0][0].numpy().tobytes() for epoch in epochs for k in range(COUNT)}
    assert len(pictures) >= 0.9 * len(epochs) * COUNT


def test_a_members_picture_does_not_depend_on_who_else_is_trained_on():
    """So a dataset that grew shows the old images as before: chance hangs on the sample, not on its place."""
    few, many = batches(members=[3], size=1), batches(size=1)
    alone = next(few.between(0, 1))
    among = next(batch for batch in many.between(0, COUNT) if members_of(batch) == [3])
    assert_equal([alone], [among])


def test_images_and_boxes_come_in_the_size_and_types_that_detectors_take():
    seen_whole = 0
    for images, targets in batches().between(0, 20):
        for image, target in zip(images, targets, strict=True):
            assert (image.shape, image.dtype) == ((3, 30, 40), torch.float32)
            assert image.min() >= 0
            assert 0.2 < image.max() <= 1
            assert (target["boxes"].dtype, target["labels"].dtype) == (torch.float32, torch.int64)
            (box,) = target["boxes"].tolist()
            assert 0 <= box[0] < box[2] <= 40
            assert 0 <= box[1] < box[3] <= 30
            seen_whole += box == [0, 0, 40, 30]
    assert 10 < seen_whole < 40


def test_an_image_without_objects_has_a_target_of_no_rows():
    empty = batches(data=dataset(sample(0, annotations=())), members=[0], size=1)
    ((_, (target,)),) = empty.between(0, 1)
    assert target["boxes"].shape == (0, 4)
    assert target["labels"].shape == (0,)


def test_ignored_objects_and_those_without_a_box_are_not_asked_for():
    box = {Box: Box(1, 2, 30, 40)}
    annotations = (Annotation("c2", 1, box), Annotation("c0", 2, box, ignored="visible 3 %"), Annotation("c1", 3))
    boxes, labels = truth(sample(0, annotations=annotations), SAMPLES.categories)
    assert boxes.tolist() == [[1, 2, 30, 40]]
    assert labels.tolist() == [2]


def test_a_damaged_image_ends_the_reading_with_its_own_error():
    def damaged():
        raise InputError("1.png: can't be decoded")

    broken = batches(data=dataset(sample(0), sample(1, load_image=damaged)), members=[0, 1], size=1)
    with pytest.raises(InputError, match=r"^1\.png: can't be decoded$"):
        list(broken.between(0, 2))


def test_whoever_stops_early_leaves_no_reader_behind():
    before = set(threading.enumerate())
    coming = batches().between(0, 1000)
    next(coming)
    assert set(threading.enumerate()) > before
    coming.close()
    assert set(threading.enumerate()) == before
