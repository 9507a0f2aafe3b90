"""The program, run as a user runs it, in this process where that is enough."""

import re
import sys
from dataclasses import dataclass

import pytest

from cyclorama.cli.app import main

# The shortest training.
TINY = ("--weights", "none", "--epochs", "1", "--image-size", "64", "--batch", "2", "--device", "cpu")
# A recipe whose images take hundredths of a second.
SMALL = """\
image: {width: 64, height: 48}
layout: {count: 2}
distractors: {count: 1}
backdrop: {photo: 0}
environment: {maps: "builtin:studio"}
maps: [instances]
render: {engine: analytic}
"""
RECIPE = f"targets: [{{model: 'builtin:die'}}]\nempty_share: 0\n{SMALL}"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


class Program:
    """Runs ``cyclorama`` with arguments."""

    def __init__(self, folder, monkeypatch, capsys):
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys

    def __call__(self, *arguments):
        self._monkeypatch.setattr(sys, "argv", ["cyclorama", *map(str, arguments)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        return Outcome(exit_.value.code or 0, *self._capsys.readouterr())

    def does(self, *arguments):
        """What it prints when all goes well."""
        outcome = self(*arguments)
        assert (outcome.code, outcome.err) == (0, "")
        return outcome.out

    def refuses(self, *arguments, folders=()):
        """The one sentence with which it refuses: exit code 2, no file made, changed or lost."""
        before = content(self.folder, *folders)
        outcome = self(*arguments)
        assert_one_sentence(outcome)
        assert content(self.folder, *folders) == before
        return outcome.err.removeprefix("cyclorama: ").strip()


def assert_one_sentence(outcome, code=2):
    assert outcome.code == code, outcome
    assert re.fullmatch(r"cyclorama: [^\n]+\n", outcome.err), outcome.err
    assert "Traceback" not in outcome.out + outcome.err
    assert len(outcome.err) < 500


def content(*folders):
    """Every file and folder with what it holds, but for the cache of imported models."""
    paths = [p for folder in folders for p in folder.rglob("*") if ".cache" not in p.parts]
    return {p: p.read_bytes() if p.is_file() else None for p in paths}


def command(*arguments):
    """For a process of its own."""
    return [sys.executable, "-c", "from cyclorama.cli.app import main; main()", *map(str, arguments)]
