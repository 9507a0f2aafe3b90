"""Samples that are read when they are asked for."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

from cyclorama.core.sample import Sample

K = TypeVar("K")


class LazySamples(Sequence[Sample], Generic[K]):
    """A sequence of samples from keys (paths, records) and the function that reads one."""

    def __init__(self, keys: Sequence[K], read: Callable[[K], Sample]) -> None:
        self._keys = keys
        self._read = read

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> "LazySamples[K]": ...
    def __getitem__(self, index: int | slice) -> "Sample | LazySamples[K]":
        if isinstance(index, slice):
            return LazySamples(self._keys[index], self._read)
        return self._read(self._keys[index])
