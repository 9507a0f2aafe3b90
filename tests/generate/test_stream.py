"""Renders that are made while somebody takes them."""

import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from cyclorama.core.errors import InputError
from cyclorama.dataset import read_dataset
from cyclorama.generate import generate, stream
from cyclorama.generate.events import Done, Failed
from cyclorama.generate.stream import RenderStream
from cyclorama.scene import Recipe

PLAIN = {
    "targets": [{"model": "builtin:die"}],
    "image": {"width": 48, "height": 36},
    "distractors": {"count": 0},
    "backdrop": {"photo": 0},
    "environment": {"maps": ["builtin:studio"]},
    "maps": ["instances"],
    "render": {"engine": "analytic"},
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where streams keep what they make."""
    monkeypatch.setattr(stream, "_memory", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def renders(place):
    made = RenderStream(Recipe.model_validate(PLAIN), seed=3, workers=1)
    yield made
    made.close()


def images_in(place):
    return sorted(int(path.stem) for path in place.glob("cyclorama-*/records/*/*.json"))


def test_images_are_those_of_a_dataset_and_are_gone_when_they_are_let_go_of(renders, place, tmp_path):
    generate(Recipe.model_validate(PLAIN), tmp_path / "data", count=4, seed=3)
    renders.begin(2, 4)
    for index in (2, 3):
        mine, theirs = renders.sample(index), read_dataset(tmp_path / "data").samples[index]
        np.testing.assert_array_equal(mine.load_image(), theirs.load_image())
        assert [(a.category, a.ignored) for a in mine.annotations] == [
            (a.category, a.ignored) for a in theirs.annotations
        ]
        renders.release(index)
        assert index not in images_in(place)


def test_no_more_are_made_than_a_few_ahead_until_some_are_taken(renders, place, monkeypatch):
    monkeypatch.setattr(stream, "AHEAD", 3)
    renders.begin(0, 50)
    for taken in range(4):
        renders.sample(taken)
        renders.release(taken)
    time.sleep(1)
    # Those ahead, and those that were in the worker when it had to wait.
    assert 3 <= len(images_in(place)) <= 6
    assert min(images_in(place)) == 4


def test_those_that_come_before_an_awaited_one_do_not_hold_it_up_however_many_they_are(renders, monkeypatch):
    def first_comes_last(recipe, folder, *, count, on_event, **options):
        for index in range(1, count):
            on_event(Done(index, seconds=0.0))
        on_event(Failed(0, "too large", final=True))

    monkeypatch.setattr(stream, "AHEAD", 3)
    monkeypatch.setattr(stream, "generate", first_comes_last)
    renders.begin(0, 20)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(renders.sample(0)), daemon=True)
    waiting.start()
    waiting.join(timeout=10)
    assert answers == [None]


def test_whoever_stops_early_leaves_nothing_behind(renders, place):
    renders.begin(0, 50)
    renders.sample(0)
    renders.close()
    assert list(place.glob("cyclorama-*")) == []


def test_an_image_that_cannot_be_made_is_none_and_the_next_come(renders, monkeypatch):
    def fails_once(recipe, folder, *, on_event, **options):
        on_event(Failed(0, "too large", final=False))
        on_event(Failed(0, "too large", final=True))
        generate(recipe, folder, on_event=on_event, **options | {"first": 1})

    monkeypatch.setattr(stream, "generate", fails_once)
    renders.begin(0, 3)
    assert renders.sample(0) is None
    assert renders.sample(1) is not None


def test_an_engine_that_cannot_start_is_told_to_who_waits(place, monkeypatch):
    def refuse(*arguments, **options):
        raise InputError("no engine")

    monkeypatch.setattr(stream, "generate", refuse)
    renders = RenderStream(Recipe.model_validate(PLAIN), seed=0, workers=1)
    renders.begin(0, 5)
    with pytest.raises(InputError, match=r"^no engine$"):
        renders.sample(0)
    renders.close()


def test_what_is_made_lies_in_memory_where_there_is_room(monkeypatch):
    monkeypatch.setattr(stream, "MEMORY", Path("/nowhere"))
    assert stream._memory() is None
    monkeypatch.setattr(stream, "MEMORY", Path("/"))
    free = shutil.disk_usage("/").free
    monkeypatch.setattr(stream, "LEAST_FREE", free // 2)
    assert stream._memory() == Path("/")
    monkeypatch.setattr(stream, "LEAST_FREE", 1 << 60)
    assert stream._memory() is None
