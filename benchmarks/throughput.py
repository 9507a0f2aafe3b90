"""Labelled images per second, side by side with BlenderProc: the same models, poses, camera, light and resolution.

    python benchmarks/throughput.py                      # all; about an hour and a half on 2 slow cores
    python benchmarks/throughput.py --quick              # minutes: one small case, one round
    python benchmarks/throughput.py --only cycles-8,blenderproc-50
    python benchmarks/throughput.py --curves             # cost against resolution, objects, triangles, workers
    python benchmarks/throughput.py --again raster       # forget what was measured of it

BlenderProc 2.8.0 and Blender 4.2 come from PyPI into an environment of their own under the work folder;
``blenderproc_side.py`` says how they are made to run. Every side samples or loads scenes, renders, labels, encodes and
writes; what it does once, when it starts, is told apart. Sides take turns in rounds, and medians over the rounds are
given. Prints tables and writes throughput.json into the work folder. Interrupted, the same command goes on.
"""

import argparse
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cyclorama.dataset.files import write_json
from cyclorama.scene import Recipe
from throughput_curves import curves
from throughput_quality import Quality, samples_for
from throughput_runs import Bench, Ledger, Side, cost, is_there, median, side_named, start_cost
from throughput_scenes import bench_recipe, scenes_of

ROOT = Path(__file__).resolve().parents[1]
SIDES = ("raster", "cycles-4", "cycles-8", "cycles-16", "blenderproc-16", "blenderproc-50", "blenderproc-default")
RECIPE_OF_BOP = "blenderproc-50"
# Its 1,024 samples take minutes: once, one image, of the first case.
SLOW = "blenderproc-default"
OURS_IN_QUALITY = (2, 4, 8, 16, 32, 64)
BLENDERPROC_IN_QUALITY = (4, 8, 16, 32, 50)
# Steps of ours that make labels, and BlenderProc's.
LABEL_STEPS, BLENDERPROC_LABEL_STEPS = ("cast", "annotate"), ("segment",)


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        images: Of each run; the first is not counted, for what it needs once.
        quality_px: Edge of the pictures that are compared with a reference.
    """

    cases: dict[str, Recipe]
    sides: tuple[str, ...]
    rounds: int
    images: int
    quality_px: int
    quality_scenes: int
    reference_samples: int


def planned(*, quick: bool) -> Plan:
    """The whole or as little as shows that all is well."""
    if quick:
        small = {"5 objects, 256 px": bench_recipe(objects=5, size_px=256)}
        return Plan(small, ("raster", "cycles-4", "cycles-8", RECIPE_OF_BOP), 1, 3, 128, 1, 256)
    cases = {"5 objects": bench_recipe(objects=5), "30 objects": bench_recipe(objects=30)}
    return Plan(cases, SIDES, 3, 4, 256, 2, 2048)


def throughput(plan: Plan, sides: Sequence[Side], bench: Bench, ledger: Ledger) -> dict[str, Any]:
    """Medians by case and side; the sides take turns."""
    names = [
        (case, side, turn)
        for turn in range(plan.rounds)
        for case in plan.cases
        for side in sides
        if side.name != SLOW or (turn == 0 and case == next(iter(plan.cases)))
    ]
    records: dict[str, dict[str, list[Any]]] = {}
    for case, side, turn in names:
        images = 1 if side.name == SLOW else plan.images
        recipe = plan.cases[case]
        found = ledger.measure(
            f"images/{case}/{side.name}/round {turn}",
            lambda s=side, r=recipe, n=images: cost(bench.images(s, r, n)) | start_cost(bench, s, r),
        )
        records.setdefault(case, {}).setdefault(side.name, []).append(found)
    return {case: {side: median(rounds) for side, rounds in found.items()} for case, found in records.items()}


def profiles(plan: Plan, sides: Sequence[Side], bench: Bench, ledger: Ledger) -> dict[str, Any]:
    """CPU seconds of our steps, by case and side."""
    return {
        case: {
            side.name: ledger.measure(
                f"steps/{case}/{side.name}",
                lambda s=side, r=recipe: cost(bench.ours("profile", s, r, plan.images))["phases"],
            )
            for side in sides
            if not side.is_blenderproc
        }
        for case, recipe in plan.cases.items()
    }


def quality(plan: Plan, sides: Sequence[Side], bench: Bench, ledger: Ledger) -> dict[str, Any]:
    """PSNR and SSIM by side and samples, of the path tracers that take part."""
    recipe = bench_recipe(objects=5, size_px=plan.quality_px)
    compared = Quality(bench, ledger, recipe, plan.quality_scenes, plan.reference_samples)
    found: dict[str, Any] = {}
    if any(s.name.startswith("cycles") for s in sides):
        found["cycles"] = {n: compared.measure(side_named(f"cycles-{n}")) for n in OURS_IN_QUALITY}
    if any(s.is_blenderproc for s in sides):
        found["blenderproc"] = {n: compared.measure(side_named(f"blenderproc-{n}")) for n in BLENDERPROC_IN_QUALITY}
    if len(found) == 2:
        found["agreement"] = compared.agreement()
    return found


def cost_line(found: dict[str, Any], family: str) -> tuple[float, float] | None:
    """CPU seconds without any sample and of each sample, by least squares over the sides of a family."""
    points = [(int(n), f["cpu_s"]) for name, f in found.items() if (n := name.removeprefix(f"{family}-")).isdigit()]
    if len(points) < 2:
        return None
    slope, offset = np.polyfit(*np.transpose(points), 1)
    return float(offset), float(slope)


def images_table(found: dict[str, Any]) -> str:
    """One case: what each side costs."""
    base = found.get(RECIPE_OF_BOP, {}).get("cpu_s")
    heads = ("side", "CPU s an image", "wall s", "images/s", "times the BOP recipe", "start CPU s", "start wall s")
    rows = [
        (
            name,
            f"{f['cpu_s']:.2f}",
            f"{f['wall_s']:.2f}",
            f"{1 / f['wall_s']:.3f}",
            f"{base / f['cpu_s']:.1f}" if base else "",
            f"{f['start_cpu_s']:.1f}",
            f"{f['start_wall_s']:.1f}",
            f"{f['peak_mib']:.0f}",
            f"{3600 * 1000 / (f['start_wall_s'] + 1000 * f['wall_s']):.0f}",
        )
        for name, f in found.items()
    ]
    return markdown((*heads, "peak MiB", "images an hour, of 1,000"), rows)


def steps_table(found: dict[str, Any], measured: dict[str, Any]) -> str:
    """One case: CPU milliseconds of our steps, and which share is path tracing and which labels."""
    line = cost_line({k: {"cpu_s": v["render"]} for k, v in found.items()}, "cycles")
    rows = []
    for name, steps in found.items():
        whole = sum(steps.values())
        samples = name.removeprefix("cycles-")
        tracing = f"{100 * line[1] * int(samples) / whole:.0f} %" if line and samples.isdigit() else "-"
        labels = sum(steps[s] for s in LABEL_STEPS)
        rows.append((name, *(f"{1e3 * s:.0f}" for s in steps.values()), tracing, f"{100 * labels / whole:.1f} %"))
    heads = ("side", *(f"{s} ms" for s in next(iter(found.values()))), "path tracing", "labels")
    theirs = [
        f"{name}: " + ", ".join(f"{step} {1e3 * s:.0f} ms" for step, s in f["phases"].items())
        for name, f in measured.items()
        if f["phases"]
    ]
    return "\n".join((markdown(heads, rows), "", *theirs))


def quality_table(found: dict[str, Any]) -> str:
    """PSNR and SSIM by samples."""
    rows = [
        (family, n, f"{f['psnr_db']:.1f}", f"{f['ssim']:.4f}")
        for family in ("cycles", "blenderproc")
        for n, f in found.get(family, {}).items()
    ]
    return markdown(("side", "samples", "PSNR dB", "SSIM"), rows)


def equal_quality_table(found: dict[str, Any], measured: dict[str, Any]) -> str:
    """What both cost where their pictures are equally good."""
    levels = {f: {int(n): q["psnr_db"] for n, q in found.get(f, {}).items()} for f in ("cycles", "blenderproc")}
    lines = {family: cost_line(measured, family) for family in levels}
    rows = []
    for psnr in (33.0, 35.0, *(levels["blenderproc"][n] for n in (16, 50) if n in levels["blenderproc"])):
        samples = {family: samples_for(psnr, by_samples) for family, by_samples in levels.items()}
        if any(samples[f] is None or lines[f] is None for f in levels):
            continue
        cpu_s = {f: lines[f][0] + lines[f][1] * samples[f] for f in levels}
        cells = (f"{cells:.1f}" for f in levels for cells in (samples[f], cpu_s[f]))
        rows.append((f"{psnr:.1f}", *cells, f"{cpu_s['blenderproc'] / cpu_s['cycles']:.1f}"))
    heads = ("PSNR dB", "cycles samples", "CPU s", "BlenderProc samples", "CPU s", "times as fast")
    return markdown(heads, rows)


def markdown(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def described(recipe: Recipe, count: int) -> str:
    """What is in a case's scenes."""
    library, scenes = scenes_of(recipe, count)
    objects = np.mean([len(s.instances) - 1 for s in scenes])
    triangles = np.mean([sum(len(library.model(i.model).faces) for i in s.instances) for s in scenes])
    size = f"{recipe.image.width}x{recipe.image.height}"
    return f"{objects:.1f} objects and a ground, {triangles:,.0f} triangles on average, {size} pixels"


def version() -> str:
    """The commit that is measured, with a + where the working tree differs."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


def options_given() -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="minutes; one small case")
    parser.add_argument("--only", metavar="NAMES", help=f"of {','.join(SIDES)}, or with other numbers of samples")
    parser.add_argument("--parts", default="images,steps,quality", help="of images,steps,quality")
    parser.add_argument("--curves", action="store_true", help="cost against resolution, objects, triangles, workers")
    parser.add_argument("--again", metavar="NAMES", help="sides, cases or parts to measure anew")
    parser.add_argument("--rounds", type=int, help="how often each side takes its turn")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="where everything goes")
    options = parser.parse_args()
    if platform.system() != "Linux":
        raise SystemExit(f"{platform.system()}: the benchmark reads processes' CPU time from /proc; it needs Linux")
    if unknown := set(options.parts.split(",")) - {"images", "steps", "quality"}:
        raise SystemExit(f"--parts {','.join(unknown)}: expected images, steps or quality")
    return options


def main() -> None:
    """Measure what was asked for and print it."""
    options = options_given()
    plan = planned(quick=options.quick)
    plan = Plan(**{**vars(plan), "rounds": options.rounds or plan.rounds})
    sides = [s for s in map(side_named, options.only.split(",") if options.only else plan.sides) if is_there(s)]
    bench = Bench(options.work / ("throughput_quick" if options.quick else "throughput"))
    ledger = Ledger(bench.work / "measured.json")
    for part in (options.again or "").split(","):
        ledger.forget(part)
    result: dict[str, Any] = {"version": version(), "machine": {"cores": os.cpu_count(), "kind": platform.machine()}}
    if options.curves:
        print(curves(sides, bench, ledger, quick=options.quick))
        return
    parts = options.parts.split(",")
    result["images"] = throughput(plan, sides, bench, ledger) if "images" in parts else {}
    result["steps"] = profiles(plan, sides, bench, ledger) if "steps" in parts else {}
    result["quality"] = quality(plan, sides, bench, ledger) if "quality" in parts else {}
    print(report(plan, result))
    write_json(bench.work.parent / f"{bench.work.name}.json", result)
    print(f"\nwrote {bench.work.parent / bench.work.name}.json")


def report(plan: Plan, result: dict[str, Any]) -> str:
    """All tables."""
    texts = [f"version {result['version']}"]
    for case, found in result["images"].items():
        texts += [f"**{case}**: {described(plan.cases[case], plan.images)}", images_table(found)]
    for case, steps in result["steps"].items():
        if steps:
            texts += [f"steps, {case}", steps_table(steps, result["images"].get(case, {}))]
    if result["quality"]:
        first = next(iter(result["images"].values()), {})
        texts += [quality_table(result["quality"]), equal_quality_table(result["quality"], first)]
        for which, found in result["quality"].get("agreement", {}).items():
            texts.append(f"both references, {which}: {found['psnr_db']:.1f} dB, SSIM {found['ssim']:.4f}")
    return "\n\n".join(texts)


if __name__ == "__main__":
    main()
