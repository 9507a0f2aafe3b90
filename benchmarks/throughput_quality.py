"""How near pictures of few samples come to one of very many, of the same side and scene."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.library import Library
from cyclorama.core.scene import Scene, Sensor
from cyclorama.render.develop import auto_gain, develop
from cyclorama.scene import Recipe
from throughput_runs import OUR_BOUNCES, Bench, Ledger, Side, side_named
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
        """Means over the scenes of PSNR, in dB, and SSIM against the side's own reference."""
        return self._ledger.measure(f"quality/{side.name}", lambda: self._compared(self._light(side), self._own(side)))

    def agreement(self) -> dict[str, dict[str, float]]:
        """How alike both sides' references are: with BlenderProc's bounces and, of fewer samples, with ours."""
        reference = self._reference(side_named(f"cycles-{self._samples}"))
        same = Side("reference", True, {"samples": self._samples // 4, "noise_threshold": 0, "bounces": OUR_BOUNCES})
        return {
            "own bounces": self._ledger.measure(
                "quality/agreement", lambda: self._compared(self._own(side_named("blenderproc-50")), reference)
            ),
            "same bounces": self._ledger.measure(
                "quality/agreement with the same bounces", lambda: self._compared(self._light(same), reference)
            ),
        }

    def _own(self, side: Side) -> Pictures:
        if side.is_blenderproc:
            bounces = {k: v for k, v in side.settings.items() if k == "bounces"}
            return self._reference(Side(f"blenderproc{'-bounces' * bool(bounces)}", True, self._endless() | bounces))
        return self._reference(side_named(f"{side.settings['engine']}-{self._samples}"))

    def _endless(self) -> dict[str, float]:
        """BlenderProc would stop where it thinks that the noise is low enough."""
        return {"samples": self._samples, "noise_threshold": 0}

    def _reference(self, side: Side) -> Pictures:
        """Rendered once, kept as files."""
        files = [self._folder / f"{side.name}_{scene.index}.npy" for scene in self._scenes]
        if not all(file.is_file() for file in files):
            print(f"-- reference of {side.name}, {self._samples} samples", flush=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            for file, picture in zip(files, self._light(side), strict=True):
                np.save(file, picture)
        return [np.load(file) for file in files]

    def _light(self, side: Side) -> Pictures:
        """(H, W, 4) linear premultiplied light of each scene."""
        if side.is_blenderproc:
            self._bench.blenderproc(side, self._recipe, self._count, labels=False)
        else:
            self._bench.ours("light", side, self._recipe, self._count)
        return [_with_alpha(np.load(self._bench.out / f"{i}.npy")) for i in range(self._count)]

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
