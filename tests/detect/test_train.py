"""A run learns, goes on as if nothing had interrupted it, and refuses in one sentence what it can't do."""

import json
import re
import resource
import shutil
import signal
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import mobilenet_v2

from cyclorama.core.errors import InputError
from cyclorama.dataset import read_dataset, split
from cyclorama.dataset.store import Header, Store
from cyclorama.detect.batches import Batches
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.train import _Loop, train
from stores import LABELS, ball_frame, ball_store

pytestmark = pytest.mark.train

SIZE = (128, 96)
STEPS, PER_EPOCH = 4, 2
FILES = {"run.json", "metrics.jsonl", "best.pt", "last.pt"}


def names(folder):
    return {path.name for path in folder.iterdir()}


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def metrics(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def checkpoint(path):
    return torch.load(path, weights_only=True)


def assert_equal(one, other, where="checkpoint"):
    """To the last bit, through dicts and lists."""
    assert type(one) is type(other), where
    if isinstance(one, torch.Tensor):
        assert one.dtype == other.dtype, where
        assert torch.equal(one, other), where
    elif isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            assert_equal(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), where
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            assert_equal(a, b, f"{where}[{i}]")
    else:
        assert one == other, where


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


class KilledError(Exception):
    """What no code of ours catches."""


def killed_at(step):
    def on_event(event):
        if event.step == step:
            raise KilledError

    return on_event


def interrupted_at(step):
    return lambda event: event.step == step and signal.raise_signal(signal.SIGINT)


@contextmanager
def room(size):
    """No file can grow beyond ``size`` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def on_event(event):
        if event.step == PER_EPOCH:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    try:
        yield on_event
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def resumed(balls, out, settings):
    events = []
    train(balls, out, settings, on_event=events.append)
    return [e.step for e in events]


def assert_same_run(out, whole):
    assert names(out) == names(whole)
    for name in ("last.pt", "best.pt"):
        assert_equal(checkpoint(out / name), checkpoint(whole / name), name)
    assert content(out)["metrics.jsonl"] == content(whole)["metrics.jsonl"]
    assert content(out)["run.json"] == content(whole)["run.json"]


def test_a_run_that_ctrl_c_ended_within_an_epoch_goes_on_with_the_next_step_and_ends_bitwise_equal(
    balls, settings, trained, tmp_path
):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(balls, tmp_path / "run", settings, on_event=interrupted_at(1))
    assert signal.getsignal(signal.SIGINT) is handler
    assert resumed(balls, tmp_path / "run", settings) == [2, 3, 4]
    assert_same_run(tmp_path / "run", trained[0])


def test_a_run_that_was_killed_goes_on_from_its_last_epoch_and_ends_bitwise_equal(balls, settings, trained, tmp_path):
    with pytest.raises(KilledError):
        train(balls, tmp_path / "run", settings, on_event=killed_at(3))
    with (tmp_path / "run" / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 2, "step"')
    assert resumed(balls, tmp_path / "run", settings) == [3, 4]
    assert_same_run(tmp_path / "run", trained[0])


def test_a_run_whose_disk_was_full_says_so_leaves_nothing_half_written_and_ends_bitwise_equal(
    balls, settings, trained, tmp_path
):
    """Full between best.pt and last.pt of the first epoch: best.pt is there, and there is nothing to go on from."""
    out = tmp_path / "run"
    message = f"{out}: can't be written (File too large); make room or choose another folder"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"), room(size=10_000) as on_event:
        train(balls, out, settings, on_event=on_event)
    assert names(out) == FILES - {"last.pt"}
    assert resumed(balls, out, settings) == [1, 2, 3, 4]
    assert_same_run(out, trained[0])


def test_a_finished_run_takes_no_more_steps_wherever_it_is_computed(balls, settings, trained):
    before = content(trained[0])
    assert resumed(balls, trained[0], replace(settings, device="auto")) == []
    assert content(trained[0]) == before


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


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"epochs": 3}, "epochs 2, not 3"),
        ({"batch": 2}, "batch 4, not 2"),
        ({"image_size": 96}, "image_size 48, not 96"),
        ({"seed": 5, "device": "auto"}, "seed 0, not 5"),
        ({"learning_rate": 0.01}, "learning_rate 0.02, not 0.01"),
    ],
    ids=str,
)
def test_a_folder_with_a_run_of_other_settings_is_refused_and_left_alone(balls, settings, trained, changed, said):
    out, before = trained[0], content(trained[0])
    message = f"{out}: holds a run with {said}; choose another folder"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        train(balls, out, replace(settings, **changed))
    assert content(out) == before


def test_a_folder_with_a_run_on_another_dataset_is_refused(balls, settings, trained, tmp_path):
    shutil.copytree(balls, tmp_path / "others")
    before = content(trained[0])
    with pytest.raises(
        InputError, match=rf"holds a run on \d+ images of '{re.escape(str(balls))}'; choose another folder$"
    ):
        train(tmp_path / "others", trained[0], settings)
    assert content(trained[0]) == before


def test_a_run_goes_on_however_the_path_of_its_dataset_is_typed(balls, settings, trained, monkeypatch):
    monkeypatch.chdir(balls.parent)
    before = content(trained[0])
    for typed in (Path("balls"), Path("..", balls.parent.name, "balls")):
        assert resumed(typed, trained[0], settings) == []
    assert content(trained[0]) == before


@pytest.mark.parametrize("changed", [{"fingerprint": "1" * 20}, {"seed": 1}], ids=str)
def test_a_run_on_a_dataset_that_was_generated_anew_since_is_refused(balls, settings, tmp_path, changed):
    root, out = shutil.copytree(balls, tmp_path / "balls"), tmp_path / "run"
    with pytest.raises(KilledError):
        train(root, out, settings, on_event=killed_at(3))
    before = content(out)
    header = json.loads((root / "dataset.json").read_text())
    (root / "dataset.json").write_text(json.dumps(header | changed))
    message = f"{out}: holds a run on other images of '{root}', which has been generated anew since; choose another"
    with pytest.raises(InputError, match=f"^{re.escape(message)} folder$"):
        train(root, out, settings)
    assert content(out) == before


def test_on_a_gpu_its_generator_is_saved_and_restored(balls, settings, trained, tmp_path, monkeypatch):
    """Without a GPU: what the loop asks of torch.cuda, by a generator that stands in for it."""
    state = torch.arange(16, dtype=torch.uint8)
    restored = []
    monkeypatch.setattr(torch.cuda, "get_rng_state", lambda device: state)
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda saved, device: restored.append((saved, device)))
    batches = Batches(read_dataset(balls), tuple(range(8)), 4, 48, 0)
    gpu, out = torch.device("cuda"), tmp_path / "run"
    out.mkdir()
    loop = _Loop(torch.nn.Linear(2, 2), batches, settings, gpu, out)
    loop._save("last.pt")
    loop.restore()
    ((saved, device),) = restored
    assert torch.equal(saved, state)
    assert device == gpu
    assert "gpu_chance" not in checkpoint(trained[0] / "last.pt")


def test_a_run_on_a_dataset_that_has_grown_since_is_refused(balls, settings, trained, tmp_path):
    run = shutil.copytree(trained[0], tmp_path / "run")
    plain = json.loads((run / "run.json").read_text())
    plain["trained_on"]["images"] -= 1
    (run / "run.json").write_text(json.dumps(plain))
    with pytest.raises(InputError, match=f"holds a run on {plain['trained_on']['images']} images of"):
        train(balls, run, settings)


def test_a_run_that_never_came_to_its_first_checkpoint_may_be_begun_with_other_settings(balls, settings, tmp_path):
    for epochs in (3, 1):
        with pytest.raises(KilledError):
            train(balls, tmp_path / "run", replace(settings, epochs=epochs), on_event=killed_at(1))
    assert json.loads((tmp_path / "run" / "run.json").read_text())["settings"]["epochs"] == 1


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(balls, settings, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("all of it")
    (tmp_path / "file").write_text("no folder")
    for out in (tmp_path / "thesis", tmp_path / "file"):
        message = f"{out}: holds something that is no run of ours; choose another folder"
        with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
            train(balls, out, settings)
    assert content(tmp_path / "thesis") == {"thesis.tex": b"all of it"}
    assert (tmp_path / "file").read_text() == "no folder"


def test_a_folder_that_cannot_be_made_is_refused(balls, settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(
        InputError, match=r"file/run: can't be written \(Not a directory\); make room or choose another"
    ):
        train(balls, tmp_path / "file" / "run", settings)


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


DAMAGE = {
    "garbage": lambda path: path.write_bytes(b"no checkpoint"),
    "empty": lambda path: path.write_bytes(b""),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "something else": lambda path: torch.save([1, 2], path),
    "other weights": lambda path: torch.save({"weights": {}}, path),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_named_and_once_deleted_the_run_begins_anew(balls, settings, trained, tmp_path, damage):
    out = tmp_path / "run"
    shutil.copytree(trained[0], out)
    DAMAGE[damage](out / "last.pt")
    with pytest.raises(InputError) as caught:
        train(balls, out, settings)
    assert re.fullmatch(
        rf"{re.escape(str(out))}/last\.pt: is (damaged|no checkpoint of ours); "
        r"copy it again, or delete it and train again",
        str(caught.value),
    )
    (out / "last.pt").unlink()
    with pytest.raises(KilledError):
        train(balls, out, settings, on_event=killed_at(1))


def test_a_damaged_run_json_is_named(balls, settings, trained, tmp_path):
    for text in ("{", "[]", "{}", '{"cyclorama_run": 1, "settings": {"epoch": 1}, "categories": [], "trained_on": {}}'):
        shutil.copytree(trained[0], tmp_path / "run", dirs_exist_ok=True)
        (tmp_path / "run" / "run.json").write_text(text)
        with pytest.raises(InputError, match=r"run\.json: is (damaged|not JSON) \("):
            train(balls, tmp_path / "run", settings)


def test_an_image_that_cannot_be_decoded_is_named(settings, tmp_path):
    ball_store(tmp_path / "balls", count=4, size=SIZE, maps=())
    damaged = sorted((tmp_path / "balls" / "images").rglob("*.png"))[2]
    damaged.write_bytes(damaged.read_bytes()[:200])
    with pytest.raises(InputError, match=rf"^{re.escape(str(damaged))}: can't be decoded"):
        train(tmp_path / "balls", tmp_path / "run", settings)


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_no_checkpoint_of_it(balls, settings, tmp_path):
    with pytest.raises(InputError, match=r"run: the loss is not finite at step \d; start again in another folder"):
        train(balls, tmp_path / "run", replace(settings, learning_rate=1e9, image_size=32))
    assert names(tmp_path / "run") == {"run.json"}
