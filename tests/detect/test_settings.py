"""What is left open is the detector's own; what can't be used is said in one sentence."""

import json
import re
from dataclasses import asdict, replace

import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.plain import from_plain
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.settings import Augmentation, Mixing, Resolved, TrainSettings

pytestmark = pytest.mark.train


@pytest.mark.parametrize("detector", ["faster_rcnn_mobilenet", "retinanet_resnet50_v2"])
def test_what_is_left_open_is_the_detectors_own(detector):
    about, resolved = detector_named(detector).about, TrainSettings(detector).resolved()
    for name in ("batch", "image_size", "optimizer", "learning_rate"):
        assert getattr(resolved, name) == getattr(about, name)
    assert resolved.freeze == about.frozen_stages


def test_what_is_named_stays_and_without_weights_nothing_is_frozen():
    named = {"batch": 6, "image_size": 96, "optimizer": "adamw", "learning_rate": 0.5, "freeze": -1}
    resolved = TrainSettings(**named, weights="none").resolved()
    assert {name: getattr(resolved, name) for name in named} == named
    assert TrainSettings(weights="none").resolved().freeze == 0


def test_settings_survive_json_and_only_the_machine_may_change():
    settings = TrainSettings(augmentation=Augmentation(mosaic=0.5), mixing=Mixing(real="photos")).resolved()
    read = from_plain(Resolved, json.loads(json.dumps(asdict(settings))))
    assert read == settings
    assert settings.first_change(replace(read, device="cpu", readers=3)) == ("", None, None)
    assert settings.first_change(replace(read, average=0.0)) == ("average", 0.998, 0.0)


BAD = {
    "--schedule linear: expected cosine, step, constant": {"schedule": "linear"},
    "--optimizer adam: expected sgd, adamw": {"optimizer": "adam"},
    "--precision half: expected auto, float32, bfloat16, float16": {"precision": "half"},
    "--style cycle: expected none, fourier, histogram": {"augmentation": Augmentation(style="cycle")},
    "--scale 0 1.4: expected two factors above 0, the smaller first": {"augmentation": Augmentation(scale=(0, 1.4))},
    "--scale 2 1: expected two factors above 0, the smaller first": {"augmentation": Augmentation(scale=(2, 1))},
    "--paste: expected --backgrounds FOLDER with photographs to put behind the objects": {
        "augmentation": Augmentation(paste=0.5)
    },
    "--style: expected --unlabelled FOLDER with photographs whose look is taken over": {
        "augmentation": Augmentation(style="fourier")
    },
    "--pseudo-share: expected --unlabelled FOLDER with photographs that the detector labels": {
        "mixing": Mixing(pseudo_share=0.2)
    },
    "--pseudo-share: expected --average above 0; the averaged detector is the teacher": {
        "mixing": Mixing(unlabelled="photos", pseudo_share=0.2),
        "average": 0.0,
    },
    "--accumulate 3: expected a divisor of --batch 4; each part of a batch has the same size": {
        "batch": 4,
        "accumulate": 3,
    },
    "--real-share and --pseudo-share: expected less than 1 together; the rest are renders": {
        "mixing": Mixing(real="a", real_share=0.6, unlabelled="b", pseudo_share=0.4)
    },
}


@pytest.mark.parametrize("message", BAD)
def test_a_value_that_cannot_be_used_is_told_with_what_was_expected(message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        TrainSettings(**BAD[message]).resolved()
