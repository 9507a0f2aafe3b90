"""Photographs without labels, labelled by the averaged detector (mean teacher; Unbiased Teacher, arXiv 2102.09480)."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from cyclorama.core.arrays import ByteArray
from cyclorama.detect.augmentation.augment import Augmenter
from cyclorama.detect.augmentation.example import Example
from cyclorama.detect.inference import detect
from cyclorama.detect.settings import Resolved
from cyclorama.detect.training.batches import Target, as_tensors


def pseudo_labelled(
    teacher: nn.Module,
    photographs: Sequence[tuple[ByteArray, np.random.Generator]],
    augmenter: Augmenter,
    settings: Resolved,
    device: torch.device,
) -> list[tuple[Tensor, Target]]:
    """Each photograph as the teacher sees it whole, varied for the one that learns; those it finds nothing in, too."""
    teacher.eval()
    images = [image for image, _ in photographs]
    made = []
    for (image, rng), found in zip(photographs, detect(teacher, images, settings.image_size, device), strict=True):
        sure = found.scores >= settings.mixing.pseudo_score
        example = Example(image, found.boxes[sure].astype(float), found.classes[sure].astype(np.int64))
        made.append(as_tensors(augmenter.augmented(example, partial(_same, example), rng, progress=1.0)))
    return made


def _same(example: Example) -> Example:
    """For mosaics, of which there are none so late in a run."""
    return example
