"""Loads what scenes name."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from cyclorama.assets import builtin
from cyclorama.assets.cache import read_model, write_model
from cyclorama.assets.deform import deformed
from cyclorama.assets.fill import filled
from cyclorama.assets.images import load_cutout, load_environment, load_image
from cyclorama.assets.latest import Latest, one_at_a_time
from cyclorama.assets.material_sets import map_of
from cyclorama.assets.meshes import load_model
from cyclorama.assets.photo_light import photo_light
from cyclorama.assets.pose import posed
from cyclorama.assets.resources import BUILTIN
from cyclorama.assets.simplify import SIMPLIFIER_VERSION, coarser
from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.articulation import id_and_shares
from cyclorama.core.deformation import id_and_deformation
from cyclorama.core.errors import InputError
from cyclorama.core.filling import id_and_filling
from cyclorama.core.library import Resource, id_and_level, level_id
from cyclorama.core.lights import photo_of_light, sky_of
from cyclorama.core.model import Model
from cyclorama.core.plain import from_plain, to_plain

# Of photographs, and of environment maps, in each process: seven of 24 megapixels, or five maps of 4096 x 2048.
MOST_BYTES = 512 * 2**20
# Of models whose shape is made for a scene, in each process.
MOST_MADE_BYTES = 128 * 2**20
# Levels of models with as many triangles as this are kept on disk: making them takes seconds.
MANY_FACES = 100_000


class FileLibrary:
    """Resources in files and built-in ones; reads each when it is first asked for and keeps the latest.

    Threads may share one.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: Mapping[str, Resource] = {r.id: r for r in resources}
        self._model = lru_cache(256)(self._load_model)
        self._made = Latest(self._make, most_bytes=MOST_MADE_BYTES)
        self.model = one_at_a_time(self._any_model)
        self.image = one_at_a_time(Latest(self._load_image, most_bytes=MOST_BYTES))
        self.environment = one_at_a_time(Latest(self._load_environment, most_bytes=MOST_BYTES))

    def to_plain(self) -> list[dict[str, Any]]:
        """JSON-able, for another process."""
        return [to_plain(r) for r in self.resources.values()]

    @classmethod
    def from_plain(cls, plain: Iterable[dict[str, Any]]) -> "FileLibrary":
        """The library that ``to_plain`` wrote."""
        return cls(from_plain(Resource, r) for r in plain)

    def resource(self, id: str) -> Resource:
        """Where a model comes from, or the one that it is made from or a level of detail of."""
        return self.resources[self._source(id)]

    def _source(self, id: str) -> str:
        """Id of the resource that a model is, or is made from."""
        if id in self.resources:
            return id
        empty, _ = id_and_filling(id_and_level(id)[0])
        return id_and_shares(id_and_deformation(empty)[0])[0]

    def _any_model(self, id: str) -> Model:
        is_made = id not in self.resources and id_and_level(id)[0] != self._source(id)
        return self._made(id) if is_made else self._model(id)

    def _make(self, id: str) -> Model:
        """Of what it was before its last change: in its configuration first, then deformed, then filled."""
        named, level = id_and_level(id)
        empty, filling = id_and_filling(named)
        if filling and not level:
            return filled(self._any_model(empty), filling, id=id)
        before, deformation = id_and_deformation(named)
        if deformation:
            part, whole = self._any_model(level_id(before, level)), self._any_model(before)
            return deformed(part, deformation, id=id, level=level, whole=whole)
        if level:
            return coarser(self._any_model(level_id(named, level - 1)), id=id)
        base, shares = id_and_shares(named)
        return posed(self._model(base), shares, id=id)

    def _load_model(self, id: str) -> Model:
        base, level = id_and_level(id)
        return self._level(base, level) if level else self._read_model(id)

    def _level(self, base: str, level: int) -> Model:
        """From disk where it was made before; made where not, and kept if that took long."""
        whole, id = self._model(base), level_id(base, level)
        if len(whole.faces) < MANY_FACES:
            return coarser(self._model(level_id(base, level - 1)), id=id)
        kept_id = f"{id}-{SIMPLIFIER_VERSION}"
        if kept := read_model(kept_id):
            return replace(kept, id=id, textures=whole.textures)
        made = coarser(self._model(level_id(base, level - 1)), id=id)
        with suppress(InputError):  # No room: it can be made again.
            write_model(replace(made, id=kept_id, textures={}))
        return made

    def _read_model(self, id: str) -> Model:
        resource = self.resources[id]
        if resource.source.startswith(BUILTIN):
            return builtin.model(resource.source.removeprefix(BUILTIN), id)
        options = dict(resource.options)
        return read_model(id) or load_model(
            Path(resource.source), id, unit=options["unit"], up=options["up"], texture=options.get("texture")
        )

    def _load_image(self, id: str) -> ByteArray:
        base, _, kind = id.partition("/")
        resource = self.resources[base]
        name = resource.source.removeprefix(BUILTIN)
        if resource.kind == "decal":
            return load_cutout(Path(name)) if name == resource.source else builtin.decal(name)
        if resource.kind == "material":
            return map_of(resource, kind or "color")
        if name == resource.source:
            return load_image(Path(name))
        return _builtin_image(name)

    def _load_environment(self, id: str) -> FloatArray:
        photo = photo_of_light(id)
        if photo is not None:
            return photo_light(self.image(photo))
        sky = sky_of(id)
        if sky is not None:
            return builtin.sky_light(sky)
        source = self.resources[id].source
        if source.startswith(BUILTIN):
            return builtin.environment(source.removeprefix(BUILTIN))
        return load_environment(Path(source))


def _builtin_image(name: str) -> ByteArray:
    if name in builtin.LABELS:
        return builtin.label(name)
    return builtin.wear_map(name) if name in builtin.WEAR else builtin.texture(name)
