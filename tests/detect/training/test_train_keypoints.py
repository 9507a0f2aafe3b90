"""A detector of keypoints learns them, goes on after a stop, and is judged, without its dataset if need be."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.dataset import read_dataset
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.export import export
from cyclorama.detect.predict import predict
from cyclorama.detect.run import Run
from cyclorama.detect.settings import Augmentation, Mixing
from cyclorama.detect.training.train import train
from pointed import ENDS, pointed_store
from runs import KilledError, assert_same_run, checkpoint, killed_at, metrics, resumed
from stores import ball_frame

pytestmark = pytest.mark.train

SIZE = (96, 72)
DETECTOR = "keypoint_rcnn_mobilenet"
# Of batch norms, which take in every picture.
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    root = tmp_path_factory.mktemp("ends") / "balls"
    pointed_store(root, count=4, size=SIZE)
    return root


@pytest.fixture(scope="module")
def own(settings):
    plain = Augmentation(strength=0, scale=(1, 1), mirror=0.5)
    return replace(
        settings, detector=DETECTOR, batch=2, epochs=2, image_size=64, learning_rate=0.001, augmentation=plain
    )


@pytest.fixture(scope="module")
def pointing(ends, own, tmp_path_factory):
    """A run that nothing interrupted."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    train(ends, out, own)
    return out


def test_its_run_tells_the_skeletons_and_its_head_has_their_keypoints(pointing):
    assert dict(Run.read(pointing).skeletons) == {"ball": ENDS}
    saved = checkpoint(pointing / "last.pt")
    assert saved["trained"]["roi_heads.keypoint_predictor.kps_score_lowres.bias"].shape == (len(ENDS),)
    assert metrics(pointing)[1]["loss"] < metrics(pointing)[0]["loss"]


def test_a_run_that_was_killed_goes_on_and_ends_bitwise_equal(ends, own, pointing, tmp_path):
    with pytest.raises(KilledError):
        train(ends, tmp_path / "run", own, on_event=killed_at(3))
    assert resumed(ends, tmp_path / "run", own) == [3, 4]
    assert_same_run(tmp_path / "run", pointing)


def test_it_is_judged_by_its_keypoints_and_predicts_without_the_dataset(ends, own, pointing, tmp_path):
    evaluation = evaluate(pointing, read_dataset(ends), tmp_path / "scores", device="cpu")
    plain = json.loads((tmp_path / "scores" / "scores.json").read_text())
    assert plain["keypoints"]["ap"] == evaluation.scores.keypoints.ap
    assert plain["skeletons"]["ball"]["names"] == list(ENDS.names)
    for result in evaluation.results:
        assert len(result.truth_keypoints) == len(result.truth_boxes)
        assert all(points.shape == (len(ENDS), 3) for points in result.detections.keypoints)
    Image.fromarray(ball_frame(0, size=SIZE).rgb).save(tmp_path / "0.png")
    shutil.copytree(pointing, tmp_path / "alone")
    (tmp_path / "alone" / "last.pt").unlink()
    predict(tmp_path / "alone", [tmp_path / "0.png"], tmp_path / "out", format="json", confidence=0, device="cpu")
    (picture,) = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert set(picture["objects"][0]["keypoints"]) == set(ENDS.names)


def test_its_boxes_alone_are_exported(ends, pointing, tmp_path):
    made = export(pointing, tmp_path / "m.onnx", image_size=(64, 96))
    assert made.left_out == ("keypoints",)
    assert made.agreement.lost == 0
    assert made.agreement.compared > 20
    outputs = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"]).get_outputs()
    assert [o.name for o in outputs] == ["boxes", "scores", "labels"]


def test_photographs_choose_the_best_checkpoint_by_their_keypoints(own, tmp_path):
    """Of so wide sigmas that what is found after two steps is near enough."""
    for name, count in (("balls", 4), ("judges", 2)):
        pointed_store(tmp_path / name, count=count, size=SIZE, sigmas=(2.0,) * len(ENDS))
    unsmoothed = replace(own, average=0.0, validate=str(tmp_path / "judges"))
    train(tmp_path / "balls", tmp_path / "run", unsmoothed)
    worst, best = sorted(metrics(tmp_path / "run"), key=lambda line: line["ap_keypoints"])
    assert worst["ap_keypoints"] < best["ap_keypoints"]
    saved = checkpoint(tmp_path / "run" / "best.pt")
    assert (saved["step"], saved["best"]) == (best["step"], best["ap_keypoints"])
    scored = evaluate(tmp_path / "run", read_dataset(tmp_path / "judges"), tmp_path / "scores", device="cpu").scores
    assert scored.keypoints.ap == pytest.approx(best["ap_keypoints"], abs=1e-9)


def test_a_checkpoint_of_other_keypoints_gives_all_but_the_last_layer_and_that_is_said(ends, own, pointing, tmp_path):
    pointed_store(tmp_path / "more", count=2, size=SIZE, names=("left", "right", "top"))
    state = checkpoint(pointing / "best.pt")["model"]
    layer = "roi_heads.keypoint_predictor.kps_score_lowres"
    two = {**state, f"{layer}.bias": torch.zeros(2), f"{layer}.weight": state[f"{layer}.weight"][:, :2]}
    torch.save(two, tmp_path / "two.pt")
    said = []
    # At this rate no weight changes.
    quick = replace(own, epochs=1, weights=str(tmp_path / "two.pt"), freeze=0, learning_rate=1e-30, average=0.0)
    train(tmp_path / "more", tmp_path / "run", quick, on_notice=said.append)
    assert said == [f"--weights {tmp_path / 'two.pt'}: find 2 keypoints; the layer for yours, 3, starts anew"]
    begun = checkpoint(tmp_path / "run" / "last.pt")["trained"]
    learned = [key for key in two if not key.endswith(STATISTICS)]
    assert {key for key in learned if not torch.equal(begun[key], two[key])} == {f"{layer}.weight", f"{layer}.bias"}
    assert begun[f"{layer}.weight"].shape[1] == 3
    said.clear()
    train(ends, tmp_path / "same", replace(quick, weights=str(pointing / "best.pt")), on_notice=said.append)
    assert said == []
    same = checkpoint(tmp_path / "same" / "last.pt")["trained"]
    assert all(torch.equal(same[key], state[key]) for key in learned)


def test_what_cannot_be_learned_is_refused_before_anything_is_written(balls, ends, own, tmp_path):
    message = f"{balls}: tells no keypoints, which --detector {DETECTOR} learns; expected a dataset with keypoints"
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        train(balls, tmp_path / "run", own)
    (tmp_path / "photos").mkdir()
    pseudo = replace(own, mixing=Mixing(unlabelled=str(tmp_path / "photos"), pseudo_share=0.5))
    with pytest.raises(InputError, match=r"^--pseudo-share: expected a detector of boxes; found boxes have no keypoi"):
        train(ends, tmp_path / "run", pseudo)
    pointed_store(tmp_path / "others", count=1, size=SIZE, names=("top", "left", "right"))
    for changed in ({"validate": str(tmp_path / "others")}, {"mixing": Mixing(real=str(tmp_path / "others"))}):
        with pytest.raises(InputError, match=r"others: its keypoints of 'ball' are top, left, right; expected the det"):
            train(ends, tmp_path / "run", replace(own, **changed))
    assert not (tmp_path / "run").exists()


def test_photographs_without_keypoints_teach_boxes_alone(balls, ends, own, tmp_path):
    mixing = Mixing(real=str(balls), real_share=0.5)
    events = []
    train(ends, tmp_path / "run", replace(own, epochs=1, mixing=mixing), on_event=events.append)
    assert all(np.isfinite(e.loss) for e in events)


def test_a_run_on_keypoints_that_have_changed_since_is_refused(ends, own, pointing, tmp_path):
    run = shutil.copytree(pointing, tmp_path / "run")
    plain = json.loads((run / "run.json").read_text())
    plain["skeletons"]["ball"]["names"][0] = "west"
    (run / "run.json").write_text(json.dumps(plain))
    with pytest.raises(InputError, match=r"run: holds a run on other keypoints than the dataset has now; choose ano"):
        train(ends, run, own)
