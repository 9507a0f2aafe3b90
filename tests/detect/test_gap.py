"""A detector on photographs and on renders: both are scored, and what differs is named."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cyclorama.core.errors import InputError
from cyclorama.dataset import read_dataset
from cyclorama.detect.features import features_of
from cyclorama.detect.gap import measure_gap
from stores import ball_store

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def unseen(tmp_path_factory):
    """Ten renders beside those of the training."""
    root = tmp_path_factory.mktemp("gap") / "unseen"
    ball_store(root, count=10, size=(128, 96), maps=())
    return read_dataset(root)


def darker(sample):
    return replace(sample, load_image=lambda: (sample.load_image() // 2).astype(np.uint8))


@pytest.fixture(scope="module")
def photographs(unseen):
    """The same pictures at half the brightness, as photographs."""
    return replace(unseen, samples=[darker(s) for s in unseen.samples], provenance={"kind": "real"})


@pytest.fixture(scope="module")
def measured(trained, photographs, unseen, tmp_path_factory):
    out = tmp_path_factory.mktemp("gap") / "out"
    told = []
    found = measure_gap(
        trained[0], photographs, unseen, out, device="cpu", progress=lambda done, total: told.append((done, total))
    )
    return found, out, told


def test_what_was_changed_differs_most_and_what_was_not_not_at_all(measured):
    found, _, told = measured
    assert {e.name for e in found.effects[:2]} <= {"brightness", "contrast", "saturation", "red_cast", "yellow_cast"}
    by_name = {e.name: e for e in found.effects}
    assert by_name["brightness"].shift < -0.9
    assert by_name["size"].distance == by_name["visible"].distance == by_name["count"].distance == 0
    assert told == [(i + 1, 20) for i in range(20)]


def test_scores_of_both_and_their_difference_are_written(measured):
    found, out, _ = measured
    plain = json.loads((out / "gap.json").read_text())
    assert plain["more"]["ap"][0] == pytest.approx(plain["photographs"]["ap"] - plain["renders"]["ap"], abs=1e-6)
    assert set(plain["more_ap"]) == {"ball"}
    assert [s["name"] for s in plain["statistics"]] == [e.name for e in found.effects]
    assert {p.name for p in out.iterdir()} == {"gap.json", "photographs", "renders"}
    assert json.loads((out / "photographs" / "scores.json").read_text())["kind"] == "real"


def test_each_photograph_has_a_nearest_render(measured):
    features = measured[0].features
    assert features.images == 5
    assert len(features.nearest) == len(features.farness) == 10
    assert features.between > 0
    assert set(json.loads((measured[1] / "gap.json").read_text())["features"]["farness"]) == {
        r.id for r in measured[0].photographs.results
    }


@pytest.mark.parametrize(
    ("swap", "said"),
    [
        (True, "unseen: is of renders; name the photographs first, then the renders"),
        (False, "unseen: is not known to be of renders; name a folder of 'cyclorama generate'"),
    ],
)
def test_photographs_and_renders_are_told_apart(trained, photographs, unseen, tmp_path, swap, said):
    first, second = (unseen, photographs) if swap else (photographs, photographs)
    with pytest.raises(InputError, match=f"{said}$"):
        measure_gap(trained[0], first, second, tmp_path / "out", device="cpu")
    assert not (tmp_path / "out").exists()


def test_photographs_of_one_pixel_and_of_twelve_thousand_and_without_objects_are_measured(trained, unseen, tmp_path):
    def photograph(name, shape):
        Image.fromarray(np.full(shape, 90, np.uint8)).save(tmp_path / f"{name}.png")
        return replace(
            unseen.samples[0], id=name, width=shape[1], height=shape[0], image=tmp_path / f"{name}.png",
            load_image=lambda: np.full(shape, 90, np.uint8), annotations=(),
        )  # fmt: skip

    odd = [photograph("dot", (1, 1, 3)), photograph("long", (40, 12000, 3)), unseen.samples[0]]
    photographs = replace(unseen, samples=odd, provenance={"kind": "real"})
    found = measure_gap(trained[0], photographs, unseen, tmp_path / "out", device="cpu")
    assert (found.photographs.scores.images, found.photographs.scores.background) == (3, 2)
    assert found.features is None
    assert all(np.isfinite(e.distance) for e in found.effects)


class _Network(nn.Module):
    """A network whose backbone gives what it is told to."""

    def __init__(self, output):
        super().__init__()
        self.output = output
        self.backbone = nn.Identity()
        self.backbone.forward = lambda x: output

    def forward(self, x):
        return self.backbone(x)


MAPS = torch.arange(12.0).reshape(1, 3, 2, 2)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (MAPS, [1.5, 5.5, 9.5]),
        ({"0": MAPS, "pool": MAPS[:, :1]}, [1.5, 5.5, 9.5, 1.5]),
        ([MAPS[:, 2:], [MAPS[:, :1]]], [9.5, 1.5]),
    ],
    ids=["one map", "a pyramid", "nested"],
)
@pytest.mark.parametrize("is_wrapped", [False, True], ids=["", "wrapped"])
def test_features_are_the_means_of_the_backbones_maps(output, expected, is_wrapped):
    network = nn.Sequential(_Network(output)) if is_wrapped else _Network(output)
    with features_of(network) as rows:
        network(torch.zeros(1))
        network(torch.zeros(1))
    network(torch.zeros(1))
    assert [row.tolist() for row in rows] == [expected, expected]


@pytest.mark.parametrize("network", [nn.Identity(), _Network("no map")], ids=["no backbone", "no maps"])
def test_without_feature_maps_there_are_no_features(network):
    with features_of(network) as rows:
        network(torch.zeros(1))
    assert rows == []
