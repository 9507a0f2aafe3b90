"""Image files: by which names they are known, and one sentence for each way in which one can't be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.core.tars import readable

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
# What Pillow raises where a file is no image, or a damaged one.
DAMAGED = (OSError, SyntaxError, ValueError)


@contextmanager
def opened_picture(path: Path) -> Iterator[Image.Image]:
    """An image of which the head is read; the block may decode it.

    Args:
        path: Of a file, or of a member of a tar archive (``core.tars``).

    Raises:
        InputError: The file is missing, too large or no image, or turns out damaged within the block.
    """
    try:
        image = Image.open(readable(path))
    except InputError:
        raise
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
