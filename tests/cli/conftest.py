"""The program in an empty folder, a dataset, a run and a disk to try it on."""

import os
import subprocess
import sys

import pytest

from program import RECIPE, TINY, Program, command


@pytest.fixture
def program(tmp_path, monkeypatch, capsys):
    """In an empty folder with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / ".cache"))
    (tmp_path / "small.yaml").write_text(RECIPE)
    return Program(tmp_path, monkeypatch, capsys)


@pytest.fixture
def disk(tmp_path):
    """A disk of our own, and a function that mounts it with other options."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False
        )
        return done.returncode == 0

    if sys.platform != "linux" or os.geteuid() != 0 or not mount("size=64m"):
        pytest.skip("mounting a disk takes root on Linux")
    yield folder, mount
    subprocess.run(["umount", folder], check=True)


@pytest.fixture(scope="session")
def renders(tmp_path_factory):
    """Six renders of a die; nobody changes them."""
    folder = tmp_path_factory.mktemp("renders")
    (folder / "die.yaml").write_text(RECIPE)
    done = subprocess.run(
        command("generate", "die.yaml", "-n", 6, "-o", "die", "--workers", 1),
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "die"


@pytest.fixture(scope="session")
def run(renders, tmp_path_factory):
    """A run of one epoch from nothing; nobody changes it."""
    folder = tmp_path_factory.mktemp("runs") / "die"
    done = subprocess.run(command("train", renders, "-o", folder, *TINY), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return folder
