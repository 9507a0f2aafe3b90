"""Detectors by name: ``yolox_nano`` is the variant ``nano`` of the family in ``detectors/yolox.py``."""

from collections.abc import Iterator
from importlib.util import find_spec

from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.plugins import plugin, plugin_names
from cyclorama.detect.detector import Detector

FAMILIES = "cyclorama.detect.detectors"
# Which extra brings what a family needs; what none brings has a licence that a user must want.
EXTRAS = {
    "torchvision": "train",
    "transformers": "transformers",
    "libreyolo": "libreyolo",
}


def detectors() -> Iterator[tuple[str, Detector]]:
    """All by name, those of a family from small to large."""
    for family in plugin_names(FAMILIES):
        for variant, detector in plugin(FAMILIES, family).variants.items():
            yield f"{family}_{variant}", detector


def detector_named(name: str) -> Detector:
    """One of them.

    Raises:
        InputError: No such detector (names the nearest), or what it needs is not installed.
    """
    family = family_of(name)
    found: Detector | None = plugin(FAMILIES, family).variants.get(name.removeprefix(f"{family}_")) if family else None
    if found is not None:
        _check_installed(name, found)
        return found
    hint = did_you_mean(name, [known for known, _ in detectors()])
    raise InputError(f"no detector '{name}'; 'cyclorama detectors' lists them.{hint}")


def check_licence(name: str, *, accepts_agpl: bool) -> None:
    """Nobody trains what is AGPL-3.0 without knowing it.

    Raises:
        InputError: The detector is, and that wasn't accepted.
    """
    found = dict(detectors()).get(name)
    if found is not None and "AGPL" in found.about.licence and not accepts_agpl:
        raise InputError(
            f"--detector {name}: is AGPL-3.0, and so are weights that are trained with it: whoever gets them, or uses "
            "them over a network, may ask for the source of all that they are part of; add --accept-agpl, or choose "
            "another of 'cyclorama detectors'"
        )


def family_of(name: str) -> str:
    """The family of a detector's name; empty if there is none."""
    return next((family for family in plugin_names(FAMILIES) if name.startswith(f"{family}_")), "")


def is_installed(detector: Detector) -> bool:
    """Whether what it needs is."""
    return find_spec(detector.about.module) is not None


def to_install(module: str) -> str:
    """The command that brings a module."""
    return f"pip install 'cyclorama[{EXTRAS[module]}]'" if module in EXTRAS else f"pip install {module}"


def _check_installed(name: str, detector: Detector) -> None:
    if not is_installed(detector):
        module = detector.about.module
        raise InputError(f"detector {name} needs {module}; type: {to_install(module)}")
