"""What is seen where nothing is."""

from dataclasses import replace

import numpy as np
from pydantic import Field, model_validator

from cyclorama.core.lights import photo_of_light
from cyclorama.core.scene import Backdrop as SceneBackdrop
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.fields import Photos, Section, builtin_files
from cyclorama.scene.gathered import Assets

KINDS = ("environment", "color", "photo")


class BackdropOptions(Section):
    """What is seen where nothing is: the environment, a colour or a photograph, in these shares.

    Where none of the three is given, some layouts have one backdrop only: photo its photograph, hdri its environment.

    Attributes:
        environment: Weight of the environment itself.
        color: Weight of one plain colour.
        photo: Weight of a photograph.
        photos: Pictures without targets.
    """

    environment: float = Field(default=1.0, ge=0)
    color: float = Field(default=1.0, ge=0)
    photo: float = Field(default=1.0, ge=0)
    photos: Photos = builtin_files()

    @model_validator(mode="after")
    def _some(self) -> "BackdropOptions":
        if self.environment + self.color + self.photo == 0:
            raise ValueError("environment, color and photo are all 0; one must be more")
        return self


class Backdrop:
    """The environment itself, a colour, or part of a photograph."""

    @staticmethod
    def apply(scene: Scene, options: BackdropOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with a backdrop."""
        shares = np.cumsum([options.environment, options.color, options.photo])
        kind = KINDS[int(np.searchsorted(shares, dice.rng.random() * shares[-1], side="right"))]
        lighting = photo_of_light(scene.environment.map or "")
        kind = kind if lighting is None else "photo"
        dice.draws["backdrop.kind"] = kind
        if kind == "color":
            r, g, b = (float(v) for v in dice.rng.random(3))
            return replace(scene, backdrop=SceneBackdrop("color", color=(r, g, b)))
        if kind == "environment":
            return replace(scene, backdrop=SceneBackdrop("environment"))
        id = lighting or dice.pick("photo", assets.files["backdrop.photos"])
        rows, columns = assets.library.image(id).shape[:2]
        crop = _crop(columns / rows, scene.camera.width / scene.camera.height, dice.rng)
        mirrored = bool(dice.rng.random() < 0.5) and lighting is None
        return replace(scene, backdrop=SceneBackdrop("photo", photo=id, crop_xyxy=crop, mirrored=mirrored))


def _crop(photo_aspect: float, image_aspect: float, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """A part of the photograph of the image's shape, at least half as large as fits, anywhere."""
    size = rng.uniform(0.5, 1.0)
    width, height = size * min(1, image_aspect / photo_aspect), size * min(1, photo_aspect / image_aspect)
    x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return float(x), float(y), float(x + width), float(y + height)
