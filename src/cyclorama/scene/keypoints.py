"""Which keypoints each category has: those of its models, which have to be the same."""

from collections.abc import Mapping

from cyclorama.assets.library import FileLibrary
from cyclorama.assets.resources import has_keypoints
from cyclorama.core.errors import InputError
from cyclorama.core.skeleton import Skeleton
from cyclorama.scene.recipe import Recipe

LABEL = "keypoints"


def skeletons(recipe: Recipe, library: FileLibrary, targets: tuple[str, ...]) -> dict[str, Skeleton]:
    """By category, of those with a model that has keypoints; none if the recipe leaves the label out.

    A model without any is one whose keypoints aren't labelled.

    Args:
        recipe: Gives the targets' categories.
        library: Holds their models.
        targets: Id of the model of each of the recipe's targets.

    Raises:
        InputError: Two models of one category have different ones.
    """
    found: dict[str, Skeleton] = {}
    models: dict[str, str] = {}
    for target, id in zip(recipe.targets, targets, strict=True):
        marks = library.model(id).landmarks if LABEL in recipe.labels and has_keypoints(library.resource(id)) else None
        if marks is None:
            continue
        first, model = (
            found.setdefault(target.category, marks.skeleton),
            models.setdefault(target.category, target.model),
        )
        if first != marks.skeleton:
            raise InputError(
                f"'{target.model}' and '{model}', both of category '{target.category}', have keypoints that differ in "
                f"{_difference(first, marks.skeleton)}; make them the same, or leave '{LABEL}' out of 'labels'"
            )
    return found


def unlabelled(recipe: Recipe, library: FileLibrary, targets: tuple[str, ...]) -> list[str]:
    """A sentence for each model without keypoints whose category has some; see ``skeletons``."""
    marked = skeletons(recipe, library, targets)
    return [
        f"'{target.model}' has no keypoints, which others of category '{target.category}' have"
        for target, id in zip(recipe.targets, targets, strict=True)
        if target.category in marked and not has_keypoints(library.resource(id))
    ]


def _difference(first: Skeleton, second: Skeleton) -> str:
    said: Mapping[str, str] = {"names": "names or order", "bones": "bones", "mirrored": "mirrored pairs"}
    return next((text for name, text in said.items() if getattr(first, name) != getattr(second, name)), "sigmas")
