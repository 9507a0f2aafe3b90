"""The demo's page: the whole way in pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from cyclorama.core.arrays import ByteArray
from cyclorama.core.sample import Dataset, Sample
from cyclorama.core.words import counted
from cyclorama.detect.results import Evaluation
from cyclorama.view.draw import draw_depth, draw_normals, draw_sample
from cyclorama.view.evaluation_page import evaluation_sections
from cyclorama.view.page import Picture, Section, data_url, picture, write_page

SAMPLES = 9
NEXT = """\
cyclorama check cup.ply --unit mm                  # is the model sound?
cyclorama init cup --model cup.ply --unit mm       # a commented recipe
cyclorama generate cup.yaml -n 1000 -o data/cup    # more images, more of your own grounds and photographs
cyclorama train data/cup -o runs/cup --epochs 20
cyclorama evaluate runs/cup photos/                # the score that counts: on your photographs
cyclorama predict runs/cup photo.jpg -o out/"""


def demo_page(
    path: Path, *, models: Mapping[str, ByteArray], dataset: Dataset, curves: Path, evaluation: Evaluation
) -> None:
    """Write the demo's report as one HTML file.

    Args:
        path: report.html.
        models: Name -> (H, W, 3) picture of the model.
        dataset: What was rendered.
        curves: PNG of the training; left out where it is missing.
        evaluation: On renders that the detector has not seen.
    """
    shown = [dataset.samples[i] for i in range(min(SAMPLES, len(dataset.samples)))]
    write_page(
        path,
        "Cyclorama's demo: from 3D models to a detector",
        [
            Section("1. 3D models", ["Built in, made by our code."], pictures=_named(models)),
            Section(
                f"2. {len(dataset.samples)} renders, labelled",
                ["Scenes drawn at random and rendered; labels by ray casting the same triangles."],
                pictures=[picture(draw_sample(s, dataset.skeletons), _counted(s)) for s in shown],
            ),
            Section("3. Depth and normals", ["Exact, for every pixel."], pictures=_maps(shown[0])),
            Section("4. Training", plot=data_url(curves.read_bytes(), "png") if curves.is_file() else ""),
            *evaluation_sections(evaluation),
            Section("Your own object", ["What to type next:"], commands=NEXT),
        ],
    )


def _named(pictures: Mapping[str, ByteArray]) -> Sequence[Picture]:
    return [picture(image, name) for name, image in pictures.items()]


def _counted(sample: Sample) -> str:
    ignored = sum(a.ignored is not None for a in sample.annotations)
    flagged = f", {ignored} of them flagged as hardly visible" if ignored else ""
    objects = counted(len(sample.annotations), "object")
    return f"image {int(sample.id)}: {objects}{flagged}"


def _maps(sample: Sample) -> Sequence[Picture]:
    drawn = {"image": sample.load_image()}
    if "depth" in sample.maps:
        drawn["depth: near is bright"] = draw_depth(sample.maps["depth"]())
    if "normals" in sample.maps:
        drawn["normals in the camera's frame"] = draw_normals(sample.maps["normals"]())
    return _named(drawn)
