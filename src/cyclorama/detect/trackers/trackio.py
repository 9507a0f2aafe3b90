"""Trackio: on the own machine, without an account; ``trackio show`` opens it."""

from pathlib import Path
from typing import Any

from cyclorama.detect.trackers._like_wandb import LikeWandb


class Trackio(LikeWandb):
    """Writes into the user's cache."""

    module = "trackio"

    def options(self, run: Path) -> dict[str, Any]:
        """A run of the same name goes on."""
        del run
        return {"resume": "allow"}
