"""What is valid is named, and series of names in short."""

from cyclorama.core.errors import did_you_mean


def test_the_nearest_name_is_named():
    assert did_you_mean("mgu", ["mug", *(f"part-{i}" for i in range(100))]) == " Did you mean 'mug'?"
    assert did_you_mean("part_7", [f"part-{i}" for i in range(100)]) == " Did you mean 'part-7'?"


def test_series_of_names_are_told_by_their_first_and_last():
    letters = [f"letter-{c}" for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    names = ["mug", *letters, *(f"assembly-{i}" for i in range(100)), "die", "wood-1", "wood-2"]
    assert did_you_mean("nothing", names) == (
        " Expected one of: assembly-0 ... assembly-99, die, letter-0 ... letter-Z, mug, wood-1, wood-2."
    )


def test_where_nothing_is_valid_nothing_is_named():
    assert did_you_mean("nothing", []) == ""
