"""What each statistic is called, and which key of a recipe moves it."""

from dataclasses import dataclass

import numpy as np

from cyclorama.detect.judging.gap.effects import Effect

# Of Cliff's delta: less is no shift, and the difference one of spread.
LEAST_SHIFT = 0.15
WIDER = 1.25


@dataclass(frozen=True)
class Statistic:
    """For people.

    Attributes:
        title: With its unit.
        subject: What differs, as the beginning of a sentence.
        more: What it is where the number is larger.
        less: What it is where the number is smaller.
        raise_: What to do so that renders have more of it.
        lower: What to do so that they have less.
        keys: Of the recipe, whose range decides the spread.
    """

    title: str
    subject: str
    more: str
    less: str
    raise_: str
    lower: str
    keys: str


STATISTICS = {
    "size": Statistic(
        "size of objects, share of the picture's side", "Objects are", "larger", "smaller",
        "bring the camera nearer: lower `camera.distance_m`, or a longer `camera.focal_length_mm`",
        "take the camera farther away: raise `camera.distance_m`, or a shorter `camera.focal_length_mm`",
        "`camera.distance_m`",
    ),
    "count": Statistic(
        "objects on an image", "Images have", "more objects", "fewer objects",
        "raise `layout.count`", "lower `layout.count`, or raise `empty_share`", "`layout.count`",
    ),
    "across": Statistic(
        "objects' place from left to right", "Objects are", "farther right", "farther left",
        "move what the camera looks at: `camera.look_at_jitter_m`",
        "move what the camera looks at: `camera.look_at_jitter_m`", "`camera.look_at_jitter_m`, `layout.max_crop`",
    ),
    "down": Statistic(
        "objects' place from top to bottom", "Objects are", "lower in the picture", "higher in the picture",
        "change `camera.elevation_deg` and `camera.look_at_jitter_m`",
        "change `camera.elevation_deg` and `camera.look_at_jitter_m`", "`camera.look_at_jitter_m`, `layout.max_crop`",
    ),
    "aspect": Statistic(
        "boxes' shape, doublings of width over height", "Boxes are", "wider", "taller",
        "change `objects.orientation`, `camera.roll_deg` or `camera.elevation_deg`",
        "change `objects.orientation`, `camera.roll_deg` or `camera.elevation_deg`",
        "`camera.roll_deg`, `camera.elevation_deg`",
    ),
    "overlap": Statistic(
        "share of a box under another's", "Boxes overlap", "more", "less",
        "raise `layout.max_overlap` and `layout.count`", "lower `layout.max_overlap` or `layout.count`",
        "`layout.max_overlap`",
    ),
    "visible": Statistic(
        "visible share of objects", "Objects are seen", "more fully", "less fully",
        "lower `layout.max_overlap` or `distractors.count`", "raise `layout.max_overlap` or `distractors.count`",
        "`layout.max_overlap`",
    ),
    "brightness": Statistic(
        "brightness, CIELAB L", "Images are", "brighter", "darker",
        "raise `sensor.exposure_ev`", "lower `sensor.exposure_ev`", "`sensor.exposure_ev`",
    ),
    "contrast": Statistic(
        "contrast, deviation of L", "Images have", "more contrast", "less contrast",
        "harder light: smaller `lamps.size_m`, higher `lamps.power_w`, lower `environment.strength`",
        "softer light: larger `lamps.size_m`, higher `environment.strength`", "`lamps.power_w`, `environment.strength`",
    ),
    "saturation": Statistic(
        "saturation, CIELAB chroma", "Images are", "more colourful", "less colourful",
        "raise `material.saturation`, use more colourful `ground.textures` and `backdrop.photos`",
        "lower `material.saturation`, `environment.tint` and `lamps.color`; a lower `ground.color_probability`",
        "`environment.tint`, `lamps.color`",
    ),
    "red_cast": Statistic(
        "cast from green to red, mean of CIELAB a", "Images are", "redder", "greener",
        "raise `sensor.white_balance`", "raise `sensor.white_balance`", "`sensor.white_balance`, `lamps.color`",
    ),
    "yellow_cast": Statistic(
        "cast from blue to yellow, mean of CIELAB b", "Images are", "yellower", "bluer",
        "lower `lamps.temperature_k`, warmer `environment.maps`",
        "raise `lamps.temperature_k`, cooler `environment.maps`",
        "`sensor.white_balance`, `lamps.temperature_k`",
    ),
    "sharpness": Statistic(
        "sharpness, log of edges over contrast", "Images are", "sharper", "softer",
        "lower `sensor.blur_sigma_px`, or set `sensor.sharpening`",
        "raise `sensor.blur_sigma_px`, or set `sensor.resolution` or `camera.f_number`", "`sensor.blur_sigma_px`",
    ),
    "noise": Statistic(
        "noise, levels of 255", "Images are", "noisier", "less noisy",
        "raise `sensor.noise_sigma`, or set `sensor.white_e`", "lower `sensor.noise_sigma`", "`sensor.noise_sigma`",
    ),
}  # fmt: skip


def sentence(effect: Effect) -> str:
    """How photographs differ from renders in one statistic, and what to change in the recipe."""
    known = STATISTICS[effect.name]
    medians = f"median {np.median(effect.photographs):.3g} against {np.median(effect.renders):.3g} on renders"
    if effect.interval[0] <= 0:
        return f"{known.title}: the difference may be chance ({medians})."
    if abs(effect.shift) >= LEAST_SHIFT:
        how, what = (known.more, known.raise_) if effect.shift > 0 else (known.less, known.lower)
        return f"{known.subject} {how} on photographs ({medians}): {what}."
    if effect.spread > WIDER:
        return f"{known.title}: varies more on photographs ({medians}): widen the range of {known.keys}."
    if effect.spread < 1 / WIDER:
        return f"{known.title}: varies less on photographs ({medians}): narrow the range of {known.keys}."
    return f"{known.title}: distributed otherwise ({medians}): change the distribution of {known.keys}."
