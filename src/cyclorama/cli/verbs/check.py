"""cyclorama check: the asset doctor."""

from pathlib import Path

import typer

from cyclorama.cli.outputs import output_picture


def check(
    model: str = typer.Argument(help="3D model, or builtin:NAME."),
    unit: str = typer.Option("m", help="Unit of the model's numbers: m, cm, mm, in, ft."),
    up: str = typer.Option("auto", help="Up axis: auto, y or z."),
    texture: str | None = typer.Option(None, help="Texture for a model that names none, or 'none'."),
    output: Path | None = typer.Option(None, "--output", "-o", help="Picture of four views; default NAME-views.png."),
) -> None:
    """Say what a 3D model is like - size, triangles, textures, up axis, keypoints - and draw four views of it.

    Example: `cyclorama check cup.ply --unit mm`
    """
    from PIL import Image

    from cyclorama.assets.doctor import inspect_model
    from cyclorama.assets.library import FileLibrary
    from cyclorama.assets.resources import model_resource
    from cyclorama.view.model_views import draw_model

    resource = model_resource(model, unit=unit, up=up, texture=texture)
    # Not NAME.png: so scans call the texture beside them.
    picture = output_picture(output or Path(f"{Path(model.removeprefix('builtin:')).stem}-views.png"))
    print(inspect_model(resource).as_text())
    Image.fromarray(draw_model(FileLibrary([resource]).model(resource.id))).save(picture)
    print(f"four views: {picture}")
