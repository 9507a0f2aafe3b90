"""How to render, as opposed to what."""

from dataclasses import dataclass

# Each file of this folder holds an engine.
ENGINES = "cyclorama.render.engines"
# Where a recipe mixes engines, a scene's draws say under this name which one is to render it.
DRAWN_ENGINE = "render.engine"


@dataclass(frozen=True)
class RenderSettings:
    """Choices that change the picture's quality and the time it takes, never the labels.

    Attributes:
        engine: Name of a file in ``render/engines``.
        quality: "draft", "fair", "good" or "best".
        samples: Paths per pixel; None takes the quality's own.
        device: "auto", "cpu", "cuda", "optix", "hip", "metal" or "oneapi".
        threads: CPU threads; 0 is all.
    """

    engine: str = "cycles"
    quality: str = "good"
    samples: int | None = None
    device: str = "auto"
    threads: int = 0
