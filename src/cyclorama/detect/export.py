"""Trained detectors as ONNX files, which run without torch and without us."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import onnx
import onnxruntime
import torch

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_bytes
from cyclorama.detect.agreement import SURE, Agreement, Found, agreement
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.exportable import GREY, Exportable, Model, Size, batch_of_one, exportable, fitted, torch_model
from cyclorama.detect.run import Run, load_network
from cyclorama.detect.writing import writing

OPSET = 17
OUTPUTS = ("boxes", "scores", "labels")
# To compare on: of the run's own dataset, and made up.
REAL, MADE_UP = 6, 2
QUIET = 3


@dataclass(frozen=True)
class Exported:
    """A model that was written, if it agrees.

    Attributes:
        size: Height and width that it takes.
        resize: How pictures come to that size: "letterbox" or "stretch".
        left_out: What the detector gives and the file does not: "masks", "keypoints".
        images: That ONNX Runtime and torch were compared on.
        agreement: Of the two.
    """

    size: Size
    resize: str
    left_out: tuple[str, ...]
    images: int
    agreement: Agreement


def export(run_folder: Path, path: Path, *, image_size: Size | None = None) -> Exported:
    """Write the run's detector as ONNX, if ONNX Runtime finds with it what torch finds.

    Its input is "image", (1, 3, H, W) float32, red first, in 0..1; its outputs are "boxes" (N, 4) xyxy in the input's
    pixels, "scores" (N,) and "labels" (N,) from 0; masks and keypoints are left out. The file's metadata tell classes
    and how pictures are resized.

    Args:
        run_folder: What ``train`` wrote.
        path: Of the file; it is left as it was where the two disagree.
        image_size: Height and width; left out, a square in which photographs of 4:3 are as large as in training.

    Raises:
        InputError: No run, one that finds nothing yet, a detector that ONNX can't tell, or the file can't be written.
    """
    run = Run.read(run_folder)
    network = load_network(run_folder, run, torch.device("cpu")).requires_grad_(False)
    model, size, resize = exportable(network, run.settings.image_size, image_size)
    images = [fitted(image, size, resize) for image in _images(run, size)]
    expected = [torch_model(model)(image) for image in images]
    # Traced where something is found: else what comes after would not be.
    traced = images[int(np.argmax([len(boxes) for boxes, _, _ in expected]))]
    content = _with_metadata(_traced(model, traced, run.settings.detector), _metadata(run, size, resize))
    found = _compared(_onnx_model(content), images, expected)
    if not found.compared:
        raise InputError(
            f"{run_folder}: finds nothing with a score of {SURE} on {len(images)} images, so there is nothing to "
            "compare the export by; train longer"
        )
    if not found.lost:
        with writing(path.parent):
            write_bytes(path, content)
    return Exported(size, resize, _left_out(run.settings.detector), len(images), found)


def _left_out(detector: str) -> tuple[str, ...]:
    about = detector_named(detector).about
    given = {"masks": about.gives_masks, "keypoints": about.gives_keypoints}
    return tuple(name for name, is_given in given.items() if is_given)


def _images(run: Run, size: Size) -> list[ByteArray]:
    """Of the run's dataset, where it still is, and pictures of noise and discs, on which everything is wrong."""
    return [*_of_dataset(run), *(_made_up(np.random.default_rng(seed), size) for seed in range(MADE_UP))]


def _of_dataset(run: Run) -> list[ByteArray]:
    try:
        samples = read_dataset(Path(str(run.trained_on["dataset"]))).samples
        return [samples[i].load_image() for i in range(0, len(samples), max(1, -(-len(samples) // REAL)))]
    except (InputError, KeyError):
        return []


def _made_up(rng: np.random.Generator, size: Size) -> ByteArray:
    picture = rng.integers(0, 80, (*size, 3), np.uint8)
    for _ in range(12):
        centre = (int(rng.integers(size[1])), int(rng.integers(size[0])))
        cv2.circle(picture, centre, int(rng.integers(4, min(size) // 4)), rng.integers(40, 256, 3).tolist(), -1)
    return picture


def _traced(model: Exportable, image: ByteArray, detector: str) -> bytes:
    """By the exporter that traces: torch.export stops where the number of detections depends on the picture."""
    try:
        # Warnings of what a trace keeps fixed: the size, which is to be.
        with warnings.catch_warnings(), torch.no_grad(), TemporaryDirectory() as folder:
            warnings.simplefilter("ignore")
            path = Path(folder) / "model.onnx"
            torch.onnx.export(
                model,
                (torch.from_numpy(batch_of_one(image)),),
                path,
                input_names=["image"],
                output_names=list(OUTPUTS),
                dynamic_axes={name: {0: "objects"} for name in OUTPUTS},
                opset_version=OPSET,
                dynamo=False,
            )
            return path.read_bytes()
    except (torch.onnx.errors.OnnxExporterError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{detector} can't be told in ONNX ({reason}); other detectors can") from error


def _metadata(run: Run, size: Size, resize: str) -> Mapping[str, str]:
    return {
        "classes": json.dumps(run.categories, ensure_ascii=False),
        "height": str(size[0]),
        "width": str(size[1]),
        "resize": resize,
        "fill": str(GREY),
        "input": "RGB, float32, 0..1",
        "detector": run.settings.detector,
    }


def _with_metadata(content: bytes, metadata: Mapping[str, str]) -> bytes:
    model = onnx.load_model_from_string(content)
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _onnx_model(content: bytes) -> Model:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def found(image: ByteArray) -> Found:
        boxes, scores, labels = session.run(list(OUTPUTS), {"image": batch_of_one(image)})
        return boxes, scores, labels

    return found


def _compared(model: Model, images: Sequence[ByteArray], expected: Sequence[Found]) -> Agreement:
    return sum((agreement(e, model(i)) for i, e in zip(images, expected, strict=True)), Agreement())
