"""Our side of the benchmark, in a process of its own: ``python throughput_ours.py JOB.json``."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cyclorama.core.frame import Frame
from cyclorama.core.plugins import plugin
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Scene
from cyclorama.dataset.store import Header, Store
from cyclorama.generate import generate
from cyclorama.generate.events import Done, Event, Failed
from cyclorama.label.annotate import annotate
from cyclorama.render.develop import develop
from cyclorama.render.geometry import Caster
from cyclorama.scene import Recipe, gather, sample_scene
from throughput_clock import Marks
from throughput_scenes import SEED, scenes_of

ENGINES = "cyclorama.render.engines"
TINY_PX = 16


def generate_images(job: dict[str, Any], marks: Marks) -> None:
    """A dataset as users make it; a mark for every image on disk."""

    def on_event(event: Event) -> None:
        if isinstance(event, Done):
            marks.mark("image")
        if isinstance(event, Failed):
            raise SystemExit(f"image {event.index}: {event.reason}")

    generate(
        Recipe.model_validate(job["recipe"]),
        Path(job["out"]),
        count=job["count"],
        seed=SEED,
        workers=job["workers"],
        settings=RenderSettings(**job["settings"]),
        on_event=on_event,
    )


def profile_steps(job: dict[str, Any], marks: Marks) -> None:
    """Each step from recipe to disk in one process, one after the other; a mark with CPU seconds for every image.

    What is needed once is done before the mark "ready".
    """
    recipe = Recipe.model_validate(job["recipe"])
    settings = RenderSettings(**job["settings"])
    assets = gather(recipe)
    store = Store.create(Path(job["out"]), _header(recipe), recipe_yaml=recipe.to_yaml())
    renderer, caster = plugin(ENGINES, settings.engine)(assets.library, settings), Caster(assets.library)
    first = sample_scene(recipe, assets, seed=SEED, index=0)
    renderer.render(_tiny(first))
    caster.cast(_tiny(first))
    marks.mark("ready")
    for index in range(job["count"]):
        phases: dict[str, float] = {}
        scene = _timed(phases, "sample", lambda i=index: sample_scene(recipe, assets, seed=SEED, index=i))
        light = _timed(phases, "render", lambda s=scene: renderer.render(s))
        geometry = _timed(phases, "cast", lambda s=scene: caster.cast(s))
        picture = _timed(phases, "develop", lambda s=scene, m=light: develop(s, m, assets.library))
        frame = Frame(scene, picture, geometry)
        annotations = _timed(phases, "annotate", lambda f=frame: _annotated(recipe, f))
        _timed(phases, "write", lambda f=frame, a=annotations: store.write(f, a))
        marks.mark("image", phases=phases)


def _annotated(recipe: Recipe, frame: Frame) -> Any:
    flags = recipe.flags
    return annotate(
        frame, labels=recipe.labels, min_visible_fraction=flags.min_visible_fraction, min_size_px=flags.min_size_px
    )


def _timed(phases: dict[str, float], name: str, call: Callable[[], Any]) -> Any:
    begun = time.process_time()
    result = call()
    phases[name] = time.process_time() - begun
    return result


def _header(recipe: Recipe) -> Header:
    return Header(
        recipe.categories,
        "benchmark",
        seed=SEED,
        image_format=recipe.image.format,
        labels=tuple(recipe.labels),
        maps=tuple(recipe.maps),
    )


def render_light(job: dict[str, Any], marks: Marks) -> None:
    """The engine's linear light of each scene as INDEX.npy; what is needed once is done before the first mark."""
    recipe = Recipe.model_validate(job["recipe"])
    settings = RenderSettings(**job["settings"])
    library, scenes = scenes_of(recipe, job["count"])
    renderer = plugin(ENGINES, settings.engine)(library, settings)
    if not job["denoised"]:
        _leave_noise()
    renderer.render(_tiny(scenes[0]))
    marks.mark("ready")
    for scene in scenes:
        np.save(Path(job["out"]) / f"{scene.index}.npy", renderer.render(scene))
        marks.mark("image")


def _leave_noise() -> None:
    """Switch the denoiser off, for references: it would leave its own faults in them."""
    import bpy

    bpy.context.scene.cycles.use_denoising = False


def _tiny(scene: Scene) -> Scene:
    return replace(scene, camera=replace(scene.camera, width=TINY_PX, height=TINY_PX))


WORK = {"generate": generate_images, "profile": profile_steps, "light": render_light}


def main() -> None:
    """Do the job."""
    job = json.loads(Path(sys.argv[1]).read_text())
    WORK[job["work"]](job, Marks(Path(job["marks"])))


if __name__ == "__main__":
    main()
