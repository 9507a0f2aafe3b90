"""What the keypoints of a category are, the same in every image of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cyclorama.core.errors import InputError

# Of keypoints whose makers state none.
DEFAULT_SIGMA = 0.05
# Names that differ only by these words are each other's mirror images.
_PAIRS = (("left", "right"), ("Left", "Right"), ("l", "r"), ("L", "R"))
SIDES = {name: other for pair in _PAIRS for name, other in (pair, pair[::-1])}


@dataclass(frozen=True)
class Skeleton:
    """The K keypoints of a category.

    Attributes:
        names: K of them, unique.
        bones: Pairs of positions that are joined by a line when drawn.
        mirrored: (K) position of each one's counterpart in a mirrored picture, its own where it is that itself; left
            out, by names: left_eye is right_eye's.
        sigmas: (K) standard deviations of OKS, relative to the square root of the object's area; left out, .05 each.
    """

    names: tuple[str, ...]
    bones: tuple[tuple[int, int], ...] = ()
    mirrored: tuple[int, ...] = ()
    sigmas: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.names:
            raise InputError("keypoints: there are none; expected at least one name")
        object.__setattr__(self, "mirrored", self.mirrored or mirrored_by_name(self.names))
        object.__setattr__(self, "sigmas", self.sigmas or (DEFAULT_SIGMA,) * len(self.names))
        self._check()

    def _check(self) -> None:
        count, last = len(self.names), len(self.names) - 1
        twice = next((name for name in self.names if self.names.count(name) > 1), None)
        if twice is not None:
            raise InputError(f"keypoints: '{twice}' is named twice; expected names of their own")
        for bone in self.bones:
            if len(set(bone)) != 2 or not set(bone) <= set(range(count)):
                raise InputError(f"keypoints: bone {tuple(bone)}: expected two different positions within 0..{last}")
        there_and_back = [self.mirrored[m] for m in self.mirrored if 0 <= m < len(self.mirrored)]
        if there_and_back != list(range(count)):
            raise InputError(
                f"keypoints: mirrored {list(self.mirrored)}: expected {count} positions within 0..{last}, "
                "each the counterpart of its counterpart"
            )
        if len(self.sigmas) != count or not all(0 < sigma < float("inf") for sigma in self.sigmas):
            raise InputError(f"keypoints: sigmas {list(self.sigmas)}: expected {count} positive numbers")

    def __len__(self) -> int:
        """K."""
        return len(self.names)


def mirrored_by_name(names: Sequence[str]) -> tuple[int, ...]:
    """(K) position of each name's counterpart, which says left where it says right; its own where there is none."""
    places = {name: i for i, name in enumerate(names)}
    return tuple(places.get(_other_side(name), i) for i, name in enumerate(names))


def _other_side(name: str) -> str:
    """The name with sides exchanged, where they are words of their own: "hip.L" is "hip.R"."""
    words = re.findall("[A-Za-z]+|[^A-Za-z]+", name)
    return "".join(SIDES.get(word, word) for word in words)
