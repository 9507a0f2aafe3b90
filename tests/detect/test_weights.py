"""Weights come in from wherever users have them, and what can't be used is said in one sentence."""

import pickle
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import MobileNet_V2_Weights, _api, mobilenet_v2, resnet50

from cyclorama.core.errors import InputError
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.weights import is_hub_reachable, network

pytestmark = pytest.mark.train

MOBILENET, RESNET = "faster_rcnn_mobilenet", "faster_rcnn_resnet50"
# A proxy that nobody runs: no name is looked up and nothing leaves this machine.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def classifier():
    """The state of torchvision's own classifier, and statistics that are not those of a new network."""
    torch.manual_seed(3)
    return {key: v + 0.01 if v.is_floating_point() else v for key, v in mobilenet_v2().state_dict().items()}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The hub's folder of checkpoints, and no way to the hub itself."""
    before = torch.hub.get_dir()
    torch.hub.set_dir(tmp_path / "hub")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    yield tmp_path / "hub" / "checkpoints"
    torch.hub.set_dir(before)


def made(weights, *, detector=MOBILENET, classes=1):
    return network(detector, classes=classes, image_size=64, weights=str(weights))


def backbone(state):
    name = detector_named(MOBILENET).backbone
    return {key.removeprefix(name): v for key, v in state.items() if key.startswith(name)}


def save_safetensors(state, path):
    save_file(state, path)


def save_wrapped(key):
    return lambda state, path: torch.save({key: state, "epoch": 3}, path)


WAYS = {
    "w.pt": torch.save,
    "w.pth": torch.save,
    "w.safetensors": save_safetensors,
    "model.pt": save_wrapped("model"),
    "state_dict.pth": save_wrapped("state_dict"),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_file_of_torchvisions_classifier_becomes_the_backbone_to_the_last_tensor(classifier, tmp_path, name):
    WAYS[name](classifier, tmp_path / name)
    own = backbone(made(tmp_path / name).state_dict())
    assert len(own) > 200
    assert all(torch.equal(v, classifier[f"features.{key}"]) for key, v in own.items())


def test_a_file_of_resnet50_becomes_the_backbone_of_its_detector(tmp_path):
    state = {key: v + 0.01 if v.is_floating_point() else v for key, v in resnet50().state_dict().items()}
    torch.save(state, tmp_path / "r.pth")
    own = backbone(made(tmp_path / "r.pth", detector=RESNET).state_dict())
    assert len(own) > 200
    assert all(torch.equal(v, state[key]) for key, v in own.items())


def test_a_file_of_yolox_as_its_makers_name_the_tensors_becomes_the_whole_of_it(tmp_path):
    pytest.importorskip("libreyolo")
    torch.manual_seed(3)
    whole = made("none", detector="yolox_nano").state_dict()
    torch.save({"model": {key.removeprefix("network."): v for key, v in whole.items()}}, tmp_path / "yolox_nano.pth")
    torch.manual_seed(4)
    own = made(tmp_path / "yolox_nano.pth", detector="yolox_nano").state_dict()
    assert all(torch.equal(v, whole[key]) for key, v in own.items())


def test_without_weights_chance_makes_them_and_the_seed_decides():
    states = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        states.append(made("none").state_dict())
    assert all(torch.equal(v, states[1][key]) for key, v in states[0].items())
    assert any(not torch.equal(v, states[2][key]) for key, v in states[0].items())


def test_a_run_is_weights_as_is_its_checkpoint(trained, tmp_path):
    """Heads too, so that a detector can be trained on from another's best."""
    saved = torch.load(trained[0] / "best.pt", weights_only=True)["model"]
    for place in (trained[0], trained[0] / "best.pt"):
        assert all(torch.equal(v, saved[key]) for key, v in made(place).state_dict().items())


def test_weights_of_another_network_are_refused_with_the_count_of_what_fits(tmp_path):
    torch.save(resnet50().state_dict(), tmp_path / "r.pt")
    torch.save(mobilenet_v2(width_mult=0.5).state_dict(), tmp_path / "half.pt")
    with pytest.raises(InputError, match=r"r\.pt: fits 0 of \d+ tensors of faster_rcnn_mobilenet's backbone \(lacks 0"):
        made(tmp_path / "r.pt")
    with pytest.raises(InputError, match=r"half\.pt: fits \d+ of \d+ tensors .* expected weights of the same network$"):
        made(tmp_path / "half.pt")


def test_a_single_missing_tensor_of_the_backbone_is_named(classifier, tmp_path):
    torch.save({key: v for key, v in classifier.items() if key != "features.5.conv.0.0.weight"}, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"fits (\d+) of \d+ .* \(lacks 5\.conv\.0\.0\.weight\)") as caught:
        made(tmp_path / "w.pt")
    fitting, total = map(int, re.findall(r"fits (\d+) of (\d+)", str(caught.value))[0])
    assert total == fitting + 1


def cut_off(path, *, saver=torch.save, share=0.5):
    saver({"features.0.0.weight": torch.zeros(3000)}, path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


DAMAGE = {
    "garbage.pt": lambda path: path.write_bytes(b"no weights at all"),
    "empty.pth": lambda path: path.write_bytes(b""),
    "text.pt": lambda path: path.write_text("hello\n" * 50),
    "html.pth": lambda path: path.write_text("<!DOCTYPE html><title>404</title>"),
    "cut.pt": cut_off,
    "cut_early.pt": lambda path: cut_off(path, share=0.1),
    "cut.safetensors": lambda path: cut_off(path, saver=save_safetensors),
    "empty.safetensors": lambda path: path.write_bytes(b""),
    "garbage.safetensors": lambda path: path.write_bytes(bytes(range(256))),
    "whole_model.pt": lambda path: torch.save(mobilenet_v2(), path),
    "code.pt": lambda path: path.write_bytes(pickle.dumps(Path("x"), protocol=2)),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_file_that_holds_no_weights_is_named_with_what_was_expected(tmp_path, name):
    DAMAGE[name](tmp_path / name)
    with pytest.raises(InputError) as caught:
        made(tmp_path / name)
    assert str(caught.value) == (
        f"{tmp_path / name}: holds no weights that can be read; "
        "expected a state dict as .safetensors or from torch.save"
    )


@pytest.mark.parametrize("content", [[torch.zeros(1)], {"epoch": 3}, 5, {"model": {"w": [1.0]}}], ids=str)
def test_a_readable_file_of_something_else_is_no_state_dict(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"w\.pt: holds no weights; expected a state dict$"):
        made(tmp_path / "w.pt")


@pytest.mark.parametrize("place", ["gone.pt", "Hub", "."])
def test_a_path_that_is_no_file_is_answered_with_what_can_be_said(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    what = "no best.pt in the folder" if place == "." else "no file"
    message = f"--weights: {what} '{place}'; expected hub, none, a run's folder, or a .safetensors, .pt or .pth file"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        made(place)


def test_an_unknown_detector_is_answered_with_the_nearest(hub):
    for ask in (lambda name: made("none", detector=name), is_hub_reachable):
        with pytest.raises(InputError, match=r"^no detector .* Did you mean 'faster_rcnn_resnet50'\?$"):
            ask("faster_rcnn_resnet5")


def test_weights_that_the_hub_keeps_are_used_without_a_network(hub, classifier):
    torch.save(classifier, hub / Path(MobileNet_V2_Weights.IMAGENET1K_V2.url).name)
    own = backbone(made("hub").state_dict())
    assert all(torch.equal(v, classifier[f"features.{key}"]) for key, v in own.items())
    assert is_hub_reachable(MOBILENET)


def published(kind):
    """Weights as the hub has them, whose variances are as small as what batch norms add."""
    torch.manual_seed(3)
    state = kind.builder(weights=None, weights_backbone=None).state_dict()
    for key in [key for key in state if key.endswith("running_var")]:
        state[key] = 10 ** (4 * torch.rand_like(state[key]) - 6)
        state[key.replace("running_var", "weight")] = 0.5 * state[key].sqrt()
    return {key: v for key, v in state.items() if not key.endswith("num_batches_tracked")}


@pytest.mark.parametrize("name", ["faster_rcnn_resnet50", "fcos_resnet50"])
def test_the_hubs_detector_gives_the_features_that_torchvision_gives(monkeypatch, name):
    """Its older ones add nothing to the variances."""
    kind = detector_named(name)
    state = published(kind)
    monkeypatch.setattr(_api, "load_state_dict_from_url", lambda *args, **options: dict(state))
    theirs, own = kind.builder(weights=kind.weights), made("hub", detector=name, classes=2)
    with torch.inference_mode():
        one, other = (network.backbone.eval()(torch.full((1, 3, 64, 64), 0.5)) for network in (theirs, own))
    for level, features in one.items():
        torch.testing.assert_close(other[level], features, rtol=1e-3, atol=1e-4 * float(features.abs().max()))


@pytest.mark.parametrize(
    "save", [torch.save, save_safetensors, save_wrapped("model")], ids=["pt", "safetensors", "model"]
)
@pytest.mark.parametrize("name", ["faster_rcnn_resnet50", "retinanet_resnet50"])
def test_the_hubs_own_file_is_the_hub(monkeypatch, tmp_path, name, save):
    """And as a checkpoint of a run it is what the run has made of it."""
    state = published(detector_named(name))
    monkeypatch.setattr(_api, "load_state_dict_from_url", lambda *args, **options: dict(state))
    path = tmp_path / ("w.safetensors" if save is save_safetensors else "w.pth")
    save(state, path)
    hub, file = (backbone(made(weights, detector=name).state_dict()) for weights in ("hub", path))
    assert all(torch.equal(v, hub[key]) for key, v in file.items())
    torch.save({"model": state, "step": 3, "best": 0.5}, tmp_path / "best.pt")
    run = made(tmp_path, detector=name).state_dict()
    assert all(torch.equal(run[key], v) for key, v in state.items() if key.startswith("backbone."))
    assert not torch.equal(run["backbone.body.bn1.weight"], hub["bn1.weight"])


def test_a_hub_that_cannot_be_reached_is_answered_with_the_other_ways(hub):
    with pytest.raises(InputError) as caught:
        made("hub")
    assert re.fullmatch(
        r"--weights hub: can't download the weights of faster_rcnn_mobilenet \(.*refused.*\); "
        r"give a file with --weights PATH, or train from nothing with --weights none",
        str(caught.value),
    )
    assert not is_hub_reachable(MOBILENET)
    assert list(hub.iterdir()) == []


@pytest.mark.parametrize("name", ["garbage.pt", "cut.pt", "cut_early.pt"])
def test_a_damaged_file_in_the_hubs_folder_is_told_by_its_place(hub, name):
    DAMAGE[name](hub / Path(MobileNet_V2_Weights.IMAGENET1K_V2.url).name)
    with pytest.raises(InputError) as caught:
        made("hub")
    assert str(caught.value) == (
        f"--weights hub: the weights of faster_rcnn_mobilenet that lie in {hub} are damaged; "
        "delete them there, and they are downloaded again"
    )
    assert not is_hub_reachable(MOBILENET)
