"""What things rest on."""

from dataclasses import replace

from cyclorama.core.scene import Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe


class Ground:
    """The ground's colour, texture or photograph."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:
        """The scene with its ground's surface decided."""
        changed = (
            replace(i, surface=_surface(recipe, assets, dice)) if i.layer == "ground" else i for i in scene.instances
        )
        return replace(scene, instances=tuple(changed))


def _surface(recipe: Recipe, assets: Assets, dice: Dice) -> Surface:
    section = recipe.ground
    roughness = dice.draw("roughness", section.roughness)
    if dice.happens("plain", section.color_probability):
        return Surface(base_color=dice.color("color"), roughness=roughness, metallic=0.0)
    photo = bool(assets.ground_photos) and dice.happens("photo", section.photo_probability)
    image = dice.pick("texture", assets.ground_photos if photo else assets.ground_textures)
    # The ground is a square of one metre, scaled; a surface's lengths are those before the scale.
    tile = dice.draw("texture_size_m", section.texture_size_m) / section.size_m
    return Surface(texture=image, texture_scale_m=tile, roughness=roughness, metallic=0.0)
