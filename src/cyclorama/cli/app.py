"""The program: finds its verbs, and turns errors into one sentence and an exit code."""

import sys
import warnings
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, NoReturn

import typer

from cyclorama import __version__
from cyclorama.core.errors import InputError, no_room

# In the order in which a user meets them.
VERBS = (  # noqa: SIM905
    "demo init check preview generate verify convert split detectors train evaluate compare gap predict export "
    "ablate curve schema"
).split()

# Those that go on where they stopped.
RESUMABLE = ("demo", "generate", "train", "ablate", "curve")

# Which extra brings a module.
EXTRAS = {
    "torch": "train",
    "torchvision": "train",
    "safetensors": "train",
    "faster_coco_eval": "train",
    "onnx": "export",
    "onnxruntime": "export",
    "bpy": "blender",
}

app = typer.Typer(
    help=sys.modules["cyclorama"].__doc__,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"cyclorama {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """From a 3D model to an object detector that works on real photographs, with no hand labelling."""


def _interruptible(name: str, verb: Callable[..., None]) -> Callable[..., None]:
    """The verb, with a sentence and exit code 130 for Ctrl-C, which typer's versions tell in ways of their own."""

    @wraps(verb)
    def run(*args: Any, **options: Any) -> None:
        try:
            verb(*args, **options)
        except KeyboardInterrupt:
            next_ = (
                "the same command goes on where this one stopped"
                if name in RESUMABLE
                else "the same command begins anew"
            )
            print(f"\ncyclorama: interrupted; {next_}", file=sys.stderr)
            raise typer.Exit(130) from None

    return run


for verb in VERBS:
    app.command(verb)(_interruptible(verb, getattr(import_module(f"cyclorama.cli.verbs.{verb}"), verb)))


def main() -> None:
    """Run the program; exit codes: 0 done, 1 done with failures, 2 bad input, 130 interrupted."""
    # Large pictures that the user names are no attack; Pillow refuses from 180 megapixels on.
    warnings.filterwarnings("ignore", "Image size .* exceeds limit")
    try:
        app()
    except InputError as error:
        _refuse(str(error), error)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").split(".")[0])
        if extra is None:
            raise
        _refuse(f"needs {error.name}; type: pip install 'cyclorama[{extra}]'", error)
    except OSError as error:
        sentence = no_room(error, "the output")
        if sentence is None:
            raise
        _refuse(sentence, error)


def _refuse(sentence: str, error: Exception) -> NoReturn:
    print(f"cyclorama: {sentence}", file=sys.stderr)
    raise SystemExit(2) from error
