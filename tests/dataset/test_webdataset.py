"""WebDataset's shards hold all that we wrote, in the order that streams need; what is damaged is named."""

import gzip
import io
import json
import shutil
import tarfile
from itertools import groupby

import numpy as np
import pytest
from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.dataset import convert, read_dataset, split, verify
from cyclorama.dataset.formats import webdataset
from cyclorama.dataset.pictures import load_picture, picture_size
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask
from cyclorama.label.objects.visibility import Visibility
from stores import ball_store

SHARES = {"train": 0.5, "val": 0.25, "test": 0.25}
CUP = {"category": "cup", "bbox": [2, 3, 4, 5]}


@pytest.fixture(scope="module")
def balls(tmp_path_factory):
    root = tmp_path_factory.mktemp("webdataset") / "balls"
    ball_store(root, count=8)
    split(root, SHARES)
    return root


@pytest.fixture
def shards(balls, tmp_path, monkeypatch):
    monkeypatch.setattr(webdataset, "PER_SHARD", 3)
    convert(balls, "webdataset", tmp_path / "shards")
    return tmp_path / "shards"


def test_nothing_of_an_objects_labels_is_lost(balls, shards):
    before = read_dataset(balls)
    originals = {s.id: s for s in before.samples}
    after = read_dataset(shards)
    assert after.provenance == before.provenance
    for sample in after.samples:
        original = originals[sample.id.split("/")[-1]]
        assert (sample.group, sample.width, sample.height) == (original.group, original.width, original.height)
        seen = [a for a in original.annotations if Box in a]
        for mine, theirs in zip(sample.annotations, seen, strict=True):
            for name in ("category", "instance_id", "ignored", "stated_area_px", "stated_visible"):
                assert getattr(mine, name) == getattr(theirs, name)
            for kind in (Box, AmodalBox, Visibility):
                assert mine[kind] == theirs[kind]
            np.testing.assert_array_equal(mine[Mask].pixels, theirs[Mask].pixels)


def test_members_of_a_sample_follow_each_other_in_shards_of_bounded_size_with_the_images_bytes(balls, shards):
    """As the webdataset library groups a stream: by all that is before the first dot."""
    files = sorted(shards.glob("*.tar"))
    assert [f.name for f in files] == [
        f"{n}.tar" for n in ("test-000000", "train-000000", "train-000001", "val-000000")
    ]
    for file in files:
        with tarfile.open(file, "r|") as stream:
            members = [(m.name, stream.extractfile(m).read()) for m in stream]
        samples = [list(group) for _, group in groupby(members, key=lambda m: m[0].split(".")[0])]
        assert [[name.split(".")[1] for name, _ in sample] for sample in samples] == [["png", "json"]] * len(samples)
        assert len(samples) <= 3
        for (name, image), (_, truth) in samples:
            assert image == (balls / "images" / "0000" / name).read_bytes()
            assert set(json.loads(truth)) == {"width", "height", "group", "annotations"}


def test_the_same_dataset_gives_the_same_bytes(balls, tmp_path):
    one, two = (tmp_path / n for n in ("one", "two"))
    for out in (one, two):
        convert(balls, "webdataset", out)
    assert {p.name: p.read_bytes() for p in one.iterdir()} == {p.name: p.read_bytes() for p in two.iterdir()}


@pytest.mark.parametrize("to", ["coco", "yolo", "voc"])
def test_shards_are_converted_back_with_the_images_bytes(balls, shards, tmp_path, to):
    convert(shards, to, tmp_path / "out")
    own = sorted(p.read_bytes() for p in (balls / "images").rglob("*.png"))
    assert sorted(p.read_bytes() for p in (tmp_path / "out").rglob("*.png")) == own
    assert not verify(tmp_path / "out").violations
    assert {s: len(m) for s, m in read_dataset(tmp_path / "out").splits.items()} == {"train": 4, "val": 2, "test": 2}


def test_an_images_path_leads_through_the_shard_also_when_it_was_written_down(shards):
    sample = read_dataset(shards).samples[0]
    path = sample.image.resolve()
    np.testing.assert_array_equal(load_picture(path), sample.load_image())
    assert picture_size(path) == (sample.width, sample.height)
    with pytest.raises(InputError, match=r"no image .*else"):
        load_picture(path.with_name("else.png"))


def test_shards_can_be_split_anew(shards):
    before = read_dataset(shards)
    members = split(shards, {"train": 0.75, "val": 0.25})
    after = read_dataset(shards)
    assert {s: [after.samples[i].id for i in m] for s, m in after.splits.items()} == members
    assert {s.id for s in after.samples} == {s.id for s in before.samples}


def test_one_shard_is_a_dataset_of_its_own(shards):
    dataset = read_dataset(shards / "train-000001.tar")
    assert (len(dataset.samples), dataset.categories, dataset.splits) == (1, ("ball",), {"train": (0,)})


def test_a_shard_that_changes_is_read_anew(shards):
    path = shards / "val-000000.tar"
    first = read_dataset(path).samples[0].image
    rewritten = path.with_suffix(".new")
    with tarfile.open(path) as old, tarfile.open(rewritten, "w") as new:
        for member in reversed(old.getmembers()):
            new.addfile(member, old.extractfile(member))
    before = load_picture(first)
    rewritten.replace(path)
    np.testing.assert_array_equal(load_picture(first), before)


@pytest.mark.parametrize("suffix", [".webp", ".bmp"])
def test_dots_of_names_do_not_end_the_key_and_images_that_streams_cannot_decode_become_png(tmp_path, suffix):
    image = {"id": 7, "file_name": f"a.rf.1{suffix}", "width": 40, "height": 30}
    cup = {"image_id": 7, "category_id": 3, "bbox": [2, 3, 4, 5]}
    plain = {"images": [image], "annotations": [cup], "categories": [{"id": 3, "name": "cup"}]}
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "coco.json").write_text(json.dumps(plain))
    Image.fromarray(np.arange(3600, dtype=np.uint8).reshape(30, 40, 3)).save(tmp_path / "d" / f"a.rf.1{suffix}")
    convert(tmp_path / "d", "webdataset", tmp_path / "out")
    (before,), (after,) = (list(read_dataset(tmp_path / n).samples) for n in ("d", "out"))
    assert (after.id, after.image.name) == ("a_rf_1", "a_rf_1.png")
    np.testing.assert_array_equal(after.load_image(), before.load_image())
    assert after.annotations[0][Box] == before.annotations[0][Box]


# Shards of others, written by hand.


def jpeg():
    buffer = io.BytesIO()
    Image.fromarray(np.full((30, 40, 3), 99, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def write_shard(path, members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            content = content if isinstance(content, bytes) else json.dumps(content).encode()
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def test_shards_of_others_are_read_with_cocos_boxes_and_names(tmp_path):
    crowd = CUP | {"category": "box", "iscrowd": 1, "segmentation": [[2, 3, 6, 3, 6, 8, 2, 8]]}
    write_shard(tmp_path / "train" / "00000.tar", {"./0.json": {"annotations": [CUP, crowd]}, "./0.jpg": jpeg()})
    write_shard(tmp_path / "train" / "00001.tar", {"0.JPG": jpeg(), "0.txt": b"a cup", "0.json": {"annotations": []}})
    dataset = read_dataset(tmp_path)
    assert (dataset.categories, dataset.splits) == (("box", "cup"), {"train": (0, 1)})
    first, second = dataset.samples
    assert (first.id, second.id) == ("train/00000/0", "train/00001/0")
    assert (first.width, first.height, second.load_image().shape) == (40, 30, (30, 40, 3))
    cup, box = first.annotations
    assert (cup.category, cup[Box].to_plain(), cup.ignored) == ("cup", [2, 3, 6, 8], None)
    assert (box.ignored, box[Mask].pixels.sum()) == ("crowd", 20)


def test_categories_by_number_have_the_names_of_a_header_beside_the_shards(tmp_path):
    numbered = {"category_id": 3, "bbox": [2, 3, 4, 5]}
    write_shard(tmp_path / "a-0.tar", {"0.jpg": jpeg(), "0.json": {"annotations": [numbered]}})
    with pytest.raises(InputError, match=r"a-0\.tar/0\.json: .*'category_id' 3 has no name; put webdataset\.json"):
        read_dataset(tmp_path)
    (tmp_path / "webdataset.json").write_text('{"categories": [{"id": 1, "name": "box"}, {"id": 3, "name": "cup"}]}')
    dataset = read_dataset(tmp_path)
    assert dataset.categories == ("box", "cup")
    assert dataset.samples[0].annotations[0].category == "cup"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"0.jpg": jpeg(), "0.cls": b"3"}, r"sample '0' has jpg, cls; expected an image and a \.json"),
        ({"0.json": {"annotations": []}}, "sample '0' has json; expected an image"),
        ({"0.jpg": jpeg(), "0.json": {"caption": "a cup"}}, r"0\.json: has no list 'annotations'"),
        ({"0.jpg": jpeg(), "0.json": [CUP]}, r"0\.json: has no list 'annotations'"),
        ({"0.jpg": jpeg(), "0.json": b"{"}, r"0\.json: is not JSON"),
        ({"0.jpg": jpeg(), "0.json": {"annotations": []}}, "no sample has an annotation"),
        ({"0.jpg": jpeg(), "0.json": {"annotations": [{"category": "cup"}]}}, r"0\.json: .*box can't be read"),
        ({"0.jpg": jpeg(), "0.json": {"annotations": [CUP | {"bbox": [1, 2]}]}}, r"0\.json: .*box can't be read"),
        ({"0.jpg": jpeg(), "0.json": {"width": "x", "annotations": [CUP]}}, r"0\.json: is not laid out"),
        ({"0.jpg": jpeg(), "0.json": {"annotations": [CUP | {"visibility": 1}]}}, r"0\.json: is not laid out"),
        ({"0.jpg": b"no picture", "0.json": {"annotations": [CUP]}}, r"a-0\.tar/0\.jpg: is no image"),
        ({}, "no sample has an annotation"),
    ],
    ids=["classes alone", "no image", "a caption", "a list", "no JSON", "no category", "no box", "half a box",
         "no size", "visibility", "no picture", "empty"],
)  # fmt: skip
def test_what_is_no_sample_is_named_with_its_shard_and_key(tmp_path, members, message):
    write_shard(tmp_path / "a-0.tar", members)
    with pytest.raises(InputError, match=message):
        _ = read_dataset(tmp_path).samples[0].annotations


def test_a_missing_shard_is_named(shards, tmp_path):
    (shards / "train-000001.tar").unlink()
    with pytest.raises(InputError, match=r"train-000001\.tar: is missing, one of the 4 shards"):
        read_dataset(shards)
    for number in (0, 2):
        write_shard(tmp_path / f"a-{number}.tar", {"0.jpg": jpeg(), "0.json": {"annotations": [CUP]}})
    with pytest.raises(InputError, match=r"shard 1 is missing between 'a-0\.tar' and 'a-2\.tar'"):
        read_dataset(tmp_path)


def test_a_shard_that_was_cut_off_anywhere_or_damaged_is_named(shards):
    path = shards / "test-000000.tar"
    whole = path.read_bytes()
    with tarfile.open(path) as tar:
        last = tar.getmembers()[-1]
    ends = (
        1,
        700,
        last.offset,
        last.offset + 300,
        last.offset_data,
        last.offset_data + 10,
        last.offset_data + last.size,
    )
    damaged = whole[: last.offset] + b"x" * 512 + whole[last.offset + 512 :]
    for content in (b"", *(whole[:end] for end in ends), damaged):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"test-000000\.tar: is (cut off .* behind|no tar archive, or)"):
            read_dataset(shards)


def test_a_shard_of_fewer_samples_and_one_that_is_packed_are_refused(shards, tmp_path):
    shutil.copy(shards / "train-000001.tar", shards / "train-000000.tar")
    with pytest.raises(InputError, match=r"train-000000\.tar: holds 1 samples, not the 3"):
        read_dataset(shards)
    (tmp_path / "a-000000.tar.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(InputError, match=r"is compressed.*unpack it with gunzip"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("header", ["[]", '{"categories": 3}', '{"shards": [{"file": "a.tar"}]}', '{"webdataset": 2}'])
def test_a_damaged_header_is_refused(tmp_path, header):
    (tmp_path / "webdataset.json").write_text(header)
    with pytest.raises(InputError, match=r"webdataset\.json: is (damaged|of version 2)"):
        read_dataset(tmp_path)


def test_a_tar_of_another_layouts_pictures_is_no_shard(tmp_path):
    for name in ("val2017.tar", "images.tar"):
        write_shard(tmp_path / name, {"0.jpg": jpeg()})
    assert not webdataset.Webdataset.recognises(tmp_path)
