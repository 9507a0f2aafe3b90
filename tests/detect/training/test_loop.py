"""The steps themselves, on a network of one line whose losses can be worked out by hand."""

import errno
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cyclorama.core.errors import InputError
from cyclorama.dataset import files
from cyclorama.detect.augmentation.augment import Augmenter
from cyclorama.detect.augmentation.photographs import Photographs
from cyclorama.detect.settings import Mixing, TrainSettings
from cyclorama.detect.training.batches import Batches
from cyclorama.detect.training.loop import Loop, Validation
from cyclorama.detect.training.source import DatasetSource
from cyclorama.detect.training.team import Team
from noise import CATEGORIES, COUNT, NUMBERS, noise_dataset, noise_sample
from runs import assert_equal, checkpoint, metrics

pytestmark = pytest.mark.train

SAMPLES = noise_dataset(*[noise_sample(i) for i in range(COUNT)])
CPU = torch.device("cpu")
SURE, UNSURE = 0.9, 0.3
# A whole batch.
LOST = 4


class Line(nn.Module):
    """Guesses a picture's label from its mean colour; in evaluation it finds what ``finds`` says."""

    def __init__(self, *, failing_at=None, failure=None, finds=()):
        super().__init__()
        torch.manual_seed(0)
        self.line = nn.Linear(3, 1)
        self.failing_at, self.failure, self.finds = failing_at, failure, finds
        self.seen = []

    def forward(self, images, targets=None):
        if not self.training:
            return [self._found() for _ in images]
        if len(self.seen) == self.failing_at:
            raise self.failure
        self.seen.append(targets)
        colors = torch.stack([image.mean(dim=(1, 2)) for image in images])
        labels = torch.stack([t["labels"].sum().float() for t in targets])
        return {"miss": ((self.line(colors)[:, 0] - labels) ** 2).mean()}

    def _found(self):
        if self.finds is None:
            raise InputError("a photograph is damaged")
        boxes = torch.tensor([[0.0, 0, 40, 30], [4, 4, 20, 20]])[: len(self.finds)]
        scores = torch.tensor([score for score, _ in self.finds])
        return {"boxes": boxes, "scores": scores, "labels": torch.tensor([label for _, label in self.finds]).long()}


class Counting(Line):
    """With a batch norm, which counts each picture that it is given."""

    def __init__(self, **options):
        super().__init__(**options)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, images, targets=None):
        return super().forward([self.norm(image[None])[0] for image in images], targets)


class Lost(DatasetSource):
    """Renders of which those of every other batch could not be made."""

    def chosen(self, number, seed):
        del seed
        return number % (2 * LOST)

    def sample(self, chosen):
        return super().sample(chosen - LOST) if chosen >= LOST else None


def loop(out, network, *, validated=(), unlabelled=None, source=DatasetSource, **changed):
    plain = TrainSettings(weights="none", batch=4, image_size=30, learning_rate=0.01, device="cpu", epochs=3)
    own = replace(plain, **changed).resolved()
    out.mkdir(exist_ok=True)
    batches = Batches(source(SAMPLES, range(COUNT), NUMBERS), own, Augmenter(own.augmentation), unlabelled=unlabelled)
    validation = Validation(SAMPLES, validated, NUMBERS)
    return Loop(
        network,
        batches,
        own,
        device=CPU,
        out=out,
        validation=validation,
        categories=CATEGORIES,
        skeletons={},
        team=Team(),
    )


def run(out, network=None, *, on_event=lambda event: None, **changed):
    """The events of a run, which goes on with what is in the folder."""
    events = []
    made = loop(out, network or Line(), **changed)
    made.restore()
    made.run(lambda event: (events.append(event), on_event(event)))
    return events


def assert_same_loop(out, whole):
    """To the last bit of checkpoints and metrics."""
    for name in ("last.pt", "best.pt"):
        assert_equal(checkpoint(out / name), checkpoint(whole / name), name)
    assert metrics(out) == metrics(whole)


def test_a_batch_that_is_taken_in_parts_gives_the_same_steps(tmp_path):
    whole, parts = Line(), Line()
    one, other = (run(tmp_path / str(n), net, accumulate=n) for n, net in ((1, whole), (2, parts)))
    assert [e.loss for e in one] == pytest.approx([e.loss for e in other], rel=1e-5)
    torch.testing.assert_close(whole.line.weight, parts.line.weight, rtol=1e-5, atol=1e-6)
    assert len(parts.seen) == 2 * len(whole.seen)


def test_the_rate_grows_with_the_batch_and_follows_the_schedule(tmp_path):
    rates = {}
    for batch in (4, 7):
        run(tmp_path / str(batch), batch=batch, schedule="step", step_epochs=1)
        rates[batch] = [line["learning_rate"] for line in metrics(tmp_path / str(batch))]
    assert rates[4] == pytest.approx([0.01, 1e-3, 1e-4])
    assert rates[7] == pytest.approx([0.0175, 1.75e-3, 1.75e-4])


def test_without_a_better_figure_for_so_many_epochs_a_run_is_over_and_stays_so(tmp_path):
    """Nothing is ever found: the first epoch's AP of 0 is the best there is."""
    settings = {"validated": (0, 1), "patience": 3, "epochs": 9}
    assert run(tmp_path, **settings)[-1].metrics["epoch"] == 4
    assert run(tmp_path, **settings) == []
    assert run(tmp_path / "patient", validated=(0, 1), epochs=9)[-1].metrics["epoch"] == 9


def test_of_epochs_that_are_equally_good_the_last_is_kept(tmp_path):
    run(tmp_path, validated=(0, 1))
    assert_equal(checkpoint(tmp_path / "best.pt")["model"], checkpoint(tmp_path / "last.pt")["model"])


def test_keypoints_choose_the_best_epoch_even_where_boxes_are_best_in_another(tmp_path, monkeypatch):
    figures = iter([(0.5, 0.2), (0.4, 0.6), (0.3, 0.1)])
    monkeypatch.setattr(
        "cyclorama.detect.training.loop.measured",
        lambda *found: dict(zip(("ap", "ap_keypoints"), next(figures), strict=True)),
    )
    run(tmp_path, validated=(0, 1))
    saved = checkpoint(tmp_path / "best.pt")
    assert (saved["step"], saved["best"]) == (4, 0.6)


def test_a_gpu_without_memory_says_what_takes_less_and_keeps_the_steps_before(tmp_path):
    failing = Line(failing_at=3, failure=torch.cuda.OutOfMemoryError("2 GiB"))
    message = (
        "the GPU's memory is too small for --batch 4 at --image-size 30; --accumulate 2 takes the batch in more parts"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        run(tmp_path / "run", failing)
    assert checkpoint(tmp_path / "run" / "last.pt")["step"] == 3
    assert [e.step for e in run(tmp_path / "run")] == [4, 5, 6]
    run(tmp_path / "whole")
    assert_equal(checkpoint(tmp_path / "run" / "last.pt"), checkpoint(tmp_path / "whole" / "last.pt"))


def test_a_step_that_fails_in_a_later_part_has_counted_nothing(tmp_path):
    """The batch norm has seen the first part before the second finds no memory."""
    failure = torch.cuda.OutOfMemoryError("2 GiB")
    with pytest.raises(InputError, match=r"--accumulate 4 takes the batch in more parts$"):
        run(tmp_path / "run", Counting(failing_at=7, failure=failure), accumulate=2)
    assert checkpoint(tmp_path / "run" / "last.pt")["trained"]["norm.num_batches_tracked"] == 3 * 4
    assert [e.step for e in run(tmp_path / "run", Counting(), accumulate=2)] == [4, 5, 6]
    run(tmp_path / "whole", Counting(), accumulate=2)
    assert_same_loop(tmp_path / "run", tmp_path / "whole")


def test_an_epoch_that_could_not_be_measured_is_measured_when_the_run_goes_on(tmp_path):
    """A photograph of those that choose the checkpoint was damaged, and has been mended."""
    network, settings = Line(), {"validated": (0, 1), "average": 0.0}

    def damage(event):
        if event.step == 3:
            network.finds = None

    with pytest.raises(InputError, match=r"^a photograph is damaged$"):
        run(tmp_path / "run", network, on_event=damage, **settings)
    assert [e.step for e in run(tmp_path / "run", **settings)] == [3, 4, 5, 6]
    run(tmp_path / "whole", **settings)
    assert_same_loop(tmp_path / "run", tmp_path / "whole")


def test_after_a_loss_that_is_no_number_the_last_checkpoint_is_that_of_the_step_before(tmp_path):
    network = Line()

    def spoil(event):
        if event.step == 3:
            network.register_forward_hook(lambda module, given, losses: {"miss": losses["miss"] * np.nan})

    with pytest.raises(InputError, match=r"the loss is not finite at step 3; the checkpoints before it are kept"):
        run(tmp_path, network, on_event=spoil)
    saved = checkpoint(tmp_path / "last.pt")
    assert saved["step"] == 3
    assert all(torch.isfinite(v).all() for v in (*saved["trained"].values(), *saved["model"].values()))


def test_statistics_that_are_no_numbers_are_forgotten(tmp_path):
    """A batch norm counts a picture before the loss is known."""
    network = Line()
    network.norm = nn.BatchNorm1d(1)

    def count(module, given):
        del given
        module.norm.running_mean.fill_(np.nan)

    def spoil(event):
        if event.step == 3:
            network.register_forward_pre_hook(count)
            network.register_forward_hook(lambda module, given, losses: {"miss": losses["miss"] * np.nan})

    with pytest.raises(InputError, match="the loss is not finite at step 3"):
        run(tmp_path, network, on_event=spoil)
    saved = checkpoint(tmp_path / "last.pt")
    assert saved["step"] == 3
    assert saved["trained"]["norm.running_mean"] == 0


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_of_a_batch_without_pictures_nothing_is_learned_and_the_run_goes_on(tmp_path, precision):
    network = Line()
    # As small as half precision can hold when it is scaled.
    network.register_forward_hook(lambda module, given, losses: {"miss": 1e-3 * losses["miss"]})
    before, after = network.line.weight.clone(), []
    settings = {"precision": precision, "source": Lost}
    events = run(tmp_path, network, on_event=lambda _: after.append(network.line.weight.clone()), **settings)
    assert [e.loss > 0 for e in events] == [False, True] * 3
    assert torch.equal(after[0], before)
    assert not torch.equal(after[1], before)
    assert torch.equal(after[2], after[1])
    assert [line["loss"] for line in metrics(tmp_path)] == pytest.approx([e.loss for e in events[1::2]])


def test_a_full_disk_is_told_in_one_sentence_and_leaves_the_checkpoint_before_whole(tmp_path, monkeypatch):
    def fill(event):
        def full(number):
            raise OSError(errno.ENOSPC, "No space left on device")

        if event.step == 3:
            monkeypatch.setattr(files.os, "fsync", full)

    with pytest.raises(InputError) as caught:
        run(tmp_path, on_event=fill)
    assert str(caught.value) == (
        f"{tmp_path}: can't be written (No space left on device); make room or choose another folder"
    )
    assert checkpoint(tmp_path / "last.pt")["step"] == 2
    assert not [path for path in tmp_path.iterdir() if path.suffix == files.TEMPORARY]
    monkeypatch.undo()
    assert [e.step for e in run(tmp_path)] == [3, 4, 5, 6]


def test_what_ended_a_run_is_told_where_the_disk_is_full_besides(tmp_path, monkeypatch):
    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    failing = Line(failing_at=1, failure=InputError("no picture"))
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(InputError, match=r"^no picture$"):
        run(tmp_path, failing)
    assert [path.name for path in tmp_path.iterdir()] == []


def test_what_the_average_surely_finds_in_photographs_without_labels_is_trained_on(tmp_path):
    """The copy finds other things than the network that learns, which must not teach itself."""
    Image.fromarray(np.full((60, 80, 3), 7, np.uint8)).save(tmp_path / "photo.png")
    network = Line(finds=((SURE, 50), (UNSURE, 51)))
    mixing = Mixing(unlabelled=str(tmp_path), pseudo_share=0.5, pseudo_from=0.5, pseudo_score=0.6)
    made = loop(tmp_path / "run", network, unlabelled=Photographs(tmp_path, 30), mixing=mixing)
    network.finds = ((SURE, 52),)
    made.run(lambda event: None)
    half = len(network.seen) // 2
    labels = [[label for t in targets for label in t["labels"].tolist()] for targets in network.seen]
    assert [[label for label in own if label > COUNT] for own in labels] == [[]] * half + [[50, 50]] * half
    assert [len(own) for own in labels] == [4] * (2 * half)
