"""Samples that are read when they are asked for."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

from cyclorama.core.sample import Sample

K = TypeVar("K")


class LazySamples(Sequence[Sample], Generic[K]):
    """A sequence of samples from keys (paths, records) and the function that reads one.

    Where a key tells its sample's id, ``id_of`` spares reading the sample for it.
    """

    def __init__(self, keys: Sequence[K], read: Callable[[K], Sample], id_of: Callable[[K], str] | None = None) -> None:
        self._keys = keys
        self._read = read
        self._id_of = id_of or (lambda key: read(key).id)

    def ids(self) -> tuple[str, ...]:
        """Of all samples, in order."""
        return tuple(self._id_of(key) for key in self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> "LazySamples[K]": ...
    def __getitem__(self, index: int | slice) -> "Sample | LazySamples[K]":
        if isinstance(index, slice):
            return LazySamples(self._keys[index], self._read, self._id_of)
        return self._read(self._keys[index])


def sample_ids(samples: Sequence[Sample]) -> tuple[str, ...]:
    """Ids of all samples, in order; without reading them where that can be."""
    return samples.ids() if isinstance(samples, LazySamples) else tuple(sample.id for sample in samples)
