"""Pictures of one material that belong together: colour, normals, roughness, metallic."""

import re
from collections.abc import Iterable
from pathlib import Path

from cyclorama.assets import builtin
from cyclorama.assets.images import load_image
from cyclorama.assets.resources import BUILTIN
from cyclorama.core.arrays import ByteArray
from cyclorama.core.library import Resource
from cyclorama.core.pictures import IMAGE_SUFFIXES
from cyclorama.core.scene import Surface

# What ambientCG, Poly Haven and others call each map; normals that run down (DirectX) are left out.
KINDS = {
    "color": "color|col|diff|diffuse|albedo|base_?color",
    "normal": "normal_?gl|nor_gl|normal|nrm|nor",
    "roughness": "roughness|rough",
    "metallic": "metalness|metallic|metal",
}
NAMED = {
    kind: re.compile(rf"(?P<name>.+?)[_-](?:{words})(?P<rest>(?:[_-]\d+k)?(?:[_-](?:jpg|png))?)", re.IGNORECASE)
    for kind, words in KINDS.items()
}


def material_sets(folder: Path) -> list[dict[str, Path]]:
    """Files by kind of map of all sets below a folder, sorted; each has a "color" and at least one more.

    A set are files of one folder that are named alike but for the map: "Wood051_1K-JPG_Color.jpg" and
    "Wood051_1K-JPG_NormalGL.jpg", or "oak_veneer_diff_1k.jpg" and "oak_veneer_rough_1k.jpg".
    """
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith("."))
    found: dict[tuple[Path, str], dict[str, Path]] = {}
    for file in (f for f in files if f.is_file()):
        for kind, name in _kinds(file.stem):
            found.setdefault((file.parent, name), {}).setdefault(kind, file)
    return [maps for maps in found.values() if "color" in maps and len(maps) > 1]


def _kinds(stem: str) -> Iterable[tuple[str, str]]:
    """Which map a file's name says that it is, and of which set."""
    for kind, pattern in NAMED.items():
        if named := pattern.fullmatch(stem):
            yield kind, named["name"] + named["rest"].lower()


def surface_of(resource: Resource) -> Surface:
    """The surface that a material makes; in the size of what it shows, or with tiles of 1 m where that isn't known."""
    id, name = resource.id, resource.source.removeprefix(BUILTIN)
    if name == resource.source:
        maps = {f"{kind}_map": map_id(id, kind) for kind, _ in resource.options}
        plain = {f: v for f, v in (("roughness", 0.5), ("metallic", 0.0)) if f"{f}_map" not in maps}
        return Surface(texture=id, tile_m=(1.0, 1.0, 1.0), transmission=0.0, **plain, **maps)  # type: ignore[arg-type]
    family = builtin.FAMILIES[name.rpartition("-")[0]]
    maps = {f"{kind}_map": map_id(id, kind) for kind in ("normal", "roughness")}
    tile_m = (family.tile_m,) * 3
    return Surface(texture=id, tile_m=tile_m, transmission=0.0, metallic=family.metallic, **maps)  # type: ignore[arg-type]


def map_id(id: str, kind: str) -> str:
    """Image id of a map of the material with that id; its colour has the material's own."""
    return f"{id}/{kind}"


def map_of(resource: Resource, kind: str) -> ByteArray:
    """(H, W, 3) uint8 of a material's map of that kind."""
    if resource.source.startswith(BUILTIN):
        return builtin.material_map(resource.source.removeprefix(BUILTIN), kind)
    return load_image(Path({"color": resource.source, **dict(resource.options)}[kind]))
