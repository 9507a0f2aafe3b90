"""``python -m cyclorama``: the program."""

from cyclorama.cli.app import main

main()
