"""Liquids that vessels are filled with."""

from cyclorama.core.model import Material


def _liquid(name: str, red: float, green: float, blue: float, transmission: float, roughness: float = 0.0) -> Material:
    return Material(name, (red, green, blue, 1.0), roughness=roughness, transmission=transmission, ior=1.33, keeps=True)


# Colours are linear; of what is clear that of light that crosses the surface once.
LIQUIDS = {
    liquid.name: liquid
    for liquid in (
        _liquid("water", 1.0, 1.0, 1.0, transmission=1.0),
        _liquid("coffee", 0.02, 0.008, 0.004, transmission=0.0, roughness=0.03),
        _liquid("tea", 0.55, 0.17, 0.02, transmission=0.9),
        _liquid("cola", 0.06, 0.018, 0.008, transmission=0.6),
        _liquid("juice", 0.75, 0.29, 0.02, transmission=0.15, roughness=0.05),
        _liquid("milk", 0.87, 0.84, 0.76, transmission=0.0, roughness=0.08),
        _liquid("wine", 0.3, 0.012, 0.03, transmission=0.85),
        _liquid("oil", 0.85, 0.6, 0.08, transmission=0.95),
    )
}
