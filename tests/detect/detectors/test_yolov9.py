"""YOLOv9 here is LibreYOLO's: its weights fit, and it finds the same."""

import pytest
import torch

pytest.importorskip("libreyolo")

from cyclorama.detect.detectors.yolov9 import Yolov9
from cyclorama.detect.libreyolo_detector import LEAST_SCORE, MOST_DETECTIONS, NMS_IOU, detections
from cyclorama.detect.weights import load_backbone

pytestmark = pytest.mark.train

KIND = Yolov9.variants["t"]


@pytest.fixture(scope="module")
def published():
    """A network as LibreYOLO publishes it, for COCO's classes."""
    from libreyolo.models.yolo9.nn import LibreYOLO9Model

    torch.manual_seed(0)
    return LibreYOLO9Model(config="t", nb_classes=80)


def test_published_weights_fit_all_but_the_last_layer_of_each_scale(published):
    torch.manual_seed(1)
    made = KIND.build(classes=2, image_size=64, pretrained=True)
    load_backbone(made, KIND.renamed(published.state_dict()), backbone=KIND.backbone, name="t.pt", detector="yolov9_t")
    theirs = KIND.renamed(published.state_dict())
    new = {key for key, v in made.state_dict().items() if not torch.equal(v, theirs[key])}
    assert new == {f"network.head.cv3.{scale}.2.{part}" for scale in range(3) for part in ("weight", "bias")}


def test_of_what_overlaps_it_gives_what_libreyolo_gives():
    from libreyolo.postprocess.yolo9 import postprocess

    rng = torch.Generator().manual_seed(2)
    corners = torch.rand((300, 2), generator=rng) * torch.tensor([128.0, 96.0]) - 10
    boxes = torch.cat([corners, corners + 5 + 60 * torch.rand((300, 2), generator=rng)], dim=1)
    scores = torch.rand((300, 3), generator=rng) ** 8
    expected = postprocess(
        {"predictions": torch.cat([boxes, scores], dim=1).T[None]},
        conf_thres=LEAST_SCORE,
        iou_thres=NMS_IOU,
        input_size=(96, 128),
        original_size=(128, 96),
        max_det=MOST_DETECTIONS,
    )
    own = detections(boxes, scores, torch.zeros(3, 96, 128))
    assert len(own["scores"]) == MOST_DETECTIONS
    torch.testing.assert_close(own["scores"], torch.as_tensor(expected["scores"]))
    torch.testing.assert_close(own["boxes"], torch.as_tensor(expected["boxes"]), atol=1e-4, rtol=0)
    assert (own["labels"] - 1).tolist() == [int(c) for c in expected["classes"]]
