"""A dataset without objects, or without those of a category, is told before the first step."""

import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation
from cyclorama.detect.training.contents import categories_never_shown
from cyclorama.label.objects.box import Box
from noise import noise_dataset, noise_sample

BOX = {Box: Box(0, 0, 20, 20)}


def test_categories_that_no_image_shows_are_named_in_their_order():
    data = noise_dataset(noise_sample(1), noise_sample(2, annotations=(Annotation("c0", 1, BOX, ignored="crowd"),)))
    never = categories_never_shown(data, range(2))
    assert "c1" not in never
    assert never == tuple(c for c in data.categories if c != "c1")
    assert "c0" in never


def test_of_those_that_are_not_trained_on_nothing_is_said():
    data = noise_dataset(noise_sample(0), noise_sample(1))
    assert "c1" in categories_never_shown(data, [0])


@pytest.mark.parametrize(
    ("annotations", "why"),
    [
        ((), ""),
        ((Annotation("c0", 1, BOX, ignored="visible 3 %"),), r" \(visible 3 %, most of them\)"),
        ((Annotation("c0", 1),), r" \(no box, most of them\)"),
    ],
)
def test_a_dataset_with_nothing_to_be_found_is_refused_with_what_hides_it(annotations, why):
    data = noise_dataset(noise_sample(0, annotations=annotations))
    with pytest.raises(InputError, match=f"none of its 1 images shows an object to be found{why}; look at the labels"):
        categories_never_shown(data, [0])
