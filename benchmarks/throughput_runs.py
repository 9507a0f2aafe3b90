"""Runs of either side in processes of their own, and what they cost."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from blenderproc_setup import blenderproc_python
from cyclorama.core.plugins import plugin_names
from cyclorama.dataset.files import write_json
from cyclorama.scene import Recipe
from throughput_scenes import export_scenes

HERE = Path(__file__).resolve().parent
ENGINES = "cyclorama.render.engines"
# From this number of samples on the denoiser of our cycles engine works at its higher quality, as in its presets.
FINE_DENOISING = 16
TINY_PX = 16
# What our cycles engine lets light do, in the names of BlenderProc's function.
OUR_BOUNCES = {
    "diffuse_bounces": 3,
    "glossy_bounces": 4,
    "max_bounces": 10,
    "transmission_bounces": 8,
    "transparent_max_bounces": 16,
}


@dataclass(frozen=True)
class Side:
    """One participant.

    Attributes:
        name: "raster", "cycles-SAMPLES", "cycles-SAMPLES-QUALITY", "blenderproc-SAMPLES", "blenderproc-default", or
            either of the last two with "-bounces": with our cycles engine's bounces in place of BlenderProc's.
        settings: For BlenderProc what differs from its defaults, for ours ``RenderSettings``; "denoised" for both.
    """

    name: str
    is_blenderproc: bool
    settings: dict[str, Any] = field(default_factory=dict)


def side_named(name: str) -> Side:
    """The participant of that name.

    Raises:
        SystemExit: There is none.
    """
    found = re.fullmatch(r"blenderproc-(default|\d+)(-bounces)?", name)
    if found:
        samples = {} if found[1] == "default" else {"samples": int(found[1])}
        return Side(name, True, samples | ({"bounces": OUR_BOUNCES} if found[2] else {}))
    found = re.fullmatch(r"([a-z_]+?)(?:-(\d+))?(?:-(draft|good))?", name)
    if found is None:
        raise SystemExit(f"--only {name}: expected names such as raster, cycles-8, blenderproc-50, blenderproc-default")
    samples = int(found[2]) if found[2] else None
    quality = found[3] or ("good" if (samples or FINE_DENOISING) >= FINE_DENOISING else "draft")
    settings = {"engine": found[1], "quality": quality, "samples": samples, "device": "cpu"}
    # More threads are no use to the rasterizer, which is run by as many workers as there are cores.
    return Side(name, False, settings | ({"threads": 1} if samples is None else {}))


def is_there(side: Side) -> bool:
    """Whether this version of the project has the engine; says so if not."""
    if side.is_blenderproc or side.settings["engine"] in plugin_names(ENGINES):
        return True
    print(f"-- {side.name}: left out, this version has no engine '{side.settings['engine']}'")
    return False


class Ledger:
    """Measurements that are finished, by name; a run that is interrupted goes on from there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}

    def measure(self, name: str, work: Callable[[], Any]) -> Any:
        """What ``work`` gives, or gave before."""
        if name not in self.found:
            print(f"-- {name}", flush=True)
            self.found[name] = work()
            write_json(self._path, self.found)
        return self.found[name]

    def forget(self, part: str) -> None:
        """Measure again whatever has ``part`` between the slashes of its name."""
        self.found = {name: value for name, value in self.found.items() if part not in name.split("/")}


@dataclass(frozen=True)
class Run:
    """What a process said and needed.

    Attributes:
        begun_s: On the machine's monotonic clock, as the marks' ``clock_s``.
        peak_mib: Resident memory of the largest of its processes.
    """

    begun_s: float
    marks: tuple[dict[str, Any], ...]
    peak_mib: float


class Bench:
    """A folder for jobs, logs and what they make."""

    def __init__(self, work: Path) -> None:
        self.work = work
        work.mkdir(parents=True, exist_ok=True)

    def images(self, side: Side, recipe: Recipe, count: int, *, workers: int = 1) -> Run:
        """The recipe's first images with all labels, written to disk."""
        if side.is_blenderproc:
            return self.blenderproc(side, recipe, count, labels=True)
        return self.ours("generate", side, recipe, count, workers=workers)

    def ours(self, work: str, side: Side, recipe: Recipe, count: int, *, workers: int = 1) -> Run:
        """A job of ``throughput_ours``."""
        settings = {name: value for name, value in side.settings.items() if name != "denoised"}
        job = {"work": work, "recipe": recipe.model_dump(mode="json"), "settings": settings}
        job |= {"count": count, "workers": workers, "denoised": side.settings.get("denoised", True)}
        return self._run([sys.executable, HERE / "throughput_ours.py"], job)

    def blenderproc(self, side: Side, recipe: Recipe, count: int, *, labels: bool) -> Run:
        """A job of ``blenderproc_side``; without labels it writes linear light as FRAME.npy."""
        python = blenderproc_python(HERE / "work" / "blenderproc")
        scenes = export_scenes(recipe, count, self.work / "scenes" / recipe.fingerprint([])[:8])
        job = {"scenes": str(scenes), "settings": side.settings, "labels": labels}
        return self._run([python, HERE / "blenderproc_side.py"], {**job, "count": count})

    @property
    def out(self) -> Path:
        """What the latest run made."""
        return self.work / "out"

    def _run(self, program: list[Any], job: dict[str, Any]) -> Run:
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)
        marks, path, log = self.work / "marks.jsonl", self.work / "job.json", self.work / "log.txt"
        path.write_text(json.dumps({**job, "marks": str(marks), "out": str(self.out)}))
        with log.open("w") as output:
            begun_s = time.monotonic()
            process = subprocess.Popen([*program, path], stdout=output, stderr=output)
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.kill()
                process.wait()
                raise
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{program[-1]} ended with {process.returncode}; {log} says why")
        lines = marks.read_text().splitlines()
        return Run(begun_s, tuple(map(json.loads, lines)), usage.ru_maxrss / 1024)


def cost(run: Run, *, workers: int = 1, is_warm: bool = False) -> dict[str, Any]:
    """Seconds per image, between the marks of the first image, or the first of each worker, and the last.

    Where there is one image, or the run was warm when it was ready, the first counts too, from the mark "ready".
    """
    images = [m for m in run.marks if m["name"] == "image"]
    ready = [m for m in run.marks if m["name"] == "ready"]
    before = 0 if is_warm or len(images) <= workers else workers
    first, last = (images[before - 1] if before else ready[0]), images[-1]
    count = len(images) - before
    timed = [m["phases"] for m in images[before:] if "phases" in m]
    return {
        "images": count,
        "cpu_s": (last["cpu_s"] - first["cpu_s"]) / count,
        "wall_s": (last["clock_s"] - first["clock_s"]) / count,
        "peak_mib": run.peak_mib,
        "phases": {name: float(np.mean([t[name] for t in timed])) for name in timed[0]} if timed else {},
    }


def start_cost(bench: Bench, side: Side, recipe: Recipe) -> dict[str, float]:
    """Seconds until the recipe's first scene is on disk as a picture of next to no pixels and samples.

    That is what is paid once: processes, imports, checked models, the first use of everything.
    """
    tiny = recipe.model_copy(update={"image": recipe.image.model_copy(update={"width": TINY_PX, "height": TINY_PX})})
    run = bench.images(replace(side, settings={**side.settings, "samples": 1}), tiny, 1)
    (image,) = (m for m in run.marks if m["name"] == "image")
    return {"start_cpu_s": image["cpu_s"], "start_wall_s": image["clock_s"] - run.begun_s}


def median(records: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure over rounds."""
    found = {key: float(np.median([r[key] for r in records])) for key in records[0] if key != "phases"}
    phases = {k: float(np.median([r["phases"][k] for r in records])) for k in records[0]["phases"]}
    return {**found, "phases": phases, "rounds": len(records)}
