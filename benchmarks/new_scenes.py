"""Scenes of which nothing was seen before: what the benchmarks of engines render."""

from dataclasses import dataclass, replace
from pathlib import Path

from cyclorama.assets import builtin
from cyclorama.assets.library import FileLibrary
from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.model import Model
from cyclorama.core.scene import Scene
from cyclorama.scene import Recipe, gather, sample_scene

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Fresh:
    """A library that gives the same content under new names, as if it had come from new files.

    Attributes:
        library: Where the content comes from; what is "ID" there is here "ANYTHING/ID".
    """

    library: FileLibrary

    def model(self, id: str) -> Model:
        """The model, named ``id``."""
        return replace(self.library.model(_old(id)), id=id)

    def image(self, id: str) -> ByteArray:
        """The image."""
        return self.library.image(_old(id))

    def environment(self, id: str) -> FloatArray:
        """The environment map."""
        return self.library.environment(_old(id))


def _old(id: str) -> str:
    return id.rpartition("/")[2]


def fresh(scene: Scene, name: str) -> Scene:
    """The scene with models, images and map that are named after it, for a ``Fresh`` library; no two share a model."""

    def named(old: str | None, part: int = 0) -> str | None:
        return old and f"{name}.{part}/{old}"

    instances = tuple(
        replace(i, model=named(i.model, i.id), surface=replace(i.surface, texture=named(i.surface.texture, i.id)))
        for i in scene.instances
    )
    environment = replace(scene.environment, map=named(scene.environment.map))
    return replace(
        scene,
        instances=instances,
        environment=environment,
        backdrop=replace(scene.backdrop, photo=named(scene.backdrop.photo)),
    )


def crowded_recipe(data: Path, width: int, height: int, targets: int = 10, distractors: int = 10) -> Recipe:
    """Things on a table: half built-in targets, half scanned or built-in distractors, with textures and lamps.

    Args:
        data: Folder of models, textures and maps (docs/benchmarks.md); built-in ones serve where it is absent.
        width: Of the picture.
        height: Of the picture.
        targets: In each scene.
        distractors: In each scene.
    """
    return Recipe.model_validate(
        {
            "name": "crowded",
            "targets": [{"model": f"builtin:{name}"} for name in builtin.MODELS],
            "empty_share": 0,
            "image": {"width": width, "height": height},
            "layout": {"kind": "tabletop", "count": targets, "max_overlap": 0.9, "spread_m": 0.25},
            "camera": {"distance_m": {"uniform": [0.5, 0.9]}, "elevation_deg": {"uniform": [25, 70]}},
            "distractors": {"count": distractors, "models": _present(data / "distractors" / "groceries")},
            "ground": {"textures": _present(data / "textures")},
            "environment": {"maps": _present(data / "hdri")},
            "lamps": {"count": 1},
        }
    )


def _present(folder: Path) -> list[str]:
    return [str(folder)] if folder.is_dir() else ["builtin"]


def crowded(data: Path, width: int, height: int, count: int) -> tuple[Fresh, list[Scene]]:
    """A library and ``count`` scenes of twenty things, of which no two share anything but the numbers in files."""
    recipe = crowded_recipe(data, width, height)
    assets = gather(recipe)
    scenes = [sample_scene(recipe, assets, seed=0, index=index) for index in range(count)]
    return Fresh(assets.library), [fresh(scene, str(scene.index)) for scene in scenes]
