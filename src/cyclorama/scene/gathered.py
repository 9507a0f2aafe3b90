"""Everything that a recipe's scenes can show, by the part that it plays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cyclorama.assets.library import FileLibrary

# The built-in model that every ground is, and every card that only keeps light away.
GROUND = "plane"
# Raise it when the same recipe, seed and number give another scene: how things fall, how shapes are deformed.
SCENES_VERSION = 1


@dataclass(frozen=True, eq=False)
class Assets:
    """Resource ids, named by content.

    Attributes:
        library: Loads them.
        targets: One model for each of the recipe's targets.
        files: What each key of the recipe that names files stands for, e.g. "ground.textures".
        fixtures: Built-in models that layouts need, by name.
        damaged: What is wrong with each file that was left out.
    """

    library: FileLibrary
    targets: tuple[str, ...]
    files: Mapping[str, tuple[str, ...]]
    fixtures: Mapping[str, str]
    damaged: tuple[str, ...] = ()

    def ids(self) -> list[str]:
        """All resource ids by part, in order: what makes two recipes' assets the same."""
        parts = {"targets": self.targets, **self.files, "fixtures": tuple(self.fixtures.values())}
        return [f"scenes:{SCENES_VERSION}", *(f"{part}:{id}" for part, ids in parts.items() for id in ids)]

    def to_plain(self) -> dict[str, Any]:
        """JSON-able, for another process."""
        return {
            "library": self.library.to_plain(),
            "targets": list(self.targets),
            "files": {key: list(ids) for key, ids in self.files.items()},
            "fixtures": dict(self.fixtures),
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Assets":
        """The assets that ``to_plain`` wrote."""
        return cls(
            FileLibrary.from_plain(plain["library"]),
            tuple(plain["targets"]),
            {key: tuple(ids) for key, ids in plain["files"].items()},
            plain["fixtures"],
        )
