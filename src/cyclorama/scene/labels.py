"""Which materials of a model are labels."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.model import Material, Model


def label_materials(model: Model, parts: Sequence[str]) -> tuple[int, ...]:
    """Indices of the materials that one of ``parts`` names; without parts, of those that have a texture.

    Args:
        model: Without texture coordinates it has no labels; liquid in it is none.
        parts: Names of materials or of their textures, or patterns; capitals make no difference.
    """
    if model.uv is None:
        return ()
    found = [(i, material) for i, material in enumerate(model.materials) if not material.keeps]
    if not parts:
        return tuple(i for i, material in found if material.base_color_texture in model.textures)
    return tuple(i for i, material in found if any(_is_named(material, part) for part in parts))


def check_labels(models: Sequence[Model], parts: Sequence[str]) -> None:
    """See that it is clear what the models' labels are, and that there is one.

    Raises:
        InputError: A part names nothing, no model has a label, or one has several textures and no part says which.
    """
    for part in parts:
        if not any(label_materials(model, [part]) for model in models):
            names = [name for model in models for material in model.materials for name in _names(material)]
            raise InputError(
                f"no material with texture coordinates is named '{part}'; the targets have: {_listed(models)}."
                f"{did_you_mean(part, names)}"
            )
    if parts:
        return
    for model in models:
        textures = {model.materials[i].base_color_texture for i in label_materials(model, ())}
        if len(textures) > 1:
            raise InputError(
                f"'{model.name}' has {len(textures)} textures; name the materials that are labels: {_listed([model])}"
            )
    if not any(label_materials(model, ()) for model in models):
        raise InputError(f"no target has a texture; name the materials that are labels: {_listed(models)}")


def _names(material: Material) -> list[str]:
    return [name for name in (material.name, material.base_color_texture) if name]


def _is_named(material: Material, part: str) -> bool:
    return any(fnmatchcase(name.lower(), part.lower()) for name in _names(material))


def _listed(models: Sequence[Model]) -> str:
    return ", ".join(dict.fromkeys(m.name for model in models for m in model.materials))
