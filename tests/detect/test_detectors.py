"""Every detector of the catalogue keeps the promises of ``Detector``; a new one is tested as soon as it is there."""

import copy

import pytest
import torch
from torch import nn

from cyclorama.core.errors import InputError
from cyclorama.core.plugins import plugin, plugin_names
from cyclorama.detect import catalogue
from cyclorama.detect.catalogue import FAMILIES, detector_named, detectors, is_installed
from cyclorama.detect.detector import DetectsKeypoints, for_keypoints
from cyclorama.detect.inference import detect
from cyclorama.detect.settings import TrainSettings
from cyclorama.detect.training.optimization import freeze, optimizer_of, set_training
from cyclorama.detect.weights import load_backbone

pytestmark = pytest.mark.train

SIZE = 48
CLASSES = 2
ALL = dict(detectors())
# Of each family the first, which is the smallest.
SMALLEST = [f"{family}_{next(iter(plugin(FAMILIES, family).variants))}" for family in plugin_names(FAMILIES)]
# COCO's, as the parameters of each family are counted where it was published.
PUBLISHED_CLASSES = {"yolox": 80}
FROZEN = 2
# COCO's, of persons.
KEYPOINTS = 17
REGIONS = 16


def kind_of(name):
    if not is_installed(ALL[name]):
        pytest.skip(f"needs {ALL[name].about.module}")
    return ALL[name]


@pytest.fixture(scope="module", params=SMALLEST)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def kind(name):
    return kind_of(name)


def built(kind, *, classes=CLASSES, pretrained=False):
    torch.manual_seed(0)
    made = kind.build(classes=classes, image_size=SIZE, pretrained=pretrained)
    if hasattr(made, "roi_heads"):
        # Of few regions, so that a step takes a tenth of the time.
        made.rpn._post_nms_top_n = {"training": REGIONS, "testing": REGIONS}
        made.roi_heads.fg_bg_sampler.batch_size_per_image = REGIONS
        made.roi_heads.detections_per_img = REGIONS
    return made


def outline(kind, *, classes=CLASSES):
    """Names and shapes alone: no memory, no time."""
    with torch.device("meta"):
        return kind.build(classes=classes, image_size=SIZE, pretrained=False)


@pytest.fixture(scope="module")
def network(kind):
    """One for all tests of a detector; none of them takes a step."""
    return built(kind)


def images():
    """An upright and a lying one in the size that images come in."""
    rng = torch.Generator().manual_seed(0)
    return [torch.rand((3, SIZE + 22, SIZE), generator=rng), torch.rand((3, SIZE, SIZE + 22), generator=rng)]


def target(kind, *rows):
    """Of (x0, y0, x1, y1, label) each; the box's pixels are the object's, and its middle is every keypoint."""
    plain = torch.tensor(rows, dtype=torch.float32).reshape(-1, 5)
    made = {"boxes": plain[:, :4].clone(), "labels": plain[:, 4].long()}
    if kind.about.gives_masks:
        masks = torch.zeros((len(rows), SIZE + 22, SIZE + 22), dtype=torch.uint8)
        for mask, (x0, y0, x1, y1, _) in zip(masks, rows, strict=True):
            mask[y0:y1, x0:x1] = 1
        made["masks"] = masks
    if kind.about.gives_keypoints:
        middles = (made["boxes"][:, :2] + made["boxes"][:, 2:]) / 2
        made["keypoints"] = torch.cat([middles, torch.ones((len(rows), 1))], dim=1)[:, None].repeat(1, KEYPOINTS, 1)
    return made


def full(kind):
    return target(kind, (4, 4, 28, 28, 1), (16, 20, 46, 46, CLASSES))


@pytest.mark.parametrize("name", ALL)
def test_it_has_the_parameters_that_it_is_listed_with(name):
    kind = kind_of(name)
    made = outline(kind, classes=PUBLISHED_CLASSES.get(name.split("_")[0], 90))
    assert sum(p.numel() for p in made.parameters()) / 1e6 == pytest.approx(kind.about.parameters_m, rel=0.04, abs=0.1)


@pytest.mark.parametrize("name", ALL)
def test_its_stages_are_its_first_parameters_in_order_without_gap_or_overlap(name):
    kind = kind_of(name)
    made = outline(kind)
    stages = kind.stages(made)
    places = []
    for parameter, _ in made.named_parameters():
        own = [i for i, names in enumerate(stages) if parameter.startswith(names)]
        assert len(own) <= 1, parameter
        places += own or [len(stages)]
        assert not own or parameter.startswith(kind.backbone)
    assert places == sorted(places)
    assert set(places) == set(range(len(stages) + 1))
    assert kind.about.frozen_stages < len(stages)
    for names in stages:
        for module in names:
            assert isinstance(made.get_submodule(module.removesuffix(".")), nn.Module)


@pytest.mark.parametrize("objects", [True, False], ids=["with objects", "without"])
def test_training_gives_finite_losses_and_a_gradient_for_every_parameter(kind, network, objects):
    network.train().zero_grad()
    losses = network(images(), [full(kind) if objects else target(kind), target(kind)])
    assert losses
    assert all(loss.ndim == 0 and torch.isfinite(loss) for loss in losses.values())
    sum(losses.values()).backward()
    gradients = {name: p.grad for name, p in network.named_parameters() if p.requires_grad}
    lacking = [name for name, g in gradients.items() if g is None or not torch.isfinite(g).all()]
    # Boxes are learned from objects alone.
    assert lacking == [] if objects else len(lacking) < len(gradients) / 2
    # A threshold's dead units aside, the loss reaches down to the first layer.
    assert next(iter(gradients.values())).abs().max() > 0 or not objects


def eager(network):
    """Detectors of one stage begin by believing in nothing; this one believes in anything."""
    made = copy.deepcopy(network).eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if name.endswith("bias"):
                parameter.clamp_(min=-1)
    return made


def test_detections_lie_within_the_image_best_first_with_the_classes_it_was_built_for(network):
    pictures = [(image.permute(1, 2, 0) * 255).byte().numpy() for image in images()]
    found = list(detect(eager(network), pictures, SIZE, torch.device("cpu")))
    assert len(found) == 2
    for picture, detections in zip(pictures, found, strict=True):
        boxes, scores = detections.boxes, detections.scores
        assert len(boxes) == len(scores) == len(detections.classes) > 0
        assert boxes.shape[1:] == (4,)
        height, width = picture.shape[:2]
        assert (boxes >= 0).all()
        assert (boxes <= [width, height, width, height]).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()
        assert ((scores > 0) & (scores <= 1)).all()
        assert (scores[1:] <= scores[:-1]).all()
        assert set(detections.classes.tolist()) <= set(range(CLASSES))


@pytest.mark.parametrize("name", [n for n in SMALLEST if ALL[n].about.gives_masks])
def test_who_gives_masks_gives_one_of_the_pictures_size_for_each_box(name):
    with torch.inference_mode():
        (found,) = built(ALL[name]).eval()(images()[:1])
    assert found["masks"].shape == (len(found["boxes"]), 1, SIZE + 22, SIZE)
    assert ((found["masks"] >= 0) & (found["masks"] <= 1)).all()


@pytest.mark.parametrize("name", [n for n in SMALLEST if ALL[n].about.gives_keypoints])
def test_who_gives_keypoints_gives_as_many_for_each_box_as_it_was_built_for(name):
    kind = ALL[name]
    assert isinstance(kind, DetectsKeypoints)
    for detector, count in ((kind, KEYPOINTS), (for_keypoints(kind, 0), KEYPOINTS), (for_keypoints(kind, 3), 3)):
        with torch.inference_mode():
            (found,) = eager(built(detector))(images()[:1])
        assert found["keypoints"].shape == (len(found["boxes"]), count, 3)
        assert found["keypoints_scores"].shape == (len(found["boxes"]), count)
        # Boxes count as a pixel wide at least.
        low, high = found["boxes"][:, None, :2], found["boxes"][:, None, 2:] + 1
        assert ((found["keypoints"][..., :2] >= low) & (found["keypoints"][..., :2] <= high)).all()
    assert {n for n, detector in ALL.items() if isinstance(detector, DetectsKeypoints)} == {
        n for n, detector in ALL.items() if detector.about.gives_keypoints
    }


def test_its_own_weights_load_whole_and_with_another_number_of_classes_all_but_the_last_layers(kind, name, network):
    state = network.state_dict()
    torch.manual_seed(1)
    same = kind.build(classes=CLASSES, image_size=SIZE, pretrained=False)
    load_backbone(same, kind.renamed(state), backbone=kind.backbone, name="same.pt", detector=name)
    assert all(torch.equal(v, state[key]) for key, v in same.state_dict().items())
    more = built(kind, classes=CLASSES + 3, pretrained=True)
    load_backbone(more, kind.renamed(state), backbone=kind.backbone, name="more.pt", detector=name)
    new = {key for key, v in more.state_dict().items() if not torch.equal(v, state[key])}
    assert not any(key.startswith(kind.backbone) for key in new)
    assert {key for key in new if more.state_dict()[key].shape == state[key].shape} == set()
    assert new


def test_frozen_stages_stay_to_the_last_bit_in_a_step_and_learn_once_they_are_thawed(kind, name):
    made = built(kind, pretrained=True)
    stages, settings = kind.stages(made), TrainSettings(name, weights="none").resolved()
    optimizer = optimizer_of(made, stages, settings, rate=0.01, weight_decay=5e-4)

    def moved_by_a_step(frozen):
        before = {key: v.clone() for key, v in made.state_dict().items()}
        freeze(made, stages, frozen)
        set_training(made, stages, frozen)
        optimizer.zero_grad()
        sum(made(images(), [full(kind), full(kind)]).values()).backward()
        optimizer.step()
        moved = [key for key, v in made.state_dict().items() if not torch.equal(v, before[key])]
        return {next((i for i, names in enumerate(stages) if key.startswith(names)), len(stages)) for key in moved}

    everything = set(range(len(stages) + 1))
    assert moved_by_a_step(FROZEN) == everything - set(range(FROZEN))
    assert moved_by_a_step(0) == everything


@pytest.mark.parametrize("name", [n for n in SMALLEST if ALL[n].about.module == "torchvision"])
def test_on_pretrained_weights_the_backbones_batch_statistics_stay(name):
    kind = ALL[name]
    counted = [key for key, _ in built(kind, pretrained=True).named_buffers() if key.startswith(kind.backbone)]
    assert counted
    with torch.device("meta"):
        made = kind.build(classes=CLASSES, image_size=SIZE, pretrained=True)
    body = made.get_submodule(kind.backbone.removesuffix("."))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in body.modules())


def test_an_unknown_detector_is_answered_with_the_nearest():
    with pytest.raises(InputError) as caught:
        detector_named("faster_rcnn_resnet5")
    assert str(caught.value) == (
        "no detector 'faster_rcnn_resnet5'; 'cyclorama detectors' lists them. Did you mean 'faster_rcnn_resnet50'?"
    )


def test_a_detector_whose_package_is_not_there_says_what_to_install(monkeypatch):
    monkeypatch.setattr(catalogue, "find_spec", lambda module: None)
    with pytest.raises(InputError) as caught:
        detector_named("yolox_nano")
    assert str(caught.value) == "detector yolox_nano needs libreyolo; type: pip install 'cyclorama[libreyolo]'"
