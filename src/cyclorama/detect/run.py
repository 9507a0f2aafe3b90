"""The folder of a training run: settings, checkpoints, metrics."""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.plain import from_plain
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.files import read_json, write_bytes, write_json
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.detector import for_keypoints
from cyclorama.detect.keypoints import Channels, channels_of
from cyclorama.detect.settings import Resolved
from cyclorama.detect.weights import BEST, NONE, UNREADABLE
from cyclorama.detect.writing import writing

SETTINGS, METRICS, LAST = "run.json", "metrics.jsonl", "last.pt"


@dataclass(frozen=True)
class Run:
    """What a run is, beside its weights.

    Attributes:
        categories: Names; the detector's classes in this order.
        trained_on: Path (absolute), kind and number of images of the data; fingerprint and seed of renders.
        skeletons: Of the categories that have keypoints, where the detector gives some.
    """

    settings: Resolved
    categories: tuple[str, ...]
    trained_on: Mapping[str, Any]
    skeletons: Mapping[str, Skeleton] = field(default_factory=dict)

    @property
    def channels(self) -> Channels:
        """Places of the keypoints in the network."""
        return channels_of(self.skeletons, self.categories)

    def write(self, folder: Path) -> None:
        """As run.json.

        Raises:
            InputError: The folder can't be written.
        """
        with writing(folder):
            write_json(folder / SETTINGS, {"cyclorama_run": 1, **asdict(self)})

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """From run.json.

        Raises:
            InputError: The folder holds no run.
        """
        if not (folder / SETTINGS).is_file():
            near = [p.name for p in folder.parent.iterdir() if p.is_dir()] if folder.parent.is_dir() else []
            hint = "" if folder.is_dir() else did_you_mean(folder.name, near)
            raise InputError(f"{folder}: holds no training run (no {SETTINGS}); 'cyclorama train' makes one.{hint}")
        plain = read_json(folder / SETTINGS)
        try:
            plain.pop("cyclorama_run")
            return from_plain(cls, plain)
        except (TypeError, KeyError, AttributeError) as error:
            raise InputError(f"{folder / SETTINGS}: is damaged ({error!r})") from error


def device_named(name: str) -> torch.device:
    """The device; "auto" is a GPU where there is one.

    Raises:
        InputError: "cuda" without a GPU that torch can use, or another name.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise InputError(f"--device {name}: expected auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: torch finds no GPU; install its driver, or use --device cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def load_network(folder: Path, run: Run, device: torch.device) -> nn.Module:
    """The trained network, ready to detect: the best checkpoint, or the last where there is no best.

    Raises:
        InputError: There is no checkpoint, or it is damaged.
    """
    path = next((folder / name for name in (BEST, LAST) if (folder / name).is_file()), None)
    if path is None:
        raise InputError(f"{folder}: has no {BEST} yet; run 'cyclorama train' until its first epoch is done")
    settings = run.settings
    made = for_keypoints(detector_named(settings.detector), len(run.channels)).build(
        classes=len(run.categories), image_size=settings.image_size, pretrained=settings.weights != NONE
    )
    saved = checkpoint(path)
    try:
        made.load_state_dict(saved["model"])
    except RuntimeError as error:
        raise InputError(f"{path}: holds weights of another network than {SETTINGS} beside it says") from error
    return made.to(device).eval()


def checkpoint(path: Path) -> dict[str, Any]:
    """What was saved.

    Raises:
        InputError: The file is damaged.
    """
    try:
        saved = torch.load(path, "cpu", weights_only=True)
    except (OSError, *UNREADABLE) as error:
        raise InputError(f"{path}: is damaged; copy it again, or delete it and train again") from error
    if not isinstance(saved, dict) or "model" not in saved:
        raise InputError(f"{path}: is no checkpoint of ours; copy it again, or delete it and train again")
    return saved


def save_checkpoint(path: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all.

    Raises:
        InputError: The folder can't be written.
    """
    # Of a full disk torch says "unexpected pos" where it writes the file itself.
    file = io.BytesIO()
    torch.save(dict(content), file)
    with writing(path.parent):
        write_bytes(path, file.getvalue())


def append_metrics(folder: Path, values: Mapping[str, Any]) -> None:
    """One line of metrics.jsonl.

    Raises:
        InputError: The folder can't be written.
    """
    with writing(folder), (folder / METRICS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")


def drop_metrics(folder: Path, *, after_step: int) -> None:
    """Leave only the lines of metrics.jsonl up to a step, and not half a last line.

    Raises:
        InputError: The folder can't be written.
    """
    path = folder / METRICS
    if not path.is_file():
        return
    lines = [line for line in path.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]
    kept = [line for line in lines if json.loads(line)["step"] <= after_step]
    with writing(folder):
        write_bytes(path, "".join(kept).encode())
