"""Colours that are told apart."""

import colorsys

Color = tuple[int, int, int]
# Golden ratio: neighbouring numbers get far hues.
HUE_STEP = 0.61803398875


def color_of(number: int) -> Color:
    """A bright colour for a class or an instance; neighbours differ much."""
    red, green, blue = colorsys.hsv_to_rgb((0.02 + number * HUE_STEP) % 1, 0.85, 1.0)
    return round(red * 255), round(green * 255), round(blue * 255)
