"""What a recipe varies, by names under which it can be switched off: the single influences of an ablation."""

import json
from typing import Any

from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.scene.distributions import Distribution, plain
from cyclorama.scene.fields import Section
from cyclorama.scene.recipe import Recipe

# Name -> keys, and what they say when there is nothing of it. A recipe's own key can be named as well: see ``without``.
INFLUENCES: dict[str, dict[str, Any]] = {
    "light.color": {"lamps.color": 0, "lamps.temperature_k": None, "environment.tint": 0, "sensor.white_balance": 0},
    "light.lamps": {"lamps.count": 0},
    "light.gobos": {"lamps.gobos": 0, "lamps.sun_gobos": 0},
    "light.strength": {"environment.strength": 1, "sensor.exposure_ev": 0},
    "light.sky": {"environment.sky": 0},
    "light.photo": {"environment.from_photo": 0},
    "camera.lens": {"camera.distortion": None, "camera.fisheye": None, "camera.f_number": None},
    "camera.focal_length": {"camera.focal_length_mm": 35, "camera.fov_deg": None},
    "camera.roll": {"camera.roll_deg": 0},
    "camera.motion": {"camera.speed_m_s": None, "camera.turn_deg_s": None, "camera.rolling_shutter_ms": None},
    "geometry": {"geometry.probability": 0, "geometry.distractors": 0},
    "material": {
        "material.hue_shift_deg": 0, "material.saturation": 1, "material.value": 1, "material.probability": 0,
        "material.texture_probability": 0, "material.family_probability": 0, "material.wear": 0,
        "material.wear_edges": 0, "material.label_probability": 0, "material.decal_count": 0,
    },
    "distractors": {"distractors.count": 0},
    "distractors.texture": {
        "distractors.textured": 0, "distractors.family_probability": 0, "distractors.wear": 0,
        "distractors.wear_edges": 0, "distractors.cards": 0, "distractors.hue_shift_deg": 0,
    },
    "distractors.hard_negatives": {"distractors.hard_negative_share": 0, "distractors.of_targets": 0},
    "ground.texture": {
        "ground.color_probability": 1, "ground.photo_probability": 0, "ground.family_probability": 0, "ground.wear": 0,
        "ground.wear_edges": 0,
    },
    "backdrop": {"backdrop.environment": 0, "backdrop.color": 1, "backdrop.photo": 0},
    "empty": {"empty_share": 0},
    "sensor.blur": {
        "sensor.blur_sigma_px": 0, "sensor.chromatic_aberration_px": None, "sensor.sharpening": None,
        "sensor.resolution": None,
    },
    "sensor.noise": {
        "sensor.noise_sigma": 0, "sensor.white_e": None, "sensor.read_noise_e": 2, "sensor.bayer": 0,
        "sensor.flicker": None,
    },
    "sensor.compression": {"sensor.jpeg_quality": None, "sensor.webp_quality": None},
    "sensor.shade": {"sensor.vignetting": None, "sensor.infrared": 0},
}  # fmt: skip
SENSOR = ("sensor.blur", "sensor.noise", "sensor.compression", "sensor.shade")
INFLUENCES["sensor"] = {key: value for name in SENSOR for key, value in INFLUENCES[name].items()}
# Of the sections that they are in, keys that say what with or how much of it, and vary nothing by themselves.
NO_INFLUENCE = {
    "camera.sensor_width_mm", "camera.k", "camera.path", "camera.stereo", "environment.maps", "lamps.kinds",
    "objects.orientation", "material.families", "material.textures", "material.labels", "material.decals",
    "material.label_parts", "distractors.families", "distractors.models",
    "distractors.unit", "distractors.textures", "distractors.own_material", "distractors.hard_negatives",
    "distractors.photos", "ground.families", "ground.textures", "ground.photos", "ground.size_m", "backdrop.photos",
    "geometry.liquids",
    "sensor.exposure",
}  # fmt: skip


def without(recipe: Recipe, name: str) -> tuple[str, ...]:
    """Changes to a recipe, as on the command line, that switch one influence off.

    Args:
        recipe: What is changed.
        name: One of INFLUENCES, or the path of a key that is one of theirs, a number ("camera.elevation_deg": it is
            fixed at the median of what may be drawn) or may be left out (it is).

    Raises:
        InputError: There is nothing of that name, or nothing to switch off.
    """
    wanted = INFLUENCES.get(name) or {name: _neutral(recipe, name)}
    changed = {key: value for key, value in wanted.items() if plain(recipe.at(key)) != value}
    if not changed:
        raise InputError(f"--without {name}: nothing of it varies in the recipe")
    return tuple(f"{key}={json.dumps(value)}" for key, value in changed.items())


def _neutral(recipe: Recipe, path: str) -> Any:
    """What a key says when nothing varies by it."""
    for influence in INFLUENCES.values():
        if path in influence:
            return influence[path]
    *sections, key = path.split(".")
    section = recipe.at(".".join(sections)) if sections else recipe
    field = type(section).model_fields.get(key) if isinstance(section, Section) else None
    if field is None:
        raise InputError(
            f"--without {path}: no such influence or key.{did_you_mean(path, [*INFLUENCES, *keys(recipe)])}"
        )
    value = getattr(section, key)
    if isinstance(value, Distribution):
        return value.median
    if field.default is None and path not in NO_INFLUENCE:
        return None
    raise InputError(
        f"--without {path}: varies nothing by itself; expected one of {', '.join(INFLUENCES)}, or a number"
    )


def keys(recipe: Recipe) -> list[str]:
    """Paths of all keys in the recipe's sections."""
    return [
        f"{name}.{key}"
        for name in type(recipe).model_fields
        if isinstance(section := getattr(recipe, name), Section)
        for key in type(section).model_fields
    ]
