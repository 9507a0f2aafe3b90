"""The program: finds its verbs, and turns errors into one sentence and an exit code."""

import errno
import sys
from importlib import import_module

import typer

from cyclorama import __version__
from cyclorama.core.errors import InputError

# In the order in which a user meets them.
VERBS = (
    "demo init check generate verify convert split train evaluate predict schema".split()  # noqa: SIM905
)

# Which extra brings a module.
EXTRAS = {
    "torch": "train",
    "torchvision": "train",
    "safetensors": "train",
    "faster_coco_eval": "train",
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


for verb in VERBS:
    app.command(verb)(getattr(import_module(f"cyclorama.cli.verbs.{verb}"), verb))


def main() -> None:
    """Run the program; exit codes: 0 done, 1 done with failures, 2 bad input, 130 interrupted."""
    try:
        app()
    except InputError as error:
        print(f"cyclorama: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on where this one stopped", file=sys.stderr)
        sys.exit(130)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").split(".")[0])
        if extra is None:
            raise
        print(f"cyclorama: needs {error.name}; type: pip install 'cyclorama[{extra}]'", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT):
            raise
        print(
            f"cyclorama: can't write '{error.filename}': {error.strerror}; make room or choose another folder",
            file=sys.stderr,
        )
        sys.exit(2)
