"""Keypoints from the network's channels to the photograph's pixels, through tiles, into files."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from cyclorama.core.detections import Detections
from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation, Dataset
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.inference import detect
from cyclorama.detect.keypoints import channels_of, check_keypoints, keypoint_rows
from cyclorama.detect.predictions import Names, Seen, coco_results, objects, yolo_lines
from cyclorama.detect.tiles import merged
from cyclorama.label.objects.keypoints import Keypoints
from cyclorama.view.draw import draw_detections

pytestmark = pytest.mark.train

CUP = Skeleton(("left", "right"), bones=((0, 1),))
CHAIR = Skeleton(("seat", "left_leg", "right_leg"))
CATEGORIES = ("cup", "ball", "chair", "mug")
SKELETONS = {"cup": CUP, "chair": CHAIR, "mug": replace(CUP, sigmas=(0.1, 0.2))}
SIDE = 40


def test_categories_of_one_skeleton_share_channels_and_others_have_their_own():
    channels = channels_of(SKELETONS, CATEGORIES)
    assert channels.of_class == (range(2), range(0), range(2, 5), range(2))
    assert channels.mirrored == (1, 0, 2, 4, 3)
    assert len(channels) == 5
    assert not channels_of({}, CATEGORIES)


class Pointing(nn.Module):
    """Finds a cup, a ball and a chair in the middle; channel k tells k tenths of the picture from its corner."""

    def forward(self, images):
        height, width = images[0].shape[1:]
        box = torch.tensor([width * 0.25, height * 0.25, width * 0.75, height * 0.75])
        tenths = torch.arange(5)[:, None] / 10
        points = torch.cat([tenths * torch.tensor([[width, height]]), torch.ones(5, 1)], dim=1)
        return [
            {
                "boxes": box.repeat(3, 1),
                "scores": torch.tensor([0.9, 0.8, 0.7]),
                "labels": torch.tensor([1, 2, 3]),
                "keypoints": points.repeat(3, 1, 1),
                "keypoints_scores": torch.arange(5.0).repeat(3, 1) - 2,
            }
        ]


@pytest.mark.parametrize("scale", [1, 3, 10.3, 0.5])
def test_each_detection_has_the_keypoints_of_its_class_in_the_photographs_pixels(scale):
    height, width = round(SIDE * scale), round(SIDE * 1.5 * scale)
    picture, channels = np.zeros((height, width, 3), np.uint8), channels_of(SKELETONS, CATEGORIES)
    (found,) = detect(Pointing(), [picture], SIDE, torch.device("cpu"), channels=channels)
    assert [len(own) for own in found.keypoints] == [2, 0, 3]
    sure = 1 / (1 + np.exp(2 - np.arange(5.0)))
    expected = np.column_stack([np.arange(5)[:, None] / 10 * [width, height], sure])
    np.testing.assert_allclose(np.concatenate([found.keypoints[0], found.keypoints[2]]), expected, rtol=1e-5, atol=1e-4)
    (bare,) = detect(Pointing(), [picture], SIDE, torch.device("cpu"))
    assert bare.keypoints is None


def found(*rows):
    """Of (x0, y0, x1, y1, score, class, keypoints) each."""
    boxes, scores, classes = (np.array([r[i] for r in rows]) for i in (slice(0, 4), 4, 5))
    return Detections(boxes.reshape(-1, 4), scores, classes, keypoints=tuple(np.array(r[6], float) for r in rows))


def test_keypoints_of_tiles_are_those_of_the_photograph_in_the_order_of_their_boxes():
    whole = found((10, 10, 30, 30, 0.5, 0, [(12, 12, 0.1), (20, 20, 0.2)]))
    tile = found(
        (20, 20, 40, 40, 0.9, 2, [(21, 22, 0.3), (23, 24, 0.4), (25, 26, 0.5)]),
        (10, 60, 30, 80, 0.3, 1, np.zeros((0, 3))),
    )
    made = merged(whole, [((60, 5, 160, 105), tile)], (160, 110), iou=0.5)
    assert made.classes.tolist() == [2, 0, 1]
    np.testing.assert_allclose(made.keypoints[0], [(81, 27, 0.3), (83, 29, 0.4), (85, 31, 0.5)], rtol=1e-6)
    np.testing.assert_allclose(made.keypoints[1], whole.keypoints[0])
    assert made.keypoints[2].shape == (0, 3)


def test_files_of_predictions_tell_keypoints():
    cup, chair = [(10, 20, 0.25), (30, 5, 0.5)], [(1, 2, 0.5), (3, 4, 0.5), (50, 6, 1)]
    both = found((10, 4, 30, 24, 0.9, 0, cup), (0, 0, 60, 40, 0.8, 2, chair))
    seen = Seen("a/1.jpg", "1.jpg", (100, 50), both)
    assert [r["keypoints"] for r in coco_results([seen], CATEGORIES)] == [
        [10, 20, 0.25, 30, 5, 0.5],
        [1, 2, 0.5, 3, 4, 0.5, 50, 6, 1],
    ]
    named = [o["keypoints"] for o in objects(both, Names(CATEGORIES, SKELETONS))]
    assert named[0] == {"left": [10, 20, 0.25], "right": [30, 5, 0.5]}
    assert list(named[1]) == ["seat", "left_leg", "right_leg"]
    json.dumps(named)
    # Class, box, then x, y and score of each, and the detection's score.
    row = [float(v) for v in yolo_lines(seen).splitlines()[0].split()]
    assert row == pytest.approx([0, 0.2, 0.28, 0.2, 0.4, 0.1, 0.4, 0.25, 0.3, 0.1, 0.5, 0.9], abs=1e-6)


def test_sure_keypoints_are_drawn_as_discs_and_unsure_ones_as_rings_on_their_bone():
    picture = np.full((120, 200, 3), 100, np.uint8)
    cup = found((20, 20, 180, 100, 0.9, 3, [(40.5, 60.5, 0.9), (160.5, 60.5, 0.2)]))
    bare = draw_detections(picture, replace(cup, keypoints=None), CATEGORIES, SKELETONS).astype(int)
    drawn = draw_detections(picture, cup, CATEGORIES, SKELETONS).astype(int)
    changed = (drawn != bare).any(axis=2)
    assert changed[60, 100], "the bone"
    assert not changed[:50].any()
    assert (drawn[60, 40] != drawn[60, 100]).any()
    assert (drawn[60, 160] == drawn[60, 100]).all()
    np.testing.assert_array_equal(draw_detections(picture, cup, CATEGORIES), bare)


def test_an_objects_keypoints_are_nothing_where_nobody_labelled_them():
    label = Keypoints(np.array([[3.0, 4], [0, 0]]), np.array([1, 0]))
    np.testing.assert_array_equal(keypoint_rows(Annotation("cup", 1, {Keypoints: label}), 2), [[3, 4, 1], [0, 0, 0]])
    np.testing.assert_array_equal(keypoint_rows(Annotation("cup", 1), 2), np.zeros((2, 3)))


def test_images_that_tell_other_keypoints_are_refused_and_those_that_tell_none_are_not(tmp_path):
    def dataset(skeletons):
        return Dataset(("Cup", "chair"), (), tmp_path, "coco", skeletons=skeletons)

    numbers = {"Cup": 0, "chair": 2}
    for skeletons in ({}, {"Cup": CUP}, {"chair": CHAIR}):
        check_keypoints(dataset(skeletons), SKELETONS, numbers, CATEGORIES)
    with pytest.raises(InputError) as caught:
        check_keypoints(dataset({"Cup": Skeleton(("right", "left"))}), SKELETONS, numbers, CATEGORIES)
    assert str(caught.value) == (
        f"{tmp_path}: its keypoints of 'Cup' are right, left; expected the detector's, in their order: left, right"
    )
    check_keypoints(dataset({"Cup": CHAIR}), {}, numbers, CATEGORIES)
