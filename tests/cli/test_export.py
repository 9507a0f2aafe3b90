"""cyclorama export: what it says, and what it refuses before anything is written."""

from pathlib import Path

import pytest

from cyclorama.cli.verbs.export import export


@pytest.mark.train
def test_a_run_becomes_a_file_and_the_comparison_is_told(program, run):
    out = program.does("export", run, "-o", "models/die.onnx", "--image-size", "64x96")
    assert out.startswith("models/die.onnx: pictures of 64x96 (letterbox), ")
    assert "ONNX Runtime and torch on " in out
    assert "boxes alone" not in out
    assert Path("models/die.onnx").stat().st_size > 1e6


@pytest.mark.train
def test_what_the_file_leaves_out_is_told(tmp_path, monkeypatch, capsys):
    from cyclorama.detect import export as exporting
    from cyclorama.detect.agreement import Agreement

    def exported(run, path, *, image_size):
        path.write_bytes(b"model")
        return exporting.Exported((64, 96), "letterbox", ("keypoints",), 8, Agreement())

    monkeypatch.setattr(exporting, "export", exported)
    export(tmp_path, tmp_path / "m.onnx", image_size=None)
    assert "boxes alone are exported; keypoints are not" in capsys.readouterr().out.splitlines()


@pytest.mark.train
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("-o", "die.pt"), "die.pt: expected a name that ends in .onnx"),
        (("-o", "die.onnx", "--image-size", "64*64"), "--image-size 64*64: expected height and width of 32 to 4096"),
        (("-o", "die.onnx", "--image-size", "8"), "--image-size 8: expected height and width of 32 to 4096"),
        (("-o", "die.onnx", "--image-size", "100x96"), "--image-size 100x96: expected multiples of 32"),
    ],
    ids=["name", "no size", "small", "no multiple"],
)
def test_a_file_or_a_size_that_cannot_be_used(options, sentence, program, run):
    assert program.refuses("export", run, *options, folders=[run]).startswith(sentence)
