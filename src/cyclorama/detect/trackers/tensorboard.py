"""TensorBoard: event files in the run's folder; ``tensorboard --logdir runs`` shows them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclorama.core.arrays import ByteArray

FOLDER = "tensorboard"


class Tensorboard:
    """Writes beside the checkpoints."""

    module = "tensorboard"

    def __init__(self, run: Path, settings: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(run / FOLDER))
        self._writer.add_text("settings", "\n".join(f"    {key}: {value}" for key, value in settings.items()))

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """As scalars."""
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def show(self, step: int, pictures: Mapping[str, ByteArray]) -> None:
        """As images."""
        for name, picture in pictures.items():
            self._writer.add_image(name, picture, step, dataformats="HWC")

    def end(self) -> None:
        """Closes the file."""
        self._writer.close()
