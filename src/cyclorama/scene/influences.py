"""What a recipe varies, by names under which it can be switched off: the single influences of an ablation."""

from typing import Any

import yaml

from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.scene.distributions import Distribution
from cyclorama.scene.fields import Section
from cyclorama.scene.recipe import Recipe

# Name -> changes that leave nothing of it. A recipe's own key can be named as well: see ``without``.
INFLUENCES = {
    "light.color": ("lamps.color=0", "environment.tint=0", "sensor.white_balance=0"),
    "light.lamps": ("lamps.count=0",),
    "light.strength": ("environment.strength=1", "sensor.exposure_ev=0"),
    "camera.lens": ("camera.distortion=null", "camera.f_number=null"),
    "camera.focal_length": ("camera.focal_length_mm=35", "camera.fov_deg=null"),
    "camera.roll": ("camera.roll_deg=0",),
    "material": ("material.hue_shift_deg=0", "material.probability=0", "material.texture_probability=0"),
    "distractors": ("distractors.count=0",),
    "distractors.texture": ("distractors.textured=0",),
    "ground.texture": ("ground.color_probability=1", "ground.photo_probability=0"),
    "backdrop": ("backdrop.environment=0", "backdrop.color=1", "backdrop.photo=0"),
    "empty": ("empty_share=0",),
    "sensor.blur": ("sensor.blur_sigma_px=0",),
    "sensor.noise": ("sensor.noise_sigma=0",),
    "sensor.compression": ("sensor.jpeg_quality=null",),
    "sensor": ("sensor.blur_sigma_px=0", "sensor.noise_sigma=0", "sensor.jpeg_quality=null"),
}


def without(recipe: Recipe, name: str) -> tuple[str, ...]:
    """Changes to a recipe, as on the command line, that switch one influence off.

    Args:
        recipe: What is changed.
        name: One of INFLUENCES, or the path of a key that is a number ("camera.elevation_deg": it is fixed at the
            median of what may be drawn), a share (it becomes 0) or may be left out (it is).

    Raises:
        InputError: There is nothing of that name, or nothing to switch off.
    """
    if name in INFLUENCES:
        changes = INFLUENCES[name]
    else:
        changes = (f"{name}={yaml.safe_dump(_neutral(recipe, name), default_flow_style=True).split(chr(10))[0]}",)
    if all(_is_so(recipe, change) for change in changes):
        raise InputError(f"--without {name}: the recipe has nothing of it ({', '.join(changes)} already)")
    return changes


def _neutral(recipe: Recipe, path: str) -> Any:
    """What a key says when nothing varies by it."""
    *sections, key = path.split(".")
    at: Any = recipe
    for section in sections:
        at = getattr(at, section, None)
    field = type(at).model_fields.get(key) if isinstance(at, Section) else None
    if field is None:
        known = [*INFLUENCES, *keys(recipe)]
        raise InputError(f"--without {path}: no such influence or key.{did_you_mean(path, known)}")
    value = getattr(at, key)
    if isinstance(value, Distribution):
        return value.median
    if isinstance(value, float):
        return 0.0
    if field.default is None:
        return None
    raise InputError(f"--without {path}: is no number; expected one of {', '.join(INFLUENCES)}, or a key that is")


def keys(recipe: Recipe) -> list[str]:
    """Paths of all keys in the recipe's sections."""
    return [
        f"{name}.{key}"
        for name in type(recipe).model_fields
        if isinstance(section := getattr(recipe, name), Section)
        for key in type(section).model_fields
    ]


def _is_so(recipe: Recipe, change: str) -> bool:
    path, _, text = change.partition("=")
    at: Any = recipe
    for key in path.split("."):
        at = getattr(at, key, None)
    plain = at.to_plain() if isinstance(at, Distribution) else at
    return bool(plain == yaml.safe_load(text))
