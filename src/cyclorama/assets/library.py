"""Loads what scenes name."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cyclorama.assets import builtin
from cyclorama.assets.cache import read_model
from cyclorama.assets.images import load_environment, load_image
from cyclorama.assets.latest import Latest, one_at_a_time
from cyclorama.assets.meshes import load_model
from cyclorama.assets.resources import BUILTIN
from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.library import Resource
from cyclorama.core.model import Model
from cyclorama.core.plain import from_plain, to_plain

# Of photographs, and of environment maps, in each process: seven of 24 megapixels, or five maps of 4096 x 2048.
MOST_BYTES = 512 * 2**20


class FileLibrary:
    """Resources in files and built-in ones; reads each when it is first asked for and keeps the latest.

    Threads may share one.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: Mapping[str, Resource] = {r.id: r for r in resources}
        self.model = one_at_a_time(lru_cache(256)(self._load_model))
        self.image = one_at_a_time(Latest(self._load_image, most_bytes=MOST_BYTES))
        self.environment = one_at_a_time(Latest(self._load_environment, most_bytes=MOST_BYTES))

    def to_plain(self) -> list[dict[str, Any]]:
        """JSON-able, for another process."""
        return [to_plain(r) for r in self.resources.values()]

    @classmethod
    def from_plain(cls, plain: Iterable[dict[str, Any]]) -> "FileLibrary":
        """The library that ``to_plain`` wrote."""
        return cls(from_plain(Resource, r) for r in plain)

    def _load_model(self, id: str) -> Model:
        resource = self.resources[id]
        if resource.source.startswith(BUILTIN):
            return builtin.model(resource.source.removeprefix(BUILTIN), id)
        options = dict(resource.options)
        return read_model(id) or load_model(
            Path(resource.source), id, unit=options["unit"], up=options["up"], texture=options.get("texture")
        )

    def _load_image(self, id: str) -> ByteArray:
        source = self.resources[id].source
        if source.startswith(BUILTIN):
            return builtin.texture(source.removeprefix(BUILTIN))
        return load_image(Path(source))

    def _load_environment(self, id: str) -> FloatArray:
        source = self.resources[id].source
        if source.startswith(BUILTIN):
            return builtin.environment(source.removeprefix(BUILTIN))
        return load_environment(Path(source))
