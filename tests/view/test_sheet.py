"""Contact sheets."""

import numpy as np
from PIL import Image

from cyclorama.dataset import read_dataset
from cyclorama.view.sheet import PAPER, contact_sheet, dataset_sheet, write_sheet
from stores import ball_store


def grey(width, height, level):
    return np.full((height, width, 3), level, np.uint8)


def test_a_contact_sheet_holds_every_tile_whole():
    tiles = [grey(60, 40, level) for level in (10, 60, 110)] + [grey(20, 80, 160)]
    sheet = contact_sheet(tiles, columns=2, width=206)
    assert sheet.shape[1] == 206
    assert [int((sheet == level).all(-1).sum() > 500) for level in (10, 60, 110, 160)] == [1, 1, 1, 1]
    assert tuple(sheet[0, 102]) == PAPER


def test_the_sheet_of_a_dataset_shows_its_images(tmp_path):
    ball_store(tmp_path / "d", count=5)
    dataset_sheet(read_dataset(tmp_path / "d"), tmp_path / "sheet.jpg")
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.size == (1600, 2 * 296 + 6)
        column = np.asarray(sheet)[450, ::403].astype(int)
    assert (column[1:] > 240).all()


def test_a_sheet_is_of_the_kind_that_its_name_says(tmp_path):
    for name, kind in (("a.jpg", "JPEG"), ("a.png", "PNG")):
        write_sheet([grey(8, 8, 100)], tmp_path / name)
        with Image.open(tmp_path / name) as sheet:
            assert sheet.format == kind
