"""A run learns, chooses its best checkpoint, and refuses in one sentence what it can't do."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import mobilenet_v2

from cyclorama.core.errors import InputError
from cyclorama.core.progress import silent
from cyclorama.dataset import read_dataset, split
from cyclorama.dataset.formats.coco import Coco
from cyclorama.dataset.store import Header, Store
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.settings import Augmentation, Mixing, TrainSettings
from cyclorama.detect.training.train import train
from runs import FILES, assert_equal, checkpoint, metrics, names
from stores import LABELS, ball_frame, ball_store

pytestmark = pytest.mark.train

SIZE = (128, 96)
STEPS, PER_EPOCH = 4, 2


def test_loss_falls(trained):
    first, second = metrics(trained[0])
    assert second["loss"] < 0.95 * first["loss"]


def test_events_tell_every_step_and_metrics_every_epoch(trained):
    out, events = trained
    assert [(e.step, e.steps) for e in events] == [(i + 1, STEPS) for i in range(STEPS)]
    assert [e.metrics for e in events if e.metrics] == metrics(out)
    for number, line in enumerate(metrics(out), start=1):
        own = [e.loss for e in events[(number - 1) * PER_EPOCH : number * PER_EPOCH]]
        assert (line["epoch"], line["step"]) == (number, number * PER_EPOCH)
        assert line["loss"] == pytest.approx(np.mean(own), rel=1e-12)
    assert metrics(out)[1]["learning_rate"] < metrics(out)[0]["learning_rate"]


def test_where_nothing_is_held_out_the_last_epoch_is_the_best(trained):
    out, _ = trained
    assert names(out) == FILES
    assert_equal(checkpoint(out / "best.pt")["model"], checkpoint(out / "last.pt")["model"])


def test_the_best_checkpoint_is_that_of_the_best_epoch_on_the_val_split(balls, settings, tmp_path):
    root, out = tmp_path / "balls", tmp_path / "run"
    shutil.copytree(balls, root)
    split(root, {"train": 0.5, "val": 0.5})
    train(root, out, replace(settings, epochs=3))
    found = [line["ap"] for line in metrics(out)]
    assert [line["images"] for line in metrics(out)] == [4, 4, 4]
    assert max(found) > min(found)
    scored = evaluate(out, read_dataset(root), tmp_path / "scores", split="val", device="cpu").scores
    assert scored.ap == pytest.approx(max(found), abs=1e-9)
    assert scored.images == 4


def test_of_twenty_images_without_splits_every_tenth_is_held_out(settings, tmp_path):
    ball_store(tmp_path / "balls", count=20, size=(48, 32), maps=())
    events = []
    train(
        tmp_path / "balls",
        tmp_path / "run",
        replace(settings, epochs=1, image_size=32, batch=6),
        on_event=events.append,
    )
    assert len(events) == 18 / 6
    assert events[-1].metrics["images"] == 2
    assert {"ap", "ap50"} <= events[-1].metrics.keys()


def test_images_that_came_after_the_split_are_not_left_out_silently(settings, tmp_path):
    root = tmp_path / "balls"
    ball_store(root, count=4, size=SIZE, maps=())
    split(root, {"train": 0.5, "val": 0.5})
    ball_store(root, count=7, size=SIZE, maps=())
    message = f"{root}: 3 images belong to no split, because they came after splits.json; run 'cyclorama split {root}'"
    with pytest.raises(InputError, match=f"^{re.escape(message)} again$"):
        train(root, tmp_path / "run", settings)
    assert not (tmp_path / "run").exists()


def test_from_weights_in_a_file_early_layers_stay_and_later_ones_learn(settings, tmp_path):
    ball_store(tmp_path / "balls", count=2, size=SIZE, maps=())
    torch.manual_seed(3)
    weights = mobilenet_v2().state_dict()
    torch.save(weights, tmp_path / "w.pt")
    train(tmp_path / "balls", tmp_path / "run", replace(settings, epochs=2, weights=str(tmp_path / "w.pt")))
    (tmp_path / "w.pt").unlink()
    learned = checkpoint(tmp_path / "run" / "best.pt")["model"]
    changed = {
        int(key.split(".")[1])
        for key, v in weights.items()
        if key.startswith("features.")
        and "num_batches" not in key
        and not torch.equal(v, learned[key.replace("features.", "backbone.body.", 1)])
    }
    assert changed == set(range(min(changed), 19))
    assert 0 < min(changed) < 18
    # Whoever got the run's folder need not have the file.
    evaluated = evaluate(tmp_path / "run", read_dataset(tmp_path / "balls"), tmp_path / "scores", device="cpu")
    assert evaluated.scores.images == 2


def test_a_dataset_without_images_or_categories_is_refused_before_anything_is_written(settings, tmp_path):
    ball_store(tmp_path / "empty", count=0)
    with pytest.raises(InputError, match=r"empty: has no images to train on$"):
        train(tmp_path / "empty", tmp_path / "run", settings)
    ball_store(tmp_path / "kept", count=1, maps=())
    split(tmp_path / "kept", {"test": 1.0})
    with pytest.raises(InputError, match=r"kept: has no images to train on$"):
        train(tmp_path / "kept", tmp_path / "run", settings)
    header = Header((), "0" * 20, 0, "png", LABELS, ())
    Store.create(tmp_path / "nameless", header, recipe_yaml="name: nameless\n").write(ball_frame(0), ())
    with pytest.raises(InputError, match=r"nameless: declares no categories; expected at least one$"):
        train(tmp_path / "nameless", tmp_path / "run", settings)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("device", ["gpu", "cuda"])
def test_a_device_that_is_not_there_is_refused_before_anything_is_written(balls, settings, tmp_path, device):
    if device == "cuda" and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(InputError, match=rf"^--device {device}: "):
        train(balls, tmp_path / "run", replace(settings, device=device))
    assert not (tmp_path / "run").exists()


def test_an_image_that_cannot_be_decoded_is_named(settings, tmp_path):
    ball_store(tmp_path / "balls", count=4, size=SIZE, maps=())
    damaged = sorted((tmp_path / "balls" / "images").rglob("*.png"))[2]
    damaged.write_bytes(damaged.read_bytes()[:200])
    with pytest.raises(InputError, match=rf"^{re.escape(str(damaged))}: can't be decoded"):
        train(tmp_path / "balls", tmp_path / "run", settings)


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_no_weights_that_are_no_numbers(balls, settings, tmp_path):
    with pytest.raises(InputError, match=r"run: the loss is not finite at step \d; the checkpoints before"):
        train(balls, tmp_path / "run", replace(settings, learning_rate=1e9, image_size=32))
    saved = checkpoint(tmp_path / "run" / "last.pt")
    assert all(torch.isfinite(v).all() for v in saved["trained"].values())


def test_photographs_with_labels_and_without_are_trained_on_and_others_choose_the_best(settings, tmp_path):
    for name, count in (("renders", 6), ("real", 2), ("judges", 3)):
        ball_store(tmp_path / name, count=count, size=(64, 48), maps=())
    (tmp_path / "unlabelled").mkdir()
    Image.fromarray(ball_frame(9, size=(64, 48)).rgb).save(tmp_path / "unlabelled" / "9.png")
    mixing = Mixing(
        real=str(tmp_path / "real"),
        real_share=0.25,
        unlabelled=str(tmp_path / "unlabelled"),
        pseudo_share=0.25,
        pseudo_from=0.5,
        pseudo_score=0,
    )
    own = replace(settings, image_size=32, mixing=mixing, validate=str(tmp_path / "judges"))
    train(tmp_path / "renders", tmp_path / "run", own)
    assert [(line["step"], line["images"]) for line in metrics(tmp_path / "run")] == [(3, 3), (6, 3)]
    scored = evaluate(tmp_path / "run", read_dataset(tmp_path / "judges"), tmp_path / "scores", device="cpu").scores
    assert scored.ap == pytest.approx(max(line["ap"] for line in metrics(tmp_path / "run")), abs=1e-9)


@pytest.mark.parametrize("role", ["real", "validate"])
def test_photographs_of_other_classes_are_refused_before_anything_is_written(balls, settings, tmp_path, role):
    header = Header(("cat",), "0" * 20, 0, "png", LABELS, ())
    Store.create(tmp_path / "cats", header, recipe_yaml="name: cats\n").write(ball_frame(0), ())
    cats = str(tmp_path / "cats")
    changed = {"validate": cats} if role == "validate" else {"mixing": Mixing(real=cats)}
    message = r"cats: its classes \(cat\) are none of the detector's .* call them so in the photographs' labels$"
    with pytest.raises(InputError, match=message):
        train(balls, tmp_path / "run", replace(settings, **changed))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("option", "changed"),
    [
        ("paste", {"augmentation": Augmentation(paste=0.5, backgrounds="photos")}),
        ("style", {"augmentation": Augmentation(style="fourier"), "mixing": Mixing(unlabelled="photos")}),
    ],
)
def test_what_only_renders_need_is_refused_on_data_that_is_not_known_to_be_renders(
    balls, settings, tmp_path, option, changed
):
    (tmp_path / "data").mkdir()
    Coco.write(replace(read_dataset(balls), provenance={}), tmp_path / "data", progress=silent)
    with pytest.raises(InputError, match=rf"^--{option}: expected renders, .*data is not known to be of renders"):
        train(tmp_path / "data", tmp_path / "run", replace(settings, **changed))
    assert not (tmp_path / "run").exists()


def test_a_detector_of_masks_takes_a_step_on_masks_and_refuses_photographs_without(settings, tmp_path):
    ball_store(tmp_path / "balls", count=2, size=(48, 32), maps=())
    own = replace(settings, detector="mask_rcnn_resnet50", epochs=1, batch=2, image_size=32)
    events = []
    train(tmp_path / "balls", tmp_path / "run", own, on_event=events.append)
    assert [e.step for e in events] == [1]
    assert np.isfinite(events[0].loss)
    learned = checkpoint(tmp_path / "run" / "last.pt")["trained"]
    assert learned["roi_heads.mask_predictor.mask_fcn_logits.bias"].abs().max() > 0
    (tmp_path / "photos").mkdir()
    pseudo = replace(own, mixing=Mixing(unlabelled=str(tmp_path / "photos"), pseudo_share=0.5))
    with pytest.raises(InputError, match=r"^--pseudo-share: expected a detector of boxes"):
        train(tmp_path / "balls", tmp_path / "other", pseudo)


def test_yolox_learns(balls, tmp_path):
    pytest.importorskip("libreyolo")
    own = TrainSettings("yolox_nano", weights="none", epochs=6, batch=4, image_size=64, device="cpu", average=0)
    plain = Augmentation(strength=0, scale=(1, 1))
    train(balls, tmp_path / "run", replace(own, optimizer="adamw", learning_rate=0.02, augmentation=plain))
    losses = [line["loss"] for line in metrics(tmp_path / "run")]
    assert losses[-1] < 0.9 * losses[0]
