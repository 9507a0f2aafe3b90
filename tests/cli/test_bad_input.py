"""Whatever a user may give that can't be used: one sentence, exit code 2, nothing written."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from program import TINY, assert_one_sentence


def brick(scale=1.0):
    return trimesh.creation.box(np.array([0.02, 0.03, 0.04]) * scale)


def missing():
    brick().export("cup.ply")
    return "cpu.ply"


def no_triangles():
    trimesh.PointCloud(np.eye(3)).export("cloud.ply")
    return "cloud.ply"


def an_empty_file():
    Path("empty.stl").write_bytes(b"")
    return "empty.stl"


def not_a_number():
    mesh = brick()
    mesh.vertices[3] = np.nan
    mesh.export("nan.ply")
    return "nan.ply"


def without_size():
    brick(0).export("point.ply")
    return "point.ply"


def a_kilometre_wide():
    brick(25_000).export("huge.stl")
    return "huge.stl"


def damaged_glb():
    Path("half.glb").write_bytes(brick().export(file_type="glb")[:300])
    return "half.glb"


def quad():
    Image.new("RGB", (8, 8), (200, 30, 40)).save("skin.png")
    Path("quad.mtl").write_text("newmtl skin\nKd 1 1 1\nmap_Kd skin.png\n")
    Path("quad.obj").write_text(
        "mtllib quad.mtl\nusemtl skin\nv 0 0 0\nv 1 0 0\nv 1 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nf 1/1 2/2 3/3\n"
    )
    return "quad.obj"


def without_its_texture():
    quad()
    Path("skin.png").unlink()
    return "quad.obj"


def with_a_damaged_texture():
    quad()
    Path("skin.png").write_bytes(Path("skin.png").read_bytes()[:50])
    return "quad.obj"


def another_format():
    Path("part.step").write_text("ISO-10303-21;")
    return "part.step"


def a_folder():
    Path("models").mkdir()
    return "models"


MODELS = [
    (missing, "no model file 'cpu.ply'. Did you mean 'cup.ply'?"),
    (no_triangles, "cloud.ply: holds no triangles; export the model as a mesh"),
    (an_empty_file, "empty.stl: holds no triangles; export the model as a mesh"),
    (not_a_number, "nan.ply: vertex 3 is not a finite number; repair the mesh"),
    (without_size, "point.ply: all vertices are at one point; the mesh has no size"),
    (a_kilometre_wide, "huge.stl: is 1e+03 m large when read in 'm'; set 'unit: mm'"),
    (damaged_glb, "half.glb: can't be read as glb, the file is damaged ("),
    (without_its_texture, "quad.obj: texture 'skin.png' is not there; put it beside the model or set 'texture: none'"),
    (with_a_damaged_texture, "quad.obj: texture 'skin.png' can't be read as an image, it is damaged; put a sound one"),
    (another_format, "part.step: can't read '.step' models; expected .obj .ply .stl .glb .gltf .fbx .usd .usda"),
    (a_folder, "models: is a folder; name the model file in it"),
]


@pytest.mark.parametrize(("make", "says"), MODELS, ids=lambda v: getattr(v, "__name__", ""))
def test_a_model_that_cannot_be_used(make, says, program):
    model = make()
    Path("r.yaml").write_text(f"targets:\n- model: {model}\n")
    assert says in program.refuses("check", model, "-o", "views.png")
    assert says in program.refuses("init", "thing", "--model", model)
    sentence = program.refuses("generate", "r.yaml", "-n", 2, "-o", "data")
    assert sentence.startswith("r.yaml: targets[0]: ")
    assert says in sentence


def test_a_unit_that_is_none(program):
    brick().export("cup.ply")
    for verb in (("check", "cup.ply"), ("init", "cup", "--model", "cup.ply")):
        sentence = program.refuses(*verb, "--unit", "mmm")
        assert sentence == "unit 'mmm' is neither a name nor a number of metres. Did you mean 'mm'?"


@pytest.mark.blender
def test_a_damaged_file_of_blenders_formats(program):
    Path("cup.fbx").write_bytes(b"rubbish" * 99)
    assert "cup.fbx: can't be imported: Blender can't read it, the file is damaged" in program.refuses(
        "check", "cup.fbx"
    )


TARGET = "targets: [{model: 'builtin:die'}]"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"{TARGET}\ncamera: {{distanse_m: 1}}", "r.yaml:2: camera.distanse_m: unknown key. Did you"),
        (f"{TARGET}\ncamra: {{}}", "r.yaml:2: camra: unknown key. Did you mean 'camera'?"),
        (f"{TARGET}\ncamera: {{distance_m: {{uniform: [2, 1]}}}}", "r.yaml:2: camera.distance_m: low 2 is above"),
        (f"{TARGET}\ncamera: {{fov_deg: 400}}", "r.yaml:2: camera.fov_deg: 400 is outside of 1 .. 170"),
        (f"{TARGET}\nimage: {{width: -5}}", "r.yaml:2: image.width: Input should be greater than or equal"),
        (f"{TARGET}\ncategories: [cup]", "r.yaml:2: categories: lacks 'die', which a target has"),
        (f"{TARGET}\nrender: {{engine: cyles}}", "r.yaml:2: render.engine: no engine 'cyles'. Did you mean 'cycles'?"),
        ("targets: []", "r.yaml: targets: expected at least one model to be found, e.g. '- model: cup.ply'"),
        ("name: cup", "r.yaml: targets: expected at least one model to be found, e.g. '- model: cup.ply'"),
        ("targets: [", "r.yaml:2: is not YAML: "),
        ("", "r.yaml:1: expected a recipe, 'key: value' lines"),
        (f"{TARGET}\nextends: tabeltop", "r.yaml:2: extends: no recipe 'tabeltop'. Did you mean 'tabletop'?"),
    ],
)  # fmt: skip
def test_a_recipe_that_is_wrong(text, sentence, program):
    Path("r.yaml").write_text(text + "\n")
    assert program.refuses("generate", "r.yaml", "-n", 2, "-o", "data").startswith(sentence)


def test_a_recipe_that_is_not_there_or_no_text(program):
    assert program.refuses("generate", "smal.yaml", "-n", 2, "-o", "data") == (
        "no recipe 'smal.yaml'. Did you mean 'small.yaml'?"
    )
    Path("r.yaml").write_bytes(b"\xff\xfe\x00")
    assert "is not a text file; expected a recipe in YAML" in program.refuses("generate", "r.yaml", "-n", 2, "-o", "d")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("camera.roll=1", "--set: camera.roll: unknown key. Did you mean 'roll_deg'?"),
        ("camera", "--set camera: expected path=value, e.g. camera.distance_m=0.5"),
        ("environment.maps=sky.hdr", "small.yaml: environment.maps: no environment map '"),
        ("environment.maps=rubbish.hdr", "rubbish.hdr: can't be read as a Radiance HDR image, the file is damaged"),
        ("environment.maps=rubbish.exr", "rubbish.exr: can't be read as an EXR with red, green and blue ("),
        ("environment.maps=[]", "--set: environment.maps: List should have at least 1 item"),
        ("backdrop.photos=rubbish.png", "rubbish.png: is no image that can be decoded ("),
        ("backdrop.photos=half.png", "half.png: can't be decoded ("),
        ("ground.textures=nowhere.png", "no image '"),
        ("ground.textures=nothing", "ground.textures: folder 'nothing' holds no .png .jpg"),
        ("distractors.models=nothing", "distractors.models: folder 'nothing' holds no .obj .ply"),
        ("targets[0].unit=mm", "small.yaml: targets[0]: builtin:die: has a size, an up axis and textures of its own"),
    ],
)
def test_a_setting_or_a_file_that_the_recipe_names(change, sentence, program):
    for name in ("rubbish.hdr", "rubbish.exr", "rubbish.png"):
        Path(name).write_bytes(b"rubbish")
    Image.effect_noise((64, 64), 50).save("half.png")
    Path("half.png").write_bytes(Path("half.png").read_bytes()[:500])
    Path("nothing").mkdir()
    assert sentence in program.refuses("generate", "small.yaml", "-n", 2, "-o", "data", "--set", change)


def photographs(name, category="dog"):
    """COCO's layout with one picture."""
    Path(name).mkdir()
    Image.new("RGB", (64, 48), (90, 120, 60)).save(Path(name, "a.png"))
    labels = {
        "images": [{"id": 1, "file_name": "a.png", "width": 64, "height": 48}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [8, 8, 20, 20]}],
        "categories": [{"id": 1, "name": category}],
    }
    Path(name, "labels.json").write_text(json.dumps(labels))
    return labels


def misspelt():
    photographs("fotos")


def nothing_known():
    Path("photos").mkdir()
    Path("photos", "notes.txt").write_text("")


def no_categories():
    labels = photographs("photos")
    Path("photos", "labels.json").write_text(json.dumps({**labels, "categories": [], "annotations": []}))


def no_classes_of_yolo():
    Path("photos", "images", "train").mkdir(parents=True)
    Path("photos", "data.yaml").write_text("train: images/train\nnames: []\n")


def no_images():
    labels = photographs("photos")
    Path("photos", "labels.json").write_text(json.dumps({**labels, "images": [], "annotations": []}))


def a_lost_image():
    photographs("photos")
    Path("photos", "a.png").unlink()


def half_a_json():
    photographs("photos")
    text = Path("photos", "labels.json").read_text()
    Path("photos", "labels.json").write_text(text[:-20])


def two_layouts():
    photographs("photos")
    Path("photos", "data.yaml").write_text("train: .\nnames: [dog]\n")


DATASETS = [
    (misspelt, "no dataset 'photos'. Did you mean 'fotos'?"),
    (
        nothing_known,
        "photos: no dataset found; expected ours (dataset.json), COCO (a .json with images and annotations)",
    ),
    (no_categories, "photos: has no categories; expected a list 'categories' of id and name"),
    (no_classes_of_yolo, "photos/data.yaml: 'names' is empty; expected the names of the classes"),
    (half_a_json, "photos/labels.json: is not JSON ("),
    (two_layouts, "photos: holds datasets in more than one layout (coco, yolo); name the folder or the .json or .yaml"),
]
OF_IMAGES = [
    (no_images, "photos: "),
    (a_lost_image, "photos/labels.json: no image 'a.png'; looked in photos, "),
]


@pytest.mark.parametrize(("make", "says"), [*DATASETS, *OF_IMAGES], ids=lambda v: getattr(v, "__name__", ""))
def test_a_dataset_that_cannot_be_used(make, says, program):
    make()
    assert program.refuses("convert", "photos", "--to", "voc", "-o", "out").startswith(says)
    if make is not a_lost_image:
        assert program.refuses("split", "photos").startswith(says)
    if (make, says) in DATASETS:
        assert program.refuses("verify", "photos").startswith(says)


def test_what_is_wrong_with_single_images_is_for_verify_to_list(program):
    a_lost_image()
    outcome = program("verify", "photos")
    assert (outcome.code, outcome.err) == (1, "")
    assert "readable: photos/labels.json: no image 'a.png'" in outcome.out


@pytest.mark.train
@pytest.mark.parametrize(("make", "says"), [*DATASETS, OF_IMAGES[0]], ids=lambda v: getattr(v, "__name__", ""))
def test_a_dataset_that_cannot_be_learnt_from(make, says, program):
    make()
    assert program.refuses("train", "photos", "-o", "run", *TINY).startswith(says)


@pytest.mark.train
def test_an_image_that_is_found_missing_in_training_leaves_nothing_that_is_in_the_way(program):
    a_lost_image()
    outcome = program("train", "photos", "-o", "run", *TINY)
    assert_one_sentence(outcome)
    assert outcome.err.startswith(f"cyclorama: {OF_IMAGES[1][1]}")
    shutil.rmtree("photos")
    photographs("photos", "cat")
    program.does("train", "photos", "-o", "run", *TINY)


@pytest.mark.train
@pytest.mark.parametrize(("make", "says"), [*DATASETS, *OF_IMAGES], ids=lambda v: getattr(v, "__name__", ""))
def test_a_dataset_that_cannot_be_measured_on(make, says, program, run):
    make()
    same = ("--class", "dog=die") if make is a_lost_image else ()
    if make is no_images:
        says, same = "photos: has no images to evaluate on", ("--class", "dog=die")
    assert program.refuses("evaluate", run, "photos", "-o", "out", *same, folders=[run]).startswith(says)


@pytest.mark.train
def test_photographs_of_other_classes_than_the_detectors(program, run):
    photographs("photos")
    assert program.refuses("evaluate", run, "photos", folders=[run]) == (
        "photos: its classes (dog) are none of the detector's (die); if they are the same things under other names, "
        "say --class PHOTO=DETECTOR"
    )
    for pair, sentence in {
        "dog": "--class dog: expected PHOTO=DETECTOR, two class names with one '=' between",
        "cat=die": "--class cat=die: the photographs have: dog",
        "dog=cat": "--class dog=cat: the detector knows: die",
    }.items():
        assert program.refuses("evaluate", run, "photos", "--class", pair, folders=[run]) == sentence


@pytest.mark.train
@pytest.mark.parametrize(
    ("photo", "sentence"),
    [
        ("b.png", "no image 'b.png'"),
        ("notes.md", "notes.md: is no image; expected .jpg, .png, .webp, ..."),
        ("notes.txt", "notes.txt: lists nothing; expected a path or an address on each line"),
        ("nothing", "nothing: holds no images (.jpg, .png, .webp, ...)"),
        ("webcam:x", "webcam:x: expected the camera's number, as in webcam:0"),
        ("*.gif", "*.gif: no image or video is called so; is the pattern right, and in quotes?"),
        ("noth*", "noth*: only folders are called so; name a folder, or what is in it: 'noth*/*'"),
    ],
)
def test_a_photograph_that_cannot_be_used(photo, sentence, program, run):
    Path("notes.txt").write_text("")
    Path("notes.md").write_text("")
    Image.effect_noise((64, 64), 50).save("a.png")
    Path("nothing").mkdir()
    assert program.refuses("predict", run, "a.png", photo, "-o", "out", folders=[run]).startswith(sentence)


@pytest.mark.train
def test_a_damaged_photograph_is_refused_alone_and_left_out_among_others(program, run):
    Path("rubbish.png").write_bytes(b"rubbish")
    Image.effect_noise((64, 64), 50).save("a.png")
    Path("half.png").write_bytes(Path("a.png").read_bytes()[:500])
    says = {"rubbish.png": "rubbish.png: is no image that can be decoded (", "half.png": "half.png: can't be decoded ("}
    for photo, sentence in says.items():
        assert program.refuses("predict", run, photo, "-o", "out", folders=[run]).startswith(sentence)
    outcome = program("predict", run, "rubbish.png", "a.png", "half.png", "-o", "out", "--device", "cpu")
    assert outcome.code == 1
    for line, sentence in zip(outcome.err.splitlines(), says.values(), strict=True):
        assert line.startswith(f"cyclorama: left out: {sentence}")
    assert {p.name for p in Path("out").rglob("*.*")} == {"a.jpg", "results.json", "files.txt"}


@pytest.mark.train
def test_a_run_that_is_none(program, renders, run):
    photographs("photos")
    Path("empty").mkdir()
    for folder in ("rnu", "empty"):
        says = f"{folder}: holds no training run (no run.json); 'cyclorama train' makes one."
        assert program.refuses("evaluate", folder, "photos").startswith(says)
        assert program.refuses("predict", folder, "photos/a.png", "-o", "out").startswith(says)
    shutil.copytree(run, "cut")
    for name in ("best.pt", "last.pt"):
        Path("cut", name).write_bytes(Path("cut", name).read_bytes()[:1000])
    assert "best.pt: is damaged" in program.refuses("predict", "cut", "photos/a.png", "-o", "out")


@pytest.mark.train
def test_a_setting_of_training_that_cannot_be_used(program, renders):
    for options, sentence in {
        ("--weights", "none", "--detector", "faster_rcnn"): "no detector 'faster_rcnn'; 'cyclorama detectors' lists",
        ("--weights", "w.pt"): "--weights: no file 'w.pt'; expected hub, none, a run's folder, "
        "or a .safetensors, .pt or .pth file",
        ("--weights", "small.yaml"): "small.yaml: holds no weights that can be read",
        ("--weights", "none", "--device", "gpu"): "--device gpu: expected auto, cpu or cuda",
    }.items():
        assert program.refuses("train", renders, "-o", "run", *options, folders=[renders]).startswith(sentence)


@pytest.mark.parametrize("shares", [("--train", ".8", "--val", ".8"), ("--train", "-1", "--test", "2")])
def test_shares_that_do_not_add_up(shares, program, renders):
    sentence = program.refuses("split", renders, *shares, folders=[renders])
    assert "expected shares of 0..1 that add up to 1" in sentence


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("yol", "no format 'yol'. Did you mean 'yolo'?"),
        ("bop", "'bop' can be read but not written; expected one of: coco, voc, webdataset, yolo, yolo_pose"),
    ],
)
def test_a_layout_that_is_not_written(to, sentence, program, renders):
    assert program.refuses("convert", renders, "--to", to, "-o", "out", folders=[renders]) == sentence


@pytest.mark.parametrize(
    "arguments", [("generate", "small.yaml"), ("generate", "small.yaml", "-n", "0", "-o", "d"), ("x",)]
)
def test_arguments_that_the_verb_does_not_have_end_with_2_too(arguments, program):
    outcome = program(*arguments)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
