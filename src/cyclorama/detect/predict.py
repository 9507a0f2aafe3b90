"""Detections on the user's own pictures."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from cyclorama.core.arrays import ByteArray
from cyclorama.core.detections import Detections
from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress, silent
from cyclorama.dataset.files import write_json
from cyclorama.dataset.pictures import is_picture, load_picture, pictures_in
from cyclorama.detect.inference import detect
from cyclorama.detect.results import Prediction
from cyclorama.detect.run import Run, device_named, load_network
from cyclorama.detect.writing import writing

RESULTS = "results.json"


def predict(
    run_folder: Path, places: Sequence[Path], out: Path, *, device: str = "auto", progress: Progress = silent
) -> Prediction:
    """Detect in images, and write results.json as COCO's results format has it; leaves damaged images out.

    Args:
        run_folder: What ``train`` wrote.
        places: Images, or folders of them.
        out: Folder for results.json.
        device: "auto", "cpu" or "cuda".
        progress: Is told (done, total).

    Raises:
        InputError: No run, a missing image, none that can be read, a folder without images, or ``out`` can't be
            written or holds one of the images, which a picture of the same name would replace.
    """
    run = Run.read(run_folder)
    images = [image for place in places for image in _images_at(place)]
    if any(image.resolve().parent == out.resolve() for image in images):
        raise InputError(f"{out}: holds images that are to be looked at; choose another folder for the results")
    where = device_named(device)
    network = load_network(run_folder, run, where)
    found: list[Detections] = []
    readable: list[Path] = []
    damaged: list[str] = []
    for detections in detect(network, _loaded(images, readable, damaged), run.settings.image_size, where):
        found.append(detections)
        progress(len(found) + len(damaged), len(images))
    if not found:
        raise InputError(damaged[0])
    prediction = Prediction(run.categories, tuple(readable), tuple(found), tuple(damaged))
    with writing(out):
        write_json(out / RESULTS, _plain(prediction))
    return prediction


def _images_at(place: Path) -> list[Path]:
    if place.is_dir():
        images = pictures_in(place)
        if not images:
            raise InputError(f"{place}: holds no images (.jpg, .png, .webp, ...)")
        return images
    if place.is_file() and not is_picture(place):
        raise InputError(f"{place}: is no image; expected .jpg, .png, .webp, ...")
    if not place.exists():
        raise InputError(f"no image '{place}'")
    return [place]


def _loaded(images: Sequence[Path], readable: list[Path], damaged: list[str]) -> Iterator[ByteArray]:
    """Pixels of the images that can be read; adds their paths to one list and what is wrong with others to another."""
    for image in images:
        try:
            pixels = load_picture(image)
        except InputError as error:
            damaged.append(str(error))
            continue
        readable.append(image)
        yield pixels


def _plain(prediction: Prediction) -> list[dict[str, object]]:
    """COCO's fields, and names beside the numbers."""
    return [
        {
            "image_id": i + 1,
            "file_name": name,
            "category_id": int(c) + 1,
            "category": prediction.categories[int(c)],
            "bbox": [float(box[0]), float(box[1]), float(box[2] - box[0]), float(box[3] - box[1])],
            "score": float(score),
        }
        for i, (name, found) in enumerate(zip(prediction.file_names(), prediction.detections, strict=True))
        for box, score, c in zip(found.boxes, found.scores, found.classes, strict=True)
    ]
