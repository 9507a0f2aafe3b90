"""Words of sentences."""


def counted(number: int, noun: str) -> str:
    """How many of what: "1 image", "2 images"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
