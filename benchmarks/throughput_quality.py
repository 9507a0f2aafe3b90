"""How near pictures of few samples come to one of very many, of the same side and scene."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.library import Library
from cyclorama.core.scene import Scene, Sensor
from cyclorama.render.develop import auto_gain, develop
from cyclorama.scene import Recipe
from throughput_runs import Bench, Ledger, Run, Side, cost, side_named
from throughput_scenes import scenes_of

Pictures = list[FloatArray]


class Quality:
    """Pictures of a recipe's first scenes against references, both developed alike."""

    def __init__(self, bench: Bench, ledger: Ledger, recipe: Recipe, count: int, reference_samples: int) -> None:
        self._bench, self._ledger, self._recipe, self._count = bench, ledger, recipe, count
        self._folder = bench.work / f"references_{recipe.image.width}_{reference_samples}"
        self._samples = reference_samples
        self._library, self._scenes = scenes_of(recipe, count)

    def measure(self, side: Side) -> dict[str, float]:
        """Means over the scenes: PSNR, in dB, and SSIM against the side's own reference, CPU seconds of the picture."""
        return self._ledger.measure(f"quality/{side.name}", lambda: self._measured(side))

    def _measured(self, side: Side) -> dict[str, float]:
        reference = self._own(side)
        pictures, run = self._light(side)
        return {**self._compared(pictures, reference), "cpu_s": cost(run, is_warm=True)["cpu_s"]}

    def agreement(self) -> dict[str, dict[str, float]]:
        """How alike both sides' references are: with BlenderProc's bounces and with ours."""
        return {
            bounces: self._ledger.measure(f"quality/agreement with {bounces}", lambda s=side: self._alike(s))
            for bounces, side in (("its own bounces", "blenderproc-50"), ("our bounces", "blenderproc-50-bounces"))
        }

    def _alike(self, side: str) -> dict[str, float]:
        return self._compared(self._own(side_named(side)), self._own(side_named("cycles-16")))

    def _own(self, side: Side) -> Pictures:
        """The side's references: without a denoiser, which would leave its faults in them.

        BlenderProc is kept from stopping where it thinks that the noise is low enough.
        """
        endless: dict[str, Any] = {"samples": self._samples, "denoised": False}
        if side.is_blenderproc:
            bounces = {k: v for k, v in side.settings.items() if k == "bounces"}
            name = f"blenderproc{'-bounces' * bool(bounces)}"
            return self._reference(Side(name, True, {**endless, "noise_threshold": 0, **bounces}))
        return self._reference(Side(side.settings["engine"], False, {**side.settings, **endless}))

    def _reference(self, side: Side) -> Pictures:
        """Rendered once, kept as files."""
        files = [self._folder / f"{side.name}_{scene.index}.npy" for scene in self._scenes]
        if not all(file.is_file() for file in files):
            print(f"-- reference of {side.name}, {self._samples} samples", flush=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            for file, picture in zip(files, self._light(side)[0], strict=True):
                np.save(file, picture)
        return [np.load(file) for file in files]

    def _light(self, side: Side) -> tuple[Pictures, Run]:
        """(H, W, 4) linear premultiplied light of each scene, and the run that made it."""
        if side.is_blenderproc:
            run = self._bench.blenderproc(side, self._recipe, self._count, labels=False)
        else:
            run = self._bench.ours("light", side, self._recipe, self._count)
        return [_with_alpha(np.load(self._bench.out / f"{i}.npy")) for i in range(self._count)], run

    def _compared(self, pictures: Pictures, references: Pictures) -> dict[str, float]:
        measures: dict[str, Callable[[ByteArray, ByteArray], float]] = {"psnr_db": psnr_db, "ssim": ssim}
        pairs = [
            [_developed(scene, light, reference, self._library) for light in (picture, reference)]
            for scene, picture, reference in zip(self._scenes, pictures, references, strict=True)
        ]
        return {name: float(np.mean([measure(*pair) for pair in pairs])) for name, measure in measures.items()}


def _with_alpha(light: FloatArray) -> FloatArray:
    """(H, W, 4) light; BlenderProc's three channels hold the backdrop already."""
    return light if light.shape[2] == 4 else np.dstack([light, np.ones(light.shape[:2], np.float32)])


def _developed(scene: Scene, light: FloatArray, reference: FloatArray, library: Library) -> ByteArray:
    """The picture that a perfect sensor takes, exposed as the reference wants it."""
    gain = auto_gain(reference[..., :3].reshape(-1, 3), np.zeros((0, 3)))
    sensor = Sensor(exposure_ev=float(np.log2(gain)), auto_exposure=False)
    return develop(replace(scene, sensor=sensor), light, library)


def psnr_db(picture: ByteArray, reference: ByteArray) -> float:
    """Peak signal to noise over all channels, in dB; infinite for equal pictures."""
    error = np.mean((picture.astype(float) - reference.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def ssim(picture: ByteArray, reference: ByteArray) -> float:
    """Structural similarity of brightness: Gaussian window of 11 pixels, sigma 1.5.

    Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004, equation 13.
    """
    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (picture, reference))

    def mean(values: FloatArray) -> FloatArray:
        return cv2.GaussianBlur(values, (11, 11), 1.5)

    mean_a, mean_b = mean(a), mean(b)
    variance_a, variance_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    covariance = mean(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return float(np.mean(above / ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))))


def samples_for(psnr: float, found: dict[int, float]) -> float | None:
    """Samples at which a side reaches that many dB, between measured numbers of samples; None outside of them.

    Linear in the logarithm of samples, of which PSNR is nearly a straight line.
    """
    samples = sorted(found)
    levels = [found[s] for s in samples]
    if not levels or not min(levels) <= psnr <= max(levels):
        return None
    return float(2 ** np.interp(psnr, np.maximum.accumulate(levels), np.log2(samples)))


def cost_line(cpu_s: dict[int, float]) -> tuple[float, float] | None:
    """CPU seconds without any sample and of each sample, by least squares; None of fewer than two measurements."""
    if len(cpu_s) < 2:
        return None
    slope, offset = np.polyfit(list(cpu_s), list(cpu_s.values()), 1)
    return float(offset), float(slope)


@dataclass(frozen=True)
class Family:
    """One path tracer with one denoiser, at several numbers of samples."""

    psnr_db: dict[int, float]
    cpu_s: dict[int, float]

    def cpu_s_at(self, psnr: float) -> tuple[float, float] | None:
        """Samples and CPU seconds for that many dB; None outside of the quality measured, or far off the costs."""
        samples, line = samples_for(psnr, self.psnr_db), cost_line(self.cpu_s)
        if not samples or not line or not 0.75 * min(self.cpu_s) <= samples <= 1.25 * max(self.cpu_s):
            return None
        return samples, line[0] + line[1] * samples
