"""What samples and denoising are worth in the cycles engine: CPU seconds, PSNR and SSIM against 2,048 samples.

    python benchmarks/quality.py
    python benchmarks/quality.py --quick    # one scene of 64 x 64 against 128 samples

Four kinds of scene, developed with a perfect sensor and the reference's exposure; PSNR and SSIM are of the sRGB bytes,
means over the scenes. Prints a table and writes quality.json into the work folder. What was measured is in
quality/, is kept and not measured again; remove it when the engine has changed.
"""

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Backdrop, Lamp, Scene, Sensor, Surface
from cyclorama.dataset.files import write_json
from cyclorama.render.develop import auto_gain, develop
from cyclorama.render.engines.cycles import Cycles
from cyclorama.render.engines.cycles.session import QUALITIES
from new_scenes import DATA, ROOT, Fresh, crowded
from throughput_quality import psnr_db, ssim

REFERENCE_SAMPLES, SAMPLES = 2048, (1, 2, 4, 8, 16, 32, 64, 256)
DENOISERS = ("none", "FAST", "BALANCED", "HIGH")
# Where only the best denoiser is asked for, and where all are.
ONLY_HIGH_FROM, ALL_AT = 128, (4, 8, 16)
GLASS, METAL = Surface(transmission=1.0, roughness=0.02), Surface(metallic=1.0, roughness=0.15)


@dataclass(frozen=True, order=True)
class Setting:
    """What the table has a row for."""

    samples: int
    denoiser: str

    def __str__(self) -> str:
        return f"{self.samples}-{self.denoiser}"


def settings() -> list[Setting]:
    """All rows."""
    return [Setting(samples, denoiser) for samples in SAMPLES for denoiser in DENOISERS if _asked(samples, denoiser)]


def _asked(samples: int, denoiser: str) -> bool:
    if samples >= ONLY_HIGH_FROM:
        return denoiser == "HIGH"
    return samples in ALL_AT or denoiser in ("FAST", "HIGH")


def four_kinds(data: Path, edge_px: int) -> tuple[Fresh, dict[str, Scene]]:
    """A table full of things in the light of a map; of glass and metal; by lamps alone; with nothing under them."""
    library, (table, shiny, dark, bare) = crowded(data, edge_px, edge_px, 4)
    plain = [replace(scene, backdrop=Backdrop("color")) for scene in (table, shiny, dark, bare)]
    floating = tuple(i for i in plain[3].instances if i.layer != "ground")
    return library, {
        "table": plain[0],
        "glass and metal": _shiny(plain[1]),
        "lamps": replace(plain[2], environment=replace(dark.environment, strength=0.02), lamps=_lamps()),
        "floating": replace(plain[3], instances=floating),
    }


def _shiny(scene: Scene) -> Scene:
    surfaces = {0: GLASS, 1: METAL}
    instances = [
        replace(i, surface=surfaces.get(i.id % 3, i.surface)) if i.layer != "ground" else i for i in scene.instances
    ]
    return replace(scene, instances=tuple(instances))


def _lamps() -> tuple[Lamp, ...]:
    return (
        Lamp("area", (0.6, 0.2, 0.9), (-0.5, -0.2, -0.8), power_w=15.0, size_m=0.3),
        Lamp("point", (-0.5, 0.6, 0.7), power_w=10.0, color=(1.0, 0.7, 0.4), size_m=0.05),
        Lamp("spot", (0.1, -0.7, 1.0), (-0.1, 0.6, -0.8), power_w=40.0, color=(0.5, 0.7, 1.0)),
    )


class Bench:
    """Measures and remembers.

    Args:
        folder: What was measured lies there.
        library: The scenes' own.
    """

    def __init__(self, folder: Path, library: Fresh) -> None:
        self._folder = folder
        self._cycles = Cycles(library, RenderSettings("cycles", device="cpu", threads=2))
        folder.mkdir(parents=True, exist_ok=True)

    def reference(self, kind: str, scene: Scene, samples: int) -> FloatArray:
        """Light without noise to speak of."""
        file = self._folder / f"{kind}-{scene.camera.width}-{samples}.npy"
        if not file.is_file():
            light, _ = self._rendered(scene, Setting(samples, "none"))
            np.save(file, light)
        return np.asarray(np.load(file))

    def measured(self, kind: str, scene: Scene, setting: Setting, reference: FloatArray, against: int) -> dict:
        """CPU seconds, PSNR and SSIM of one picture."""
        file = self._folder / f"{kind}-{scene.camera.width}-{against}-{setting}.json"
        if not file.is_file():
            # Another noise than the reference's, whose first paths it would share.
            light, cpu_s = self._rendered(replace(scene, seed=scene.seed + 1), setting)
            picture, truth = (developed(scene, x, reference) for x in (light, reference))
            found = {"cpu_s": cpu_s, "psnr_db": psnr_db(picture, truth), "ssim": ssim(picture, truth)}
            write_json(file, found)
        return json.loads(file.read_text())

    def warm(self, scene: Scene) -> None:
        """Let the first picture, which takes longer, be none that counts, and load the scene's meshes and textures."""
        self._rendered(scene, Setting(1, "HIGH"))

    def _rendered(self, scene: Scene, setting: Setting) -> tuple[FloatArray, float]:
        import bpy

        cycles = bpy.context.scene.cycles
        cycles.samples, cycles.use_denoising = setting.samples, setting.denoiser != "none"
        if cycles.use_denoising:
            cycles.denoising_quality = setting.denoiser
        start = time.process_time()
        light = self._cycles.render(scene)
        return light, time.process_time() - start


def developed(scene: Scene, light: FloatArray, reference: FloatArray) -> ByteArray:
    """The picture that a perfect sensor takes, exposed as the reference wants it."""
    objects = reference[reference[..., 3] > 0.5][:, :3]
    sensor = Sensor(exposure_ev=float(np.log2(auto_gain(objects, objects))), auto_exposure=False)
    return develop(replace(scene, sensor=sensor), light, _NoLibrary())


class _NoLibrary:
    """A plain backdrop needs none."""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one scene of 64 x 64 against 128 samples")
    parser.add_argument("--edge", type=int, default=192, help="of the pictures, pixels")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work")
    options = parser.parse_args()
    edge, against = (64, 128) if options.quick else (options.edge, REFERENCE_SAMPLES)
    library, kinds = four_kinds(options.data, edge)
    kinds = dict(list(kinds.items())[:1]) if options.quick else kinds
    bench = Bench(options.work / "quality", library)
    rows: dict[Setting, list[dict]] = {setting: [] for setting in settings()}
    for kind, scene in kinds.items():
        reference = bench.reference(kind, scene, against)
        bench.warm(scene)
        for setting, found in rows.items():
            found.append(bench.measured(kind, scene, setting, reference, against))
    report(rows, edge, against, options.work)


def report(rows: dict[Setting, list[dict]], edge: int, against: int, work: Path) -> None:
    """Print the table; write it with every scene's figures."""
    presets = {Setting(*values): name for name, values in QUALITIES.items()}
    print(f"{edge} x {edge} against {against} samples, means of {len(next(iter(rows.values())))} scenes\n")
    print("| samples | denoiser | preset | CPU s | PSNR dB | SSIM | worst PSNR |\n|---|---|---|---|---|---|---|")
    for setting, found in rows.items():
        means = [np.mean([f[name] for f in found]) for name in ("cpu_s", "psnr_db", "ssim")]
        figures = "{:.2f} | {:.1f} | {:.3f}".format(*means)
        worst = min(f["psnr_db"] for f in found)
        print(f"| {setting.samples} | {setting.denoiser} | {presets.get(setting, '')} | {figures} | {worst:.1f} |")
    write_json(
        work / "quality.json", {"edge_px": edge, "against": against, "rows": {str(s): f for s, f in rows.items()}}
    )


if __name__ == "__main__":
    main()
