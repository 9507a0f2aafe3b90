"""Photographs, textures and environment maps from files."""

from pathlib import Path

import cv2
import numpy as np
import OpenEXR
from PIL import ImageOps

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.errors import InputError
from cyclorama.core.pictures import opened_picture

ENVIRONMENT_SUFFIXES = (".hdr", ".exr")
# Brighter than the sun's disc at noon in any map in use; keeps one broken pixel from lighting the scene alone.
BRIGHTEST = 5e4


def load_image(path: Path) -> ByteArray:
    """(H, W, 3) uint8 sRGB, turned upright as its EXIF says.

    Raises:
        InputError: The file is missing or damaged.
    """
    with opened_picture(path) as image:
        return np.array(ImageOps.exif_transpose(image).convert("RGB"))


def load_cutout(path: Path) -> ByteArray:
    """(H, W, 4) uint8 sRGB and alpha, upright; what can't be seen has the mean colour of the rest, for edges' sake.

    Raises:
        InputError: The file is missing or damaged.
    """
    with opened_picture(path) as image:
        pixels = np.array(ImageOps.exif_transpose(image).convert("RGBA"))
    seen = pixels[..., 3] > 0
    if seen.any():
        pixels[~seen, :3] = pixels[seen, :3].mean(axis=0)
    return pixels


def check_image(path: Path) -> None:
    """See that a file is an image by its head, and by the checksums of formats that have them; nothing is decoded.

    Raises:
        InputError: It is missing, no image or known to be damaged.
    """
    with opened_picture(path) as image:
        image.verify()


def load_environment(path: Path) -> FloatArray:
    """(H, W, 3) float32 linear radiance, equirectangular; not-finite values become 0, all are at least 0.

    Raises:
        InputError: The file is missing, damaged, of whole numbers (.jpg, .png) or not twice as wide as high.
    """
    if not path.is_file():
        raise InputError(f"no environment map '{path}'")
    radiance = _read_exr(path) if path.suffix.lower() == ".exr" else _read_hdr(path)
    height, width = radiance.shape[:2]
    if abs(width / height - 2) > 0.02:
        raise InputError(f"{path}: is {width} x {height}; an equirectangular map is twice as wide as high")
    return np.clip(np.nan_to_num(radiance, nan=0.0, posinf=BRIGHTEST), 0, BRIGHTEST).astype(np.float32)


def _read_hdr(path: Path) -> FloatArray:
    content = np.frombuffer(path.read_bytes(), np.uint8)
    image = cv2.imdecode(content, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR) if len(content) else None
    if image is None:
        raise InputError(f"{path}: can't be read as a Radiance HDR image, the file is damaged")
    if image.dtype != np.float32:
        raise InputError(f"{path}: is a picture of {image.dtype}, no light; expected a map in .hdr or .exr")
    return image[..., ::-1].astype(np.float32)


def _read_exr(path: Path) -> FloatArray:
    try:
        with OpenEXR.File(str(path)) as file:
            channels = file.channels()
            if "RGB" in channels or "RGBA" in channels:
                return np.array((channels.get("RGB") or channels["RGBA"]).pixels, np.float32)[..., :3]
            return np.stack([np.array(channels[c].pixels, np.float32) for c in "RGB"], axis=-1)
    except (RuntimeError, OSError, KeyError, TypeError) as error:
        raise InputError(f"{path}: can't be read as an EXR with red, green and blue ({error})") from error
