"""Every file of detect/detectors keeps the promises of ``Detector``; a new one is tested as soon as it is there."""

import pytest
import torch

from cyclorama.core.plugins import plugin, plugin_names
from cyclorama.detect.weights import DETECTORS, load_backbone

pytestmark = pytest.mark.train

SIZE = 64
CLASSES = 2


@pytest.fixture(scope="module", params=plugin_names(DETECTORS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def kind(name):
    return plugin(DETECTORS, name)


def built(kind, *, classes=CLASSES, pretrained=False):
    torch.manual_seed(0)
    return kind.build(classes=classes, image_size=SIZE, pretrained=pretrained)


@pytest.fixture(scope="module")
def network(kind):
    """One for all tests of a detector; none of them takes a step."""
    return built(kind)


def images():
    """An upright and a lying one in the size that images come in."""
    rng = torch.Generator().manual_seed(0)
    return [torch.rand((3, SIZE + 22, SIZE), generator=rng), torch.rand((3, SIZE, SIZE + 22), generator=rng)]


def target(*rows):
    """Of (x0, y0, x1, y1, label) each."""
    plain = torch.tensor(rows, dtype=torch.float32).reshape(-1, 5)
    return {"boxes": plain[:, :4], "labels": plain[:, 4].long()}


FULL = target((8, 8, 40, 40, 1), (20, 24, 60, 60, CLASSES))
EMPTY = target()


@pytest.mark.parametrize("targets", [(FULL, EMPTY), (EMPTY, EMPTY)], ids=["with objects", "without"])
def test_training_gives_finite_losses_and_a_gradient_for_every_parameter(network, targets):
    network.train().zero_grad()
    losses = network(images(), [{k: v.clone() for k, v in t.items()} for t in targets])
    assert losses
    assert all(loss.ndim == 0 and torch.isfinite(loss) for loss in losses.values())
    sum(losses.values()).backward()
    gradients = {name: p.grad for name, p in network.named_parameters() if p.requires_grad}
    assert [name for name, g in gradients.items() if g is None or not torch.isfinite(g).all()] == []
    # A threshold's dead units aside, the loss reaches down to the first layer.
    assert next(iter(gradients.values())).abs().max() > 0


def test_detections_lie_within_the_image_best_first_with_classes_from_one(network):
    network.eval()
    with torch.inference_mode():
        found = network(images())
    assert len(found) == 2
    for image, detections in zip(images(), found, strict=True):
        boxes, scores, labels = (detections[key] for key in ("boxes", "scores", "labels"))
        assert len(boxes) == len(scores) == len(labels) > 0
        assert boxes.shape[1:] == (4,)
        height, width = image.shape[1:]
        assert (boxes >= 0).all()
        assert (boxes <= torch.tensor([width, height, width, height])).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()
        assert ((scores > 0) & (scores <= 1)).all()
        assert (scores[1:] <= scores[:-1]).all()
        assert set(labels.tolist()) <= set(range(1, CLASSES + 1))


def test_its_own_weights_load_whole_and_with_another_number_of_classes_all_but_the_last_layer(kind, name, network):
    state = network.state_dict()
    torch.manual_seed(1)
    same = kind.build(classes=CLASSES, image_size=SIZE, pretrained=False)
    load_backbone(same, kind.renamed(state), name="same.pt", detector=name)
    assert all(torch.equal(v, state[key]) for key, v in same.state_dict().items())
    more = built(kind, classes=CLASSES + 3, pretrained=True)
    load_backbone(more, kind.renamed(state), name="more.pt", detector=name)
    new = {key for key, v in more.state_dict().items() if not torch.equal(v, state[key])}
    assert {key for key in new if more.state_dict()[key].shape == state[key].shape} == set()
    assert 0 < len(new) <= 4


def test_with_pretrained_weights_early_layers_and_batch_statistics_stay_and_the_rest_learns(kind, network):
    made = built(kind, pretrained=True).train()
    learns = {name: p.requires_grad for name, p in made.named_parameters()}
    backbone = {name: flag for name, flag in learns.items() if name.startswith("backbone.body.")}
    assert set(backbone.values()) == {True, False}
    first_that_learns = list(backbone.values()).index(True)
    assert not any(list(backbone.values())[:first_that_learns])
    assert all(list(backbone.values())[first_that_learns:])
    assert all(flag for name, flag in learns.items() if name not in backbone)
    assert all(p.requires_grad for p in network.parameters())
    before = {key: v.clone() for key, v in made.named_buffers()}
    made(images(), [FULL, FULL])
    assert all(torch.equal(v, before[key]) for key, v in made.named_buffers())
