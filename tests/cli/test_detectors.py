"""cyclorama detectors tells what can be trained, and what to type for what can't be yet."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.train


def test_every_detector_has_a_line_with_its_facts(program):
    from cyclorama.detect.catalogue import detectors

    lines = {line.split()[0]: line for line in program.does("detectors").splitlines() if line}
    for name, detector in detectors():
        about = detector.about
        assert f" {about.parameters_m:.1f} " in lines[name]
        assert f" {about.image_size} " in lines[name]
        assert about.licence in lines[name]
        assert ("masks" in lines[name]) == about.gives_masks
        assert ("keypoints" in lines[name]) == about.gives_keypoints
        assert about.coco_ap is None or f" {about.coco_ap:.1f} " in lines[name]


def test_programs_are_given_the_same_facts(program):
    plain = json.loads(program.does("detectors", "--json"))
    assert plain["dfine_n"]["coco_ap"] == 42.8
    assert plain["faster_rcnn_mobilenet"]["coco_ap"] is None
    assert plain["mask_rcnn_resnet50"]["gives_masks"]
    assert plain["yolox_nano"]["to_install"] == "pip install 'cyclorama[libreyolo]'"


def test_what_is_not_installed_is_told_with_what_to_type(program, monkeypatch):
    from cyclorama.detect import catalogue

    found = catalogue.find_spec
    monkeypatch.setattr(catalogue, "find_spec", lambda name: None if name == "transformers" else found(name))
    told = program.does("detectors").splitlines()
    lines = {line.split()[0]: line for line in told if line}
    assert lines["dfine_n"].split()[-1] == "no"
    assert lines["fcos_resnet50"].split()[-1] == "yes"
    command = next(line for line in told if line.startswith("pip install 'cyclorama[transformers]' brings "))
    assert "dfine_*" in command
    assert "fcos_*" not in command


def test_without_torch_the_extra_is_named():
    code = (
        "import sys; sys.modules['torch'] = None; sys.argv[1:] = ['detectors']; import cyclorama.cli.app as a; a.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == "cyclorama: needs torch; type: pip install 'cyclorama[train]'"
