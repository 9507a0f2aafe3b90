"""Detectors as a table on the terminal."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from cyclorama.cli.tables import console

if TYPE_CHECKING:
    from cyclorama.detect.detector import Detector

HEADINGS = ("detector", "parameters, M", "COCO AP", "pixels", "gives", "licence", "installed")
NUMBERS = HEADINGS[1:4]
# What some give beside boxes.
SHAPES = ("masks", "keypoints")


def facts(detector: "Detector") -> dict[str, Any]:
    """What is known of it, and what to type if something is lacking."""
    from cyclorama.detect.catalogue import is_installed, to_install

    about = detector.about
    return {**asdict(about), "installed": is_installed(detector), "to_install": to_install(about.module)}


def detector_table(detectors: Mapping[str, "Detector"]) -> None:
    """Print one line for each, and then what must be known of several."""
    table = Table(box=None, pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in NUMBERS else "left", no_wrap=heading == HEADINGS[0])
    notes: dict[str, list[str]] = {}
    lacking: dict[str, list[str]] = {}
    for name, detector in detectors.items():
        known = facts(detector)
        table.add_row(
            name,
            f"{known['parameters_m']:.1f}",
            "" if known["coco_ap"] is None else f"{known['coco_ap']:.1f}",
            str(known["image_size"]),
            ", ".join(["boxes", *(what for what in SHAPES if known[f"gives_{what}"])]),
            known["licence"],
            "yes" if known["installed"] else "no",
        )
        if not known["installed"]:
            lacking.setdefault(known["to_install"], []).append(name)
        if known["note"]:
            notes.setdefault(known["note"], []).append(name)
    console().print(table)
    for note, names in notes.items():
        print(f"{_families(names)}: {note}")
    for command, names in lacking.items():
        print(f"{command} brings {_families(names)}")
    print(
        "AP in percent, as published, of pretrained weights on COCO's val2017; 'pixels' is the shorter side in training"
    )


def _families(names: list[str]) -> str:
    """``dfine_*`` for all of them: notes and needs are a family's."""
    from cyclorama.detect.catalogue import family_of

    return ", ".join(dict.fromkeys(f"{family_of(name)}_*" for name in names))
