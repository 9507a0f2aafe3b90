"""Every preset, as it is, through both engines: from its name to labels that hold every law."""

import pytest

from cyclorama.dataset import read_dataset
from cyclorama.dataset.verification import verify
from cyclorama.generate import generate
from cyclorama.scene import load_recipe, preset_names

ENGINES = [pytest.param("raster", marks=pytest.mark.gl), pytest.param("cycles", marks=pytest.mark.blender)]
# Of hollow models, which physics takes apart for a while, there are tests elsewhere.
TARGETS = load_recipe("demo", ["targets=[{model: 'builtin:box'}, {model: 'builtin:die'}]"]).targets
SMALL = ("image={width: 96, height: 72}", "views_per_scene=1", "empty_share=0", "render.quality=draft")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", sorted(set(preset_names()) - {"demo"}))
def test_a_preset_gives_pictures_with_labels(name, engine, tmp_path):
    distractors = "distractors.models=[builtin:cube, builtin:sphere, builtin:cone]"
    changes = [*SMALL, distractors, f"render.engine={engine}", "render.samples=1"]
    summary = generate(load_recipe(name, changes, targets=TARGETS), tmp_path / "data", count=2)
    assert (summary.done, summary.failed) == (2, 0)
    dataset = read_dataset(tmp_path / "data")
    assert any(not a.ignored for sample in dataset.samples for a in sample.annotations)
    assert all(sample.load_image().std() > 3 for sample in dataset.samples)
    report = verify(tmp_path / "data")
    assert not report.violations
