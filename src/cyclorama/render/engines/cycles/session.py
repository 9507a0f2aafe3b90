"""Blender as a module: imported on use, kept quiet, set up for one kind of picture."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.core.render import RenderSettings

LIBRARIES = "libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libgl1 libegl1"
# Samples per pixel and OpenImageDenoise's quality. Crowded scenes of 192 x 192 have 29, 32, 34 and 41 dB against 2,048
# samples; from 16 on, HIGH is worth its time (benchmarks/quality.py).
QUALITIES = {"draft": (4, "FAST"), "fair": (8, "FAST"), "good": (16, "HIGH"), "best": (256, "HIGH")}
BACKENDS = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")


def import_blender() -> Any:
    """The module bpy.

    Raises:
        InputError: It is not installed, or the system lacks a library that it needs.
    """
    try:
        with quiet():
            import bpy
    except ModuleNotFoundError as error:
        raise InputError(
            "the cycles engine needs Blender's module: pip install 'cyclorama[blender]' on Python 3.11 or 3.13 "
            f"(this is {sys.version_info.major}.{sys.version_info.minor})"
        ) from error
    except ImportError as error:
        raise InputError(f"Blender can't start ({error}): apt-get install {LIBRARIES}") from error
    return bpy


@contextmanager
def quiet() -> Iterator[None]:
    """Sends what Blender writes to the file descriptors 1 and 2 to $CYCLORAMA_BLENDER_LOG or a temporary log."""
    path = Path(os.environ.get("CYCLORAMA_BLENDER_LOG") or Path(tempfile.gettempdir()) / "cyclorama-blender.log")
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, source in zip((1, 2), kept, strict=True):
            os.dup2(source, target)
            os.close(source)
        os.close(log)


def configure(bpy: Any, settings: RenderSettings) -> None:
    """An empty scene with the engine's settings.

    Raises:
        InputError: The quality is unknown, or the device asked for is not there.
    """
    if settings.quality not in QUALITIES:
        raise InputError(f"quality '{settings.quality}': expected one of {', '.join(QUALITIES)}")
    samples, denoising = QUALITIES[settings.quality]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.film_transparent = True
    # What Cycles would keep from the last picture changes the order of its lamps, so the noise; nor is it any faster.
    scene.render.use_persistent_data = False
    scene.render.threads_mode = "FIXED" if settings.threads else "AUTO"
    if settings.threads:
        scene.render.threads = settings.threads
    cycles = scene.cycles
    cycles.samples = settings.samples or samples
    cycles.use_adaptive_sampling = False
    # At 4, 8 and 16 samples .24, .17 and .16 dB better than Sobol's sequence once denoised, at equal time.
    cycles.sampling_pattern = "BLUE_NOISE"
    cycles.film_transparent_glass = True
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.denoising_prefilter = "NONE"
    cycles.denoising_quality = denoising
    cycles.use_light_tree = False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 10, 3, 4
    cycles.transmission_bounces, cycles.transparent_max_bounces = 8, 16
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 10.0
    cycles.device = choose_device(bpy, settings.device)


def choose_device(bpy: Any, device: str) -> str:
    """Blender's name of the device, "CPU" or "GPU", after switching the right graphics cards on.

    Raises:
        InputError: A kind of device is asked for that this machine lacks.
    """
    if device == "cpu":
        return "CPU"
    wanted = BACKENDS if device == "auto" else (device.upper(),)
    preferences = bpy.context.preferences.addons["cycles"].preferences
    for backend in wanted:
        try:
            preferences.compute_device_type = backend
        except TypeError:
            continue  # This build of Blender does not know the backend.
        preferences.get_devices()
        found = [d for d in preferences.devices if d.type == backend]
        for entry in preferences.devices:
            entry.use = entry in found
        if found:
            return "GPU"
    if device == "auto":
        return "CPU"
    raise InputError(f"device '{device}': this machine has none that Blender can use; take 'auto' or 'cpu'")
