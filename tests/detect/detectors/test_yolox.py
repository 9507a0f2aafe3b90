"""YOLOX in mixed precision."""

import pytest
import torch
from torch import nn

pytest.importorskip("libreyolo")

from cyclorama.detect.detectors.yolox import Yolox

pytestmark = pytest.mark.train

CLASSES, SIDE, OFFSET = 2, 416, 0.3


def test_half_precision_does_not_round_the_places_that_boxes_are_counted_from(monkeypatch):
    """Of a head that says the same offset everywhere, each centre is known; bfloat16 has eight bits for it."""
    network = Yolox.variants["nano"].build(classes=CLASSES, image_size=SIDE, pretrained=False).train()
    head, given = network.network.head, []
    for layer in head.reg_preds:
        nn.init.zeros_(layer.weight)
        nn.init.constant_(layer.bias, OFFSET)
    losses = head.get_losses
    monkeypatch.setattr(head, "get_losses", lambda *inputs, **named: given.extend(inputs) or losses(*inputs, **named))
    target = {"boxes": torch.tensor([[300.0, 310, 360, 365]]), "labels": torch.tensor([1])}
    with torch.autocast("cpu", torch.bfloat16):
        network([torch.rand(3, SIDE, SIDE)], [target])
    rows = next(v for v in given if isinstance(v, torch.Tensor) and v.shape[-1] == 5 + CLASSES)
    expected = torch.cat([(torch.arange(SIDE / s) + OFFSET).repeat(SIDE // s) * s for s in (8, 16, 32)])
    torch.testing.assert_close(rows[0, :, 0].float(), expected, atol=1e-3, rtol=0)
