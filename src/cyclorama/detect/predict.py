"""Detections on the user's own pictures and videos."""

from collections.abc import Sequence
from pathlib import Path

from cyclorama.core.arrays import ByteArray
from cyclorama.core.detections import Detections
from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.progress import Progress, silent
from cyclorama.detect.inference import detect
from cyclorama.detect.look import Finder, Look, looking
from cyclorama.detect.own_files import OwnFiles
from cyclorama.detect.predictions import FORMATS, Names, Prediction, SeenVideo
from cyclorama.detect.recording import Draw, PictureRecord, VideoRecord
from cyclorama.detect.run import Run, device_named, load_network
from cyclorama.detect.sources import sources
from cyclorama.detect.videos import Video, open_video


def predict(
    run_folder: Path,
    places: Sequence[str | Path],
    out: Path,
    *,
    look: Look | None = None,
    format: str = "coco",
    confidence: float = 0.5,
    seconds: float | None = None,
    draw: Draw | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> Prediction:
    """Detect, and write what was found while it goes on; what is damaged is left out.

    Ctrl-C keeps what was found so far, and is how a camera's video ends.

    Args:
        run_folder: What ``train`` wrote.
        places: As ``sources`` takes them.
        out: Folder for pictures/, videos/, labels/ and the results. What was written there before is removed.
        look: Tiles, classes and overlaps; left out, as the network has it.
        format: "coco" (results.json), "json" (predictions.json) or "yolo" (labels/NAME.txt).
        confidence: Least score of what is drawn, and written as JSON or YOLO, 0..1.
        seconds: That a camera is looked at; None is until Ctrl-C.
        draw: Makes the drawn picture; None draws none.
        device: "auto", "cpu" or "cuda".
        progress: Is told (done, total) pictures and frames.

    Raises:
        InputError: No run, a missing place, none that can be read, an option that can't be used, or ``out`` lies in a
            folder that is looked through, or can't be written.
    """
    run = Run.read(run_folder)
    if format not in FORMATS:
        raise InputError(f"--format {format}: is none that is written.{did_you_mean(format, FORMATS)}")
    chosen = sources([str(place) for place in places])
    _check_outside(places, out)
    find = looking(_finder(run_folder, run, device), look or Look(), run.categories)
    files, counted, names = OwnFiles(out), _Counted(len(chosen), progress), Names(run.categories, run.skeletons)
    pictures = PictureRecord(files, names, format=format, confidence=confidence, draw=draw)
    videos: list[SeenVideo] = []
    damaged: list[str] = []
    try:
        for source in chosen:
            try:
                opened = source.load() if source.kind == "picture" else open_video(source)
            except InputError as error:
                damaged.append(str(error))
                counted.step()
                continue
            if isinstance(opened, Video):
                record = VideoRecord(files, source, opened.fps, names, confidence=confidence, draw=draw)
                _watch(opened, find, record, seconds, counted)
                if record.seen().frames:
                    videos.append(record.seen())
                else:
                    damaged.append(f"{source.place}: gives no frame that can be read; is it damaged?")
            else:
                pictures.add(source, opened, find(opened))
                counted.step()
    finally:
        pictures.close()
    if not pictures.seen and not videos:
        raise InputError(damaged[0])
    return Prediction(run.categories, tuple(pictures.seen), tuple(videos), tuple(damaged))


class _Counted:
    """Tells how many of the pictures and frames are done; how many a video has is known once it is opened."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def expect(self, frames: int) -> None:
        """What counted as one is a video of so many frames."""
        self._total += max(frames, 1) - 1

    def step(self) -> None:
        """One more is done; a file may have more frames than it tells."""
        self._done += 1
        self._total = max(self._total, self._done)
        self._progress(self._done, self._total)


def _watch(video: Video, find: Finder, record: VideoRecord, seconds: float | None, counted: _Counted) -> None:
    """Look at every frame; what was looked at is written also where Ctrl-C ends it."""
    counted.expect(video.count)
    try:
        for frame in video.frames(seconds=seconds):
            record.add(frame, find(frame.image))
            counted.step()
    except KeyboardInterrupt:
        if not video.live:
            raise
    finally:
        video.close()
        record.close()


def _finder(run_folder: Path, run: Run, device: str) -> Finder:
    where = device_named(device)
    network = load_network(run_folder, run, where)

    def find(image: ByteArray) -> Detections:
        return next(detect(network, [image], run.settings.image_size, where, masks=True, channels=run.channels))

    return find


def _check_outside(places: Sequence[str | Path], out: Path) -> None:
    """Or what is drawn this time would be looked at the next."""
    own = out.resolve()
    for folder in (Path(place) for place in places):
        if folder.is_dir() and folder.resolve() in (own, *own.parents):
            raise InputError(f"{out}: lies in {folder}, which is looked through; choose another folder for the results")
