"""Whether a .ply file holds all that its header tells of.

Source: Turk, The PLY Polygon File Format, 1994.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cyclorama.core.errors import InputError

# As Python's struct has them.
TYPES = {
    "char": "b", "uchar": "B", "short": "h", "ushort": "H", "int": "i", "uint": "I", "float": "f", "double": "d",
    "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "float32": "f", "float64": "d",
}  # fmt: skip
SEVERAL = {"vertex": "vertices", "face": "faces", "edge": "edges"}


@dataclass(frozen=True)
class _Property:
    """A number of each row, or, where ``length`` is the type of its length, a list."""

    type: str
    length: str | None = None


@dataclass(frozen=True)
class _Element:
    name: str
    count: int
    properties: tuple[_Property, ...]


def check_rows(path: Path) -> None:
    """See that no row is missing: trimesh leaves out what the end of a cut file would have told.

    Raises:
        InputError: Names how many there are of how many.
    """
    head, _, rest = path.read_bytes().partition(b"end_header")
    header, body = head.decode("utf-8", errors="replace").splitlines(), rest.partition(b"\n")[2]
    elements = list(_elements(header))
    kind = next((line.split()[1] for line in header if line.startswith("format ")), "")
    there = _lines(elements, body) if kind == "ascii" else _rows(elements, body, ">" if "big" in kind else "<")
    for element, rows in zip(elements, there, strict=True):
        if rows < element.count:
            what = SEVERAL.get(element.name, f"rows of '{element.name}'")
            raise InputError(f"{path}: holds {rows} of {element.count} {what}: is the file damaged?")


def _elements(header: Sequence[str]) -> Iterator[_Element]:
    starts = [i for i, line in enumerate(header) if line.startswith("element ")]
    for first, last in zip(starts, [*starts[1:], len(header)], strict=True):
        _, name, count = header[first].split()
        words = [line.split() for line in header[first + 1 : last] if line.startswith("property ")]
        properties = (_Property(w[3], w[2]) if w[1] == "list" else _Property(w[1]) for w in words)
        yield _Element(name, int(count), tuple(properties))


def _lines(elements: Sequence[_Element], body: bytes) -> Iterator[int]:
    """Whole rows of each element, of which a line has one; the last of the file may be cut off."""
    lines = body.rstrip().splitlines()
    for element in elements:
        own, lines = lines[: element.count], lines[element.count :]
        is_cut = own and not lines and len(own[-1].split()) < _numbers(element, own[-1].split())
        yield len(own) - 1 if is_cut else len(own)


def _numbers(element: _Element, words: Sequence[bytes]) -> int:
    """How many a row has, which says itself how long its lists are."""
    at = 0
    for property in element.properties:
        at += 1 if property.length is None or at >= len(words) else 1 + int(float(words[at]))
    return at


def _rows(elements: Sequence[_Element], body: bytes, order: str) -> Iterator[int]:
    """Whole rows of each element."""
    at = 0
    for element in elements:
        found = 0
        if all(p.length is None for p in element.properties):
            size = struct.calcsize(order + "".join(TYPES[p.type] for p in element.properties))
            found = min(element.count, (len(body) - at) // max(size, 1)) if at <= len(body) else 0
            at += element.count * size
        else:
            for end in _ends(element, body, at, order):
                at, found = end, found + 1
        yield found


def _ends(element: _Element, body: bytes, at: int, order: str) -> Iterator[int]:
    """The byte after each whole row with lists."""
    steps = [
        (struct.calcsize(order + TYPES[p.type]), None if p.length is None else struct.Struct(order + TYPES[p.length]))
        for p in element.properties
    ]
    for _ in range(element.count):
        for size, length in steps:
            if length is None:
                at += size
            elif at + length.size <= len(body):
                at += length.size + size * length.unpack_from(body, at)[0]
            else:
                return
        if at > len(body):
            return
        yield at
