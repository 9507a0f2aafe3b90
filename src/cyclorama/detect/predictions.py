"""What predicting gives, and the files that it is written as; plain data, without torch."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cyclorama.core.detections import Detections

FORMATS = ("coco", "json", "yolo")


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture, or a frame of a video, and what was found in it.

    Attributes:
        place: Path or address.
        name: Of the file.
        size: Width and height in pixels.
    """

    place: str
    name: str
    size: tuple[int, int]
    detections: Detections


@dataclass(frozen=True)
class SeenVideo:
    """A video, or what a camera saw.

    Attributes:
        place: Path, or ``webcam:0``.
        frames: That were looked at.
        objects: Detections in all of them that are sure enough to be drawn.
        best: The highest score, 0 where nothing was found.
    """

    place: str
    frames: int
    objects: int
    best: float


@dataclass(frozen=True, eq=False)
class Prediction:
    """Detections without truth.

    Attributes:
        categories: The detector's.
        pictures: Those that could be read.
        videos: Those that could be read.
        damaged: A sentence on each place that could not be.
    """

    categories: tuple[str, ...]
    pictures: tuple[Seen, ...] = ()
    videos: tuple[SeenVideo, ...] = ()
    damaged: tuple[str, ...] = ()

    def objects(self, confidence: float) -> int:
        """Detections with at least this score in all pictures, and those drawn in videos."""
        found = sum(int((seen.detections.scores >= confidence).sum()) for seen in self.pictures)
        return found + sum(video.objects for video in self.videos)

    def best(self) -> float:
        """The highest score, 0 where nothing was found."""
        scores = [float(s.detections.scores[0]) for s in self.pictures if len(s.detections.scores)]
        return max([*scores, *(video.best for video in self.videos)], default=0.0)


def coco_results(pictures: Sequence[Seen], categories: Sequence[str]) -> list[dict[str, Any]]:
    """COCO's results format: every detection; image i is the i-th picture, from 1 on.

    A picture is called by its path where several have its name.
    """
    counts = Counter(seen.name for seen in pictures)
    names = [seen.name if counts[seen.name] == 1 else seen.place for seen in pictures]
    return [
        {"image_id": i, "file_name": name, **fields}
        for i, (seen, name) in enumerate(zip(pictures, names, strict=True), 1)
        for fields in _coco_fields(seen.detections, categories)
    ]


def _coco_fields(found: Detections, categories: Sequence[str]) -> Iterator[dict[str, Any]]:
    """COCO's own, and names beside the numbers."""
    for box, score, c, mask in zip(found.boxes, found.scores, found.classes, _masks(found), strict=True):
        yield {
            "category_id": int(c) + 1,
            "category": categories[int(c)],
            "bbox": [float(v) for v in (*box[:2], *(box[2:] - box[:2]))],
            "score": float(score),
            **({} if mask is None else {"segmentation": dict(mask)}),
        }


def picture_fields(seen: Seen, categories: Sequence[str]) -> dict[str, Any]:
    """One picture: its place, its size and its objects, boxes as x0, y0, x1, y1 in pixels."""
    width, height = seen.size
    return {"file": seen.place, "width": width, "height": height, "objects": objects(seen.detections, categories)}


def objects(found: Detections, categories: Sequence[str]) -> list[dict[str, Any]]:
    """Each detection by names."""
    return [
        {
            "category": categories[int(c)],
            "score": round(float(score), 4),
            "box": [round(float(v), 2) for v in box],
            **({} if mask is None else {"mask": dict(mask)}),
        }
        for box, score, c, mask in zip(found.boxes, found.scores, found.classes, _masks(found), strict=True)
    ]


def yolo_lines(seen: Seen) -> str:
    """A line for each detection: class from 0, centre, width and height in shares of the picture, score."""
    found, (width, height) = seen.detections, seen.size
    low, high = found.boxes[:, :2].astype(float), found.boxes[:, 2:].astype(float)
    rows = np.concatenate([(low + high) / 2, high - low], axis=1) / [width, height, width, height]
    return "".join(
        f"{c} {' '.join(f'{v:.6f}' for v in row)} {score:.4f}\n"
        for c, row, score in zip(found.classes.tolist(), rows, found.scores.tolist(), strict=True)
    )


def _masks(found: Detections) -> Sequence[Mapping[str, Any] | None]:
    return [None] * len(found.boxes) if found.masks is None else found.masks
