"""Pages that are one file each: pictures inside, no scripts, nothing loaded from elsewhere."""

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape
from PIL import Image

from cyclorama.core.arrays import ByteArray
from cyclorama.dataset.files import write_bytes

WIDEST_PX = 720
KEY = re.compile("`([^`]+)`")


@dataclass(frozen=True)
class Picture:
    """A picture with what is to be seen on it.

    Attributes:
        source: data: URL.
        caption: Plain text.
    """

    source: str
    caption: str


@dataclass(frozen=True)
class Section:
    """A part of a page; what is empty is left out.

    Attributes:
        texts: Paragraphs; what stands between `backticks` is a key of recipes.
        note: A paragraph that must not be overlooked, likewise.
        commands: Lines to type.
        heads: Of the table's columns.
        rows: Of the table; texts.
        plot: data: URL.
        legend: (name, CSS colour) of what is drawn on the pictures.
    """

    heading: str
    texts: Sequence[str] = ()
    note: str = ""
    commands: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    plot: str = ""
    legend: Sequence[tuple[str, str]] = ()
    pictures: Sequence[Picture] = ()


def write_page(path: Path, title: str, sections: Sequence[Section]) -> None:
    """Write a page as one HTML file."""
    environment = Environment(loader=PackageLoader("cyclorama.view"), autoescape=select_autoescape(default=True))
    environment.filters["with_keys"] = with_keys
    text = environment.get_template("page.html.j2").render(title=title, sections=sections)
    write_bytes(path, text.encode())


def with_keys(text: str) -> Markup:
    """A paragraph as HTML, its keys as code."""
    return Markup(KEY.sub(r"<code>\1</code>", str(escape(text))))


def picture(image: ByteArray, caption: str) -> Picture:
    """A JPEG inside the page, at most 720 pixels wide."""
    made = Image.fromarray(image)
    made.thumbnail((WIDEST_PX, 2 * WIDEST_PX))
    buffer = io.BytesIO()
    made.save(buffer, "JPEG", quality=85)
    return Picture(data_url(buffer.getvalue(), "jpeg"), caption)


def data_url(content: bytes, kind: str) -> str:
    """An image as text."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
