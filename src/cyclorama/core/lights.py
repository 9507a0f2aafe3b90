"""Environment maps that no file holds: their ids tell what they are made from."""

_FROM_PHOTO = "/light"


def photo_light_id(photo: str) -> str:
    """Id of the environment that is estimated from the image with that id: "desk-3fa2b1c4d5/light"."""
    return photo + _FROM_PHOTO


def photo_of_light(id: str) -> str | None:
    """The image's id that ``photo_light_id`` was given; None for an environment of another kind."""
    return id.removesuffix(_FROM_PHOTO) if id.endswith(_FROM_PHOTO) else None
