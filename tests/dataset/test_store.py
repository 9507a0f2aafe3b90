"""The native store gives back what was put in, whole or not at all."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.plain import to_plain
from cyclorama.dataset import read_dataset, split, verify
from cyclorama.dataset.formats import cyclorama
from cyclorama.dataset.store import HEADER, Store, annotation_to_plain
from cyclorama.label.annotate import annotate
from cyclorama.label.objects.mask import Mask
from stores import LABELS, ball_frame, ball_store


@pytest.mark.parametrize("maps", [("instances", "depth", "normals"), ("depth_exr",), ()], ids=str)
def test_what_is_read_is_what_was_written(tmp_path, maps):
    ball_store(tmp_path / "d", count=3, maps=maps, min_visible_fraction=0.7)
    dataset = read_dataset(tmp_path / "d")
    assert dataset.categories == ("ball",)
    for i, sample in enumerate(dataset.samples):
        frame = ball_frame(i)
        written = annotate(frame, labels=LABELS, min_visible_fraction=0.7, min_size_px=4)
        np.testing.assert_array_equal(sample.load_image(), frame.rgb)
        assert to_plain(sample.load_scene()) == to_plain(frame.scene)
        assert [annotation_to_plain(a) for a in sample.annotations] == [annotation_to_plain(a) for a in written]
        assert set(sample.maps) == set(maps)
    assert any(a.ignored for s in dataset.samples for a in s.annotations), "no flagged object to be kept"


def test_splits_are_known_without_reading_a_record(tmp_path, monkeypatch):
    ball_store(tmp_path / "d", count=4)
    members = split(tmp_path / "d", {"train": 0.5, "test": 0.5})
    ids = [s.id for s in read_dataset(tmp_path / "d").samples]
    monkeypatch.setattr(cyclorama, "read_json", lambda path: pytest.fail(f"{path} was read"))
    dataset = read_dataset(tmp_path / "d")
    assert {name: sorted(ids[i] for i in positions) for name, positions in dataset.splits.items()} == members


def test_maps_are_exact_within_their_files_steps(tmp_path):
    ball_store(tmp_path / "d", count=1)
    sample, geometry = read_dataset(tmp_path / "d").samples[0], ball_frame(0).geometry
    depth = sample.maps["depth"]()
    np.testing.assert_array_equal(np.isfinite(depth), np.isfinite(geometry.depth_m))
    seen = np.isfinite(depth)
    assert np.abs(depth[seen] - geometry.depth_m[seen]).max() <= 0.51e-4
    assert np.abs(sample.maps["normals"]() - geometry.normal_camera).max() <= 1 / 127


def test_a_frame_without_its_record_does_not_exist(tmp_path):
    store = ball_store(tmp_path / "d", count=3)
    store.path("records", 1, ".json").unlink()
    assert Store.open(tmp_path / "d").done() == {0, 2}
    assert [s.id for s in read_dataset(tmp_path / "d").samples] == ["0000000", "0000002"]


def test_a_frames_files_are_on_the_disk_before_its_record_has_its_name(tmp_path, monkeypatch):
    store, steps, synced, renamed = ball_store(tmp_path / "d", count=0), [], os.fsync, Path.replace

    def sync(descriptor):
        steps.append(("sync", os.fstat(descriptor).st_ino))
        synced(descriptor)

    def rename(path, target):
        steps.append(("rename", path.stat().st_ino))
        return renamed(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)
    store.write(ball_frame(0), ())
    record = store.path("records", 0, ".json").stat().st_ino
    files = {p.stat().st_ino for p in store.root.glob("*/*/*")}
    assert steps[-1] == ("rename", record)
    assert {inode for what, inode in steps[:-1] if what == "sync"} == files


def test_another_recipes_frames_are_refused_and_the_first_are_kept(tmp_path):
    ball_store(tmp_path / "d", count=2)
    with pytest.raises(InputError, match="holds a dataset of another recipe"):
        ball_store(tmp_path / "d", fingerprint="1" * 20)
    assert len(read_dataset(tmp_path / "d").samples) == 2


@pytest.mark.parametrize("stray", ["records/0000/notes.json", "records/0000/._0000001.json", "records/0000/1.json"])
def test_files_of_others_among_the_records_are_passed_over(tmp_path, stray):
    store = ball_store(tmp_path / "d", count=2)
    for name in (stray, "records/notes.txt"):
        (store.root / name).write_text("{}")
    assert store.done() == {0, 1}
    assert len(read_dataset(tmp_path / "d").samples) == 2


@pytest.mark.parametrize("interrupt_at", [1, 2, 3, 4])
def test_a_store_whose_making_was_interrupted_is_gone_on_with(tmp_path, monkeypatch, interrupt_at):
    """At every write and every rename of its head; as by Ctrl-C, and as by loss of power, which cleans nothing up."""
    for clean in (True, False):
        root = tmp_path / f"d{clean}"
        with monkeypatch.context() as patch:
            _interrupt(patch, interrupt_at, clean=clean)
            with pytest.raises(KeyboardInterrupt):
                ball_store(root, count=0)
        ball_store(root, count=1)
        assert (root / "recipe.yaml").read_text() == "name: balls\n"
        assert len(read_dataset(root).samples) == 1


def _interrupt(patch, at, *, clean):
    steps = iter(range(1, 99))
    for name in ("open", "replace"):
        plain = getattr(Path, name)

        def step(self, *arguments, plain=plain, **options):
            if next(steps) == at:
                raise KeyboardInterrupt
            return plain(self, *arguments, **options)

        patch.setattr(Path, name, step)
    if not clean:
        patch.setattr(Path, "unlink", lambda self, **_: None)


@pytest.mark.parametrize("head", [HEADER, "recipe.yaml"])
def test_a_store_that_cannot_be_begun_leaves_nothing_behind(head, tmp_path, monkeypatch):
    plain = Path.open

    def full(path, *arguments, **options):
        if head in path.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(InputError, match=r"d: can't be written \(No space left on device\); choose another"):
        ball_store(tmp_path / "d", count=0)
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda p: p.write_text("{"), "is not JSON"),
        (lambda p: p.write_text("{}"), "is a damaged record"),
        (lambda p: p.write_text(json.dumps(json.loads(p.read_text()) | {"annotations": [{}]})), "is a damaged record"),
    ],
    ids=["half a file", "empty", "wrong fields"],
)
def test_a_damaged_record_is_named(tmp_path, damage, message):
    store = ball_store(tmp_path / "d", count=1)
    damage(store.path("records", 0, ".json"))
    with pytest.raises(InputError, match=message):
        read_dataset(tmp_path / "d").samples[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("keypoints", [[1, 2]]), ("keypoints", [["a", 1, 2]] * 6), ("keypoints", "none"), ("box", [1, 2]), ("pose", None)],
)
def test_a_damaged_label_is_named_by_verify(name, value, tmp_path):
    store = ball_store(tmp_path / "d", count=1, keypoints=True)
    path = store.path("records", 0, ".json")
    plain = json.loads(path.read_text())
    plain["annotations"][0]["labels"][name] = value
    path.write_text(json.dumps(plain))
    (found,) = verify(tmp_path / "d").violations
    assert found.text.startswith(f"{path}: is a damaged record ({name}: ")
    assert found.text.endswith("; delete it and generate again")


def test_a_damaged_header_is_named(tmp_path):
    ball_store(tmp_path / "d", count=1)
    (tmp_path / "d" / "dataset.json").write_text('{"cyclorama": 1, "strange": 2}')
    with pytest.raises(InputError, match=r"dataset.json: is damaged"):
        read_dataset(tmp_path / "d")


def test_masks_come_from_the_map_of_instances_once_per_sample(tmp_path):
    ball_store(tmp_path / "d", count=1)
    sample = read_dataset(tmp_path / "d").samples[0]
    masks = [a[Mask].pixels for a in sample.annotations if Mask in a]
    np.testing.assert_array_equal(np.sum(masks, axis=0), sample.maps["instances"]() > 0)
    assert sample.maps["instances"]() is sample.maps["instances"]()
