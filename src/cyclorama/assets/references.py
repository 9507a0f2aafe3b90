"""Files that a model file names: materials, textures, buffers, and what these name."""

import base64
import io
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from PIL import Image

from cyclorama.assets.urdf import ROBOTS, mesh_files
from cyclorama.core.errors import InputError
from cyclorama.core.pictures import DAMAGED, IMAGE_SUFFIXES

TEXTURES = (*IMAGE_SUFFIXES, ".tga")
# A file's header of 12 bytes, then chunks, each after its length and type (glTF 2.0, section 4).
GLB_HEADER, GLB_CHUNK = 12, 8
# Bytes in which the header of a .ply file ends.
PLY_HEADER = 65_536


class Beside:
    """Gives trimesh the files that a model names, wherever they lie from its folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folders = [path.parent]

    def get(self, name: str) -> bytes:
        """A file's content; files that it names itself may lie in its own folder.

        trimesh asks for one library of materials, by all that is written after "mtllib"; it gets all libraries in one.
        """
        if self._path.suffix.lower() == ".obj" and name.lower().endswith(".mtl"):
            found = [p for p in _libraries(self._path) if p.is_file()]
        else:
            found = [p for p in (named_file(f, name) for f in self._folders) if p.is_file()][:1]
        if not found:
            raise FileNotFoundError(name)
        self._folders += [p.parent for p in found]
        return b"\n".join(p.read_bytes() for p in found)

    __getitem__ = get


def named_file(folder: Path, name: str) -> Path:
    """The file that a model in ``folder`` means; its path as written, where there is none.

    Names may be written for URLs, with Windows' slashes, after options (-s 1 1 1), or with a path of the computer that
    the model was made on; then a file of that name beside the model will do.
    """
    plain = (name.split(" ")[-1] if name.startswith("-") else name).strip().replace("\\", "/")
    places = [folder / plain, folder / unquote(plain), folder / Path(unquote(plain)).name]
    return next((p for p in places if p.is_file()), places[0])


def referenced_files(path: Path) -> list[Path]:
    """Files that a model names; they may be missing."""
    if path.suffix.lower() in (".gltf", ".glb"):
        header, _ = gltf_parts(path)
        uris = [item.get("uri", "") for key in ("buffers", "images") for item in header.get(key, [])]
        return [named_file(path.parent, uri) for uri in uris if uri and not uri.startswith("data:")]
    if path.suffix.lower() == ".obj":
        libraries = _libraries(path)
        return libraries + [
            named_file(p.parent, name) for p in libraries if p.is_file() for name in _after(p, "map_Kd")
        ]
    if path.suffix.lower() == ".ply":
        return [named_file(path.parent, name) for name in _texture_of_ply(path)]
    if path.suffix.lower() in ROBOTS:
        meshes = mesh_files(path)
        return meshes + [file for mesh in meshes if mesh.is_file() for file in referenced_files(mesh)]
    return []


def _libraries(path: Path) -> list[Path]:
    """Files of an .obj file's materials; a line may name several, and a name may have spaces."""
    lines = _after(path, "mtllib")
    names = [name for line in lines for name in re.findall(r"\S.*?\.mtl(?=\s|$)", line, re.IGNORECASE) or [line]]
    return [named_file(path.parent, name) for name in dict.fromkeys(names)]


def _texture_of_ply(path: Path) -> list[str]:
    """Of a header's "comment TextureFile skin.png"."""
    with path.open("rb") as file:
        head = file.read(PLY_HEADER).partition(b"end_header")[0].decode("utf-8", errors="replace")
    return [line.split(maxsplit=2)[2] for line in head.splitlines() if line.lower().startswith("comment texturefile ")]


def missing_textures(path: Path) -> list[str]:
    """Names of images that a model refers to and that are not there."""
    return [p.name for p in referenced_files(path) if p.suffix.lower() in TEXTURES and not p.is_file()]


def texture_beside(path: Path) -> Path | None:
    """The image of the model's own name that stands beside it, as scans have it; None if there is none."""
    if path.suffix.lower() not in (".fbx", ".obj", ".ply"):
        return None
    names = [path.with_suffix(suffix) for suffix in (".png", ".jpg", ".jpeg", ".PNG", ".JPG")]
    return next((name for name in names if name.is_file()), None)


def check_textures(path: Path) -> None:
    """See that every image in or beside a model can be decoded; trimesh would leave out those that can't.

    Raises:
        InputError: Names the first that can't.
    """
    for name, content in _images(path):
        try:
            with Image.open(io.BytesIO(content)) as image:
                image.load()
        except (*DAMAGED, Image.DecompressionBombError) as error:
            what = "too large" if isinstance(error, Image.DecompressionBombError) else "damaged"
            raise InputError(
                f"{path}: texture '{name}' can't be read as an image, it is {what}; "
                "put a sound one in its place or set 'texture: none'"
            ) from error


def _images(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.suffix.lower() in (".gltf", ".glb"):
        header, binary = gltf_parts(path)
        for number, item in enumerate(header.get("images", [])):
            content = _embedded(header, binary, item)
            if content is not None:
                yield str(item.get("name", number)), content
    for file in referenced_files(path):
        if file.suffix.lower() in TEXTURES and file.is_file():
            yield file.name, file.read_bytes()


def _embedded(header: dict[str, Any], binary: bytes, item: dict[str, Any]) -> bytes | None:
    """An image inside of the file; None where it is a file of its own."""
    uri = item.get("uri", "")
    if uri.startswith("data:"):
        return base64.b64decode(uri.partition(",")[2])
    if "bufferView" not in item or not binary:
        return None
    view = header["bufferViews"][item["bufferView"]]
    start = view.get("byteOffset", 0)
    return binary[start : start + view["byteLength"]]


def gltf_parts(path: Path) -> tuple[dict[str, Any], bytes]:
    """The JSON of a .gltf or .glb file, and the binary part of the latter.

    Raises:
        InputError: It is neither.
    """
    content = path.read_bytes()
    binary, damaged = b"", f"can't be read as {path.suffix.lower()[1:]}, the file is damaged"
    try:
        if content[:4] == b"glTF":
            (length,) = struct.unpack_from("<I", content, GLB_HEADER)
            end = GLB_HEADER + GLB_CHUNK + length
            content, binary = content[GLB_HEADER + GLB_CHUNK : end], content[end + GLB_CHUNK :]
        header = json.loads(content)
    except (ValueError, struct.error) as error:
        raise InputError(f"{path}: {damaged} ({error})") from error
    if not isinstance(header, dict):
        raise InputError(f"{path}: {damaged}")
    return header, binary


def _after(path: Path, keyword: str) -> list[str]:
    """What follows a keyword on the lines of a file that begin with it."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    words = [line.split(maxsplit=1) for line in lines]
    return [word[1].strip() for word in words if len(word) == 2 and word[0].lower() == keyword.lower()]
