"""Where nothing can be written, or something else is already."""

import errno
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from program import TINY, assert_one_sentence, content


@pytest.fixture
def writers(program, renders):
    """Arguments of every verb that writes a folder, all but the folder."""
    return {
        "generate": ("generate", "small.yaml", "-n", 2, "-o"),
        "convert": ("convert", renders, "--to", "coco", "-o"),
        "train": ("train", renders, *TINY, "-o"),
        "demo": ("demo", "-n", 20, "-o"),
        # Where to write is looked at before the run is, which is none.
        "evaluate": ("evaluate", "run", "photos", "-o"),
        "predict": ("predict", "run", "a.png", "-o"),
    }


LEARN = [pytest.param(verb, marks=pytest.mark.train) for verb in ("train", "demo", "evaluate", "predict")]
WRITERS = ["generate", "convert", *LEARN]


@pytest.mark.parametrize("verb", WRITERS)
def test_a_file_in_the_place_of_a_folder(verb, writers, program):
    Path("thesis").write_text("years of work")
    for place in ("thesis", "thesis/data"):
        sentence = program.refuses(*writers[verb], place)
        assert sentence.startswith(f"{place}: can't be a folder, because '")
        assert sentence.endswith("thesis' is a file; choose another folder")


@pytest.mark.parametrize("verb", WRITERS)
def test_a_read_only_folder(verb, writers, program, disk):
    folder, mount = disk
    assert mount("remount,ro")
    for place in (folder, folder / "new"):
        sentence = program.refuses(*writers[verb], place)
        assert sentence == f"{place}: can't be written, '{folder}' is read-only; choose another folder"


def test_a_read_only_folder_for_a_recipe_a_picture_or_splits(program, disk, renders):
    folder, mount = disk
    shutil.copytree(renders, folder / "die")
    assert mount("remount,ro")
    says = f"{folder}: can't be written, '{folder}' is read-only; choose another folder"
    assert program.refuses("check", "builtin:die", "-o", folder / "views.png") == says
    assert program.refuses("init", folder / "die", "--model", "builtin:die") == says
    sentence = program.refuses("split", folder / "die")
    assert sentence.startswith(f"can't write '{folder}/die/splits.json")
    assert sentence.endswith("Read-only file system; make room or choose another folder")


def test_a_recipe_that_may_not_be_read_is_not_said_to_be_unwritable(program, monkeypatch):
    plain = Path.read_text

    def forbidden(path, *arguments, **options):
        if path.name == "small.yaml":  # Root, who runs these tests at times, may read anything.
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return plain(path, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", forbidden)
    assert program.refuses("generate", "small.yaml", "-n", 1, "-o", "die") == (
        "no permission for 'small.yaml' (Permission denied); allow it, or choose another place"
    )


def test_a_full_disk_stops_rendering_and_the_same_command_goes_on(program, disk):
    folder, mount = disk
    assert mount("remount,size=100k")
    render = ("generate", "small.yaml", "-n", 12, "-o", folder / "die", "--workers", 1)
    outcome = program(*render)
    assert_one_sentence(outcome)
    assert "No space left on device" in outcome.err
    assert not list(folder.rglob("*.tmp"))
    there = len(list((folder / "die" / "records").rglob("*.json")))
    assert 0 < there < 12
    assert mount("remount,size=64m")
    assert f"{12 - there} new images, {there} there before, 0 failed" in program.does(*render)
    assert "every label law holds" in program.does("verify", folder / "die")


@pytest.mark.parametrize("to", ["coco", "yolo", "voc"])
def test_a_full_disk_leaves_no_half_of_a_conversion(to, program, renders, disk):
    folder, mount = disk
    assert mount("remount,size=16k")
    sentence = program.refuses("convert", renders, "--to", to, "-o", folder / "out")
    assert sentence.endswith("No space left on device; make room or choose another folder")
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_no_half_of_a_recipe(program, disk):
    folder, mount = disk
    assert mount("remount,size=4k")
    (folder / "filler").write_bytes(bytes(4096))
    sentence = program.refuses("init", folder / "die", "--model", "builtin:die")
    assert sentence.endswith("No space left on device; make room or choose another folder")


@pytest.mark.train
def test_a_full_disk_leaves_no_half_of_a_checkpoint(program, renders, disk):
    folder, mount = disk
    assert mount("remount,size=8m")
    outcome = program("train", renders, "-o", folder / "run", *TINY)
    assert_one_sentence(outcome)
    assert "No space left on device" in outcome.err
    assert not list(folder.rglob("*.pt*"))


def test_a_folder_that_holds_another_recipes_dataset(program, renders, tmp_path):
    shutil.copytree(renders, "die")
    render = ("generate", "small.yaml", "-n", 6, "-o", "die")
    assert "0 new images, 6 there before" in program.does(*render)
    fewer = program.does("generate", "small.yaml", "-n", 4, "-o", "die")
    assert "die: holds 6 images, more than the 4 asked for; none is removed" in fewer.splitlines()
    for change in ("camera.roll_deg=0", "targets[0].model=builtin:box", "targets[0].category=cube"):
        assert program.refuses(*render, "--set", change) == (
            "die: holds a dataset of another recipe ('die'); choose another folder, or undo the changes of recipe, "
            "--set, models or textures"
        )
    assert program.refuses(*render, "--seed", 1) == "die: holds images of seed 0, not 1; choose another folder"


@pytest.mark.parametrize("verb", WRITERS[:3])
def test_a_folder_that_holds_something_else(verb, writers, program):
    Path("work").mkdir()
    Path("work", "thesis.txt").write_text("years of work")
    assert "work: " in program.refuses(*writers[verb], "work")


def test_a_recipe_that_is_there_is_not_overwritten(program):
    Path("die.yaml").write_text("mine")
    assert program.refuses("init", "die", "--model", "builtin:die") == (
        "'die.yaml' exists; choose another name or add --force to overwrite it"
    )
    program.does("init", "die", "--model", "builtin:die", "--force")
    assert "name: die" in Path("die.yaml").read_text()


@pytest.mark.train
def test_a_run_on_another_dataset_or_with_other_settings_is_left_alone(program, renders, run):
    again = ("train", renders, "-o", run, *TINY)
    program.does(*again)
    before = content(run)
    assert "holds a run with epochs 1, not 2" in program.refuses(*again, "--epochs", 2, folders=[run])
    shutil.copytree(renders, "other")
    assert "holds a run on " in program.refuses("train", "other", *again[2:], folders=[run])
    assert content(run) == before


def test_views_and_recipes_find_their_folder_or_make_it(program):
    program.does("check", "builtin:die", "-o", "new/views.png")
    with Image.open("new/views.png") as views:
        assert min(views.size) > 100
    Path("views").mkdir()
    assert program.refuses("check", "builtin:die", "-o", "views") == "views: is a folder; name a file in it"
    assert json.loads(program.does("schema"))["title"] == "Recipe"
