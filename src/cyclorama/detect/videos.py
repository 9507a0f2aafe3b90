"""Frames of videos and cameras by OpenCV, and videos of what was found."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.detect.sources import CAMERA, Source

# Of videos that don't tell, and of what a camera saw.
FRAMES_PER_S = 25.0
CODEC = "mp4v"
# One that tells more is damaged.
MOST_FRAMES_PER_S = 1000.0


@dataclass(frozen=True)
class Frame:
    """One of a video.

    Attributes:
        image: (H, W, 3) uint8.
        time_s: Since the first.
    """

    image: ByteArray
    time_s: float


@dataclass(frozen=True)
class Video:
    """An opened file or camera.

    Attributes:
        fps: Frames per second.
        count: Frames, as the file tells; 0 where it doesn't.
        live: Whether it is a camera.
        capture: OpenCV's.
    """

    fps: float
    count: int
    live: bool
    capture: cv2.VideoCapture

    def frames(self, *, seconds: float | None = None) -> Iterator[Frame]:
        """To be read once; those of a camera end with the first after some seconds, or never."""
        began, number = time.monotonic(), 0
        while (image := _next(self.capture)) is not None:
            time_s = time.monotonic() - began if self.live else number / self.fps
            yield Frame(image, time_s)
            if self.live and seconds is not None and time_s >= seconds:
                return
            number += 1

    def close(self) -> None:
        """Let others have it."""
        self.capture.release()


def open_video(source: Source) -> Video:
    """A video file, or a camera.

    Raises:
        InputError: It is damaged, or there is no such camera.
    """
    capture = _capture(source)
    if source.kind == "camera":
        if not capture.isOpened():
            raise InputError(f"{source.place}: can't be opened; is it connected, and not used by another program?")
        return Video(FRAMES_PER_S, 0, live=True, capture=capture)
    if not capture.isOpened():
        raise InputError(f"{source.place}: can't be read as a video; is the file damaged?")
    told = capture.get(cv2.CAP_PROP_FPS)
    fps = told if 0 < told <= MOST_FRAMES_PER_S else FRAMES_PER_S
    return Video(fps, max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT))), live=False, capture=capture)


class VideoFile:
    """An .mp4 that frames are added to, each shown until the next one's time."""

    def __init__(self, path: Path, fps: float) -> None:
        self.path, self.fps = path, fps
        self._writer: cv2.VideoWriter | None = None
        self._shown = 0

    def add(self, image: ByteArray, time_s: float) -> None:
        """Show an image from a time on; one that comes before the last one's time was over is left out.

        Raises:
            OSError: The file can't be written.
        """
        if self._writer is None:
            self._writer = cv2.VideoWriter(
                str(self.path), cv2.VideoWriter.fourcc(*CODEC), self.fps, (image.shape[1], image.shape[0])
            )
            if not self._writer.isOpened():
                raise OSError(f"OpenCV can't write '{self.path}'")
        until = round(time_s * self.fps) + 1
        for _ in range(until - self._shown):
            self._writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        self._shown = max(self._shown, until)

    def close(self) -> None:
        """Make a whole file of it."""
        if self._writer is not None:
            self._writer.release()


def _capture(source: Source) -> cv2.VideoCapture:
    # What goes wrong is told in a sentence, not by each library that had a try.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    level = cv2.getLogLevel()
    cv2.setLogLevel(0)
    try:
        if source.kind == "camera":
            return cv2.VideoCapture(int(source.place.removeprefix(CAMERA)))
        return cv2.VideoCapture(source.place, cv2.CAP_FFMPEG)
    finally:
        cv2.setLogLevel(level)


def _next(capture: cv2.VideoCapture) -> ByteArray | None:
    there, image = capture.read()
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False) if there else None
