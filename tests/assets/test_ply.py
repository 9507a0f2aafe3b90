"""A .ply file that was cut off is refused, wherever its end is; one that is whole is not."""

import re

import numpy as np
import pytest
import trimesh

from cyclorama.assets.ply import check_rows
from cyclorama.assets.resources import model_resource
from cyclorama.core.errors import InputError

HEADER = b"end_header\n"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "cache"))


def ball(encoding):
    mesh = trimesh.creation.icosphere(2)
    mesh.visual.vertex_colors = np.random.default_rng(0).integers(0, 255, (len(mesh.vertices), 4)).astype(np.uint8)
    return mesh.export(file_type="ply", encoding=encoding)


@pytest.mark.parametrize("encoding", ["ascii", "binary"])
@pytest.mark.parametrize("share", [0.95, 0.3])
def test_a_file_that_was_cut_off_is_refused_with_what_it_holds(share, encoding, tmp_path, capfd):
    path = tmp_path / "ball.ply"
    path.write_bytes(ball(encoding)[: int(share * len(ball(encoding)))])
    what = {0.95: "faces", 0.3: "vertices"}[share]
    count = {"faces": 320, "vertices": 162}[what]
    with pytest.raises(InputError, match=rf"ball\.ply: holds \d+ of {count} {what}: is the file damaged\?$") as refused:
        model_resource(path)
    held = int(re.search(r"holds (\d+)", str(refused.value))[1])
    assert 0 < held < count
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("encoding", ["ascii", "binary"])
def test_every_byte_that_is_missing_is_noticed(encoding, tmp_path):
    """Not the last digits of a text's last number, which may well be another number."""
    whole = ball(encoding).rstrip() if encoding == "ascii" else ball(encoding)
    path, row = tmp_path / "ball.ply", 13
    path.write_bytes(whole)
    check_rows(path)
    for missing in range(4 if encoding == "ascii" else 1, row):
        path.write_bytes(whole[:-missing])
        with pytest.raises(InputError, match="holds 319 of 320 faces"):
            check_rows(path)


def test_the_number_is_that_of_the_rows_that_are_whole(tmp_path):
    head, _, body = ball("ascii").partition(HEADER)
    lines = body.splitlines(keepends=True)
    path = tmp_path / "ball.ply"
    for kept, says in ((200, "38 of 320 faces"), (100, "100 of 162 vertices"), (0, "0 of 162 vertices")):
        path.write_bytes(head + HEADER + b"".join(lines[:kept]))
        with pytest.raises(InputError, match=f"holds {says}"):
            check_rows(path)


@pytest.mark.parametrize("order", ["little", "big"])
def test_faces_of_several_sizes_are_counted_one_by_one(order, tmp_path):
    sign = {"little": "<", "big": ">"}[order]
    header = (
        f"ply\nformat binary_{order}_endian 1.0\ncomment by hand\nelement vertex 4\n"
        "property float x\nproperty float y\nproperty float z\n"
        "element face 3\nproperty uchar flags\nproperty list uchar int vertex_indices\nend_header\n"
    )
    faces = [(0, 1, 2), (0, 1, 2, 3), (1, 2, 3)]
    rows = [bytes([7, len(face)]) + np.array(face, f"{sign}i4").tobytes() for face in faces]
    vertices = np.zeros((4, 3), f"{sign}f4").tobytes()
    path = tmp_path / "mixed.ply"
    path.write_bytes(header.encode() + vertices + b"".join(rows))
    check_rows(path)
    path.write_bytes(header.encode() + vertices + b"".join(rows[:2]) + rows[2][:-1])
    with pytest.raises(InputError, match="holds 2 of 3 faces"):
        check_rows(path)
