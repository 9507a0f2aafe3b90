"""Transformers' detectors speak our interface, learn, and take weights as their authors publish them."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from cyclorama.core.errors import InputError
from cyclorama.detect import weights
from cyclorama.detect.detectors.dfine import Dfine
from cyclorama.detect.detectors.rf_detr import RfDetr
from cyclorama.detect.detectors.rtdetr_v2 import RtdetrV2
from cyclorama.detect.transformers_detector import NETWORK, DetrNetwork

pytest.importorskip("transformers")
pytestmark = pytest.mark.train

SIDE = 64
NARROW = {
    "d_model": 32,
    "encoder_hidden_dim": 32,
    "decoder_in_channels": [32] * 3,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "decoder_layers": 2,
    "encoder_in_channels": [32, 64, 128],
    "hidden_expansion": 0.5,
}
HGNET = {
    "model_type": "hgnet_v2",
    "hidden_sizes": [16, 32, 64, 128],
    "stem_channels": [3, 8, 8],
    "stage_in_channels": [8, 8, 32, 64],
    "stage_mid_channels": [8, 8, 16, 32],
    "stage_out_channels": [8, 32, 64, 128],
    "stage_num_blocks": [1] * 4,
    "stage_numb_of_layers": [1] * 4,
    "out_indices": [2, 3, 4],
    "use_learnable_affine_block": True,
}
RESNET = {
    "model_type": "rt_detr_resnet",
    "embedding_size": 16,
    "hidden_sizes": [16, 32, 64, 128],
    "depths": [1] * 4,
    "layer_type": "basic",
    "out_indices": [2, 3, 4],
}
DINO = {
    "model_type": "rf_detr_dinov2",
    "hidden_size": 24,
    "num_attention_heads": 2,
    "image_size": SIDE,
    "patch_size": 16,
    "num_windows": 2,
    "num_hidden_layers": 12,
    "out_indices": [3, 6, 9, 12],
    "use_mask_token": False,
}


def narrow(detector, backbone, **options):
    """The same architecture, of few channels."""
    return replace(detector, options={**detector.options, "backbone_config": backbone, **options})


DFINE = narrow(Dfine.variants["s"], HGNET, **NARROW)
RTDETR = narrow(RtdetrV2.variants["r18"], RESNET, **NARROW)
QUERYLESS = {"d_model": 32, "decoder_ffn_dim": 32, "decoder_cross_attention_heads": 4, "group_detr": 2}
RFDETR = narrow(RfDetr.variants["nano"], DINO, **QUERYLESS)
NARROW_ONES = {"dfine_s": DFINE, "rtdetr_v2_r18": RTDETR, "rf_detr_nano": RFDETR}


@pytest.fixture(params=NARROW_ONES)
def name(request):
    return request.param


@pytest.fixture
def kind(name):
    return NARROW_ONES[name]


def built(kind, *, classes=2, seed=0):
    torch.manual_seed(seed)
    return kind.build(classes=classes, image_size=SIDE, pretrained=False)


class Told(nn.Module):
    """In place of a network: keeps what it is given, and gives what it is told."""

    def __init__(self, logits, boxes):
        super().__init__()
        self.logits, self.boxes, self.given = logits, boxes, None

    def forward(self, pixels, labels=None):
        self.given = pixels, labels
        return SimpleNamespace(loss=pixels.sum(), logits=self.logits, pred_boxes=self.boxes)


def test_boxes_come_back_in_the_pixels_of_a_picture_that_was_stretched_best_first():
    sure = torch.logit(torch.tensor([[[0.2, 0.001], [0.3, 0.9], [0.005, 0.002]]]))
    boxes = torch.tensor([[[0.5, 0.5, 0.5, 0.25], [0.9, 0.5, 0.4, 1.0], [0.5, 0.5, 1, 1]]])
    found = DetrNetwork(Told(sure, boxes), SIDE, [0.0] * 3, [1.0] * 3).eval()([torch.zeros(3, 40, 200)])[0]
    assert found["scores"].tolist() == pytest.approx([0.9, 0.3, 0.2])
    assert found["labels"].tolist() == [2, 1, 1]
    assert found["boxes"][0].tolist() == pytest.approx([140, 0, 200, 40])
    assert found["boxes"][2].tolist() == pytest.approx([50, 15, 150, 25])


def test_pictures_come_as_squares_as_they_were_trained_with_boxes_in_shares_of_them():
    told = Told(None, None)
    mean, deviation = [0.5, 0.25, 0.0], [0.5, 0.25, 2.0]
    image = torch.ones(3, 40, 200)
    image[:, :, :100] = 0
    targets = [{"boxes": torch.tensor([[50.0, 10.0, 150.0, 30.0]]), "labels": torch.tensor([2])}]
    DetrNetwork(told, SIDE, mean, deviation).train()([image], targets)
    pixels, labels = told.given
    assert pixels.shape == (1, 3, SIDE, SIDE)
    torch.testing.assert_close(pixels[0, :, SIDE // 2, 0], torch.tensor([-1.0, -1.0, 0.0]))
    torch.testing.assert_close(pixels[0, :, SIDE // 2, -1], torch.tensor([1.0, 3.0, 0.5]))
    assert labels[0]["boxes"].tolist() == [[0.5, 0.5, 0.5, 0.5]]
    assert labels[0]["class_labels"].tolist() == [1]


def picture():
    """A red and a blue rectangle on black, and where they are."""
    image = torch.zeros(3, SIDE, 80)
    image[:, 8:30, 8:40] = torch.tensor([1.0, 0.2, 0.2])[:, None, None]
    image[:, 35:60, 44:74] = torch.tensor([0.1, 0.2, 1.0])[:, None, None]
    return image, {"boxes": torch.tensor([[8.0, 8, 40, 30], [44, 35, 74, 60]]), "labels": torch.tensor([1, 2])}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [DFINE, RTDETR], ids=["dfine", "rtdetr"])
def test_it_learns_one_picture_by_heart(kind):
    image, target = picture()
    made = built(kind).train()
    optimizer = torch.optim.AdamW(made.parameters(), 2e-3)
    for _ in range(180):
        optimizer.zero_grad()
        sum(made([image], [target]).values()).backward()
        nn.utils.clip_grad_norm_(made.parameters(), 10.0)
        optimizer.step()
    found = made.eval()([image])[0]
    order = found["labels"][:2].argsort()
    assert found["labels"][:2][order].tolist() == [1, 2]
    assert (found["boxes"][:2][order] - target["boxes"]).abs().max() < 3
    assert found["scores"][1] > 0.5
    assert (found["scores"][2:] < 0.3).all()


def test_losses_are_numbers_in_half_precision_too(kind):
    image, target = picture()
    with torch.autocast("cpu", torch.bfloat16):
        losses = built(kind).train()([image], [target])
    assert all(torch.isfinite(loss) for loss in losses.values())


def test_what_dfine_keeps_constant_is_no_parameter_that_thawing_would_thaw():
    names = [name for name, _ in built(DFINE).named_parameters()]
    assert not any(name.endswith((".up", ".reg_scale")) for name in names)
    assert {"reg_scale", "up"} <= {name.rpartition(".")[2] for name, _ in built(DFINE).named_buffers()}


@pytest.fixture
def published(kind, tmp_path):
    """A folder as its authors publish it, and the tensors under the names that the network has here."""
    made = built(kind, classes=3, seed=5)
    made.network.save_pretrained(tmp_path / "published")
    return tmp_path / "published", made.state_dict()


def loaded(monkeypatch, name, kind, place, *, classes=3):
    monkeypatch.setattr(weights, "detector_named", lambda name: kind)
    torch.manual_seed(9)
    return weights.network(name, classes=classes, image_size=SIDE, weights=str(place)).state_dict()


def test_a_published_folder_and_the_file_in_it_load_to_the_last_tensor(monkeypatch, name, kind, published):
    folder, state = published
    assert any(NETWORK + key not in state for key in load_file(folder / "model.safetensors"))
    for place in (folder, folder / "model.safetensors"):
        own = loaded(monkeypatch, name, kind, place)
        assert [key for key, v in own.items() if not torch.equal(v, state[key])] == []


def test_with_other_classes_only_what_tells_classes_is_new(monkeypatch, name, kind, published):
    own, state = loaded(monkeypatch, name, kind, published[0], classes=2), published[1]
    new = {key for key, v in own.items() if not torch.equal(v, state[key])}
    assert new
    assert all("class" in key or "score" in key for key in new)


def test_the_hubs_file_is_kept_and_used_without_a_network(monkeypatch, name, kind, published, hub):
    folder, state = published
    kept = hub / f"{kind.repository.replace('/', '--')}.safetensors"
    kept.write_bytes((folder / "model.safetensors").read_bytes())
    own = loaded(monkeypatch, name, kind, "hub")
    assert all(torch.equal(v, state[key]) for key, v in own.items())
    kept.write_bytes(kept.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"^--weights hub: the weights of \w+ that lie in .*checkpoints are damaged"):
        loaded(monkeypatch, name, kind, "hub")


def test_without_the_hub_the_other_ways_are_told_and_nothing_half_is_kept(monkeypatch, name, kind, hub):
    with pytest.raises(InputError, match=r"^--weights hub: can't download the weights of .*--weights PATH"):
        loaded(monkeypatch, name, kind, "hub")
    assert list(hub.iterdir()) == []


def test_a_file_that_lacks_a_tensor_of_the_backbone_is_refused(monkeypatch, name, kind, published):
    folder, _ = published
    state = load_file(folder / "model.safetensors")
    gone = next(key for key in state if "backbone" in key and key.endswith("weight") and "projector" not in key)
    save_file({key: v for key, v in state.items() if key != gone}, folder / "part.safetensors")
    with pytest.raises(InputError, match=rf"part\.safetensors: fits \d+ of \d+ tensors of {name}'s backbone"):
        loaded(monkeypatch, name, kind, folder / "part.safetensors")
