"""cyclorama init: a commented recipe for the user's model."""

from pathlib import Path

import typer

from cyclorama.core.errors import InputError


def init(
    name: str = typer.Argument(help="Name of the recipe and, unless renamed in it, of the object's category."),
    model: str = typer.Option(..., "--model", "-m", help="3D model: .obj .ply .stl .glb .gltf .fbx .usd .blend"),
    unit: str = typer.Option("m", help="Unit of the model's numbers: m, cm, mm, in, ft."),
    force: bool = typer.Option(False, help="Overwrite an existing recipe."),
) -> None:
    """Write a commented recipe NAME.yaml for a 3D model.

    Example: `cyclorama init cup --model cup.ply --unit mm`
    """
    from cyclorama.assets.library import FileLibrary
    from cyclorama.assets.resources import model_resource
    from cyclorama.scene.template import recipe_template

    path = Path(f"{name}.yaml")
    if path.exists() and not force:
        raise InputError(f"'{path}' exists; choose another name or add --force to overwrite it")
    resource = model_resource(model, unit=unit)
    loaded = FileLibrary([resource]).model(resource.id)
    path.write_text(recipe_template(path.stem, model, loaded, unit), encoding="utf-8")
    print(f"wrote {path}")
    print(f"next: cyclorama generate {path} -n 20 -o data/{path.stem}")
