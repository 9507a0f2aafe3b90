"""Ultralytics' YOLO layout of poses (https://docs.ultralytics.com/datasets/pose/)."""

from pathlib import Path

from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress
from cyclorama.core.sample import Dataset
from cyclorama.dataset.formats.yolo import read_yolo, tells_keypoints, write_yolo, yaml_file
from cyclorama.dataset.keypoint_row import KeypointRow


class YoloPose:
    """As ``Yolo``, with ``kpt_shape`` and ``flip_idx`` in data.yaml and "x y v" of each keypoint after every box."""

    @staticmethod
    def recognises(root: Path) -> bool:
        """A YAML file with names, train or val, and the number of keypoints."""
        path = yaml_file(root)
        return path is not None and tells_keypoints(path)

    @staticmethod
    def read(root: Path) -> Dataset:
        """All images of all splits."""
        return read_yolo(root, "yolo_pose")

    @staticmethod
    def write(dataset: Dataset, folder: Path, *, progress: Progress) -> int:
        """Objects that are flagged as ignored are left out: YOLO can't say it.

        Raises:
            InputError: No category has keypoints.
        """
        if not dataset.skeletons:
            raise InputError(f"{dataset.root}: has no keypoints, which yolo_pose is for; expected --to yolo")
        return write_yolo(dataset, folder, KeypointRow.of(dataset.skeletons), progress=progress)
