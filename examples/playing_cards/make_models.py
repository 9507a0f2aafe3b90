"""Playing cards as 3D models, from decks drawn as SVG.

Writes a .glb per card, other ranks and printed pages that are not to be found, and ``decks.yaml``, the list of
targets that ``cards.yaml`` extends.

    pip install resvg-py
    python examples/playing_cards/make_models.py DECK_FOLDER [DECK_FOLDER ...]

A deck folder holds nine to ace of each suit, named like 10S.svg, S-10.svg or 10_of_spades.svg.
"""

import argparse
import io
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from print_faces import SUITS, drawn_face, page

try:
    import resvg_py
except ImportError:
    sys.exit("make_models.py draws SVG files with resvg; install it: pip install resvg-py")

# Poker size.
CARD_M = (0.0635, 0.0889)
THICKNESS_M = 0.0003
CORNER_M = 0.0032
CORNER_STEPS = 8
FACE_PX = (500, 700)
# Decks draw the cut as a black line, which a cut card has not.
TRIM = 0.008
# The sans serif that Pillow brings along; resvg leaves out letters whose font it has not.
FALLBACK_FONT = "Aileron"

RANKS = {"9": "nine", "10": "ten", "j": "jack", "q": "queen", "k": "king", "a": "ace"}
OTHERS = {"2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight"}
PAGES = 8

RANK_OF = {**RANKS, **OTHERS, "t": "ten", **{name: name for name in (*RANKS.values(), *OTHERS.values())}}
SUIT_OF = {**{name[0]: name for name in SUITS}, **{name: name for name in SUITS}}


def main() -> None:
    """Write the models of all decks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("decks", nargs="+", type=Path, metavar="DECK_FOLDER")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent / "models")
    arguments = parser.parse_args()
    try:
        decks = {deck.resolve().name: deck_files(deck) for deck in arguments.decks}
    except ValueError as error:
        sys.exit(f"make_models.py: {error}")
    for number, (name, files) in enumerate(decks.items()):
        write_deck(files, arguments.output, name, back_pattern(number))
    write_other(arguments.output / "other")
    (arguments.output / "decks.yaml").write_text(decks_yaml(decks))
    print(f"{arguments.output}: {', '.join(decks)}, other, decks.yaml")


def deck_files(folder: Path) -> dict[tuple[str, str], Path]:
    """Files of a deck by (rank, suit).

    Raises:
        ValueError: It lacks one of the 24 cards.
    """
    found = {card: path for path in sorted(folder.glob("*.svg")) if (card := card_of(path.stem))}
    lacking = [f"{rank}_of_{suit}" for rank in RANKS.values() for suit in SUITS if (rank, suit) not in found]
    if lacking:
        raise ValueError(
            f"{folder}: has no {lacking[0]}; expected nine to ace of {', '.join(SUITS)}, "
            "named like 10S.svg, S-10.svg or 10_of_spades.svg"
        )
    return found


def card_of(stem: str) -> tuple[str, str] | None:
    """(rank, suit) that a file's name tells, or None: "9S", "S-9", "AS", "9_of_spades"."""
    words = [word for word in re.findall(r"\d+|[a-z]+", stem.lower()) if word != "of"]
    if len(words) == 1 and len(words[0]) == 2:
        words = list(words[0])
    for rank, suit in (words, words[::-1]) if len(words) == 2 else ():
        if rank in RANK_OF and suit in SUIT_OF:
            return RANK_OF[rank], SUIT_OF[suit]
    return None


def write_deck(files: dict[tuple[str, str], Path], output: Path, deck: str, back: Image.Image) -> None:
    """Write a deck's cards; two to eight, if it has them, are not to be found."""
    with tempfile.NamedTemporaryFile(suffix=".ttf") as font:
        font.write(ImageFont.load_default(20).path.getvalue())
        font.flush()
        faces = {card: rasterised(path, Path(font.name)) for card, path in files.items()}
    for (rank, suit), face in faces.items():
        name = f"{deck}/{rank}_of_{suit}.glb" if rank in RANKS.values() else f"other/{deck}_{rank}_of_{suit}.glb"
        write_flat(output / name, face, back, CARD_M)


def write_other(folder: Path) -> None:
    """Write two to eight as our code draws them, and printed pages."""
    for number, (index, rank) in enumerate(OTHERS.items()):
        for suit in SUITS:
            face = drawn_face(index, suit, FACE_PX)
            write_flat(folder / f"drawn_{rank}_of_{suit}.glb", face, back_pattern(number), CARD_M)
    for number in range(PAGES):
        sheet = page(FACE_PX, np.random.default_rng(number))
        write_flat(folder / f"page_{number}.glb", sheet, Image.new("RGB", FACE_PX, "white"), CARD_M, corner_m=1e-4)


def rasterised(path: Path, font: Path) -> Image.Image:
    """A card's face, white below, without the line of its cut; its letters in ``font``."""
    width, height = (round(side / (1 - 2 * TRIM)) for side in FACE_PX)
    png = resvg_py.svg_to_bytes(
        svg_path=str(path),
        width=width,
        dpi=96,  # Without it, sizes in inches come out as 0.
        background="white",
        skip_system_fonts=True,  # The same face on every machine.
        font_files=[str(font)],
        serif_family=FALLBACK_FONT,
    )
    whole = Image.open(io.BytesIO(png)).convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    left, top = (width - FACE_PX[0]) // 2, (height - FACE_PX[1]) // 2
    return whole.crop((left, top, left + FACE_PX[0], top + FACE_PX[1]))


def back_pattern(number: int) -> Image.Image:
    """The back: diagonal lines in a white margin, another colour for each number."""
    width, height = FACE_PX
    color = [(150, 20, 30), (20, 50, 130), (20, 90, 50), (60, 60, 60)][number % 4]
    image = Image.new("RGB", FACE_PX, "white")
    draw = ImageDraw.Draw(image)
    for start in range(-height, width, 22):
        draw.line((start, 0, start + height, height), fill=color, width=7)
        draw.line((start + height, 0, start, height), fill=color, width=7)
    draw.rectangle((0, 0, width - 1, height - 1), outline="white", width=34)
    draw.rectangle((34, 34, width - 35, height - 35), outline=color, width=5)
    return image


def write_flat(
    path: Path, face: Image.Image, back: Image.Image, size_m: Sequence[float], *, corner_m: float = CORNER_M
) -> None:
    """Write a thin rounded box, its face up, as .glb (metres; there y is up)."""
    outline = rounded_rectangle(size_m, corner_m)
    vertices, faces, uv = extruded(outline, np.asarray(size_m))
    atlas = Image.new("RGB", (2 * face.width, face.height))
    atlas.paste(face, (0, 0))
    atlas.paste(back, (face.width, 0))
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=atlas, metallicFactor=0.0, roughnessFactor=0.45)
    y_up = vertices[:, [0, 2, 1]] * [1, 1, -1]
    visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
    path.parent.mkdir(parents=True, exist_ok=True)
    trimesh.Trimesh(y_up, faces, visual=visual, process=False).export(path, include_normals=True)


def rounded_rectangle(size_m: Sequence[float], corner_m: float) -> NDArray[np.float64]:
    """(N, 2) its outline around the origin, counter-clockwise."""
    angles = np.linspace(0, np.pi / 2, CORNER_STEPS)
    arc = corner_m * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    x, y = np.asarray(size_m) / 2 - corner_m
    turns = [((x, y), arc), ((-x, y), arc @ [[0, 1], [-1, 0]]), ((-x, -y), -arc), ((x, -y), arc @ [[0, -1], [1, 0]])]
    return np.concatenate([middle + part for middle, part in turns])


def extruded(
    outline: NDArray[np.float64], size_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """(V, 3) vertices, (F, 3) faces, (V, 2) uv of a plate; face, back and edge share no vertex, which keeps them flat.

    The left half of the texture is the face, the right half the back, its last column colours the edge.
    """
    n, half = len(outline), THICKNESS_M / 2
    top, bottom = (np.column_stack([outline, np.full(n, z)]) for z in (half, -half))
    vertices = np.concatenate([top, bottom, top, bottom])
    u, v = (outline / size_m + 0.5).T
    edge = np.tile([0.999, 0.5], (2 * n, 1))
    uv = np.concatenate([np.column_stack([u / 2, v]), np.column_stack([1 - u / 2, v]), edge])
    fan = np.array([(0, i, i + 1) for i in range(1, n - 1)])
    a, b = np.arange(n) + 2 * n, np.roll(np.arange(n), -1) + 2 * n
    side = np.concatenate([np.column_stack([a, a + n, b + n]), np.column_stack([a, b + n, b])])
    return vertices, np.concatenate([fan, fan[:, ::-1] + n, side]), uv


def decks_yaml(decks: Iterable[str]) -> str:
    """A recipe's targets: every card, its rank the category."""
    rows = [
        f"  - {{model: {deck}/{rank}_of_{suit}.glb, category: {rank}}}"
        for deck in decks
        for rank in RANKS.values()
        for suit in SUITS
    ]
    return "\n".join(["# Written by make_models.py.", "extends: tabletop", "targets:", *rows, ""])


if __name__ == "__main__":
    main()
