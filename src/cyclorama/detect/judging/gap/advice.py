"""What each statistic is called, and which key of a recipe moves it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.detect.judging.gap.effects import Effect

# Of Cliff's delta: less is no shift, and the difference one of spread.
LEAST_SHIFT = 0.15
WIDER = 1.25
PERCENT = ".0%"


@dataclass(frozen=True)
class Statistic:
    """For people.

    Attributes:
        name: What it is.
        measure: What its figures say, with their unit.
        subject: What differs, as the beginning of a sentence.
        more: What it is where the number is larger.
        less: What it is where the number is smaller.
        raise_: What to do so that renders have more of it.
        lower: What to do so that they have less.
        keys: Of the recipe, whose range decides the spread.
        form: Of its figures.
        told: Its figures of its values.
    """

    name: str
    measure: str
    subject: str
    more: str
    less: str
    raise_: str
    lower: str
    keys: str
    form: str = ".3g"
    told: Callable[[FloatArray], FloatArray] = np.asarray

    @property
    def title(self) -> str:
        """With its measure."""
        return f"{self.name} ({self.measure})"

    def median(self, values: FloatArray) -> float:
        """As it is told."""
        return float(self.told(np.array(np.median(values))))

    def written_median(self, values: FloatArray) -> str:
        """With as many digits as say something."""
        return f"{self.median(values):{self.form}}"


def _edges_over_contrast(values: FloatArray) -> FloatArray:
    """Their deviations, of the logarithm of their variances."""
    return np.power(10, values / 2)


STATISTICS = {
    "size": Statistic(
        "size of objects", "share of the picture's side", "Objects are", "larger", "smaller",
        "bring the camera nearer: lower `camera.distance_m`, or a longer `camera.focal_length_mm`",
        "take the camera farther away: raise `camera.distance_m`, or a shorter `camera.focal_length_mm`",
        "`camera.distance_m`",
        PERCENT,
    ),
    "count": Statistic(
        "objects on an image", "number of objects", "Images have", "more objects", "fewer objects",
        "raise `layout.count`", "lower `layout.count`, or raise `empty_share`", "`layout.count`",
    ),
    "across": Statistic(
        "objects' place", "from the left, share of the width", "Objects are", "farther right", "farther left",
        "move what the camera looks at: `camera.look_at_jitter_m`",
        "move what the camera looks at: `camera.look_at_jitter_m`", "`camera.look_at_jitter_m`, `layout.max_crop`",
        PERCENT,
    ),
    "down": Statistic(
        "objects' place", "from the top, share of the height",
        "Objects are", "lower in the picture", "higher in the picture",
        "change `camera.elevation_deg` and `camera.look_at_jitter_m`",
        "change `camera.elevation_deg` and `camera.look_at_jitter_m`", "`camera.look_at_jitter_m`, `layout.max_crop`",
        PERCENT,
    ),
    "aspect": Statistic(
        "boxes' shape", "width over height", "Boxes are", "wider", "taller",
        "change `objects.orientation`, `camera.roll_deg` or `camera.elevation_deg`",
        "change `objects.orientation`, `camera.roll_deg` or `camera.elevation_deg`",
        "`camera.roll_deg`, `camera.elevation_deg`",
        ".2f", np.exp2,
    ),
    "overlap": Statistic(
        "overlap of boxes", "share under another's", "Boxes overlap", "more", "less",
        "raise `layout.max_overlap` and `layout.count`", "lower `layout.max_overlap` or `layout.count`",
        "`layout.max_overlap`",
        PERCENT,
    ),
    "visible": Statistic(
        "visibility of objects", "share that is seen", "Objects are seen", "more fully", "less fully",
        "lower `layout.max_overlap` or `distractors.count`", "raise `layout.max_overlap` or `distractors.count`",
        "`layout.max_overlap`",
        PERCENT,
    ),
    "brightness": Statistic(
        "brightness", "0 black, 100 white: CIELAB L", "Images are", "brighter", "darker",
        "raise `sensor.exposure_ev`", "lower `sensor.exposure_ev`", "`sensor.exposure_ev`",
        ".0f",
    ),
    "contrast": Statistic(
        "contrast", "deviation of brightness, which is 0 to 100", "Images have", "more contrast", "less contrast",
        "harder light: smaller `lamps.size_m`, higher `lamps.power_w`, lower `environment.strength`",
        "softer light: larger `lamps.size_m`, higher `environment.strength`", "`lamps.power_w`, `environment.strength`",
    ),
    "saturation": Statistic(
        "saturation", "0 grey, over 50 vivid: CIELAB chroma", "Images are", "more colourful", "less colourful",
        "raise `material.saturation`, use more colourful `ground.textures` and `backdrop.photos`",
        "lower `material.saturation`, `environment.tint` and `lamps.color`; a lower `ground.color_probability`",
        "`environment.tint`, `lamps.color`",
    ),
    "red_cast": Statistic(
        "cast from green to red", "0 neutral, below green, above red: CIELAB a", "Images are", "redder", "greener",
        "raise `sensor.white_balance`", "raise `sensor.white_balance`", "`sensor.white_balance`, `lamps.color`",
        ".1f",
    ),
    "yellow_cast": Statistic(
        "cast from blue to yellow", "0 neutral, below blue, above yellow: CIELAB b", "Images are", "yellower", "bluer",
        "lower `lamps.temperature_k`, warmer `environment.maps`",
        "raise `lamps.temperature_k`, cooler `environment.maps`",
        "`sensor.white_balance`, `lamps.temperature_k`",
        ".1f",
    ),
    "sharpness": Statistic(
        "sharpness", "edges over contrast", "Images are", "sharper", "softer",
        "lower `sensor.blur_sigma_px`, or set `sensor.sharpening`",
        "raise `sensor.blur_sigma_px`, or set `sensor.resolution` or `camera.f_number`", "`sensor.blur_sigma_px`",
        ".2g", _edges_over_contrast,
    ),
    "noise": Statistic(
        "noise", "levels of 255", "Images are", "noisier", "less noisy",
        "raise `sensor.noise_sigma`, or set `sensor.white_e`", "lower `sensor.noise_sigma`", "`sensor.noise_sigma`",
        ".2g",
    ),
}  # fmt: skip


def sentence(effect: Effect) -> str:
    """How photographs differ from renders in one statistic, and what to change in the recipe."""
    known = STATISTICS[effect.name]
    mine, theirs = (known.written_median(values) for values in (effect.photographs, effect.renders))
    figures = f"{known.measure}: median {mine} against {theirs} on renders"
    if effect.interval[0] <= 0:
        return f"{known.name}: the difference may be chance ({figures})."
    if abs(effect.shift) >= LEAST_SHIFT:
        how, what = (known.more, known.raise_) if effect.shift > 0 else (known.less, known.lower)
        return f"{known.subject} {how} on photographs ({figures}): {what}."
    if effect.spread > WIDER:
        return f"{known.name}: varies more on photographs ({figures}): widen the range of {known.keys}."
    if effect.spread < 1 / WIDER:
        return f"{known.name}: varies less on photographs ({figures}): narrow the range of {known.keys}."
    return f"{known.name}: distributed otherwise ({figures}): change the distribution of {known.keys}."
