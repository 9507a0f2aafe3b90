"""The verb: a recipe becomes a dataset."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cyclorama
from cyclorama.assets.convex import convex_parts, quick_parts
from cyclorama.core.errors import InputError, no_room
from cyclorama.core.plugins import plugin
from cyclorama.core.render import RenderSettings
from cyclorama.dataset.lock import only_writer
from cyclorama.dataset.store import HEADER, Header, Store
from cyclorama.generate.events import Done, Event, Failed, Preparing, Started
from cyclorama.generate.executor import Job
from cyclorama.scene import Assets, Recipe, gather
from cyclorama.scene.keypoints import skeletons, unlabelled
from cyclorama.scene.randomizers.render import RenderOptions

EXECUTORS = "cyclorama.generate.executors"
IMAGE_TIMEOUT_S = 1800.0


@dataclass(frozen=True)
class Summary:
    """How it went.

    Attributes:
        done: Images made now.
        skipped: Images that were there before.
        beyond: Images that were there before and that nobody asked for; they stay.
        failed: Images that could not be made.
        seconds: Wall time.
    """

    done: int
    skipped: int
    beyond: int
    failed: int
    seconds: float


def generate(
    recipe: Recipe,
    out: Path,
    *,
    count: int,
    first: int = 0,
    seed: int = 0,
    workers: int = 1,
    settings: RenderSettings | None = None,
    executor: str = "local",
    image_timeout_s: float = IMAGE_TIMEOUT_S,
    on_event: Callable[[Event], None] = lambda _: None,
) -> Summary:
    """Make images ``first`` .. count - 1 of a recipe; those that are there are kept.

    Args:
        recipe: What may vary.
        out: The dataset's folder.
        count: Images in the finished dataset.
        first: Those before it are left out.
        seed: Another seed, another dataset.
        workers: Processes.
        settings: Engine and quality; by default the recipe's. The engine may be "auto", as in a recipe.
        executor: Name of a file in ``generate/executors``.
        image_timeout_s: A worker that is longer over one image hangs, and is replaced.
        on_event: Is told what happens, in the calling thread.

    Raises:
        InputError: Recipe, assets or folder can't be used, or another process is writing in the folder.
    """
    start = time.monotonic()
    if workers < 1 or seed < 0:
        raise InputError(f"{workers} workers, seed {seed}: expected at least 1 worker and a seed that is not negative")
    if not image_timeout_s > 0:
        raise InputError(f"a limit of {image_timeout_s:g} s per image: expected more than 0")
    if settings:  # What decides the pictures is part of the recipe, and so of the dataset's fingerprint.
        render = _changed(recipe.render, settings)
        recipe, settings = recipe.model_copy(update={"render": render}), replace(settings, engine=render.engine)
    settings = settings or recipe.render.settings()
    make = plugin(EXECUTORS, executor)
    assets = gather(recipe)
    for damaged in assets.damaged:
        on_event(Preparing(f"left out: {damaged}"))
    for told in unlabelled(recipe, assets.library, assets.targets):
        on_event(Preparing(told))
    store = Store.create(out, _header(recipe, assets, seed, settings), recipe_yaml=recipe.to_yaml())
    before = store.done()
    there, beyond = before & set(range(first, count)), sum(index >= count for index in before)
    on_event(Started(count - first, len(there)))
    tally = _Tally(store, on_event)
    missing = [i for i in range(first, count) if i not in there]
    if missing:
        job = Job(str(out), recipe.model_dump(mode="json"), assets.to_plain(), asdict(settings), seed)
        _prepare(recipe, assets, on_event)
        try:
            with only_writer(out / HEADER):
                pool = make(workers=min(workers, len(missing)), image_timeout_s=image_timeout_s)
                tally.begin()
                pool.run(job, missing, tally.count)
        except OSError as error:
            if sentence := no_room(error, out):
                raise InputError(sentence) from error
            raise
    return Summary(tally.done, len(there), beyond, tally.failed, time.monotonic() - start)


def _prepare(recipe: Recipe, assets: Assets, on_event: Callable[[Event], None]) -> None:
    """Do what each worker would else begin with, all at once: targets' convex pieces."""
    if not recipe.layout.uses_physics:
        return
    for id in assets.targets:
        model = assets.library.model(id)
        if not quick_parts(model):
            on_event(Preparing(f"taking {model.name} apart into convex pieces, which is kept"))
            convex_parts(model)


class _Tally:
    """Counts what is done and what failed, passes it on, and keeps the store's note of failures true."""

    def __init__(self, store: Store, on_event: Callable[[Event], None]) -> None:
        self._store, self._tell_user = store, on_event
        self._failures = store.failures()
        self.done, self.failed = 0, 0

    def begin(self) -> None:
        """Drop what was noted of images that are there by now: a killed run can't."""
        self._store.write_failures(self._failures)

    def count(self, event: Event) -> None:
        if isinstance(event, Done):
            self.done += 1
            if self._failures.pop(event.index, None) is not None:
                self._store.write_failures(self._failures)
        if isinstance(event, Failed) and event.final:
            self.failed += 1
            self._failures[event.index] = event.reason
            self._store.write_failures(self._failures)
        self._tell_user(event)


def _changed(render: RenderOptions, settings: RenderSettings) -> RenderOptions:
    named = {k: v for k, v in asdict(settings).items() if k in RenderOptions.model_fields}
    return RenderOptions.model_validate({**render.model_dump(), **named})


def _header(recipe: Recipe, assets: Assets, seed: int, settings: RenderSettings) -> Header:
    provenance = {"recipe": recipe.name, "engine": settings.engine, "quality": settings.quality}
    return Header(
        categories=recipe.categories,
        fingerprint=recipe.fingerprint(assets.ids()),
        seed=seed,
        image_format=recipe.image.format,
        labels=tuple(recipe.labels),
        maps=tuple(recipe.maps),
        provenance={**provenance, "cyclorama": cyclorama.__version__, "kind": "synthetic"},
        resources=assets.library.to_plain(),
        skeletons=skeletons(recipe, assets.library, assets.targets),
    )
