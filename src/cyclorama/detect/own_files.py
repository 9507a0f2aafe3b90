"""Files that a command writes into a folder of the user's, so that the next time they go and nothing else does."""

from pathlib import Path

from cyclorama.core.errors import InputError
from cyclorama.detect.writing import writing

LIST = "files.txt"


class OwnFiles:
    """The folder's files.txt lists what was written there; the first file of the next time takes its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._begun = False
        self._names: set[str] = set()

    def new(self, folder: str, stem: str, suffix: str) -> Path:
        """Where to write a file, with a number where another has the name.

        Raises:
            InputError: It can't be written there.
        """
        name, number = f"{folder}/{stem}{suffix}", 1
        with writing(self.folder):
            self._begin()
            while name in self._names or (self.folder / name).exists():
                number += 1
                name = f"{folder}/{stem}-{number}{suffix}"
            return self._listed(name)

    def only(self, name: str) -> Path:
        """Where to write the file of a name that is always the same.

        Raises:
            InputError: It can't be written there.
        """
        with writing(self.folder):
            self._begin()
            return self._listed(name)

    def _listed(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name not in self._names:
            with (self.folder / LIST).open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")
        self._names.add(name)
        return path

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        self.folder.mkdir(parents=True, exist_ok=True)
        listed = self.folder / LIST
        if not listed.is_file():
            return
        for name in listed.read_text("utf-8").splitlines():
            path = self.folder / name
            if self.folder.resolve() not in path.resolve().parents:
                raise InputError(
                    f"{listed}: names '{name}', which is not in the folder; delete {LIST} or choose another folder"
                )
            path.unlink(missing_ok=True)
        listed.unlink()
