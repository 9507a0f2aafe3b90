"""Masks of a detector that gives them are judged wherever every object of the dataset has one."""

import json

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from cyclorama.dataset import convert, read_dataset
from cyclorama.detect import evaluate as room
from cyclorama.detect.evaluate import evaluate, image_results
from cyclorama.detect.judging.scores import scores
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask
from cyclorama.view.evaluation_page import evaluation_page
from stores import ball_store

pytestmark = pytest.mark.train

SIZE = (128, 96)


class Knowing(nn.Module):
    """Gives the truth of one sample after the other, as torchvision's Mask R-CNN gives what it finds."""

    def __init__(self, samples, *, masks=True):
        super().__init__()
        self.truths = iter([[(a[Box].xyxy, a[Mask].pixels) for a in s.annotations if Box in a] for s in samples])
        self.gives_masks = masks

    def forward(self, images):
        height, width = images[0].shape[1:]
        boxes, pixels = zip(*next(self.truths), strict=True)
        factors = np.tile([width / pixels[0].shape[1], height / pixels[0].shape[0]], 2)
        shares = [cv2.resize(p.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA) for p in pixels]
        count = len(boxes)
        found = {"boxes": torch.tensor(np.array(boxes) * factors), "scores": torch.linspace(1, 0.5, count)}
        found["labels"] = torch.ones(count, dtype=torch.int64)
        return [found | ({"masks": torch.tensor(np.array(shares))[:, None]} if self.gives_masks else {})]


@pytest.fixture(scope="module")
def masked(tmp_path_factory):
    """Renders whose masks are in a map; in other layouts, too."""
    root = tmp_path_factory.mktemp("masked")
    ball_store(root / "cyclorama", count=4, size=SIZE)
    for to in ("coco", "webdataset", "yolo"):
        convert(root / "cyclorama", to, root / to)
    return root


def results_of(root, network, image_size):
    dataset = read_dataset(root)
    return image_results(
        network, dataset, range(4), {"ball": 0}, image_size=image_size, device=torch.device("cpu"), masks=True
    )


def of_masks(results):
    return scores(results, ("ball",), kind="real", unscored=()).masks


@pytest.mark.parametrize("layout", ["cyclorama", "coco", "webdataset"])
def test_who_gives_the_true_masks_has_them_all_right(masked, layout):
    network = Knowing(read_dataset(masked / layout).samples)
    measured = of_masks(results_of(masked / layout, network, SIZE[1]))
    assert [measured.ap, measured.ap50, measured.ar100] == pytest.approx([1, 1, 1])
    coarse = Knowing(read_dataset(masked / layout).samples)
    measured = of_masks(results_of(masked / layout, coarse, 24))
    assert measured.ap < 0.99
    assert measured.ap50 > 0.9


def test_without_masks_on_either_side_boxes_alone_are_judged(masked):
    samples = read_dataset(masked / "cyclorama").samples
    bare = results_of(masked / "cyclorama", Knowing(samples, masks=False), 96)
    unlabelled = results_of(masked / "yolo", Knowing(samples), 96)
    for results in (bare, unlabelled):
        assert of_masks(results) is None
        assert all(r.truth_masks is None and r.detections.masks is None for r in results)


def test_evaluate_writes_the_figures_of_masks_and_its_page_shows_them(trained, masked, tmp_path, monkeypatch):
    dataset = read_dataset(masked / "webdataset")
    monkeypatch.setattr(room, "load_network", lambda *_: Knowing(dataset.samples))
    evaluation = evaluate(trained[0], dataset, tmp_path / "out", device="cpu")
    plain = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert plain["masks"]["ap"] == evaluation.scores.masks.ap > 0.3
    evaluation_page(evaluation, tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text()
    assert f"{evaluation.scores.masks.ap50:.3f}" in page.partition("AP50 of masks")[2][:200]
    assert page.count("<img") > 4, "pictures come from the shard"
