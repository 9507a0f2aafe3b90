"""Ultralytics' detectors are trained by who accepts their licence, and read the package's own weights."""

import copy

import pytest
import torch

from cyclorama.core.errors import InputError
from cyclorama.detect.catalogue import check_licence, detectors
from cyclorama.detect.detectors.ultralytics import Ultralytics
from cyclorama.detect.weights import load_backbone

pytestmark = pytest.mark.train
# One of each generation; the last chooses its detections itself.
SMALLEST = [name for name in Ultralytics.variants if name.endswith("n")]


def test_who_does_not_accept_the_agpl_is_told_of_it_before_anything_else():
    with pytest.raises(InputError, match=r"^--detector ultralytics_yolo11n: is AGPL-3\.0, .*--accept-agpl"):
        check_licence("ultralytics_yolo11n", accepts_agpl=False)
    check_licence("ultralytics_yolo11n", accepts_agpl=True)


def test_no_other_family_has_such_a_licence():
    asked = set()
    for name, _ in detectors():
        try:
            check_licence(name, accepts_agpl=False)
        except InputError:
            asked.add(name)
    assert asked == {f"ultralytics_{name}" for name in Ultralytics.variants}


@pytest.fixture(params=SMALLEST)
def kind(request):
    pytest.importorskip("ultralytics")
    return Ultralytics.variants[request.param]


def test_the_packages_own_tensors_load_to_the_last(kind):
    from ultralytics.nn.tasks import DetectionModel

    theirs = DetectionModel(f"{kind.configuration}.yaml", nc=2, verbose=False).state_dict()
    made = kind.build(classes=2, image_size=64, pretrained=True)
    load_backbone(made, kind.renamed(theirs), backbone=kind.backbone, name="n.pt", detector=kind.configuration)
    assert sorted(v.shape for v in made.state_dict().values()) == sorted(v.shape for v in theirs.values())
    assert all(torch.equal(v, made.state_dict()[key]) for key, v in kind.renamed(theirs).items())


def test_a_copy_is_a_network_of_its_own(kind):
    """The running average of a run's weights is one."""
    made = kind.build(classes=2, image_size=64, pretrained=False).eval()
    image = torch.rand((3, 64, 64), generator=torch.Generator().manual_seed(0))
    other = copy.deepcopy(made)
    with torch.inference_mode():
        before = made._whole[0](image[None])[0]
        for parameter in other.parameters():
            parameter.zero_()
        torch.testing.assert_close(made._whole[0](image[None])[0], before)
        assert not torch.equal(other._whole[0](image[None])[0], before)
