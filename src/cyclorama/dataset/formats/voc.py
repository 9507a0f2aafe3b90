"""Pascal VOC's XML, one file per image, as LabelImg and others write it."""

import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path

from cyclorama.core.errors import InputError
from cyclorama.core.pictures import IMAGE_SUFFIXES
from cyclorama.core.progress import Progress
from cyclorama.core.sample import Annotation, Dataset, Sample
from cyclorama.dataset.files import link_or_copy, write_bytes
from cyclorama.dataset.lazy import LazySamples
from cyclorama.dataset.pictures import first_file, load_picture, picture_size
from cyclorama.dataset.subsets import each_sample, file_name, subsets
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.visibility import Visibility

SETS = Path("ImageSets") / "Main"
SYNTHETIC = "synthetic, rendered by Cyclorama"
# From here on VOC calls an object truncated or difficult in our files.
TRUNCATED = 0.05


class Voc:
    """XML files beside their images, or VOC2012's Annotations/, JPEGImages/ and ImageSets/Main/."""

    @staticmethod
    def recognises(root: Path) -> bool:
        """An XML file whose root is <annotation>."""
        first = next(iter(_files(root)), None)
        return first is not None and b"<annotation" in first.read_bytes()[:500]

    @staticmethod
    def read(root: Path) -> Dataset:
        """Categories are the names that appear, sorted: VOC declares none."""
        files = _files(root)
        trees = {path: _tree(path) for path in files}
        names = sorted({_text(o, "name", path) for path, tree in trees.items() for o in tree.iter("object")})
        if not names:
            raise InputError(f"{root}: not one of {len(files)} .xml files has an <object>")
        synthetic = all(tree.findtext("source/database") == SYNTHETIC for tree in trees.values())
        provenance = {"kind": "synthetic"} if synthetic else {}
        samples = LazySamples(files, partial(_sample, root))
        return Dataset(tuple(names), samples, root, "voc", _splits(root, files), provenance)

    @staticmethod
    def write(dataset: Dataset, folder: Path, *, progress: Progress) -> int:
        """VOC2012's folders; what is flagged as ignored is <difficult>."""
        parts = subsets(dataset, whole="trainval")
        left_out = 0
        members: dict[str, list[str]] = {name: [] for name in parts}
        for part, sample in each_sample(dataset, parts, progress):
            image = folder / "JPEGImages" / file_name(sample)
            link_or_copy(sample.image, image)
            kept = [a for a in sample.annotations if Box in a]
            left_out += len(sample.annotations) - len(kept)
            xml = _xml(sample, image.name, kept, synthetic=dataset.provenance.get("kind") == "synthetic")
            write_bytes(folder / "Annotations" / f"{image.stem}.xml", xml)
            members[part].append(image.stem)
        for name, stems in members.items():
            write_bytes(folder / SETS / f"{name}.txt", "".join(f"{stem}\n" for stem in stems).encode())
        return left_out


def _files(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    folder = root / "Annotations"
    return sorted(folder.glob("*.xml") if folder.is_dir() else root.rglob("*.xml"))


def _tree(path: Path) -> ET.Element:
    try:
        return ET.parse(path).getroot()
    except ET.ParseError as error:
        raise InputError(f"{path}: is not XML ({error})") from error


def _text(element: ET.Element, name: str, path: Path) -> str:
    text = element.findtext(name)
    if text is None or not text.strip():
        raise InputError(f"{path}: <{element.tag}> has no <{name}>")
    return text.strip()


def _splits(root: Path, files: list[Path]) -> dict[str, tuple[int, ...]]:
    positions = {path.stem: i for i, path in enumerate(files)}
    lists = {name: root / SETS / f"{name}.txt" for name in ("train", "val", "test")}
    stems = {name: [line.split()[0] for line in p.read_text("utf-8").splitlines() if line.strip()]
             for name, p in lists.items() if p.is_file()}  # fmt: skip
    return {name: tuple(positions[s] for s in members if s in positions) for name, members in stems.items()}


def _sample(root: Path, path: Path) -> Sample:
    tree = _tree(path)
    image = _image(root, path, tree)
    try:
        width, height = (int(float(tree.findtext(f"size/{side}") or 0)) for side in ("width", "height"))
    except ValueError as error:
        raise InputError(f"{path}: <size> holds no whole numbers ({error})") from error
    if not width or not height:
        width, height = picture_size(image)
    return Sample(
        id=path.relative_to(root).with_suffix("").as_posix().removeprefix("Annotations/"),
        width=width,
        height=height,
        image=image,
        load_image=partial(load_picture, image, size=(width, height)),
        annotations=tuple(_annotation(o, i + 1, path) for i, o in enumerate(tree.iter("object"))),
    )


def _image(root: Path, path: Path, tree: ET.Element) -> Path:
    """The file that the XML names, or one of its own name: names of files are often changed later."""
    named = Path((tree.findtext("filename") or "").strip())
    folders = (path.parent, root / "JPEGImages", root / "images", root)
    suffixes = [s for suffix in sorted(IMAGE_SUFFIXES) for s in (suffix, suffix.upper())]
    by_stem = (folder / f"{path.stem}{suffix}" for folder in folders for suffix in suffixes)
    named_files = (folder / named.name for folder in folders if named.name)
    found = first_file([*named_files, *by_stem])
    if found is None:
        raise InputError(f"{path}: no image '{named}' and none named '{path.stem}' beside it or in JPEGImages/")
    return found


def _annotation(element: ET.Element, id: int, path: Path) -> Annotation:
    # Pixels count from 1 and both ends are inside: (1, width) covers the image.
    try:
        box = element.find("bndbox")
        x0, y0, x1, y1 = (float(_text(box, n, path)) for n in ("xmin", "ymin", "xmax", "ymax"))  # type: ignore[arg-type]
    except InputError:
        raise
    except (AttributeError, ValueError) as error:
        raise InputError(f"{path}: object {id} has no <bndbox> of four numbers ({error})") from error
    difficult = (element.findtext("difficult") or "0").strip() == "1"
    labels = {Box: Box(x0 - 1, y0 - 1, x1, y1)}
    return Annotation(_text(element, "name", path), id, labels, "difficult" if difficult else None)


def _xml(sample: Sample, name: str, annotations: list[Annotation], *, synthetic: bool) -> bytes:
    root = ET.Element("annotation")
    _add(root, {"folder": "JPEGImages", "filename": name})
    if synthetic:
        _add(ET.SubElement(root, "source"), {"database": SYNTHETIC})
    _add(ET.SubElement(root, "size"), {"width": sample.width, "height": sample.height, "depth": 3})
    _add(root, {"segmented": 0})
    for annotation in annotations:
        truncated = Visibility in annotation and annotation[Visibility].truncation > TRUNCATED
        element = ET.SubElement(root, "object")
        _add(element, {"name": annotation.category, "pose": "Unspecified", "truncated": int(truncated)})
        _add(element, {"difficult": int(annotation.ignored is not None)})
        box = annotation[Box]
        values = {"xmin": box.x0 + 1, "ymin": box.y0 + 1, "xmax": box.x1, "ymax": box.y1}
        _add(ET.SubElement(element, "bndbox"), {k: f"{v:g}" for k, v in values.items()})
    ET.indent(root, "\t")
    return ET.tostring(root, encoding="utf-8")


def _add(element: ET.Element, texts: dict[str, object]) -> None:
    for name, text in texts.items():
        ET.SubElement(element, name).text = str(text)
