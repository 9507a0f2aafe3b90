"""What may be taken for a card and is none: other ranks and printed pages, drawn by our own code."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

INK = {"spades": (20, 20, 20), "hearts": (200, 20, 30), "diamonds": (200, 20, 30), "clubs": (20, 20, 20)}
SUITS = tuple(INK)
# Middles of the pips, as shares of width and height; those below the middle are upside down.
COLUMN = {"l": 0.3, "m": 0.5, "r": 0.7}
PIPS = {
    "2": "m.2 m.8",
    "3": "m.2 m.5 m.8",
    "4": "l.2 r.2 l.8 r.8",
    "5": "l.2 r.2 m.5 l.8 r.8",
    "6": "l.2 r.2 l.5 r.5 l.8 r.8",
    "7": "l.2 r.2 m.35 l.5 r.5 l.8 r.8",
    "8": "l.2 r.2 m.35 l.5 r.5 m.65 l.8 r.8",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def drawn_face(index: str, suit: str, size_px: tuple[int, int]) -> Image.Image:
    """A card from two to eight."""
    width = size_px[0]
    image = Image.new("RGB", size_px, "white")
    pip = _pip(suit, width // 5)
    for place in PIPS[index].split():
        x, y = COLUMN[place[0]], float(place[1:])
        _put(image, pip.rotate(180) if y > 0.5 else pip, x, y)
    corner = _corner(index, suit, width)
    _put(image, corner, 0.09, 0.12)
    _put(image, corner.rotate(180), 0.91, 0.88)
    return image


def page(size_px: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """A printed page: a headline, lines of letters, now and then one large letter or a coloured block."""
    width, height = size_px
    image = Image.new("RGB", size_px, (255, 255, int(rng.integers(225, 256))))
    draw = ImageDraw.Draw(image)
    ink = tuple(int(v) for v in rng.integers(0, 120, 3))
    margin, text_px = int(rng.integers(25, 70)), int(rng.integers(11, 40))
    headline_px = int(rng.integers(30, 110))
    draw.text((margin, margin), _words(rng, 1).capitalize(), ink, ImageFont.load_default(headline_px))
    top = margin + int(1.4 * headline_px)
    for y in range(top, height - margin, int(1.5 * text_px)):
        draw.text((margin, y), _words(rng, 20), ink, ImageFont.load_default(text_px))
    draw.rectangle((width - margin, 0, width, height), fill=image.getpixel((0, 0)))
    _decorated(rng)(draw, width, height, rng)
    return image


def _decorated(rng: np.random.Generator) -> Callable[[ImageDraw.ImageDraw, int, int, np.random.Generator], None]:
    return (_block, _large_letter, lambda *_: None)[int(rng.integers(3))]


def _block(draw: ImageDraw.ImageDraw, width: int, height: int, rng: np.random.Generator) -> None:
    x, y = int(rng.uniform(0, 0.5) * width), int(rng.uniform(0.2, 0.6) * height)
    draw.rectangle((x, y, x + width // 2, y + height // 3), fill=tuple(int(v) for v in rng.integers(30, 230, 3)))


def _large_letter(draw: ImageDraw.ImageDraw, width: int, height: int, rng: np.random.Generator) -> None:
    draw.rectangle((0, height // 3, width, 3 * height // 4), fill="white")
    ink = tuple(int(v) for v in rng.integers(0, 200, 3))
    letters = LETTERS[int(rng.integers(26))].upper() + str(rng.integers(10))
    draw.text((width // 6, height // 3), letters, ink, ImageFont.load_default(height // 3))


def _words(rng: np.random.Generator, count: int) -> str:
    return " ".join("".join(rng.choice(list(LETTERS), int(rng.integers(2, 10)))) for _ in range(count))


def _corner(index: str, suit: str, width: int) -> Image.Image:
    image = Image.new("RGBA", (width // 7, width // 3), (0, 0, 0, 0))
    font = ImageFont.load_default(width // 6)
    ImageDraw.Draw(image).text((width // 14, 0), index, INK[suit], font, anchor="mt")
    pip = _pip(suit, width // 9)
    image.paste(pip, ((image.width - pip.width) // 2, width // 6), pip)
    return image


def _pip(suit: str, side_px: int) -> Image.Image:
    """(side, side) RGBA sign of a suit, drawn large and reduced for smooth edges."""
    image = Image.new("RGBA", (400, 400), (*INK[suit], 0))
    draw = ImageDraw.Draw(image)
    ink = (*INK[suit], 255)
    if suit == "diamonds":
        draw.polygon([(200, 10), (350, 200), (200, 390), (50, 200)], ink)
    if suit == "hearts":
        _heart(draw, ink)
    if suit == "spades":
        _heart(draw, ink)
        image = image.rotate(180)
        draw = ImageDraw.Draw(image)
    if suit == "clubs":
        for x, y in ((200, 105), (105, 240), (295, 240)):
            draw.ellipse((x - 92, y - 92, x + 92, y + 92), ink)
    if suit in ("spades", "clubs"):
        draw.polygon([(200, 200), (270, 395), (130, 395)], ink)
    return image.resize((side_px, side_px), Image.Resampling.LANCZOS)


def _heart(draw: ImageDraw.ImageDraw, ink: tuple[int, ...]) -> None:
    draw.ellipse((20, 30, 210, 220), ink)
    draw.ellipse((190, 30, 380, 220), ink)
    draw.polygon([(36, 180), (200, 150), (364, 180), (200, 390)], ink)


def _put(image: Image.Image, stamp: Image.Image, x: float, y: float) -> None:
    image.paste(stamp, (round(x * image.width - stamp.width / 2), round(y * image.height - stamp.height / 2)), stamp)
