"""Names for what scenes use, by content."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cyclorama.assets import builtin
from cyclorama.assets.cache import IMPORTER_VERSION, content_hash, read_files_used, read_model, write_model
from cyclorama.assets.images import check_image, load_environment
from cyclorama.assets.keypoints import keypoints_file
from cyclorama.assets.meshes import existing_model_file, load_model
from cyclorama.assets.references import referenced_files, texture_beside
from cyclorama.assets.units import metres_per
from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.library import Resource

BUILTIN = "builtin:"


def model_resource(source: str | Path, *, unit: str = "m", up: str = "auto", texture: str | None = None) -> Resource:
    """A 3D model, imported and cached if it is not yet.

    Args:
        source: File, or "builtin:NAME".
        unit: Of the file's numbers: a name or metres.
        up: "auto", "y" or "z".
        texture: Image file for a model that names none; "none" does without. A built-in model takes none of the three.

    Raises:
        InputError: It can't be used; says why.
    """
    if str(source).startswith(BUILTIN):
        if (unit, up, texture) != ("m", "auto", None):
            raise InputError(
                f"{source}: has a size, an up axis and textures of its own; leave out unit, up and texture"
            )
        names = builtin.MODELS + builtin.SHAPES + builtin.SURFACES + builtin.PROCEDURAL
        return _builtin_resource("model", str(source), names)
    if up not in ("auto", "y", "z"):
        raise InputError(f"up '{up}': expected auto, y or z")
    metres_per(unit)
    path = existing_model_file(Path(source)).resolve()
    resource = _model_resource(path, unit, up, texture)
    if read_model(resource.id) is None:
        model = load_model(path, resource.id, unit=unit, up=up, texture=texture)
        resource = _model_resource(
            path, unit, up, texture
        )  # Blender's formats tell only now what else they are made of.
        write_model(replace(model, id=resource.id))
    return resource


def _model_resource(path: Path, unit: str, up: str, texture: str | None) -> Resource:
    """Named by the content of all files that the model is known to be made of."""
    images = [Path(texture)] if texture not in (None, "none") else [p for p in [texture_beside(path)] if p]
    beside = [file for file in [keypoints_file(path)] if file]
    files = [path, *referenced_files(path), *read_files_used(path), *images, *beside]
    digest = content_hash(files, IMPORTER_VERSION, unit, up, str(texture == "none"))
    options = {"unit": unit, "up": up, **({"texture": texture} if texture else {})}
    return Resource(f"{path.stem}-{digest}", "model", str(path), tuple(sorted(options.items())))


def has_keypoints(resource: Resource) -> bool:
    """Whether a model has some, without reading it."""
    name = resource.source.removeprefix(BUILTIN)
    return name in builtin.MARKED if name != resource.source else keypoints_file(Path(name)) is not None


def image_resource(source: str | Path) -> Resource:
    """A photograph or texture; damage that shows only when it is decoded is told when it is loaded.

    Raises:
        InputError: It is missing, no image or known to be damaged.
    """
    if str(source).startswith(BUILTIN):
        return _builtin_resource("image", str(source), builtin.TEXTURES)
    path = Path(source).resolve()
    check_image(path)
    return Resource(f"{path.stem}-{content_hash([path])}", "image", str(path))


def label_resource(source: str | Path) -> Resource:
    """A picture of what a label shows; see ``image_resource``.

    Raises:
        InputError: It is missing, no image or known to be damaged.
    """
    if str(source).startswith(BUILTIN):
        return _builtin_resource("image", str(source), builtin.LABELS)
    return image_resource(source)


def decal_resource(source: str | Path) -> Resource:
    """A picture with alpha.

    Raises:
        InputError: It is missing, no image or known to be damaged.
    """
    if str(source).startswith(BUILTIN):
        return _builtin_resource("decal", str(source), builtin.DECALS)
    found = image_resource(source)
    # The same file may be a texture, too.
    return replace(found, id=f"decal-{found.id}", kind="decal")


def material_resource(maps: Mapping[str, Path]) -> Resource:
    """A material from pictures of its colour, and of its "normal", "roughness" or "metallic".

    Raises:
        InputError: One is missing, no image or known to be damaged.
    """
    paths = {kind: path.resolve() for kind, path in sorted(maps.items())}
    for path in paths.values():
        check_image(path)
    color = paths.pop("color")
    digest = content_hash([color, *paths.values()], *paths)
    return Resource(f"{color.stem}-{digest}", "material", str(color), tuple((k, str(p)) for k, p in paths.items()))


def builtin_material_resources(source: str) -> list[Resource]:
    """One of the built-in materials, or all of a family: "builtin:wood-2" or "builtin:wood".

    Raises:
        InputError: There is none of that name.
    """
    name = source.removeprefix(BUILTIN)
    names = [material for material in builtin.MATERIALS if name in (material, material.rpartition("-")[0])]
    if not names:
        raise InputError(f"no built-in material '{name}'.{did_you_mean(name, (*builtin.FAMILIES, *builtin.MATERIALS))}")
    return [Resource(f"{m}-builtin{builtin.VERSION}", "material", BUILTIN + m) for m in names]


def wear_resources() -> list[Resource]:
    """All built-in maps of wear."""
    return [Resource(f"{name}-wear-builtin{builtin.VERSION}", "image", f"{BUILTIN}{name}") for name in builtin.WEAR]


def environment_resource(source: str | Path) -> Resource:
    """An equirectangular environment map, .hdr or .exr.

    Raises:
        InputError: It is missing, damaged or of another shape.
    """
    if str(source).startswith(BUILTIN):
        return _builtin_resource("environment", str(source), builtin.ENVIRONMENTS)
    path = Path(source).resolve()
    load_environment(path)
    return Resource(f"{path.stem}-{content_hash([path])}", "environment", str(path))


def _builtin_resource(kind: str, source: str, names: tuple[str, ...]) -> Resource:
    name = source.removeprefix(BUILTIN)
    if name not in names:
        raise InputError(f"no built-in {kind} '{name}'.{did_you_mean(name, names)}")
    return Resource(f"{name}-builtin{builtin.VERSION}", kind, source)
