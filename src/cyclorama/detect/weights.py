"""Weights of networks: from the hub, from a file, or none."""

import errno
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from cyclorama.core.errors import InputError
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.detector import Detector, PublishedOtherwise, State, for_keypoints

HUB, NONE = "hub", "none"
# A run's checkpoint with the best figure.
BEST = "best.pt"
# The file in a folder that transformers saved, or that is a run's.
IN_FOLDERS = ("model.safetensors", BEST)
# What a checkpoint of ours has, and nobody else's.
OF_RUNS = {"model", "step", "best"}
# What torch and safetensors raise on a file that they can't make sense of.
UNREADABLE = (SafetensorError, RuntimeError, EOFError, ValueError, LookupError, AttributeError, pickle.UnpicklingError)
# Saved by BatchNorm, not needed by its frozen form.
COUNTER = "num_batches_tracked"
# Has one number for each keypoint.
KEYPOINT_BIAS = "keypoint_predictor.kps_score_lowres.bias"


def network(
    detector: str,
    *,
    classes: int,
    image_size: int,
    weights: str,
    keypoints: int = 0,
    on_notice: Callable[[str], None] = lambda _: None,
) -> nn.Module:
    """A network ready to be trained.

    Args:
        detector: Name of a detector.
        classes: Categories.
        image_size: Shorter side in pixels.
        weights: "hub", "none", a file of weights (.safetensors, .pt, .pth), or a run's folder.
        keypoints: How many it is to find; 0 is none.
        on_notice: Is told a sentence where the weights have another number of keypoints.

    Raises:
        InputError: No such detector or file, no way to the hub, or weights of another network.
    """
    kind = for_keypoints(detector_named(detector), keypoints)
    made = kind.build(classes=classes, image_size=image_size, pretrained=weights != NONE)
    if weights != NONE:
        state = kind.renamed(_hub_state(kind, detector) if weights == HUB else read_state(Path(weights), kind))
        load_backbone(made, state, backbone=kind.backbone, name=weights, detector=detector)
        own, theirs = (_keypoints_of(tensors) for tensors in (made.state_dict(), state))
        if own and theirs and own != theirs:
            on_notice(f"--weights {weights}: find {theirs} keypoints; the layer for yours, {own}, starts anew")
    return made


def _keypoints_of(state: State) -> int:
    """How many torchvision's detector finds; 0 where it finds none."""
    return next((len(v) for key, v in state.items() if key.endswith(KEYPOINT_BIAS)), 0)


def is_hub_reachable(detector: str) -> bool:
    """Whether the detector's pretrained weights are here or can be downloaded; downloads them.

    Raises:
        InputError: No such detector, or what it needs is not installed.
    """
    kind = detector_named(detector)
    try:
        kind.hub_state()
    except (OSError, *UNREADABLE):
        return False
    return True


def _hub_state(kind: Detector, detector: str) -> State:
    try:
        return kind.hub_state()
    except (OSError, *UNREADABLE) as error:
        # Of a file that was cut off torch sometimes says EINVAL.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise InputError(
                f"--weights hub: can't download the weights of {detector} ({error}); "
                "give a file with --weights PATH, or train from nothing with --weights none"
            ) from error
        raise InputError(
            f"--weights hub: the weights of {detector} that lie in {torch.hub.get_dir()}/checkpoints are damaged; "
            "delete them there, and they are downloaded again"
        ) from error


def read_state(path: Path, kind: Detector) -> State:
    """Tensors by name, from .safetensors or from torch.save of a state dict or of one of our runs.

    Args:
        path: The file, or the folder of a run, or that transformers' ``save_pretrained`` wrote.
        kind: What they are for: those that its makers published are made fit for our network; our runs' are so.

    Raises:
        InputError: The file is missing or holds no weights.
    """
    path = next((path / name for name in IN_FOLDERS if (path / name).is_file()), path)
    if not path.is_file():
        what = f"no {BEST} in the folder" if path.is_dir() else "no file"
        raise InputError(
            f"--weights: {what} '{path}'; expected hub, none, a run's folder, or a .safetensors, .pt or .pth file"
        )
    try:
        plain = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except (OSError, *UNREADABLE) as error:
        raise InputError(
            f"{path}: holds no weights that can be read; expected a state dict as .safetensors or from torch.save"
        ) from error
    state = _state(plain, path)
    if isinstance(kind, PublishedOtherwise) and not plain.keys() >= OF_RUNS:
        return kind.from_published(state)
    return state


def _state(plain: Any, path: Path) -> State:
    for key in ("model", "state_dict"):
        plain = plain[key] if isinstance(plain, dict) and isinstance(plain.get(key), dict) else plain
    if not isinstance(plain, dict) or not all(isinstance(v, torch.Tensor) for v in plain.values()):
        raise InputError(f"{path}: holds no weights; expected a state dict")
    return plain


def load_backbone(made: nn.Module, state: State, *, backbone: str, name: str, detector: str) -> None:
    """Load every tensor of the backbone, and of the rest those that fit (another number of classes does not).

    Raises:
        InputError: The backbone's tensors are not all there in the right shape.
    """
    own = made.state_dict()
    fitting = {key: v for key, v in state.items() if key in own and own[key].shape == v.shape}
    needed = [key for key in own if key.startswith(backbone) and not key.endswith(COUNTER)]
    lacking = [key for key in needed if key not in fitting]
    if lacking:
        raise InputError(
            f"--weights {name}: fits {len(needed) - len(lacking)} of {len(needed)} tensors of {detector}'s backbone "
            f"(lacks {lacking[0].removeprefix(backbone)}); expected weights of the same network"
        )
    made.load_state_dict(fitting, strict=False)
