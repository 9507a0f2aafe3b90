"""Results as tables on the terminal."""

from rich.console import Console
from rich.table import Table

from cyclorama.detect.results import FIGURES, Evaluation


def score_table(evaluation: Evaluation) -> None:
    """Print the scores with their intervals, and AP per class."""
    scores = evaluation.scores
    what = "photographs" if scores.kind == "real" else "RENDERED images: says nothing about photographs"
    table = Table(title=f"{scores.images} {what}, {scores.boxes} boxes")
    for heading in ("", "value", "95 % interval"):
        table.add_column(heading, justify="left" if not heading else "right")
    for key, name in FIGURES.items():
        low, high = scores.intervals[key]
        table.add_row(name, f"{getattr(scores, key):.3f}", f"{low:.3f} .. {high:.3f}")
    table.add_section()
    for category, ap in scores.per_class.items():
        table.add_row(f"AP {category}", f"{ap:.3f}", "")
    Console().print(table)
    if scores.unscored:
        print(f"not scored, because the detector doesn't know them: {', '.join(scores.unscored)}")
