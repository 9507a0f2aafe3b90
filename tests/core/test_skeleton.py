"""What the keypoints of a category are."""

import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.skeleton import DEFAULT_SIGMA, Skeleton


@pytest.mark.parametrize(
    ("names", "mirrored"),
    [
        (("nose", "left_eye", "right_eye"), (0, 2, 1)),
        (("hip.L", "hip.R", "tip"), (1, 0, 2)),
        (("Left Hand", "foot-l", "Right Hand", "foot-r"), (2, 3, 0, 1)),
        (("left_ear", "nose"), (0, 1)),
        (("lid", "rim", "cleft", "cright"), (0, 1, 2, 3)),
    ],
    ids=["words", "letters", "capitals", "no counterpart", "parts of words"],
)
def test_counterparts_are_found_by_names(names, mirrored):
    assert Skeleton(names).mirrored == mirrored


def test_what_is_left_out_has_defaults_and_what_is_given_stays():
    assert Skeleton(("a", "b")).sigmas == (DEFAULT_SIGMA, DEFAULT_SIGMA)
    given = Skeleton(("left_a", "right_a"), ((0, 1),), (0, 1), (0.1, 0.2))
    assert from_plain(Skeleton, to_plain(given)) == given
    assert given.mirrored == (0, 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"names": ()}, "at least one name"),
        ({"names": ("a", "b", "a")}, "'a' is named twice"),
        ({"bones": ((0, 3),)}, r"bone \(0, 3\)"),
        ({"bones": ((1, 1),)}, r"bone \(1, 1\)"),
        ({"mirrored": (1, 2, 0)}, "the counterpart of its counterpart"),
        ({"mirrored": (0, 1)}, "expected 3 positions"),
        ({"mirrored": (0, 1, -1)}, "expected 3 positions"),
        ({"sigmas": (0.1, 0.1)}, "expected 3 positive numbers"),
        ({"sigmas": (0.1, 0.1, 0.0)}, "expected 3 positive numbers"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_makes_no_skeleton_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        Skeleton(**{"names": ("a", "b", "c"), **wrong})
