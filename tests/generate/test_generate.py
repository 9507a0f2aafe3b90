"""Image i depends on (recipe, assets, seed, i): not on workers, order, restarts or accidents."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.plugins import class_name, plugin_names, plugins
from cyclorama.core.render import ENGINES, RenderSettings
from cyclorama.core.scene import Scene
from cyclorama.dataset import read_dataset, split
from cyclorama.generate import generate
from cyclorama.generate.cores import suitable_workers, usable_cores
from cyclorama.generate.events import Done, Failed, Preparing, Started, WorkerRestarted
from cyclorama.generate.generate import EXECUTORS
from cyclorama.scene import Recipe, gather, sample_scene
from cyclorama.scene.layouts.tabletop import TabletopOptions

COUNT = 6
MAPS = ["instances", "depth", "depth_exr", "depth_sensor", "normals"]


def recipe_of(engine="analytic", **sections):
    return Recipe.model_validate(
        {
            "targets": [{"model": "builtin:die"}, {"model": "builtin:box"}],
            "image": {"width": 64, "height": 48},
            "distractors": {"count": 1},
            "backdrop": {"photo": 0},
            "environment": {"maps": ["builtin:studio"]},
            "render": {"engine": engine, "quality": "draft"},
            "maps": MAPS,
            **sections,
        }
    )


def made(out, engine="moody", **options):
    """The summary and all events."""
    events = []
    summary = generate(recipe_of(engine), out, on_event=events.append, **{"count": COUNT, **options})
    return summary, events


def content(out):
    """Every file but the logs, by name."""
    files = (p for p in out.rglob("*") if p.is_file())
    kept = (p for p in files if p.parent.name != "logs" and p.name != "failures.jsonl")
    return {str(p.relative_to(out)): p.read_bytes() for p in kept}


def failures(out):
    """What the store has noted of images that could not be made."""
    noted = [json.loads(line) for line in (out / "failures.jsonl").read_text().splitlines()]
    return [(note["index"], note["reason"]) for note in noted]


def counts(summary):
    return summary.done, summary.skipped, summary.failed


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """A dataset that was made without any trouble."""
    out = tmp_path_factory.mktemp("reference") / "data"
    summary, events = made(out, "analytic")
    assert counts(summary) == (COUNT, 0, 0)
    assert events[0] == Started(COUNT, 0)
    assert [e.index for e in events[1:]] == list(range(COUNT))
    assert all(isinstance(e, Done) and e.seconds > 0 for e in events[1:])
    return out


def test_images_beyond_those_asked_for_are_told_and_stay(reference):
    before = content(reference)
    summary, events = made(reference, "analytic", count=2)
    assert (*counts(summary), summary.beyond) == (0, 2, 0, COUNT - 2)
    assert events == [Started(2, 2)]
    assert content(reference) == before


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no process to cores")
def test_cores_that_are_not_for_us_are_not_counted():
    ours = os.sched_getaffinity(0)
    assert usable_cores() == len(ours)
    try:
        os.sched_setaffinity(0, {min(ours)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, ours)


@pytest.mark.parametrize("name", plugin_names(ENGINES))
def test_every_engine_says_how_many_workers_suit_it_and_needs_neither_blender_nor_opengl_for_that(name, monkeypatch):
    monkeypatch.setattr("cyclorama.generate.cores.usable_cores", lambda: 12)
    assert 12 // suitable_workers(name) in (1, 2, 3, 4)
    monkeypatch.setattr("cyclorama.generate.cores.usable_cores", lambda: 1)
    assert suitable_workers(name) == 1
    assert "bpy" not in sys.modules


def test_files_of_the_users_folder_are_not_taken_for_modules(reference, tmp_path, monkeypatch):
    for name in ("json", "numpy", "cv2", "cyclorama"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('mine')")
    monkeypatch.chdir(tmp_path)
    summary, _ = made(tmp_path / "data", "analytic", count=1)
    assert counts(summary) == (1, 0, 0)
    name = "records/0000/0000000.json"
    assert (tmp_path / "data" / name).read_bytes() == (reference / name).read_bytes()


def frames(out):
    """What stands in the store but for the header and the recipe, which name the engine."""
    kept = {name: data for name, data in content(out).items() if name not in ("dataset.json", "recipe.yaml")}
    return {name: strip(data) if name.endswith(".json") else data for name, data in kept.items()}


def strip(record):
    return {k: v for k, v in json.loads(record).items() if k != "fingerprint"}


def whole_frames(out):
    """Indexes of the frames that the store says are there, each of which must have all of its files."""
    found = [json.loads(path.read_text()) for path in sorted((out / "records").rglob("*.json"))]
    for record in found:
        with Image.open(out / record["image"]) as image:
            image.load()
        stem = Path(record["image"]).stem
        assert all(len(list((out / name).rglob(f"{stem}.*"))) == 1 for name in MAPS)
    return [record["index"] for record in found]


def test_a_dataset_is_the_same_to_the_last_bit_however_many_workers_made_it(reference, tmp_path):
    made(tmp_path / "data", "analytic", workers=2)
    assert content(tmp_path / "data") == content(reference)


def test_a_dataset_that_grows_in_steps_is_the_same_and_old_files_are_not_touched(reference, tmp_path):
    assert counts(made(tmp_path / "data", "analytic", count=2)[0]) == (2, 0, 0)
    before = {
        p: p.stat().st_mtime_ns for p in (tmp_path / "data").rglob("*") if p.is_file() and p.parent.name != "logs"
    }
    summary, events = made(tmp_path / "data", "analytic", workers=2)
    assert counts(summary) == (COUNT - 2, 2, 0)
    assert events[0] == Started(COUNT, 2)
    assert before == {p: p.stat().st_mtime_ns for p in before}
    assert content(tmp_path / "data") == content(reference)
    summary, events = made(tmp_path / "data", "analytic", count=3)
    assert (counts(summary), events) == ((0, 3, 0), [Started(3, 3)])


def test_a_frame_holds_the_scene_that_sampling_gives_and_the_image_of_its_size(reference):
    recipe = recipe_of()
    assets = gather(recipe)
    assert whole_frames(reference) == list(range(COUNT))
    for index in range(COUNT):
        record = json.loads((reference / f"records/0000/{index:07d}.json").read_text())
        scene = sample_scene(recipe, assets, seed=0, index=index)
        assert json.dumps(record["scene"]) == json.dumps(to_plain(scene))
        assert to_plain(from_plain(Scene, record["scene"])) == record["scene"]
        assert record["fingerprint"] == recipe.fingerprint(assets.ids())
        assert [a["instance_id"] for a in record["annotations"]] == [i.id for i in scene.labelled]
        with Image.open(reference / record["image"]) as image:
            assert image.size == (64, 48)


def test_views_of_one_scene_are_a_group_that_no_split_takes_apart(tmp_path):
    out = tmp_path / "data"
    generate(recipe_of(views_per_scene=2), out, count=COUNT)
    groups = {sample.id: sample.group for sample in read_dataset(out).samples}
    assert list(groups.values()) == ["scene 0", "scene 0", "scene 1", "scene 1", "scene 2", "scene 2"]
    splits = split(out, {"train": 0.4, "val": 0.3, "test": 0.3})
    assert sorted(len({groups[id] for id in ids}) for ids in splits.values()) == [1, 1, 1]
    assert all(len(ids) == 2 for ids in splits.values())


def test_a_dataset_names_the_engine_that_auto_meant(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["cyclorama.generate.generate"], "plugin", lambda *_: NoWorkers)
    settings = RenderSettings("auto", "draft")
    generate(recipe_of(), tmp_path / "data", count=1, settings=settings)
    header = json.loads((tmp_path / "data/dataset.json").read_text())
    assert header["provenance"]["engine"] == "raster"
    assert "engine: raster" in (tmp_path / "data/recipe.yaml").read_text()
    assert header["fingerprint"] == recipe_of("raster").fingerprint(gather(recipe_of()).ids())


class NoWorkers:
    """An executor that makes nothing."""

    def __init__(self, **_):
        pass

    def run(self, job, indexes, on_event):
        assert job.settings["engine"] == job.recipe["render"]["engine"] == "raster"


def test_only_what_is_missing_is_made(reference, tmp_path, wishes):
    made(tmp_path / "data")
    for index in (1, 4):
        (tmp_path / f"data/records/0000/{index:07d}.json").unlink()
    (tmp_path / "data/images/0000/0000001.png").write_bytes(b"half")
    assert counts(made(tmp_path / "data", workers=2)[0]) == (2, COUNT - 2, 0)
    assert Counter(i for i, _ in wishes.log()) == {0: 1, 1: 2, 2: 1, 3: 1, 4: 2, 5: 1}
    assert frames(tmp_path / "data") == frames(reference)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_is_replaced_and_its_image_made_again(workers, reference, tmp_path, wishes):
    wishes.make("die-2-once", "die-5-once")
    summary, events = made(tmp_path / "data", workers=workers)
    assert counts(summary) == (COUNT, 0, 0)
    assert [e for e in events if isinstance(e, WorkerRestarted)] == [WorkerRestarted("worker ended by signal 9")] * 2
    failed = sorted((e.index, e.reason, e.final) for e in events if isinstance(e, Failed))
    assert failed == [(2, "worker ended by signal 9", False), (5, "worker ended by signal 9", False)]
    assert frames(tmp_path / "data") == frames(reference)


@pytest.mark.parametrize(
    ("wish", "reason", "workers"),
    [
        ("fail", "RuntimeError: a bad mood", 1),
        ("fail", "RuntimeError: a bad mood", 2),
        ("die", "worker ended by signal 9", 2),
    ],
)
def test_an_image_that_always_fails_is_told_while_the_rest_goes_on(wish, reason, workers, reference, tmp_path, wishes):
    wishes.make(f"{wish}-1", f"{wish}-3", "slow")
    out = tmp_path / "data"
    summary, events = made(out, workers=workers)
    assert counts(summary) == (COUNT - 2, 0, 2)
    for index in (1, 3):
        told = [e for e in events if isinstance(e, Failed) and e.index == index]
        assert told == [Failed(index, reason, False)] * 2 + [Failed(index, reason, True)]
    # Nothing else failed, and nothing was reported that was not done.
    assert {e.index for e in events if isinstance(e, Failed)} == {1, 3}
    begun = Counter(i for i, _ in wishes.log())
    assert (begun[1], begun[3]) == (3, 3)
    if wish == "fail":
        assert begun == {0: 1, 1: 3, 2: 1, 3: 3, 4: 1, 5: 1}
    assert sorted(e.index for e in events if isinstance(e, Done)) == whole_frames(out) == [0, 2, 4, 5]
    assert failures(out) == [(1, reason), (3, reason)]
    if wish == "fail":
        assert "a bad mood" in (out / "logs/workers.log").read_text()
    wishes.drop(f"{wish}-1")
    assert counts(made(out, workers=workers)[0]) == (1, COUNT - 2, 1)
    assert failures(out) == [(3, reason)]
    wishes.drop(f"{wish}-3")
    assert counts(made(out, workers=workers)[0]) == (1, COUNT - 1, 0)
    assert not (out / "failures.jsonl").exists()
    assert frames(out) == frames(reference)


def test_an_image_is_finished_while_the_next_is_rendered(reference, tmp_path, wishes):
    wishes.make("patient")
    summary, events = made(tmp_path / "data")
    assert counts(summary) == (COUNT, 0, 0)
    assert not [e for e in events if isinstance(e, Failed)]
    assert frames(tmp_path / "data") == frames(reference)


def labelled(out, **options):
    """The summary and all events, of images whose labels can be made to misbehave."""
    recipe, events = recipe_of("moody", labels=[*recipe_of().labels, "touchy"]), []
    summary = generate(recipe, out, count=COUNT, on_event=events.append, **options)
    return summary, events


@pytest.mark.parametrize("workers", [1, 2])
def test_an_image_that_kills_while_it_is_labelled_takes_no_other_with_it(workers, reference, tmp_path, wishes):
    wishes.make("crumble-1", "crumble-3")
    out = tmp_path / "data"
    summary, events = labelled(out, workers=workers)
    assert counts(summary) == (COUNT - 2, 0, 2)
    assert {e.index for e in events if isinstance(e, Failed) and e.final} == {1, 3}
    assert sorted(e.index for e in events if isinstance(e, Done)) == whole_frames(out) == [0, 2, 4, 5]
    # An image that was rendered beside them can be blamed once: it is made again with no other beside it.
    blamed = Counter(e.index for e in events if isinstance(e, Failed))
    assert all(times == 3 if index in (1, 3) else times == 1 for index, times in blamed.items())
    for index in (1, 3):
        wishes.drop(f"crumble-{index}")
    assert counts(labelled(out)[0]) == (2, COUNT - 2, 0)
    assert frames(out) == frames(reference)


def test_an_image_whose_labels_fail_is_tried_again_and_told(reference, tmp_path, wishes):
    wishes.make("spoil-1-once", "spoil-3")
    out = tmp_path / "data"
    summary, events = labelled(out)
    assert counts(summary) == (COUNT - 1, 0, 1)
    reason = "RuntimeError: a bad label"
    failed = Counter((e.index, e.reason, e.final) for e in events if isinstance(e, Failed))
    assert failed == {(1, reason, False): 1, (3, reason, False): 2, (3, reason, True): 1}
    assert failures(out) == [(3, reason)]
    assert "a bad label" in (out / "logs/workers.log").read_text()


def test_labels_that_take_too_long_are_blamed_on_their_own_image(reference, tmp_path, wishes):
    wishes.make("stall-1-once")
    summary, events = labelled(tmp_path / "data", workers=2, image_timeout_s=3)
    assert counts(summary) == (COUNT, 0, 0)
    reason = "took more than 3 s; give it longer with --image-timeout"
    assert [e for e in events if isinstance(e, Failed)] == [Failed(1, reason, False)]
    assert frames(tmp_path / "data") == frames(reference)


def test_a_note_of_failures_that_a_killed_run_left_is_made_true(tmp_path):
    out = tmp_path / "data"
    made(out, "analytic", count=2)
    lines = [json.dumps({"index": i, "reason": "then"}) + "\n" for i in (1, 7, 7)]
    (out / "failures.jsonl").write_text("".join(lines))
    made(out, "analytic", count=3)
    assert failures(out) == [(7, "then")]
    (out / "failures.jsonl").write_text("{")
    with pytest.raises(InputError, match=r"failures.jsonl: is damaged \(.*\); delete it, no image needs it$"):
        made(out, "analytic", count=4)


def test_an_image_that_fails_once_costs_no_other_image_its_place(reference, tmp_path, wishes):
    wishes.make(*(f"fail-{i}-once" for i in range(COUNT)))
    assert counts(made(tmp_path / "data")[0]) == (COUNT, 0, 0)
    assert Counter(i for i, _ in wishes.log()) == dict.fromkeys(range(COUNT), 2)
    assert frames(tmp_path / "data") == frames(reference)


def test_a_worker_that_dies_after_a_failure_takes_no_image_but_its_own_with_it(reference, tmp_path, wishes):
    wishes.make("fail-0-once", "die-1-once")
    summary, events = made(tmp_path / "data")
    assert counts(summary) == (COUNT, 0, 0)
    assert [e.index for e in events if isinstance(e, Failed)] == [0, 1]
    assert frames(tmp_path / "data") == frames(reference)


def test_a_scene_that_cannot_be_sampled_is_not_tried_again(tmp_path):
    recipe, events = recipe_of(camera={"distance_m": 0.02}, layout={"max_crop": 0}, empty_share=0), []
    summary = generate(recipe, tmp_path / "data", count=2, on_event=events.append)
    assert counts(summary) == (0, 0, 2)
    assert [(e.index, e.final) for e in events[1:]] == [(0, True), (1, True)]
    assert all("no target fits the view" in e.reason and "move the camera away" in e.reason for e in events[1:])


def test_workers_are_replaced_after_so_many_images(reference, tmp_path, wishes):
    """The executor is a user's own, too."""
    summary, events = made(tmp_path / "data", executor="hasty", count=5)
    assert counts(summary) == (5, 0, 0)
    assert sorted(Counter(pid for _, pid in wishes.log()).values()) == [1, 2, 2]
    assert not [e for e in events if isinstance(e, WorkerRestarted)]
    assert not [pid for _, pid in wishes.log() if alive(pid)]


def test_a_worker_that_hangs_is_killed_and_its_image_made_again(reference, tmp_path, wishes):
    wishes.make("hang-1-once")
    summary, events = made(tmp_path / "data", workers=2, image_timeout_s=3)
    assert counts(summary) == (COUNT, 0, 0)
    reason = "took more than 3 s; give it longer with --image-timeout"
    assert [e for e in events if isinstance(e, Failed)] == [Failed(1, reason, False)]
    assert [e for e in events if isinstance(e, WorkerRestarted)] == [WorkerRestarted(reason)]
    assert frames(tmp_path / "data") == frames(reference)


def test_an_engine_that_refuses_to_start_is_told_at_once(tmp_path, wishes):
    wishes.make("refuse")
    with pytest.raises(InputError, match="no mood to start"):
        made(tmp_path / "data", workers=2)


def test_workers_that_cannot_start_are_given_up_with_the_place_of_their_log(tmp_path, wishes):
    wishes.make("crash")
    with pytest.raises(InputError, match=r"workers can't start \(worker ended with exit code 1\); see .*workers.log"):
        made(tmp_path / "data", workers=2)
    assert "crashed at the start" in (tmp_path / "data/logs/workers.log").read_text()


PROGRAM = """
import json, sys
from pathlib import Path
from cyclorama.generate import generate
from cyclorama.scene import Recipe
try:
    generate(Recipe.model_validate(json.loads(sys.argv[1])), Path(sys.argv[2]), count=int(sys.argv[3]), workers=2)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_an_interrupted_run_leaves_whole_frames_and_goes_on(how, code, tmp_path, wishes):
    # More than are in the workers at once: a worker whose parent is gone finishes those.
    out, count = tmp_path / "data", 3 * COUNT
    wishes.make("slow")
    recipe = json.dumps(recipe_of("moody").model_dump(mode="json"))
    command = [sys.executable, "-c", PROGRAM, recipe, str(out), str(count)]
    # In a group of its own, so that the interrupt reaches the workers too, as Ctrl-C does.
    with subprocess.Popen(command, stderr=subprocess.PIPE, process_group=0) as parent:
        wait_until(lambda: len(list(out.glob("records/*/*.json"))) >= 2)
        (os.killpg if how == signal.SIGINT else os.kill)(parent.pid, how)
        assert parent.wait(20) == code
    wait_until(lambda: not [pid for _, pid in wishes.log() if alive(pid)])
    there = whole_frames(out)
    assert 2 <= len(there) < count
    assert counts(made(out, count=count)[0]) == (count - len(there), len(there), 0)
    made(tmp_path / "undisturbed", "analytic", count=count)
    assert frames(out) == frames(tmp_path / "undisturbed")


def test_a_second_command_on_the_same_folder_is_refused_and_the_first_goes_on(reference, tmp_path):
    out, refused = tmp_path / "data", []

    def try_another(event):
        if isinstance(event, Done):
            # More than are being made, so that it finds something to do however far the first is.
            with pytest.raises(InputError) as caught:
                made(out, "analytic", count=2 * COUNT)
            refused.append(str(caught.value))

    summary = generate(recipe_of(), out, count=COUNT, on_event=try_another)
    assert counts(summary) == (COUNT, 0, 0)
    sentence = f"{out}: another command is writing there; wait until it is done, or choose another folder"
    assert refused == [sentence] * COUNT
    assert content(out) == content(reference)


def wait_until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def small_disk(tmp_path):
    """A disk of our own, and a function that mounts it anew with other options."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True).returncode

    if sys.platform != "linux" or os.geteuid() != 0 or mount("size=160k"):
        pytest.skip("mounting a small disk takes root on Linux")
    yield folder, mount
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(workers, reference, tmp_path, small_disk):
    folder, mount = small_disk
    out = folder / "data"
    with pytest.raises(
        InputError, match=r"^can't write '.*/disk/data.*': No space left on device; make room or choose"
    ):
        made(out, "analytic", workers=workers)
    there = whole_frames(out)
    assert len(there) < COUNT
    assert not list(out.rglob("*.tmp"))
    assert mount("remount,size=64m") == 0
    assert counts(made(out, "analytic")[0]) == (COUNT - len(there), len(there), 0)
    assert content(out) == content(reference)


def test_a_disk_that_cannot_be_written_is_one_sentence(tmp_path, small_disk):
    folder, mount = small_disk
    assert mount("remount,size=64m") == 0
    made(folder / "data", "analytic", count=1)
    assert mount("remount,ro") == 0
    with pytest.raises(InputError, match=r"can't write '.*/disk/data.*': Read-only file system"):
        made(folder / "data", "analytic")
    with pytest.raises(InputError, match="new: can't be written"):
        made(folder / "new", "analytic")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can't be written"):
        made(tmp_path / "file" / "data", "analytic")


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    for out in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(InputError, match="holds something that is no dataset of ours; choose another folder"):
            made(out, "analytic")
    assert [p.name for p in tmp_path.rglob("*")] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"recipe": recipe_of(camera={"roll_deg": 0})}, "holds a dataset of another recipe"),
        ({"recipe": recipe_of(targets=[{"model": "builtin:mug"}])}, "holds a dataset of another recipe"),
        ({"settings": RenderSettings("analytic", "best")}, "holds a dataset of another recipe"),
        ({"seed": 1}, "holds images of seed 0, not 1"),
    ],
    ids=["recipe", "models", "quality", "seed"],
)
def test_images_of_another_recipe_or_seed_do_not_mix(changed, sentence, reference):
    before = content(reference)
    with pytest.raises(InputError, match=sentence):
        generate(**{"recipe": recipe_of(), "out": reference, "count": COUNT + 1, **changed})
    assert content(reference) == before


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"seed": -1}, {"executor": "locl"}, {"image_timeout_s": 0}], ids=str)
def test_a_wrong_number_or_name_is_refused_before_anything_is_written(wrong, tmp_path):
    with pytest.raises(InputError, match=r"at least 1 worker|Did you mean 'local'\?|expected more than 0$"):
        made(tmp_path / "data", "analytic", **wrong)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", sorted(plugins(EXECUTORS)))
def test_every_executor_makes_the_same_dataset(name, reference, tmp_path):
    """The conformance test of ``generate/executors``."""
    assert plugins(EXECUTORS)[name].__name__ == class_name(name)
    made(tmp_path / "data", "analytic", executor=name)
    assert content(tmp_path / "data") == content(reference)


def test_convex_pieces_are_made_once_before_the_first_image_and_told(tmp_path, monkeypatch):
    pieces, told = {}, []
    module = sys.modules[generate.__module__]
    monkeypatch.setattr(module, "quick_parts", lambda model: pieces.get(model.id))
    monkeypatch.setattr(module, "convex_parts", lambda model: pieces.setdefault(model.id, (1,)))
    recipe = recipe_of("analytic").model_copy(update={"layout": TabletopOptions(physics=True, count=1)})
    for run in range(2):
        generate(recipe, tmp_path / str(run), count=1, on_event=told.append)
    assert [type(e) for e in told] == [Started, Preparing, Preparing, Done, Started, Done], "two targets, once each"
    assert len(pieces) == 2
