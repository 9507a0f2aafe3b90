"""One stream of chance for each part of a scene, so that adding a part moves no other."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np

from cyclorama.scene.distributions import Distribution

RGB = tuple[float, float, float]


class Dice:
    """Draws numbers and keeps a record of them."""

    def __init__(self, seed: int, index: int, part: str, attempt: int = 0) -> None:
        again = (attempt,) if attempt else ()
        self.rng = np.random.default_rng((seed, index, crc32(part.encode()), *again))
        self.draws: dict[str, Any] = {}
        self._part = part

    def draw(self, name: str, distribution: Distribution) -> float:
        """A number, recorded under the part's and its own name; drawn again it becomes a list."""
        return self._record(name, distribution.draw(self.rng))

    def count(self, name: str, distribution: Distribution) -> int:
        """A whole number."""
        return int(self.draw(name, distribution))

    def happens(self, name: str, probability: float) -> bool:
        """True with this probability."""
        return bool(self._record(name, bool(self.rng.random() < probability)))

    def pick(self, name: str, options: tuple[str, ...]) -> str:
        """One of some names, all alike."""
        return str(self._record(name, options[int(self.rng.integers(len(options)))]))

    def pick_weighted(self, name: str, weights: Mapping[Any, float]) -> str:
        """One of some names, with chances in proportion to their weights."""
        chances = np.array(list(weights.values()))
        return str(self._record(name, list(weights)[int(self.rng.choice(len(weights), p=chances / chances.sum()))]))

    def tint(self, name: str, strength: Distribution) -> RGB:
        """A colour whose channels are lowered by up to the strength drawn."""
        r, g, b = (float(v) for v in 1 - strength.draw(self.rng) * self.rng.random(3))
        self._record(name, {"rgb": [r, g, b]})
        return r, g, b

    def color(self, name: str) -> RGB:
        """Any linear colour, uniform in sRGB."""
        r, g, b = (float(v) for v in self.rng.uniform(0.02, 0.95, 3) ** 2.2)
        self._record(name, {"rgb": [r, g, b]})
        return r, g, b

    def _record(self, name: str, value: Any) -> Any:
        key = f"{self._part}.{name}"
        if key not in self.draws:
            self.draws[key] = value
        elif isinstance(self.draws[key], list):
            self.draws[key].append(value)
        else:
            self.draws[key] = [self.draws[key], value]
        return value
