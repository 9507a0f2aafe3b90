"""Labelled images per second, side by side with BlenderProc: the same models, poses, camera, light and resolution.

    python benchmarks/throughput.py                      # all; an hour and a half on two cores
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import cyclorama
from cyclorama.dataset.files import write_json
from cyclorama.scene import Recipe
from throughput_curves import curves
from throughput_quality import Family, Quality, cost_line
from throughput_runs import Bench, Ledger, Side, cost, is_there, median, side_named, start_cost
from throughput_scenes import bench_recipe, scenes_of

ROOT = Path(__file__).resolve().parents[1]
SIDES = (
    "raster",
    "cycles-4",
    "cycles-8",
    "cycles-8-good",
    "cycles-16",
    "blenderproc-8",
    "blenderproc-8-bounces",
    "blenderproc-50",
    "blenderproc-50-bounces",
    "blenderproc-default",
)
RECIPE_OF_BOP = "blenderproc-50"
# Takes so little time that few images would tell nothing.
FAST, FAST_IMAGES = "raster", 24
# Its 1,024 samples take minutes: once, one image, of the first case.
SLOW = "blenderproc-default"
BOP_SAMPLES = 50
# What is compared with references: a side's name without its samples, and those.
FAMILIES = {
    "cycles, FAST": ("cycles-{}-draft", (4, 8, 16, 32)),
    "cycles, HIGH": ("cycles-{}-good", (8, 16, 32)),
    "BlenderProc": ("blenderproc-{}", (4, 8, 16, BOP_SAMPLES)),
    "BlenderProc, our bounces": ("blenderproc-{}-bounces", (4, 8, 16, BOP_SAMPLES)),
}
EQUAL_DB = (29, 31, 33, 35, 37, 39)
# Of one denoiser, so that a line through their costs has the samples' cost as its slope.
FOR_SLOPE = ("cycles-8-draft", "cycles-16-draft", "cycles-32-draft")
# Steps of ours that make labels.
LABEL_STEPS = ("cast", "annotate")


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        images: Of each run, but of FAST; the first is not counted, for what it needs once.
        quality_px: Edge of the pictures that are compared with a reference.
    """

    cases: dict[str, Recipe]
    sides: tuple[str, ...]
    rounds: int
    images: int
    quality_px: int
    quality_scenes: int
    reference_samples: int

    def images_of(self, side: Side) -> int:
        """How many a run makes."""
        return {SLOW: 1, FAST: FAST_IMAGES}.get(side.name, self.images)


def planned(*, quick: bool) -> Plan:
    """The whole or as little as shows that all is well."""
    if quick:
        small = {"5 objects, 256 px": bench_recipe(objects=5, size_px=256)}
        return Plan(small, ("raster", "cycles-4", "cycles-8", RECIPE_OF_BOP), 1, 3, 64, 1, 256)
    cases = {"5 objects": bench_recipe(objects=5), "30 objects": bench_recipe(objects=30)}
    return Plan(cases, SIDES, 3, 4, 128, 1, 2048)


def changed(plan: Plan, options: argparse.Namespace) -> Plan:
    """The plan, but for what the command line says."""
    cases = plan.cases
    if options.objects:
        cases = {case_name(options.objects, options.size): bench_recipe(objects=options.objects, size_px=options.size)}
    return replace(
        plan,
        cases=cases,
        rounds=options.rounds or plan.rounds,
        images=options.images or plan.images,
        quality_px=options.quality_size or plan.quality_px,
        quality_scenes=options.quality_scenes or plan.quality_scenes,
    )


def case_name(objects: int, size_px: int) -> str:
    """What a case is called in tables and in the ledger."""
    return f"{objects} objects" if size_px == 512 else f"{objects} objects, {size_px} px"


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
        images, recipe = plan.images_of(side), plan.cases[case]
        found = ledger.measure(
            f"images/{case}/{side.name}/round {turn}",
            lambda s=side, r=recipe, n=images: cost(bench.images(s, r, n)) | start_cost(bench, s, r),
        )
        records.setdefault(case, {}).setdefault(side.name, []).append(found)
    return {case: {side: median(rounds) for side, rounds in found.items()} for case, found in records.items()}


def profiles(plan: Plan, sides: Sequence[Side], bench: Bench, ledger: Ledger) -> dict[str, Any]:
    """CPU seconds of our steps, by case and side; the first case has those that tell what a sample costs."""
    ours = [s for s in sides if not s.is_blenderproc]
    traced = any(s.settings["engine"] == "cycles" for s in ours)
    for_slope = [side_named(name) for name in FOR_SLOPE if traced]
    return {
        case: {side.name: _steps(case, side, plan, bench, ledger) for side in [*ours, *(() if number else for_slope)]}
        for number, case in enumerate(plan.cases)
    }


def _steps(case: str, side: Side, plan: Plan, bench: Bench, ledger: Ledger) -> Any:
    def measured() -> Any:
        count = plan.images_of(side) - 1
        return cost(bench.ours("profile", side, plan.cases[case], count), is_warm=True)["phases"]

    return ledger.measure(f"steps/{case}/{side.name}", measured)


def quality(plan: Plan, sides: Sequence[Side], bench: Bench, ledger: Ledger) -> dict[str, Any]:
    """PSNR, SSIM and cost by family and samples, of the path tracers that take part."""
    recipe = bench_recipe(objects=5, size_px=plan.quality_px)
    compared = Quality(bench, ledger, recipe, plan.quality_scenes, plan.reference_samples)
    tracers = {s.name.partition("-")[0] for s in sides}
    found: dict[str, Any] = {
        family: {n: compared.measure(side_named(name.format(n))) for n in samples}
        for family, (name, samples) in FAMILIES.items()
        if name.partition("-")[0] in tracers
    }
    if len(found) == len(FAMILIES):
        found["agreement"] = compared.agreement()
    return found


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
    draft = {samples_of(name): steps["render"] for name, steps in found.items() if is_fast_denoised(name)}
    line = cost_line(draft)
    rows = []
    for name, steps in found.items():
        whole = sum(steps.values())
        tracing = f"{100 * line[1] * samples_of(name) / whole:.0f} %" if line and is_fast_denoised(name) else "-"
        labels = sum(steps[s] for s in LABEL_STEPS)
        rows.append((name, *(f"{1e3 * s:.0f}" for s in steps.values()), tracing, f"{100 * labels / whole:.1f} %"))
    heads = ("side", *(f"{s} ms" for s in next(iter(found.values()))), "path tracing", "labels")
    theirs = [
        f"{name}: " + ", ".join(f"{step} {1e3 * s:.0f} ms" for step, s in f["phases"].items())
        for name, f in measured.items()
        if f["phases"]
    ]
    return "\n".join((markdown(heads, rows), "", *theirs))


def is_fast_denoised(name: str) -> bool:
    """Whether it is a side of our path tracer that takes the faster denoiser: only such are on one line of cost."""
    side = side_named(name)
    return side.settings.get("engine") == "cycles" and side.settings["quality"] == "draft"


def samples_of(name: str) -> int:
    """Of a side of our path tracer."""
    return int(side_named(name).settings["samples"])


def quality_table(found: dict[str, Any]) -> str:
    """PSNR, SSIM and cost by samples."""
    rows = [
        (family, n, f"{f['cpu_s']:.2f}", f"{f['psnr_db']:.1f}", f"{f['ssim']:.4f}")
        for family in FAMILIES
        for n, f in found.get(family, {}).items()
    ]
    return markdown(("side", "samples", "CPU s", "PSNR dB", "SSIM"), rows)


def equal_quality_table(found: dict[str, Any], measured: dict[str, Any] | None = None) -> str:
    """What our path tracer, with the denoiser that is cheaper there, and BlenderProc cost for equally good pictures.

    Only where both were measured: no quality is extrapolated.

    Args:
        found: By family and samples.
        measured: A case's sides: the costs are of its images, with all labels, in place of those of the pictures that
            were compared.
    """
    families = {
        name: Family(
            {int(n): f["psnr_db"] for n, f in found[name].items()},
            {int(n): f["cpu_s"] for n, f in found[name].items()} if measured is None else costs_of(name, measured),
        )
        for name in FAMILIES
        if name in found
    }
    recipe = families["BlenderProc"].cpu_s.get(BOP_SAMPLES) if "BlenderProc" in families else None
    rows = [row for psnr in EQUAL_DB if (row := equal_quality_row(psnr, families, recipe))]
    theirs = ("BlenderProc samples", "CPU s", "times ours", "with our bounces: samples", "CPU s", "times ours")
    return markdown(("PSNR dB", "cycles", "samples", "CPU s", "BOP recipe, times ours", *theirs), rows)


def equal_quality_row(psnr: float, families: dict[str, Family], recipe: float | None) -> list[object]:
    """Cells; none where our path tracer was not measured."""
    ours = {name: point for name in families if name[0] == "c" and (point := families[name].cpu_s_at(psnr))}
    if not ours:
        return []
    name = min(ours, key=lambda n: ours[n][1])
    samples, cpu_s = ours[name]
    row: list[object] = [psnr, name.partition(", ")[2], f"{samples:.1f}", f"{cpu_s:.2f}"]
    row.append(f"{recipe / cpu_s:.1f}" if recipe else "-")
    for theirs in ("BlenderProc", "BlenderProc, our bounces"):
        point = families[theirs].cpu_s_at(psnr) if theirs in families else None
        row += [f"{point[0]:.1f}", f"{point[1]:.2f}", f"{point[1] / cpu_s:.1f}"] if point else ["-", "-", "-"]
    return row


def costs_of(family: str, measured: dict[str, Any]) -> dict[int, float]:
    """CPU seconds by samples of the sides of a case that belong to a family."""
    costs = {}
    for name, found in measured.items():
        samples = side_named(name).settings.get("samples")
        if samples and side_named(name).settings == side_named(FAMILIES[family][0].format(samples)).settings:
            costs[samples] = found["cpu_s"]
    return costs


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
    """The commit of the package that is measured, with a + where its working tree differs."""
    measured = Path(cyclorama.__file__).parent
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=measured, capture_output=True, text=True, check=False
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
    parser.add_argument("--images", type=int, help=f"of each run, the first not counted; {FAST} takes {FAST_IMAGES}")
    parser.add_argument("--objects", type=int, metavar="N", help="one case of N objects in place of all")
    parser.add_argument("--size", type=int, default=512, metavar="PX", help="edge of that case's pictures")
    parser.add_argument("--quality-size", type=int, metavar="PX", help="edge of the pictures compared with references")
    parser.add_argument("--quality-scenes", type=int, metavar="N", help="how many of those")
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
    plan = changed(planned(quick=options.quick), options)
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
        texts += [quality_table(result["quality"]), "equally good", equal_quality_table(result["quality"])]
        for case, measured in result["images"].items():
            texts += [f"as many samples, at the cost of {case}", equal_quality_table(result["quality"], measured)]
        for which, found in result["quality"].get("agreement", {}).items():
            texts.append(
                f"both references, BlenderProc's with {which}: {found['psnr_db']:.1f} dB, SSIM {found['ssim']:.4f}"
            )
    return "\n\n".join(texts)


if __name__ == "__main__":
    main()
