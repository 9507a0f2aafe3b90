"""What is exported finds the same in ONNX Runtime, without us; and a difference would be seen."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cyclorama.core.errors import InputError
from cyclorama.dataset import read_dataset
from cyclorama.detect import export as export_module
from cyclorama.detect.agreement import Agreement, agreement
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.export import export
from cyclorama.detect.exportable import LETTERBOX, STRETCH, exportable, fitted
from cyclorama.detect.predict import predict
from cyclorama.detect.training.train import train
from cyclorama.detect.transformers_detector import DetrNetwork

pytestmark = pytest.mark.train

EXAMPLE = Path(__file__).parents[2] / "examples" / "run_onnx.py"


def opened(path):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session, session.get_modelmeta().custom_metadata_map


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory):
    """Of the run that the other tests look at, and what the export told."""
    path = tmp_path_factory.mktemp("export") / "balls.onnx"
    return path, export(trained[0], path, image_size=(96, 128))


def test_the_file_tells_how_to_use_it(model):
    path, made = model
    session, about = opened(path)
    assert [(i.name, i.shape, i.type) for i in session.get_inputs()] == [("image", [1, 3, 96, 128], "tensor(float)")]
    assert [o.name for o in session.get_outputs()] == ["boxes", "scores", "labels"]
    assert (json.loads(about["classes"]), about["resize"], about["fill"]) == (["ball"], "letterbox", "114")
    assert (int(about["height"]), int(about["width"])) == made.size == (96, 128)
    assert made.left_out == ()
    assert made.agreement.lost == 0
    assert made.agreement.compared > 20
    assert made.agreement.box_px < 0.5
    assert made.agreement.score < 1e-3


def test_a_detector_that_sees_squares_is_exported_in_its_own_size(balls, settings, tmp_path):
    train(balls, tmp_path / "run", replace(settings, detector="ssdlite_mobilenet_v3", image_size=64, epochs=1))
    made = export(tmp_path / "run", tmp_path / "m.onnx")
    assert (made.size, made.resize, made.agreement.lost) == ((64, 64), STRETCH, 0)
    session, _ = opened(tmp_path / "m.onnx")
    boxes, scores, labels = session.run(None, {"image": np.zeros((1, 3, 64, 64), np.float32)})
    assert len(boxes) == len(scores) == len(labels)


def test_a_detector_that_finds_nothing_yet_is_not_exported(balls, settings, tmp_path):
    train(balls, tmp_path / "run", replace(settings, detector="yolox_nano", image_size=64, epochs=1))
    with pytest.raises(InputError, match=r"run: finds nothing with a score of 0\.05 on 6 images"):
        export(tmp_path / "run", tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_the_example_finds_what_predict_finds(trained, balls, tmp_path):
    """Of a picture that both look at in its own size; on another the two resize differently."""
    path = read_dataset(balls).samples[0].image
    with Image.open(path) as picture:
        picture.save(tmp_path / "p.png")
    run = tmp_path / "run"
    run.mkdir()
    for name in ("best.pt", "run.json"):
        (run / name).write_bytes((trained[0] / name).read_bytes())
    plain = json.loads((run / "run.json").read_text())
    plain["settings"]["image_size"] = 96
    (run / "run.json").write_text(json.dumps(plain))
    export(run, tmp_path / "m.onnx", image_size=(96, 128))
    prediction = predict(run, [tmp_path / "p.png"], tmp_path / "out", device="cpu")
    found = prediction.pictures[0].detections
    lines = _example(tmp_path, tmp_path / "m.onnx", float(found.scores[2]) - 1e-4)
    np.testing.assert_allclose([float(line[1]) for line in lines], found.scores[: len(lines)], atol=1e-3)
    np.testing.assert_allclose([[float(v) for v in line[2:]] for line in lines], found.boxes[: len(lines)], atol=0.5)
    assert len(lines) >= 3
    with Image.open(tmp_path / "drawn.png") as drawn:
        assert drawn.size == picture.size


def _example(folder, model, least):
    """What it prints, run without our package."""
    text = EXAMPLE.read_text().replace("LEAST_SCORE = 0.5", f"LEAST_SCORE = {least}")
    (folder / "example.py").write_text(text)
    arguments = [sys.executable, "-I", "example.py", model, "p.png", "drawn.png"]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [line.split() for line in done.stdout.splitlines()]


def test_the_example_tells_its_usage_and_what_it_cannot_read_in_a_line(model, tmp_path):
    Image.effect_noise((64, 64), 50).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:900])
    (tmp_path / "rubbish.png").write_bytes(b"rubbish")
    for arguments, says in (
        ((), "usage: python run_onnx.py model.onnx photo.jpg found.png"),
        ((model[0], "cut.png", "o.png"), "cut.png: can't be read as a picture ("),
        ((model[0], "rubbish.png", "o.png"), "rubbish.png: can't be read as a picture ("),
        ((model[0], "gone.png", "o.png"), "gone.png: can't be read as a picture ("),
    ):
        program = [sys.executable, "-I", EXAMPLE, *arguments]
        done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(says)
        assert len(done.stderr.splitlines()) == 1


def test_the_example_needs_neither_us_nor_torch_and_is_short():
    text = EXAMPLE.read_text()
    modules = {line.split()[1] for line in text.splitlines() if line.startswith(("import", "from"))}
    assert modules == {"json", "sys", "numpy", "onnxruntime", "PIL"}
    assert len(text.splitlines()) <= 45


def test_a_model_that_disagrees_is_not_written(trained, tmp_path, monkeypatch):
    (tmp_path / "m.onnx").write_bytes(b"older")
    honest = export_module.torch_model

    def off_by_a_pixel(model):
        def found(image):
            boxes, scores, labels = honest(model)(image)
            return boxes + 1, scores, labels

        return found

    monkeypatch.setattr(export_module, "torch_model", off_by_a_pixel)
    made = export(trained[0], tmp_path / "m.onnx", image_size=(96, 128))
    assert made.agreement.lost > 0
    assert (tmp_path / "m.onnx").read_bytes() == b"older"


def found(*rows):
    """Of (x0, y0, x1, y1, score, label) each."""
    plain = np.array(rows, float).reshape(-1, 6)
    return plain[:, :4], plain[:, 4], plain[:, 5].astype(int)


@pytest.mark.parametrize(
    ("other", "lost"),
    [
        (found((10.4, 10, 20, 20, 0.9, 1)), 0),
        (found((10.6, 10, 20, 20, 0.9, 1)), 2),
        (found((10, 10, 20, 20, 0.902, 1)), 2),
        (found((10, 10, 20, 20, 0.9, 0)), 2),
        (found(), 1),
        (found((10, 10, 20, 20, 0.9, 1), (0, 0, 9, 9, 0.04, 1)), 0),
        (found((10, 10, 20, 20, 0.9, 1), (0, 0, 9, 9, 0.06, 1)), 1),
    ],
    ids=["near", "off", "less sure", "another class", "lost", "unsure one more", "sure one more"],
)
def test_what_differs_is_counted_from_both_sides(other, lost):
    assert agreement(found((10, 10, 20, 20, 0.9, 1)), other).lost == lost
    assert agreement(other, found((10, 10, 20, 20, 0.9, 1))).lost == lost


def test_agreements_add_up_to_the_worst():
    assert Agreement(2, 1, 0.1, 0.0) + Agreement(3, 0, 0.3, 0.2) == Agreement(5, 1, 0.3, 0.2)


@pytest.mark.parametrize("shape", [(50, 200), (200, 50), (64, 96), (1, 1)], ids=str)
def test_pictures_keep_their_shape_in_a_letterbox_and_fill_it_stretched(shape):
    white = np.full((*shape, 3), 255, np.uint8)
    boxed = (fitted(white, (64, 96), LETTERBOX) == 255).all(-1)
    height, width = boxed.any(1).sum(), boxed.any(0).sum()
    assert boxed[:height, :width].all()
    assert height == 64 or width == 96
    assert abs(height * shape[1] - width * shape[0]) <= max(shape)
    assert (fitted(white, (64, 96), STRETCH) == 255).all()


def test_sizes_that_a_detector_does_not_take_are_refused():
    ssd = detector_named("ssdlite_mobilenet_v3").build(classes=1, image_size=64, pretrained=False)
    with pytest.raises(InputError, match=r"^--image-size: this detector stretches pictures to 64x64; leave"):
        exportable(ssd, 64, (64, 96))
    detr = DetrNetwork(nn.Identity(), 96, (0, 0, 0), (1, 1, 1))
    assert exportable(detr, 64, None)[1:] == ((96, 96), STRETCH)
    yolox = detector_named("yolox_nano").build(classes=1, image_size=64, pretrained=False)
    with pytest.raises(InputError, match=r"^--image-size 100x96: expected multiples of 32$"):
        exportable(yolox, 64, (100, 96))
    assert exportable(yolox, 96, None)[1:] == ((128, 128), LETTERBOX)


def test_a_detector_that_onnx_cannot_tell_is_refused_in_a_sentence(trained, tmp_path, monkeypatch):
    class Bicubic(nn.Module):
        def forward(self, images: list[Tensor]):
            mean = nn.functional.interpolate(images[0][None], (4, 4), mode="bicubic", antialias=True).mean()
            return [{"boxes": torch.zeros(1, 4) + mean, "scores": torch.ones(1), "labels": torch.ones(1).long()}]

    monkeypatch.setattr(export_module, "load_network", lambda *arguments: Bicubic().eval())
    with pytest.raises(
        InputError, match=r"^faster_rcnn_mobilenet can't be told in ONNX \(.*bicubic.*\); other detectors"
    ):
        export(trained[0], tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()
