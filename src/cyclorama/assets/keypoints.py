"""Keypoints of model files, which a file beside each states: ``bottle.keypoints.yaml`` of ``bottle.glb``."""

import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from cyclorama.core.arrays import FloatArray
from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.geometry import transformed
from cyclorama.core.hull import directions
from cyclorama.core.landmarks import Landmarks
from cyclorama.core.model import Model
from cyclorama.core.skeleton import DEFAULT_SIGMA, Skeleton

SUFFIX = ".keypoints.yaml"
# How deep below the surface a point may lie to count as on it, in diameters, where the file doesn't say.
DEPTH_SHARE = 0.01
# Points lie within the model's convex hull, or so far outside of it, in diameters; farther ones are in another unit.
OUTSIDE_SHARE = 0.02
# Directions from which the hull is looked at.
DIRECTIONS = 512

# Of each link at rest: file_from_link, and the index of the joint that moves it.
Links = Mapping[str, tuple[FloatArray, int]]


@dataclass(frozen=True)
class StatedKeypoints:
    """What such a file may state, lengths and axes as the model's file has them.

    Attributes:
        points: Name -> [x, y, z]; of a robot {link: NAME, at: [x, y, z]}, in the link's own frame.
        bones: Pairs of names that are joined by a line when drawn.
        mirrored: Pairs of names that are each other's mirror images; left out, those that differ by left and right.
        sigmas: Name -> standard deviation of OKS, relative to the square root of the object's area; else .05.
        depth: How deep below the surface, along the line of sight, a point may lie that counts as on it; left out, a
            hundredth of the model's diameter.
    """

    points: Mapping[str, Any]
    bones: Sequence[Sequence[str]] = ()
    mirrored: Sequence[Sequence[str]] | None = None
    sigmas: Mapping[str, float] = field(default_factory=dict)
    depth: float | None = None


def keypoints_file(model_file: Path) -> Path | None:
    """The file that states a model's keypoints; None where there is none."""
    beside = model_file.with_suffix(SUFFIX)
    return beside if beside.is_file() else None


def landmarks_of(file: Path, model: Model, turn: FloatArray, links: Links) -> Landmarks:
    """What a file states of a model.

    Args:
        file: Of the keypoints.
        model: As it was read, in metres.
        turn: (3, 3) that took the file's points to the model's frame, scale included.
        links: Of a robot; empty of any other model.

    Raises:
        InputError: It is no such file, or a point is nowhere near the model.
    """
    stated = _read(file)
    placed = [_place(file, name, value, links) for name, value in stated.points.items()]
    points_m = np.array([point for point, _ in placed]) @ turn.T
    for name, outside in zip(stated.points, _diameters_outside(points_m, model), strict=True):
        if outside > OUTSIDE_SHARE:
            raise InputError(
                f"{file}: points.{name}: lies {outside:.3g} diameters outside of the model; "
                "expected a place in or on it, in the model file's own unit and axes"
            )
    scale = float(np.cbrt(np.linalg.det(turn)))
    depth_m = 2 * DEPTH_SHARE * model.radius_m if stated.depth is None else scale * stated.depth
    return Landmarks(_skeleton(file, stated), points_m, depth_m, np.array([mover for _, mover in placed]))


def _diameters_outside(points_m: FloatArray, model: Model) -> FloatArray:
    """(N,) how far (N, 3) points lie outside of a model's convex hull, in its diameters; negative inside."""
    looked = directions(DIRECTIONS).T
    beyond_m = points_m @ looked - (model.hull_m @ looked).max(axis=0)
    return np.asarray(beyond_m.max(axis=1) / (2 * model.radius_m))


def _read(file: Path) -> StatedKeypoints:
    try:
        plain = yaml.safe_load(file.read_text("utf-8"))
    # No text, a date that is none, a number of thousands of digits: ValueErrors.
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{file}: is not YAML ({' '.join(str(error).split())})") from error
    known = StatedKeypoints.__dataclass_fields__
    if not isinstance(plain, dict) or not isinstance(plain.get("points"), dict) or not plain["points"]:
        raise InputError(f"{file}: states no points; expected 'points:' with a line 'NAME: [x, y, z]' for each")
    for key in plain:
        if key not in known:
            raise InputError(f"{file}: no key '{key}'.{did_you_mean(str(key), known)}")
    stated = StatedKeypoints(**{key: value for key, value in plain.items() if value is not None})
    _check(file, stated)
    return stated


def _check(file: Path, stated: StatedKeypoints) -> None:
    for key, pairs in (("bones", stated.bones), ("mirrored", () if stated.mirrored is None else stated.mirrored)):
        if not isinstance(pairs, list | tuple):
            raise InputError(f"{file}: {key}: expected a list of pairs of names")
        for pair in pairs:
            is_pair = isinstance(pair, list) and len(pair) == 2 and all(isinstance(name, Hashable) for name in pair)
            if not is_pair or pair[0] == pair[1]:
                raise InputError(f"{file}: {key}: {pair!r}: expected a pair of names")
            _check_names(file, key, pair, stated)
    if not isinstance(stated.sigmas, dict):
        raise InputError(f"{file}: sigmas: expected NAME: number for the points whose sigma isn't {DEFAULT_SIGMA:g}")
    _check_names(file, "sigmas", list(stated.sigmas), stated)
    for key, value in [*((f"sigmas.{name}", sigma) for name, sigma in stated.sigmas.items()), ("depth", stated.depth)]:
        if value is not None and not (_is_number(value) and value >= 0):
            raise InputError(f"{file}: {key}: {value!r}: expected a number that is not negative")


def _check_names(file: Path, key: str, names: Sequence[str], stated: StatedKeypoints) -> None:
    for name in names:
        if name not in stated.points:
            raise InputError(f"{file}: {key}: no point '{name}'.{did_you_mean(str(name), map(str, stated.points))}")


def _place(file: Path, name: str, value: Any, links: Links) -> tuple[FloatArray, int]:
    """(3,) place in the model file's frame, and the index of the joint that moves it."""
    where = f"{file}: points.{name}"
    if not links:
        return _triple(where, value, "[x, y, z]"), -1
    if not isinstance(value, dict) or set(value) != {"link", "at"}:
        raise InputError(f"{where}: {value!r}: expected {{link: NAME, at: [x, y, z]}}, since the model has links")
    if not isinstance(value["link"], str) or value["link"] not in links:
        raise InputError(f"{where}: no link '{value['link']}'.{did_you_mean(str(value['link']), links)}")
    file_from_link, mover = links[value["link"]]
    return transformed(file_from_link, _triple(where, value["at"], "at: [x, y, z]")[None])[0], mover


def _triple(where: str, value: Any, expected: str) -> FloatArray:
    if not isinstance(value, list) or len(value) != 3 or not all(_is_number(n) for n in value):
        raise InputError(f"{where}: {value!r}: expected {expected}, three numbers")
    return np.array(value, float)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _skeleton(file: Path, stated: StatedKeypoints) -> Skeleton:
    names = tuple(str(name) for name in stated.points)
    place = {name: i for i, name in enumerate(stated.points)}
    counterpart = list(range(len(names)))
    for first, second in stated.mirrored or ():
        counterpart[place[first]], counterpart[place[second]] = place[second], place[first]
    try:
        return Skeleton(
            names,
            bones=tuple((place[first], place[second]) for first, second in stated.bones),
            mirrored=() if stated.mirrored is None else tuple(counterpart),
            sigmas=tuple(float(stated.sigmas.get(name, DEFAULT_SIGMA)) for name in stated.points),
        )
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
