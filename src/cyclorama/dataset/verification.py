"""The label laws, on any dataset."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cyclorama.core.errors import InputError
from cyclorama.core.plugins import plugin_names, plugins
from cyclorama.core.progress import Progress, silent
from cyclorama.core.sample import Dataset, Sample
from cyclorama.dataset.laws import LAWS, Checked
from cyclorama.dataset.reading import read_dataset

OBJECTS, MAPS = "cyclorama.label.objects", "cyclorama.label.maps"
# Boxes and outlines that people draw agree within a pixel; ours agree exactly.
DRAWN_TOLERANCE_PX = 1.0


@dataclass(frozen=True)
class Violation:
    """One law broken in one sample.

    Attributes:
        sample: Its id.
        law: Name of the law.
        text: What was found and what was expected.
    """

    sample: str
    law: str
    text: str


@dataclass(frozen=True)
class Report:
    """What ``verify`` found.

    Attributes:
        images: Samples looked at.
        objects: Annotations looked at.
        violations: All of them.
        labels: Kinds of labels that there were to check.
    """

    images: int
    objects: int
    violations: tuple[Violation, ...]
    labels: frozenset[str]

    def summary(self) -> str:
        """One sentence, with the number of violations of each law."""
        looked = f"{self.images} images, {self.objects} objects"
        if not self.violations:
            checked, absent = ([k for k in _kinds() if (k in self.labels) is there] for there in (True, False))
            missing = f"; not in this dataset: {', '.join(absent)}" if absent else ""
            return f"{looked}: every label law holds of image, {', '.join(checked)}{missing}"
        counts = Counter(v.law for v in self.violations)
        number = len(self.violations)
        return f"{looked}: {number} violation{'s' if number > 1 else ''}: " + ", ".join(
            f"{n} x {law}" for law, n in counts.items()
        )


def verify(root: Path, *, progress: Progress = silent) -> Report:
    """Check every label law on every sample of the dataset in ``root``.

    Raises:
        InputError: The dataset as a whole can't be read.
    """
    dataset = read_dataset(root)
    found: list[Violation] = []
    objects = 0
    labels: set[str] = set()
    seen: Counter[str] = Counter()
    for i in range(len(dataset.samples)):
        try:
            sample = dataset.samples[i]
            seen[sample.id] += 1
            objects += len(sample.annotations)
            labels |= _labels(sample)
            found += violations(sample, dataset)
        except InputError as error:
            found.append(Violation(f"sample {i}", "readable", str(error)))
        progress(i + 1, len(dataset.samples))
    found += [Violation(id, "samples unique", f"{n} samples have this id") for id, n in seen.items() if n > 1]
    return Report(len(dataset.samples), objects, tuple(found), frozenset(labels))


def _kinds() -> list[str]:
    """All kinds of labels, as a sentence names them."""
    return list(dict.fromkeys(_words(name) for name in (*plugin_names(OBJECTS), *plugin_names(MAPS))))


def _labels(sample: Sample) -> set[str]:
    of_objects = (name for name, kind in plugins(OBJECTS).items() if any(kind in a for a in sample.annotations))
    return {_words(name) for name in (*of_objects, *sample.maps)}


def _words(kind: str) -> str:
    """How depth is stored doesn't matter."""
    return kind.removesuffix("_exr").replace("_", " ")


def violations(sample: Sample, dataset: Dataset) -> list[Violation]:
    """All broken laws of one sample.

    Raises:
        InputError: One of its files can't be read.
    """
    tolerance = 0.0 if dataset.format == "cyclorama" else DRAWN_TOLERANCE_PX
    checked = Checked(sample, dataset.categories, tolerance, dataset.skeletons)
    return [Violation(sample.id, name, text) for name, law in LAWS.items() for text in law(checked)]
