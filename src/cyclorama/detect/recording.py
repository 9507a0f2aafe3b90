"""What was found, written while the detector goes on: pictures, videos and results in one folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from cyclorama.core.arrays import ByteArray
from cyclorama.core.detections import Detections
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.files import as_json, write_bytes, write_json
from cyclorama.detect.own_files import OwnFiles
from cyclorama.detect.predictions import Names, Seen, SeenVideo, coco_results, objects, picture_fields, yolo_lines
from cyclorama.detect.sources import Source
from cyclorama.detect.videos import Frame, VideoFile
from cyclorama.detect.writing import writing

# What is one file of all pictures, by format.
WHOLE = {"coco": "results.json", "json": "predictions.json", "yolo": "classes.txt"}
PICTURES, VIDEOS, LABELS = "pictures", "videos", "labels"
QUALITY = 92

# An image, what was found in it, the categories' names and their skeletons -> a picture of it.
Draw = Callable[[ByteArray, Detections, Sequence[str], Mapping[str, Skeleton]], ByteArray]


class PictureRecord:
    """Writes a drawn picture, and YOLO's labels, as soon as it was looked at; the other formats when it is closed.

    Args:
        files: Of the folder.
        names: Of the detector's classes and keypoints.
        format: "coco" has every detection, as AP needs them; "json" and "yolo" have those that are sure.
        confidence: Detections with at least this score are sure, and drawn.
        draw: Makes the drawn picture; None draws none.
    """

    def __init__(self, files: OwnFiles, names: Names, *, format: str, confidence: float, draw: Draw | None) -> None:
        self.seen: list[Seen] = []
        self._files, self._names, self._format = files, names, format
        self._confidence, self._draw = confidence, draw
        self._sure: list[Seen] = []

    def add(self, source: Source, image: ByteArray, found: Detections) -> None:
        """Write a picture.

        Raises:
            InputError: The folder can't be written.
        """
        size = (image.shape[1], image.shape[0])
        sure = Seen(source.place, source.name, size, found.chosen(found.scores >= self._confidence))
        self.seen.append(Seen(source.place, source.name, size, found))
        self._sure.append(sure)
        stem = Path(source.name).stem
        with writing(self._files.folder):
            if self._draw is not None:
                path = self._files.new(PICTURES, stem, ".jpg")
                stem = path.stem
                drawn = self._draw(image, sure.detections, self._names.categories, self._names.skeletons)
                Image.fromarray(drawn).save(path, quality=QUALITY)
            if self._format == "yolo":
                write_bytes(self._files.new(LABELS, stem, ".txt"), yolo_lines(sure).encode())

    def close(self) -> None:
        """Write what is one file of all.

        Raises:
            InputError: The folder can't be written.
        """
        if not self.seen:
            return
        with writing(self._files.folder):
            write_bytes(self._files.only(WHOLE[self._format]), self._whole())

    def _whole(self) -> bytes:
        if self._format == "yolo":
            return "".join(f"{name}\n" for name in self._names.categories).encode()
        if self._format == "json":
            return as_json([picture_fields(seen, self._names) for seen in self._sure])
        return as_json(coco_results(self.seen, self._names.categories))


class VideoRecord:
    """Writes a drawn video frame by frame, and what is sure in each frame when it is closed."""

    def __init__(
        self,
        files: OwnFiles,
        source: Source,
        fps: float,
        names: Names,
        *,
        confidence: float,
        draw: Draw | None,
    ) -> None:
        self._files, self._source, self._fps, self._names = files, source, fps, names
        self._confidence, self._draw = confidence, draw
        self._stem = Path(source.name).stem.replace(":", "-")
        self._size: dict[str, int] = {}
        self._frames: list[dict[str, Any]] = []
        self._best = 0.0
        self._drawn: VideoFile | None = None

    def add(self, frame: Frame, found: Detections) -> None:
        """Write a frame.

        Raises:
            InputError: The folder can't be written.
        """
        sure = found.chosen(found.scores >= self._confidence)
        if self._draw is not None:
            with writing(self._files.folder):
                if self._drawn is None:
                    self._drawn = VideoFile(self._files.new(VIDEOS, self._stem, ".mp4"), self._fps)
                drawn = self._draw(frame.image, sure, self._names.categories, self._names.skeletons)
                self._drawn.add(drawn, frame.time_s)
        self._size = {"width": frame.image.shape[1], "height": frame.image.shape[0]}
        self._frames.append({"time_s": round(frame.time_s, 4), "objects": objects(sure, self._names)})
        self._best = max([self._best, *found.scores[:1].tolist()])

    def close(self) -> None:
        """Write what was found; nothing where there was no frame.

        Raises:
            InputError: The folder can't be written.
        """
        if self._drawn is not None:
            self._drawn.close()
        if self._frames:
            fields = {"file": self._source.place, "fps": self._fps, **self._size, "frames": self._frames}
            with writing(self._files.folder):
                write_json(self._files.new(VIDEOS, self._stem, ".json"), fields)

    def seen(self) -> SeenVideo:
        """In short."""
        count = sum(len(frame["objects"]) for frame in self._frames)
        return SeenVideo(self._source.place, len(self._frames), count, self._best)
