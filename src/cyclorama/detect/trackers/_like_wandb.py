"""Trackers whose interface is that of Weights & Biases."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from cyclorama.core.arrays import ByteArray
from cyclorama.detect.tracker import PROJECT


class LikeWandb:
    """``init``, ``log``, ``Image`` and ``finish`` of a module."""

    module: ClassVar[str]

    def __init__(self, run: Path, settings: Mapping[str, Any]) -> None:
        self._api = import_module(self.module)
        self._api.init(project=PROJECT, name=run.resolve().name, config=dict(settings), **self.options(run))

    def options(self, run: Path) -> dict[str, Any]:
        """Further ones for ``init``."""
        del run
        return {}

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """By the step's number."""
        self._api.log(dict(figures), step=step)

    def show(self, step: int, pictures: Mapping[str, ByteArray]) -> None:
        """As images."""
        self._api.log({name: self._api.Image(picture) for name, picture in pictures.items()}, step=step)

    def end(self) -> None:
        """All is sent, or written."""
        self._api.finish()
