"""Image files: by which names they are known, and one sentence for each way in which one can't be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from cyclorama.core.errors import InputError

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
# What Pillow raises where a file is no image, or a damaged one.
DAMAGED = (OSError, SyntaxError, ValueError)


@contextmanager
def opened_picture(path: Path) -> Iterator[Image.Image]:
    """An image of which the head is read; the block may decode it.

    Raises:
        InputError: The file is missing, too large or no image, or turns out damaged within the block.
    """
    try:
        image = Image.open(path)
    except FileNotFoundError:
        raise InputError(f"no image '{path}'") from None
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: is too large; make it smaller ({error})") from error
    except DAMAGED as error:
        raise InputError(f"{path}: is no image that can be decoded ({error}); is the file damaged?") from error
    with image:
        try:
            yield image
        except InputError:
            raise
        except DAMAGED as error:
            raise InputError(f"{path}: can't be decoded ({error}); is the file damaged?") from error
