"""``cyclorama ablate``: what each influence of a recipe is worth."""

import json
from pathlib import Path

import pytest
from PIL import Image

from program import RECIPE

SHORT = (
    "-n", 20, "--weights", "none", "--epochs", 1, "--image-size", 64, "--workers", 1, "--device", "cpu",
)  # fmt: skip


@pytest.mark.train
def test_an_ablation_is_a_table_a_chart_and_goes_on_where_it_stopped(program):
    Path("die.yaml").write_text(RECIPE)
    command = ("ablate", "die.yaml", "--without", "sensor.blur", "--without", "camera.roll_deg", "-o", "out", *SHORT)
    out = program.does(*command)
    assert "without sensor.blur" in out
    assert "RENDERED images: says nothing about photographs" in out
    found = json.loads(Path("out/ablation.json").read_text())
    assert [row["without"] for row in found["rows"]] == ["whole", "sensor.blur", "camera.roll_deg"]
    assert all(low <= row["difference"] <= high for row in found["rows"][1:] for low, high in [row["interval"]])
    assert Path("out/ablation.png").is_file()
    again = program.does(*command)
    assert "20 new images" not in again
    assert json.loads(Path("out/ablation.json").read_text()) == found


def test_photographs_of_other_classes_are_refused_before_anything_is_rendered(program):
    Path("die.yaml").write_text(RECIPE)
    Path("cats/images").mkdir(parents=True)
    Path("cats/labels").mkdir()
    Image.new("RGB", (64, 48)).save("cats/images/0.png")
    Path("cats/labels/0.txt").write_text("0 0.5 0.5 0.4 0.4\n")
    Path("cats/data.yaml").write_text("names: [cat]\ntrain: images\n")
    sentence = program.refuses("ablate", "die.yaml", "--without", "sensor.blur", "-p", "cats", "-o", "out", *SHORT)
    assert sentence.startswith("cats: its classes (cat) are none of the detector's (die); if they are the same things")


def test_what_is_not_varied_is_refused_before_anything_is_rendered(program):
    Path("die.yaml").write_text(RECIPE)
    sentence = program.refuses("ablate", "die.yaml", "--without", "light.colour", "-o", "out", *SHORT)
    assert "Did you mean 'light.color'" in sentence
