"""Takes a surface apart into convex pieces, as a process: arrays come on stdin and go to stdout (``np.savez``)."""

import io
import os
import sys

import coacd
import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray

# Chosen on mugs, tubes and bottles: the hollow stays free to within a millimetre of the wall of a mug.
SETTINGS = {"threshold": 0.06, "resolution": 500, "mcts_iterations": 20, "mcts_nodes": 10, "mcts_max_depth": 2}


def decompose(vertices: FloatArray, faces: IntArray) -> list[FloatArray]:
    """(N, 3) corners of each convex piece of (V, 3) and (F, 3); by the same chance every time."""
    pieces = coacd.run_coacd(coacd.Mesh(vertices, faces), seed=1, **SETTINGS)
    return [np.asarray(corners, float) for corners, _ in pieces]


def main() -> None:
    """Read, take apart, write."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What CoACD prints is not for the reader of the pieces.
    coacd.set_log_level("error")
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as given:
        pieces = decompose(given["arr_0"], given["arr_1"])
    buffer = io.BytesIO()
    np.savez(buffer, *pieces)
    with out:
        out.write(buffer.getvalue())


if __name__ == "__main__":
    main()
