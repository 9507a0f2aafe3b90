"""Masks come back to the photograph's pixels where they belong."""

import numpy as np
import pytest
import torch
from torch import nn

from cyclorama.detect.inference import detect
from cyclorama.label.objects.mask import decoded

pytestmark = pytest.mark.train

SIZE = 40


class Discs(nn.Module):
    """Finds a disc in the middle, whatever it is shown."""

    def forward(self, images):
        height, width = images[0].shape[1:]
        y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
        distance = torch.hypot(x - width / 2, y - height / 2)
        radius = height / 4
        box = torch.tensor([[width / 2 - radius, height / 4, width / 2 + radius, height * 3 / 4]])
        # Falls through one half on the circle.
        shares = (0.5 + (radius - distance) / 4).clamp(0, 1)
        return [{"boxes": box, "scores": torch.ones(1), "labels": torch.ones(1).long(), "masks": shares[None, None]}]


@pytest.mark.parametrize("scale", [1, 3, 10.3, 0.5])
def test_a_disc_is_a_disc_in_the_photograph(scale):
    height, width = round(SIZE * scale), round(SIZE * 1.5 * scale)
    (found,) = detect(Discs(), [np.zeros((height, width, 3), np.uint8)], SIZE, torch.device("cpu"), masks=True)
    (mask,) = (decoded(rle) for rle in found.masks)
    y, x = np.mgrid[:height, :width] + 0.5
    expected = np.hypot(x - width / 2, y - height / 2) < height / 4
    assert mask.shape == (height, width)
    assert (mask & expected).sum() / (mask | expected).sum() > 0.96
    x0, y0, x1, y1 = found.boxes[0]
    rows, columns = np.nonzero(mask)
    assert rows.min() >= np.floor(y0)
    assert rows.max() < np.ceil(y1)
    assert columns.min() >= np.floor(x0)
    assert columns.max() < np.ceil(x1)
    # As far to the left as to the right.
    assert abs((columns + 0.5).mean() - width / 2) < 0.5


def test_masks_are_given_where_they_are_asked_for_alone():
    (found,) = detect(Discs(), [np.zeros((SIZE, SIZE, 3), np.uint8)], SIZE, torch.device("cpu"))
    assert found.masks is None
