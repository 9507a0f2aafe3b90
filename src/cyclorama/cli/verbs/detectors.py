"""cyclorama detectors: what can be trained, and what it takes."""

import json

import typer


def detectors(
    plain: bool = typer.Option(False, "--json", help="For programs: all facts of each, by name."),
) -> None:
    """List the detectors, those of a family from small to large, with their AP on COCO as published.

    Example: `cyclorama detectors`
    """
    from cyclorama.cli.detector_table import detector_table, facts
    from cyclorama.detect.catalogue import detectors as all_detectors

    found = dict(all_detectors())
    if plain:
        print(json.dumps({name: facts(detector) for name, detector in found.items()}, indent=2))
        return
    detector_table(found)
