"""Many pictures on one."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from cyclorama.core.arrays import ByteArray
from cyclorama.core.sample import Dataset
from cyclorama.dataset.files import write_bytes
from cyclorama.view.draw import draw_sample

SHOWN, COLUMNS, WIDTH_PX = 12, 4, 1600
GAP_PX = 6
PAPER = (255, 255, 255)


def dataset_sheet(dataset: Dataset, path: Path) -> None:
    """Write the first dozen images of a dataset, their labels drawn in, as one JPEG."""
    shown = range(min(SHOWN, len(dataset.samples)))
    write_sheet([draw_sample(dataset.samples[i], dataset.skeletons) for i in shown], path)


def write_sheet(tiles: Sequence[ByteArray], path: Path) -> None:
    """Write (H, W, 3) uint8 pictures, four in a row, as one JPEG, or as PNG if the name says so."""
    buffer = io.BytesIO()
    sheet = Image.fromarray(contact_sheet(tiles, columns=COLUMNS, width=WIDTH_PX))
    if path.suffix.lower() == ".png":
        sheet.save(buffer, "PNG")
    else:
        sheet.save(buffer, "JPEG", quality=88)
    write_bytes(path, buffer.getvalue())


def contact_sheet(tiles: Sequence[ByteArray], *, columns: int, width: int) -> ByteArray:
    """Pictures in rows, each scaled to the column's width and cut to the height of the first.

    Args:
        tiles: (H, W, 3) uint8 each.
        columns: Pictures in a row.
        width: Of the whole sheet in pixels.
    """
    column = (width - GAP_PX * (columns - 1)) // columns
    row = round(column * tiles[0].shape[0] / tiles[0].shape[1])
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (width, rows * row + GAP_PX * (rows - 1)), PAPER)
    for i, tile in enumerate(tiles):
        place = (i % columns * (column + GAP_PX), i // columns * (row + GAP_PX))
        sheet.paste(fitted(tile, column, row), place)
    return np.asarray(sheet)


def fitted(image: ByteArray, width: int, height: int) -> Image.Image:
    """The whole picture inside a frame of the given size, paper around it."""
    scale = min(width / image.shape[1], height / image.shape[0])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    frame = Image.new("RGB", (width, height), PAPER)
    frame.paste(
        Image.fromarray(image).resize(size, Image.Resampling.LANCZOS), ((width - size[0]) // 2, (height - size[1]) // 2)
    )
    return frame
