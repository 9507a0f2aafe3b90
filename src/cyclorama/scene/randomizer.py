"""What every randomizer can do."""

from typing import Any, Protocol

from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.gathered import Assets


class Randomizer(Protocol):
    """Decides one part of a scene by chance; a file of ``scene/randomizers`` holds one. Pure: same in, same out.

    Its class ``Options`` is the recipe's section of the same name: what may vary, within which limits.
    """

    Options: Any

    @staticmethod
    def apply(scene: Scene, options: Any, assets: Assets, dice: Dice) -> Scene:
        """The scene with this part decided."""
