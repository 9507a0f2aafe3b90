"""Weights & Biases; ``WANDB_MODE=offline`` writes into the run's folder, and ``wandb sync`` sends it later."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from cyclorama.detect.trackers._like_wandb import LikeWandb


class Wandb(LikeWandb):
    """Needs an account, or to be offline."""

    module = "wandb"

    def options(self, run: Path) -> dict[str, Any]:
        """The same id for the same folder, so that a run that goes on is one there, too."""
        id = sha256(str(run.resolve()).encode()).hexdigest()[:12]
        return {"id": id, "resume": "allow", "dir": str(run)}
