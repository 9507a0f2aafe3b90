"""Recipe files: what loads means what it says, and every mistake is one sentence that says where."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml
from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.scene import Recipe, gather, load_recipe, preset_names, schema
from cyclorama.scene.distributions import Distribution

TARGET = "targets: [{model: builtin:mug}]"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "cache"))


def loaded(text, *overrides, name="recipe.yaml"):
    Path(name).write_text(text)
    return load_recipe(name, overrides)


def refusal(text, *overrides):
    with pytest.raises(InputError) as caught:
        loaded(text, *overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("camera: {distanse_m: 1}", "recipe.yaml:2: camera.distanse_m: unknown key. Did you mean 'distance_m'?"),
        ("camra: {}", "recipe.yaml:2: camra: unknown key. Did you mean 'camera'?"),
        ("extend: tabletop", "recipe.yaml:2: extend: unknown key. Did you mean 'extends'?"),
        (
            "camera:\n  roll_deg: 0\n  distance_m: {uniform: [1.2, 0.4]}",
            "recipe.yaml:4: camera.distance_m: low 1.2 is above high 0.4",
        ),
        ("camera: {distance_m: {loguniform: [0, 1]}}", "recipe.yaml:2: camera.distance_m: loguniform starts at 0"),
        ("camera: {distance_m: {uniform: [0.4]}}", "recipe.yaml:2: camera.distance_m: uniform takes two numbers"),
        ("camera: {distance_m: {choice: []}}", "recipe.yaml:2: camera.distance_m: choice takes a list of numbers"),
        ("camera: {distance_m: {choice: [a]}}", "recipe.yaml:2: camera.distance_m: choice takes a list of numbers"),
        ("camera: {distance_m: {normal: [1, -1]}}", "recipe.yaml:2: camera.distance_m: standard deviation -1 is neg"),
        ("camera: {distance_m: {unifrm: [1, 2]}}", "recipe.yaml:2: camera.distance_m: expected a number or one of {"),
        ("camera: {distance_m: far}", "found 'far'"),
        ("camera: {distance_m: [0.3, 0.4]}", "found [0.3, 0.4]"),
        ("camera: {distance_m: yes}", "found True"),
        ("camera: {distance_m: .nan}", "found nan"),
        ("camera: {distance_m: -1}", "recipe.yaml:2: camera.distance_m: -1 is outside of 0.001 .. 1000"),
        ("camera: {fov_deg: {uniform: [60, 200]}}", "recipe.yaml:2: camera.fov_deg: 200 is outside of 1 .. 170"),
        (f"camera: {{distance_m: {10**400}}}", "recipe.yaml:2: camera.distance_m: expected a number"),
        ("camera: {distance_m: {randint: [0.5, 2.5]}}", "camera.distance_m: randint takes whole numbers"),
        ("camera: {sensor_width_mm: .inf}", "recipe.yaml:2: camera.sensor_width_mm: Input should be a finite number"),
        ("camera: {k: [500, 0, 320, 240]}", "recipe.yaml:2: camera.k[1]: Input should be greater than 0"),
        ("camera: {k: [500, 500]}", "recipe.yaml:2: camera.k: expected [fx, fy, cx, cy] in pixels of the picture"),
        ("camera: {k: [9, 9, 4, 4], fov_deg: 40}", "k says the field of view already; expected no fov_deg"),
        ("camera: {distortion: {}, fisheye: {}}", "distortion and fisheye are two lenses; expected one of them"),
        ("sensor: {bayer: 2}", "recipe.yaml:2: sensor.bayer: Input should be less than or equal to 1"),
        ("sensor: {read_noise_e: 5}", "recipe.yaml:2: sensor: read_noise_e is a number of electrons, and nothing says"),
        ("sensor: {vignetting: 1}", "recipe.yaml:2: sensor.vignetting: 1 is outside of 0 .. 0.99"),
        ("camera: 5", "recipe.yaml:2: camera: "),
        ("camera:", "recipe.yaml:2: camera: "),
        ("material: {roughness: {normal: [500, 1]}}", "recipe.yaml:2: material.roughness: 500 is outside of 0 .. 1"),
        ("layout: {count: 2.5}", "recipe.yaml:2: layout.count: expected a whole number"),
        ("layout: {count: {uniform: [1, 2]}}", "recipe.yaml:2: layout.count: expected a whole number"),
        ("layout: {count: -1}", "recipe.yaml:2: layout.count: -1 is outside of 0 .. 500"),
        ("layout: {kind: flotaing}", "recipe.yaml:2: layout.kind: no layout 'flotaing'. Did you mean 'floating'?"),
        ("render: {engine: cyles}", "recipe.yaml:2: render.engine: no engine 'cyles'. Did you mean 'cycles'?"),
        ("render: {engine: autp}", "recipe.yaml:2: render.engine: no engine 'autp'. Did you mean 'auto'?"),
        ("render: {engine: blender}", "no engine 'blender'. Expected one of: analytic, auto, cycles, mixed, raster"),
        (
            "render: {engine: mixed, cycles_share: 2}",
            "recipe.yaml:2: render.cycles_share: Input should be less than or",
        ),
        ("views_per_scene: 0", "recipe.yaml:2: views_per_scene: Input should be greater than or equal to 1, found 0"),
        ("views_per_scene: 2.5", "recipe.yaml:2: views_per_scene: Input should be a valid integer"),
        ("labels: [box, msk]", "recipe.yaml:2: labels[1]: no label 'msk'. Did you mean 'mask'?"),
        ("name: &a [*a]", "recipe.yaml: a value contains itself ('&' and '*'), or too many others; write it out"),
        (f"name: {'[' * 2000}", "recipe.yaml: a value contains itself ('&' and '*'), or too many others; write it out"),
        ("labels: [mask]", "recipe.yaml:2: labels: lacks 'box', which verifying, converting and training need; add it"),
        ("maps: [dept]", "recipe.yaml:2: maps[0]: no map 'dept'. Did you mean 'depth'?"),
        ("lamps: {kinds: [sun, pont]}", "recipe.yaml:2: lamps.kinds[1]: Input should be 'point', 'area'"),
        ("image: {width: big}", "recipe.yaml:2: image.width: Input should be a valid integer"),
        ("image: {width: 4}", "recipe.yaml:2: image.width: Input should be greater than or equal to 8, found 4"),
        ("empty_share: 2", "recipe.yaml:2: empty_share: Input should be less than or equal to 1, found 2"),
        ("categories: [cup]", "recipe.yaml:2: categories: lacks 'mug', which a target has"),
        ("categories: [mug, mug]", "recipe.yaml:2: categories: names 'mug' twice"),
        ("environment: {maps: []}", "recipe.yaml:2: environment.maps: List should have at least 1 item"),
        ("material: {textures: []}", "recipe.yaml:2: material.textures: List should have at least 1 item"),
        ("backdrop: {environment: 0, color: 0, photo: 0}", "recipe.yaml:2: backdrop: environment, color and photo"),
        ("camera: {roll_deg: 1, roll_deg: 2}", "recipe.yaml:2: 'roll_deg' is given twice"),
        ("[a]: 3", "recipe.yaml:2: expected a name before the colon"),
        ("name: [a", "is not YAML: "),
        ("name: a\x07b", "recipe.yaml: is not YAML: "),
        ("name: !mine a", "recipe.yaml:2: can't be read as a value: 'a'; put it in quotes"),
        ("name: 2024-13-45", "recipe.yaml:2: can't be read as a value: '2024-13-45'; put it in quotes"),
        ("extends: tabletp", "recipe.yaml:2: extends: no recipe 'tabletp'. Did you mean 'tabletop'?"),
    ],
)
def test_a_mistake_is_told_with_file_line_path_and_what_was_expected(lines, sentence):
    assert sentence in refusal(f"{TARGET}\n{lines}\n")


def test_all_mistakes_are_told_at_once_each_on_a_line_with_its_place():
    """Of one that pydantic finds in several types, the first alone."""
    lines = [
        "camera: {distanse_m: 1, path: {kind: arc}}", "views_per_scene: 0", "objects: {orientation: upside}",
        "layout:", "  kind: room", "  count: -1", "  spred_m: 2", "sensor: {read_noise_e: 5}",
    ]  # fmt: skip
    told = refusal("\n".join([TARGET, *lines]), "image.width=big").split("\n")
    starts = [
        "recipe.yaml:3: views_per_scene: ", "--set: image.width: ", "recipe.yaml:7: layout.count: ",
        "recipe.yaml:8: layout.spred_m: unknown key", "recipe.yaml:2: camera.distanse_m: unknown key",
        "recipe.yaml:4: objects.orientation: ", "recipe.yaml:9: sensor: read_noise_e",
    ]  # fmt: skip
    assert len(told) == len(starts)
    assert all(line.startswith(start) for line, start in zip(told, starts, strict=True))


def test_of_a_great_many_mistakes_the_first_ten_are_told():
    told = refusal(f"{TARGET}\ncamera: {{{', '.join(f'x{n}: 1' for n in range(13))}}}").split("\n")
    assert len(told) == 11
    assert told[-1] == "and 3 more mistakes"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "recipe.yaml:1: expected a recipe"),
        ("- a", "recipe.yaml:1: expected a recipe"),
        ("name: x", "recipe.yaml: targets: expected at least one model to be found"),
        ("targets: []", "recipe.yaml: targets: expected at least one model to be found"),
        ("targets: builtin:mug", "recipe.yaml:1: targets: Input should be a valid list"),
        ("targets: [builtin:mug]", "recipe.yaml:1: targets[0]: Input should be a valid dict"),
        ("targets:\n- model: builtin:mug\n- {}", "recipe.yaml:3: targets[1].model: Field required"),
        ("targets:\n- model: builtin:mug\n  modle: x", "recipe.yaml:3: targets[0].modle: unknown key. Did you mean"),
        ("targets: [{model: builtin:mug, weight: 0}]", "targets[0].weight: Input should be greater than 0"),
        ("targets: [{model: builtin:mug, weight: .inf}]", "targets[0].weight: Input should be a finite number"),
    ],
)  # fmt: skip
def test_a_recipe_without_a_sound_target_is_refused(text, sentence):
    assert sentence in refusal(text)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("camera", "--set camera: expected path=value"),
        ("=5", "--set =5: expected path=value"),
        ("camera.distanse_m=1", "--set: camera.distanse_m: unknown key. Did you mean 'distance_m'?"),
        ("camra.roll_deg=1", "--set: camra: unknown key. Did you mean 'camera'?"),
        ("camera.distance_m.uniform=[0.9,0.3]", "--set: camera.distance_m: low 0.9 is above"),
        ("camera.distance_m=[", "'[' is not a YAML value"),
        ("image.width.x=3", "image.width"),
        ("targets[1].model=builtin:die", "there is no '1'"),
        ("targets[0]=builtin:die", "expected a name after the list's item"),
        ("targets[0].modle=x", "--set: targets[0].modle: unknown key. Did you mean 'model'?"),
        ("targets[0].model.x=1", "'model' is a value and has nothing inside"),
        ("name=2024-13-45", "'2024-13-45' is not a YAML value"),
        ("name=&a [*a]", "--set name=&a [*a]: '&a [*a]' is not a YAML value"),
        ("name.first=x", "--set name.first=x: 'name' is a value and has nothing inside"),
        ("extends=tabletop", "--set extends=tabletop: only a recipe's file can say what it extends"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_as_such(override, sentence):
    assert sentence in refusal(f"name: shelf\n{TARGET}\n", override)


@pytest.mark.parametrize("elevation", ["-1", "{uniform: [-1, 30]}", "{choice: [20, -1]}", "{normal: [-1, 2]}"])
def test_a_camera_below_the_table_is_refused(elevation):
    said = refusal(f"{TARGET}\nextends: tabletop\ncamera: {{elevation_deg: {elevation}}}")
    assert (
        said
        == "recipe.yaml:3: camera: elevation_deg: -1 is outside of 0 .. 89.9, below the ground of layout 'tabletop'"
    )
    assert loaded(f"{TARGET}\ncamera: {{elevation_deg: {elevation}}}").layout.kind == "floating"


def test_a_normal_keeps_the_camera_above_the_table():
    for kind, lowest in (("tabletop", 0), ("floating", -89.9)):
        recipe = loaded(f"{TARGET}\nlayout: {{kind: {kind}}}\ncamera: {{elevation_deg: {{normal: [1, 90]}}}}")
        rng = np.random.default_rng(0)
        assert min(recipe.camera.elevation_deg.draw(rng) for _ in range(99)) == lowest


def test_an_override_within_a_lists_plain_item_is_refused():
    for written, override in (
        (f"{TARGET}\nlabels: [box]", "labels[0].x=1"),
        ("targets: [cup.ply]", "targets[0].unit=mm"),
    ):
        assert "is a value and has nothing inside" in refusal(written, override)


@pytest.mark.parametrize("written", ["", "camera: {distance_m: 2}", "camera: {distance_m: {normal: [1, 2]}}"])
@pytest.mark.parametrize(
    ("override", "distance_m"),
    [
        ("camera.distance_m=0.5", Distribution("constant", (0.5,), (1e-3, 1000))),
        ("camera.distance_m=5e-1", Distribution("constant", (0.5,), (1e-3, 1000))),
        ("camera.distance_m.uniform=[0.3,0.9]", Distribution("uniform", (0.3, 0.9), (1e-3, 1000))),
        ("camera.distance_m={choice: [1, 2]}", Distribution("choice", (1, 2), (1e-3, 1000))),
        ("camera={distance_m: {randint: [1, 3]}}", Distribution("randint", (1, 3), (1e-3, 1000))),
    ],
)
def test_an_override_replaces_whatever_the_recipe_had(written, override, distance_m):
    assert loaded(f"{TARGET}\n{written}", override).camera.distance_m == distance_m


def test_overrides_reach_into_lists_and_the_last_one_wins():
    text = "targets: [{model: builtin:mug}, {model: builtin:die}]\nlabels: [box, mask]"
    recipe = loaded(text, "targets[1].model=builtin:box", "targets.0.weight=3", "labels=[pose]", "labels=[box]")
    assert [(t.model, t.weight) for t in recipe.targets] == [("builtin:mug", 3), ("builtin:box", 1)]
    assert (recipe.labels, recipe.categories) == (["box"], ("mug", "box"))


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_recipe_but_for_its_targets(name):
    recipe = load_recipe(name, ["targets=[{model: builtin:mug}]"])
    assert recipe.model_dump() == loaded(f"{TARGET}\nextends: {name}\nname: {name}").model_dump()
    assert gather(recipe).targets


@pytest.mark.parametrize("name", ["default", *preset_names()])
def test_a_recipe_survives_its_own_yaml_and_json(name):
    recipe = loaded(TARGET if name == "default" else f"{TARGET}\nextends: {name}")
    values = recipe.model_dump()
    assert loaded(recipe.to_yaml(), name="again.yaml").model_dump() == values
    assert Recipe.model_validate(json.loads(json.dumps(recipe.model_dump(mode="json")))).model_dump() == values


def test_a_field_that_is_written_as_its_default_is_the_default():
    written = loaded(f"{TARGET}\nlayout: {{count: {{randint: [1, 4]}}, max_crop: 0.4}}\nempty_share: 0.05")
    assert written == loaded(TARGET)
    assert written.fingerprint([]) == loaded(TARGET).fingerprint([])


def test_a_recipe_lies_on_top_of_what_it_extends():
    Path("near").mkdir()
    Path("near/base.yaml").write_text(
        "extends: tabletop\ncamera: {distance_m: 1, roll_deg: {uniform: [0, 5]}}\nmaps: [depth]"
    )
    recipe = loaded(f"{TARGET}\nextends: near/base.yaml\ncamera: {{roll_deg: {{normal: [0, 1]}}}}")
    assert recipe.layout.kind == "tabletop"
    assert recipe.camera.distance_m.to_plain() == 1
    assert recipe.camera.roll_deg.to_plain() == {"normal": [0, 1]}
    assert recipe.maps == ["depth"]


def test_paths_are_relative_to_the_file_that_writes_them():
    Path("near").mkdir()
    Path("near/base.yaml").write_text("backdrop: {photos: [photos]}\ntargets: [{model: cup.ply, texture: none}]")
    Path("near/child.yaml").write_text("extends: base.yaml\nground: {photos: [/abs, builtin]}")
    recipe = load_recipe("near/child.yaml")
    assert [t.model for t in recipe.targets] == ["near/cup.ply"]
    assert recipe.targets[0].texture == "none"
    assert recipe.backdrop.photos == ["near/photos"]
    assert recipe.ground.photos == ["/abs", "builtin"]
    Path("near/child.yaml").write_text("extends: base.yaml\nground: {photos: [builtin_not, builtin:wood]}")
    assert load_recipe("near/child.yaml").ground.photos == ["near/builtin_not", "builtin:wood"]


def test_a_single_path_needs_no_brackets():
    Path("near").mkdir()
    Path("near/r.yaml").write_text(f"{TARGET}\nenvironment: {{maps: sky.hdr}}\nground: {{textures: builtin}}")
    recipe = load_recipe("near/r.yaml", ["backdrop.photos=here"])
    assert (recipe.environment.maps, recipe.ground.textures) == (["near/sky.hdr"], ["builtin"])
    assert recipe.backdrop.photos == ["here"], "the command line is written where one stands"


COLORS = "Bricks_1K-JPG_Color.jpg wood_rough_diff_1k.png pattern_col_1_1k.jpg IMG_12.JPG normal_street.jpg metal.png"
OTHERS = (
    "Bricks_1K-JPG_NormalGL.jpg Bricks_1K_Roughness.jpg Bricks_1K_Metalness.jpg wood_metallic.png wood_disp_1k.png "
    "Displacement.tif Wood_AmbientOcclusion.jpg wood_ao_2k.jpg height.png wood_nor_gl_4k.png wood_arm_1k.jpg .x.png"
)


def test_a_folder_of_textures_gives_those_that_show_colours_and_one_of_photographs_all():
    Path("folder/deep").mkdir(parents=True)
    for n, name in enumerate((COLORS + " " + OTHERS).split()):
        Image.new("RGB", (2, 2), (n, n, n)).save(Path("folder", "deep" if n % 2 else "", name))
    parts = "ground: {textures: folder, photos: folder}\nmaterial: {textures: folder}\ndistractors: {textures: folder}"
    assets = gather(loaded(f"{TARGET}\n{parts}"))
    stems = {Path(name).stem for name in COLORS.split()}
    for section in ("ground", "material", "distractors"):
        ids = assets.files[f"{section}.textures"]
        assert {assets.library.resources[id].id.rpartition("-")[0] for id in ids} == stems
    assert len(assets.files["ground.photos"]) == len((COLORS + " " + OTHERS).split()) - 1, "all but the hidden one"


def test_a_texture_that_is_named_itself_is_taken_whatever_its_name():
    Image.new("RGB", (2, 2)).save("wood_height.png")
    assert len(gather(loaded(f"{TARGET}\nground: {{textures: wood_height.png}}")).files["ground.textures"]) == 1


def test_a_unit_of_distractors_is_that_of_files():
    Path("bricks").mkdir()
    trimesh.creation.box((20, 30, 40)).export("bricks/brick.stl")
    assets = gather(loaded(f"{TARGET}\ndistractors: {{models: [builtin, bricks, 'builtin:die'], unit: mm}}"))
    sizes = {id: assets.library.model(id).radius_m for id in assets.files["distractors.models"]}
    assert [r for id, r in sizes.items() if "brick-" in id] == [pytest.approx(np.hypot(np.hypot(10, 15), 20) / 1000)]
    assert all(0.005 < r < 0.2 for r in sizes.values())


def test_a_mistake_in_an_extended_recipe_is_told_where_it_stands():
    Path("base.yaml").write_text("\n\ncamera: {distanse_m: 1}")
    assert refusal(f"{TARGET}\nextends: base.yaml").startswith("base.yaml:3: camera.distanse_m: unknown key")


@pytest.mark.parametrize("spelling", ["recipe.yaml", "./recipe.yaml", "sub/../recipe.yaml", "other.yaml"])
def test_a_recipe_that_extends_itself_is_refused(spelling):
    Path("sub").mkdir()
    Path("other.yaml").write_text("extends: sub/../recipe.yaml")
    assert "extends itself" in refusal(f"{TARGET}\nextends: {spelling}")


def test_a_missing_recipe_is_named_with_the_nearest_beside_its_reader():
    Path("near").mkdir()
    Path("near/common.yaml").write_text("")
    Path("near/cup.yaml").write_text("\nextends: comon.yaml")
    with pytest.raises(
        InputError, match=r"near/cup.yaml:2: extends: no recipe 'comon.yaml'. Did you mean 'common.yaml'\?"
    ):
        load_recipe("near/cup.yaml")
    with pytest.raises(InputError, match=r"no recipe 'near/cups.yaml'. Did you mean 'near/cup.yaml'\?"):
        load_recipe("near/cups.yaml")
    with pytest.raises(InputError, match=r"no recipe 'tabeltop'. Did you mean 'tabletop'\?"):
        load_recipe("tabeltop")


def test_a_file_that_is_no_text_is_refused():
    Path("recipe.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not a text file"):
        load_recipe("recipe.yaml")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("targets: [{model: cpu.ply}]", r"recipe.yaml: targets\[0\]: no .* 'cpu.ply'. Did you mean 'cup.ply'\?"),
        ("targets: [{model: builtin:mgu}]", r"targets\[0\]: no built-in model 'mgu'. Did you mean 'mug'\?"),
        ("targets: [{model: cup.ply}]", r"targets\[0\]: .*cup.ply: can't be read"),
        ("targets: [{model: cup.ply, unit: furlong}]", r"targets\[0\]: unit 'furlong'"),
        (f"{TARGET}\nenvironment: {{maps: [sky.hdr]}}", r"recipe.yaml: environment.maps: no environment map .*sky.hdr"),
        (f"{TARGET}\ndistractors: {{models: [empty]}}", r"distractors.models: folder 'empty' holds no .*\.ply"),
        ("targets: [{model: builtin:mug, unit: mm}]", r"targets\[0\]: builtin:mug: has a size, .* leave out unit"),
        ("targets: [{model: builtin:mug, up: y}]", r"targets\[0\]: builtin:mug: has a size, an up axis"),
        (f"{TARGET}\ndistractors: {{unit: mm}}", "yaml: distractors.unit: 'mm' is for files, and built-in"),
        (f"{TARGET}\nground: {{textures: maps}}", r"ground.textures: folder 'maps' holds no .*\.jpg .*can be used"),
        (f"{TARGET}\nbackdrop: {{photos: [builtin:wod]}}", r"l: backdrop.photos: no .* 'wod'. Did you mean 'wood'\?"),
    ],
)  # fmt: skip
def test_a_missing_or_damaged_asset_is_named(lines, sentence):
    Path("cup.ply").write_text("")
    Path("empty").mkdir()
    Path("maps").mkdir()
    Image.new("RGB", (2, 2)).save("maps/wood_normal.png")
    recipe = loaded(lines)
    with pytest.raises(InputError, match=sentence):
        gather(recipe)


def test_the_schema_has_every_field_and_every_kind_of_distribution():
    made = schema()
    assert set(made["properties"]) == {*Recipe.model_fields, "extends"}
    text = json.dumps(made)
    assert all(f'"{kind}"' in text for kind in ("uniform", "loguniform", "normal", "choice", "randint"))
    assert yaml.safe_load(loaded(TARGET).to_yaml()).keys() == Recipe.model_fields.keys()


@pytest.mark.parametrize(
    ("lines", "engine"),
    [
        ("name: x", "raster"),
        ("render: {engine: auto}", "raster"),
        ("render: {engine: auto, photorealistic: true}", "cycles"),
        ("render: {engine: raster, photorealistic: true}", "raster"),
        ("render: {engine: mixed}", "mixed"),
    ],
)
def test_a_recipe_names_the_engine_that_auto_means(lines, engine):
    recipe = loaded(f"{TARGET}\n{lines}\n")
    assert recipe.render.engine == recipe.render.settings().engine == engine
    assert Recipe.model_validate(recipe.model_dump(mode="json")).to_yaml() == recipe.to_yaml()


def test_a_layout_of_another_kind_keeps_what_its_kind_has_too():
    """``spread_m`` is the table's alone; ``count`` is every layout's."""
    table = loaded(f"{TARGET}\nextends: tabletop\nlayout: {{kind: floating}}")
    assert (table.layout.kind, table.layout.count.range) == ("floating", (1, 5))
    assert loaded(f"{TARGET}\nextends: tabletop", "layout.kind=floating").layout.kind == "floating"
    with pytest.raises(InputError, match=r"layout.spread_m: unknown key"):
        loaded(f"{TARGET}\nlayout: {{kind: floating, spread_m: 1}}")


def test_a_damaged_file_among_many_is_named_and_left_out_only_if_the_recipe_allows_it():
    Path("photos").mkdir()
    for n in range(3):
        Image.new("RGB", (8, 8), (n, 0, 0)).save(f"photos/{n}.png")
    Path("photos/1.png").write_bytes(Path("photos/1.png").read_bytes()[:40])
    backdrop = f"{TARGET}\nbackdrop: {{photos: photos}}"
    with pytest.raises(InputError, match=r"backdrop.photos: .*1\.png.*skip_damaged: true"):
        gather(loaded(backdrop))
    found = gather(loaded(f"{backdrop}\nskip_damaged: true"))
    assert len(found.files["backdrop.photos"]) == 2
    (sentence,) = found.damaged
    assert "1.png" in sentence
    with pytest.raises(InputError, match=r"backdrop.photos: .*1\.png"):
        gather(loaded(f"{TARGET}\nbackdrop: {{photos: photos/1.png}}\nskip_damaged: true"))
    for n in (0, 2):
        Path(f"photos/{n}.png").unlink()
    with pytest.raises(InputError, match="folder 'photos' holds nothing but damaged files"):
        gather(loaded(f"{backdrop}\nskip_damaged: true"))


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_means_the_same_when_it_was_written_and_read(name):
    """Workers get recipes as JSON, in which every key is given."""
    recipe = load_recipe(name, targets=load_recipe("demo").targets)
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe


@pytest.mark.parametrize(
    "change",
    [
        "camera.k=[60, 60, 32, 24]", "camera.fov_deg=60", "camera.fisheye={k1: 0.01}", "camera.path={kind: arc}",
        "camera.stereo={baseline_m: 0.1}", "camera.distortion={k1: 0.1}", "sensor.flicker={}", "sensor.white_e=100",
        "lamps.temperature_k=3000", "objects.orientation={upright: 1, any: 2}",
    ],
)  # fmt: skip
def test_a_recipe_with_an_optional_key_means_the_same_when_it_was_written_and_read(change):
    recipe = load_recipe("demo", [change, "views_per_scene=2"])
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("layout: {kind: [1]}", "recipe.yaml:2: layout.kind: no layout"),
        ("layout: {kind: {a: 1}}", "recipe.yaml:2: layout.kind: no layout"),
        ("objects: {orientation: upside}", "recipe.yaml:2: objects.orientation: Input should be 'any'"),
        ("layout: {kind: room, support: {shelf: 1}}", "recipe.yaml:2: layout.support.shelf: Input should be 'table'"),
    ],
)
def test_a_mistake_among_several_types_is_told_by_its_place_in_the_recipe(lines, sentence):
    assert refusal(f"{TARGET}\n{lines}").startswith(sentence)
