"""Names for what scenes use, by content."""

from pathlib import Path

from cyclorama.assets import builtin
from cyclorama.assets.cache import IMPORTER_VERSION, content_hash, read_model, write_model
from cyclorama.assets.images import load_environment, load_image
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
        return _builtin_resource("model", str(source), builtin.MODELS + builtin.SHAPES + builtin.SURFACES)
    if up not in ("auto", "y", "z"):
        raise InputError(f"up '{up}': expected auto, y or z")
    metres_per(unit)
    path = existing_model_file(Path(source)).resolve()
    images = [Path(texture)] if texture not in (None, "none") else [p for p in [texture_beside(path)] if p]
    digest = content_hash([path, *referenced_files(path), *images], IMPORTER_VERSION, unit, up, str(texture == "none"))
    options = {"unit": unit, "up": up, **({"texture": texture} if texture else {})}
    resource = Resource(f"{path.stem}-{digest}", "model", str(path), tuple(sorted(options.items())))
    if read_model(resource.id) is None:
        write_model(load_model(path, resource.id, unit=unit, up=up, texture=texture))
    return resource


def image_resource(source: str | Path) -> Resource:
    """A photograph or texture; its file is decoded once to see that it can be.

    Raises:
        InputError: It is missing or damaged.
    """
    if str(source).startswith(BUILTIN):
        return _builtin_resource("image", str(source), builtin.TEXTURES)
    path = Path(source).resolve()
    load_image(path)
    return Resource(f"{path.stem}-{content_hash([path])}", "image", str(path))


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
