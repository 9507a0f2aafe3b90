"""Batches are a function of the settings and the step's number; nothing else has a say."""

import threading
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation
from cyclorama.detect.augmentation.augment import Augmenter
from cyclorama.detect.augmentation.example import Example
from cyclorama.detect.augmentation.photographs import Photographs
from cyclorama.detect.settings import Augmentation, Mixing, TrainSettings
from cyclorama.detect.training.batches import Batches, as_tensors
from cyclorama.detect.training.source import DatasetSource, RendersSource, example_of, foreground_of, truth
from cyclorama.label.objects.box import Box
from noise import COUNT, NUMBERS, noise_dataset, noise_image, noise_sample

pytestmark = pytest.mark.train

SAMPLES = noise_dataset(*[noise_sample(i) for i in range(COUNT)])
PLAIN = Augmentation(strength=0, scale=(1, 1))
PHOTOGRAPHS = 5


def source(data=SAMPLES, members=None):
    return DatasetSource(data, range(len(data.samples)) if members is None else members, NUMBERS)


def batches(main=None, *, batch=2, seed=0, augmentation=None, mixing=None, readers=2, epochs=10, **changed):
    own = TrainSettings(weights="none", batch=batch, image_size=30, seed=seed, readers=readers, epochs=epochs)
    own = replace(own, augmentation=augmentation or Augmentation(), mixing=mixing or Mixing()).resolved()
    photographs = changed.get("unlabelled")
    return Batches(main or source(), own, Augmenter(own.augmentation, photographs, photographs), **changed)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Of one grey each."""
    folder = tmp_path_factory.mktemp("photographs")
    for number in range(PHOTOGRAPHS):
        Image.fromarray(np.full((60, 80, 3), 40 * number, np.uint8)).save(folder / f"{number}.png")
    return Photographs(folder, 30)


def members_of(batch):
    """Positions of a batch's samples, known by their category; the whole picture is never cropped away."""
    return [int(target["labels"].item()) - 1 for target in batch.targets]


def assert_equal(these, those):
    for one, other in zip(these, those, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one.images, other.images, strict=True))
        for a, b in zip(one.targets, other.targets, strict=True):
            assert a.keys() == b.keys()
            assert all(torch.equal(a[key], b[key]) for key in a)
        for (a, rng), (b, other_rng) in zip(one.unlabelled, other.unlabelled, strict=True):
            np.testing.assert_array_equal(a, b)
            assert rng.bit_generator.state == other_rng.bit_generator.state


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 2 * COUNT), st.sets(st.integers(0, COUNT - 1), min_size=1), st.integers(1, 3))
def test_each_pass_has_every_member_once_whatever_the_size_of_a_batch(size, members, passes):
    own = batches(source(members=sorted(members)), batch=size)
    shown = list(own.between(0, -(-passes * len(members) // size)))
    assert all(len(batch.images) == len(batch.targets) == size for batch in shown)
    numbers = [i for batch in shown for i in members_of(batch)]
    for begin in range(0, passes * len(members), len(members)):
        assert sorted(numbers[begin : begin + len(members)]) == sorted(members)
    assert 0 <= own.per_epoch * size - len(members) < size


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 2**32))
def test_batches_from_a_step_on_are_the_same_as_when_begun_from_zero(start, length, seed):
    assert_equal(
        list(batches(seed=seed).between(0, start + length))[start:], batches(seed=seed).between(start, start + length)
    )


def everything(photographs, **changed):
    """Mosaics, pasted backgrounds, others' light, photographs with labels and without."""
    renders = noise_dataset(*[noise_sample(i, masks=True) for i in range(COUNT)])
    augmentation = Augmentation(mosaic=0.5, paste=0.5, backgrounds="photos", style="fourier", mirror=0.5)
    mixing = Mixing(real="real", real_share=0.25, unlabelled="photos", pseudo_share=0.25, pseudo_from=0)
    own = {"batch": 4, "augmentation": augmentation, "mixing": mixing} | changed
    return batches(source(renders), real=source(members=[5, 6]), unlabelled=photographs, masks=False, **own)


def test_neither_the_number_of_readers_nor_where_they_begin_changes_anything(photographs):
    whole = list(everything(photographs, readers=1).between(0, 9))
    assert_equal(whole[4:], everything(photographs, readers=5).between(4, 9))


@pytest.mark.parametrize("ranks", [2, 3])
def test_processes_divide_each_batch_among_them(photographs, ranks):
    whole = everything(photographs, batch=6)
    parts = [list(replace(whole, rank=rank, ranks=ranks).between(0, 4)) for rank in range(ranks)]
    for step, batch in enumerate(whole.between(0, 4)):
        shared = [part[step] for part in parts]
        assert [len(s.images) + len(s.unlabelled) for s in shared] == [6 // ranks] * ranks
        own, theirs = batch.images, [image for part in shared for image in part.images]
        assert sorted(i.numpy().tobytes() for i in own) == sorted(i.numpy().tobytes() for i in theirs)
        assert sum(len(s.unlabelled) for s in shared) == len(batch.unlabelled)


def test_order_and_pictures_are_others_in_each_epoch_and_with_each_seed():
    own, other = batches(batch=1), batches(batch=1, seed=1)
    epochs = [list(b.between(e * COUNT, (e + 1) * COUNT)) for b in (own, other) for e in range(3)]
    assert len({tuple(i for batch in epoch for i in members_of(batch)) for epoch in epochs}) == len(epochs)
    pictures = {batch.images[0].numpy().tobytes() for epoch in epochs for batch in epoch}
    assert len(pictures) >= 0.9 * len(epochs) * COUNT


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.floats(0, 0.9), st.floats(0, 0.99), st.integers(1, 300))
def test_over_many_steps_each_kind_has_its_share_to_a_picture_and_comes_in_turn(size, real, pseudo, steps):
    pseudo *= 1 - real
    mixing = Mixing(real="a", real_share=real, unlabelled="b", pseudo_share=pseudo, pseudo_from=0)
    own = batches(batch=size, mixing=mixing, real=source(), unlabelled=object())
    shown = [own.pictures(step) for step in range(steps)]
    assert all([picture.place for picture in batch] == list(range(size)) for batch in shown)
    counts = Counter(picture.kind for batch in shown for picture in batch)
    assert abs(counts["real"] - steps * size * real) <= 1
    assert abs(counts["unlabelled"] - steps * size * pseudo) <= 2
    for kind in counts:
        assert [p.number for batch in shown for p in batch if p.kind == kind] == list(range(counts[kind]))


def test_an_epoch_is_a_pass_over_the_renders_however_many_photographs_are_among_them():
    mixing = Mixing(real="a", real_share=0.5)
    own = batches(batch=2, mixing=mixing, real=source())
    assert own.per_epoch == COUNT
    shown = [p.number for step in range(own.per_epoch) for p in own.pictures(step) if p.kind == "main"]
    assert sorted(shown) == list(range(COUNT))


def test_photographs_without_labels_come_after_their_share_of_the_run_and_renders_in_their_places_before():
    mixing = Mixing(unlabelled="b", pseudo_share=0.5, pseudo_from=0.4)
    own = batches(batch=4, mixing=mixing, unlabelled=object(), epochs=10)
    kinds = [Counter(p.kind for p in own.pictures(step)) for step in range(own.steps)]
    begin = round(0.4 * own.steps)
    renders = [p.number for step in range(own.steps) for p in own.pictures(step) if p.kind == "main"]
    assert renders == list(range(len(renders)))
    assert kinds[:begin] == [Counter(main=4)] * begin
    assert kinds[begin:] == [Counter(main=2, unlabelled=2)] * (own.steps - begin)


def test_photographs_come_as_they_are_each_of_them_and_with_labels_of_their_own(photographs):
    own = everything(photographs, augmentation=PLAIN)
    shown = list(own.between(0, 20))
    assert {int(image[0, 0, 0]) for batch in shown for image, _ in batch.unlabelled} == {0, 40, 80, 120, 160}
    first_is_real = [int(batch.targets[0]["labels"].item()) - 1 for batch in shown]
    assert set(first_is_real) == {5, 6}


def test_mosaics_are_made_of_several_pictures_until_the_end_of_the_run_nears():
    own = batches(batch=1, augmentation=Augmentation(mosaic=1, mosaic_until=0.5), epochs=2)
    found = [len(batch.targets[0]["labels"]) for batch in own.between(0, own.steps)]
    assert np.mean(found[: own.steps // 2]) > 2
    assert set(found[own.steps // 2 :]) == {1}


def test_images_and_boxes_come_in_the_size_and_types_that_detectors_take():
    seen_whole = 0
    for batch in batches().between(0, 20):
        for image, target in zip(batch.images, batch.targets, strict=True):
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
    for masks in (False, True):
        empty = batches(source(noise_dataset(noise_sample(0, annotations=()))), batch=1, masks=masks)
        ((target,),) = (batch.targets for batch in empty.between(0, 1))
        assert target["boxes"].shape == (0, 4)
        assert target["labels"].shape == (0,)
        assert ("masks" in target) == masks
        assert not masks or target["masks"].shape == (0, 30, 40)


def test_an_object_under_a_pixel_is_left_out_with_its_label_and_mask():
    boxes = np.array([[2.0, 2, 9, 9], [4, 4, 4.9, 9]])
    masks = np.zeros((2, 30, 40), bool)
    masks[0, 2:9, 2:9] = True
    _, target = as_tensors(Example(noise_image(0, (30, 40)), boxes, np.array([3, 5]), masks))
    assert target["boxes"].tolist() == [[2, 2, 9, 9]]
    assert target["labels"].tolist() == [4]
    assert target["masks"].dtype == torch.uint8
    np.testing.assert_array_equal(target["masks"].numpy(), masks[:1])


def test_ignored_objects_those_without_a_box_and_those_of_other_classes_are_not_asked_for():
    box = {Box: Box(1, 2, 30, 40)}
    annotations = (
        Annotation("c2", 1, box),
        Annotation("c0", 2, box, ignored="visible 3 %"),
        Annotation("c1", 3),
        Annotation("cat", 4, box),
    )
    boxes, labels, found = truth(noise_sample(0, annotations=annotations), NUMBERS)
    assert boxes.tolist() == [[1, 2, 30, 40]]
    assert labels.tolist() == [2]
    assert found == [annotations[0]]


def test_where_masks_are_needed_an_object_without_one_is_named():
    message = r"^0\.png: 'c0' has a box and no mask; this detector, and --paste, need a dataset with masks"
    only = source(members=[0])
    with pytest.raises(InputError, match=message):
        next(batches(only, batch=1, masks=True).between(0, 1))
    with pytest.raises(InputError, match=message):
        foreground_of(only.sample(0), 30)


def test_masks_come_in_the_pictures_size_and_the_foreground_is_their_union():
    own = noise_sample(2, masks=True)
    assert example_of(own, NUMBERS, 30, masks=True).masks.shape == (1, 30, 40)
    assert example_of(own, NUMBERS, 30, masks=True).masks.all()
    assert example_of(own, NUMBERS, 30, masks=False).masks is None
    np.testing.assert_array_equal(foreground_of(own, 30), np.ones((30, 40)))


def test_what_is_hidden_is_not_in_the_foreground():
    hidden = Annotation("c1", 9, ignored="hidden")
    own = noise_sample(2, masks=True)
    with_hidden = replace(own, annotations=(*own.annotations, hidden))
    np.testing.assert_array_equal(foreground_of(with_hidden, 30), foreground_of(own, 30))


class Made:
    """Renders of which one can't be made; remembers what is asked of it."""

    def __init__(self):
        self.begun, self.released = None, []

    def begin(self, first, stop):
        self.begun = first, stop

    def sample(self, index):
        return None if index == 5 else noise_sample(index % COUNT)

    def release(self, index):
        self.released.append(index)


def test_renders_that_are_made_meanwhile_come_once_in_order_from_where_the_run_is_and_are_let_go_of():
    made = Made()
    own = batches(RendersSource(made, NUMBERS, epoch_images=8), augmentation=PLAIN)
    assert own.per_epoch == 4
    shown = list(own.between(1, 4))
    assert made.begun == (2, 8)
    assert [len(batch.images) for batch in shown] == [2, 1, 2]
    assert [int(t["labels"].item()) - 1 for batch in shown for t in batch.targets] == [2, 3, 4, 6, 0]
    assert sorted(made.released) == [2, 3, 4, 6, 7]


def test_photographs_are_not_put_before_photographs(photographs):
    """Their masks, if any, cut out what is labelled, not what is there."""
    pasting = Augmentation(strength=0, scale=(1, 1), paste=1, backgrounds="photos")
    bare = noise_dataset(noise_sample(0))
    for is_synthetic in (False, True):
        own = batches(source(bare), batch=1, augmentation=pasting, unlabelled=photographs, is_synthetic=is_synthetic)
        if is_synthetic:
            with pytest.raises(InputError, match="no mask"):
                next(own.between(0, 1))
        else:
            assert next(own.between(0, 1)).images[0].shape == (3, 30, 40)


def test_a_damaged_image_ends_the_reading_with_its_own_error():
    def damaged():
        raise InputError("1.png: can't be decoded")

    broken = batches(source(noise_dataset(noise_sample(0), noise_sample(1, load_image=damaged))), batch=1)
    with pytest.raises(InputError, match=r"^1\.png: can't be decoded$"):
        list(broken.between(0, 2))


def test_whoever_stops_early_leaves_no_reader_behind():
    before = set(threading.enumerate())
    coming = batches().between(0, 1000)
    next(coming)
    assert set(threading.enumerate()) > before
    coming.close()
    assert set(threading.enumerate()) == before
