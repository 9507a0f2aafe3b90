"""cyclorama init: a commented recipe for the user's model."""

import os
import shlex
from pathlib import Path

import typer

from cyclorama.cli.outputs import output_file
from cyclorama.core.errors import InputError


def init(
    name: str = typer.Argument(help="Name of the recipe and, unless renamed in it, of the object's category."),
    model: str = typer.Option(..., "--model", "-m", help="3D model: .obj .ply .stl .glb .gltf .fbx .usd .blend .urdf"),
    unit: str = typer.Option("m", help="Unit of the model's numbers: m, cm, mm, in, ft."),
    force: bool = typer.Option(False, help="Overwrite an existing recipe."),
) -> None:
    """Write a commented recipe NAME.yaml for a 3D model.

    Example: `cyclorama init cup --model cup.ply --unit mm`
    """
    from cyclorama.assets.doctor import inspect_model
    from cyclorama.assets.library import FileLibrary
    from cyclorama.assets.resources import model_resource
    from cyclorama.dataset.files import write_bytes
    from cyclorama.scene.template import recipe_template

    path = Path(f"{name.removesuffix('.yaml')}.yaml")
    if path.exists() and not force:
        raise InputError(f"'{path}' exists; choose another name or add --force to overwrite it")
    resource = model_resource(model, unit=unit)
    loaded = FileLibrary([resource]).model(resource.id)
    text = recipe_template(path.stem, _as_seen_from(path.parent, model), loaded, unit)
    write_bytes(output_file(path), text.encode())
    print(f"wrote {path}")
    for warning in inspect_model(resource).warnings:
        print(f"look again: {warning}")
    print(f"next: cyclorama preview {shlex.quote(str(path))}")


def _as_seen_from(folder: Path, model: str) -> str:
    """Paths in a recipe are relative to the recipe's file."""
    if model.startswith("builtin:") or Path(model).is_absolute():
        return model
    return Path(os.path.relpath(model, folder)).as_posix()
