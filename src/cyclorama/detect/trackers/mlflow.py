"""MLflow: to the server of MLFLOW_TRACKING_URI, or into the working folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclorama.core.arrays import ByteArray
from cyclorama.detect.tracker import PROJECT

TAG = "cyclorama.folder"


class Mlflow:
    """A run of the experiment "cyclorama"."""

    module = "mlflow"

    def __init__(self, run: Path, settings: Mapping[str, Any]) -> None:
        import mlflow

        self._api, folder = mlflow, str(run.resolve())
        mlflow.set_experiment(PROJECT)
        found = mlflow.search_runs(filter_string=f"tags.`{TAG}` = '{folder}'", output_format="list", max_results=1)
        if found:
            mlflow.start_run(run_id=found[0].info.run_id)
        else:
            mlflow.start_run(run_name=run.resolve().name, tags={TAG: folder})
            mlflow.log_params({key: str(value) for key, value in settings.items()})

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """As metrics."""
        self._api.log_metrics(dict(figures), step=step)

    def show(self, step: int, pictures: Mapping[str, ByteArray]) -> None:
        """As images of the run."""
        for name, picture in pictures.items():
            self._api.log_image(picture, key=name, step=step)

    def end(self) -> None:
        """The run is finished."""
        self._api.end_run()
