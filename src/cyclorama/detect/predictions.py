"""What predicting gives, and the files that it is written as; plain data, without torch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.detections import Detections
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.coco_detections import coco_detections

FORMATS = ("coco", "json", "yolo")


@dataclass(frozen=True)
class Names:
    """What a detector's numbers stand for.

    Attributes:
        categories: Of its classes.
        skeletons: Of the categories that have keypoints.
    """

    categories: tuple[str, ...]
    skeletons: Mapping[str, Skeleton] = field(default_factory=dict)

    def keypoints(self, number: int) -> tuple[str, ...]:
        """Names of those of a class."""
        skeleton = self.skeletons.get(self.categories[number])
        return skeleton.names if skeleton else ()


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

    def unsure(self, confidence: float) -> int:
        """Detections with less than this score in all pictures."""
        return sum(int((seen.detections.scores < confidence).sum()) for seen in self.pictures)

    def best(self) -> float:
        """The highest score, 0 where nothing was found."""
        scores = [float(s.detections.scores[0]) for s in self.pictures if len(s.detections.scores)]
        return max([*scores, *(video.best for video in self.videos)], default=0.0)


def coco_results(pictures: Sequence[Seen], categories: Sequence[str]) -> list[dict[str, Any]]:
    """COCO's results format, with names beside the numbers: every detection; image i is the i-th picture, from 1 on.

    A picture is called by its path where several have its name.
    """
    counts = Counter(seen.name for seen in pictures)
    names = [seen.name if counts[seen.name] == 1 else seen.place for seen in pictures]
    return [
        {"image_id": i, "file_name": name, "category": categories[fields["category_id"] - 1], **fields}
        for i, (seen, name) in enumerate(zip(pictures, names, strict=True), 1)
        for fields in coco_detections(seen.detections)
    ]


def picture_fields(seen: Seen, names: Names) -> dict[str, Any]:
    """One picture: its place, its size and its objects, boxes as x0, y0, x1, y1 in pixels."""
    width, height = seen.size
    return {"file": seen.place, "width": width, "height": height, "objects": objects(seen.detections, names)}


def objects(found: Detections, names: Names) -> list[dict[str, Any]]:
    """Each detection by names, its keypoints as x, y and score."""
    rows = zip(found.boxes, found.scores, found.classes, _masks(found), _keypoints(found), strict=True)
    return [
        {
            "category": names.categories[int(c)],
            "score": round(float(score), 4),
            "box": [round(float(v), 2) for v in box],
            **({} if mask is None else {"mask": dict(mask)}),
            **({} if points is None else {"keypoints": _named(points, names.keypoints(int(c)))}),
        }
        for box, score, c, mask, points in rows
    ]


def _named(points: FloatArray, names: Sequence[str]) -> dict[str, list[float]]:
    rows = zip(names, points.tolist(), strict=True)
    return {name: [round(x, 2), round(y, 2), round(score, 4)] for name, (x, y, score) in rows}


def yolo_lines(seen: Seen) -> str:
    """A line for each detection: class from 0, centre, width and height in shares of the picture, score.

    Before the score come x, y and score of each keypoint, where there are some, as Ultralytics writes them.
    """
    found, (width, height) = seen.detections, seen.size
    low, high = found.boxes[:, :2].astype(float), found.boxes[:, 2:].astype(float)
    rows = np.concatenate([(low + high) / 2, high - low], axis=1) / [width, height, width, height]
    shapes = [np.zeros((0, 3)) if own is None else own / [width, height, 1] for own in _keypoints(found)]
    return "".join(
        f"{c} {' '.join(f'{v:.6f}' for v in (*row, *shape.ravel()))} {score:.4f}\n"
        for c, row, shape, score in zip(found.classes.tolist(), rows, shapes, found.scores.tolist(), strict=True)
    )


def _keypoints(found: Detections) -> Sequence[FloatArray | None]:
    return [None] * len(found.boxes) if found.keypoints is None else found.keypoints


def _masks(found: Detections) -> Sequence[Mapping[str, Any] | None]:
    return [None] * len(found.boxes) if found.masks is None else found.masks
