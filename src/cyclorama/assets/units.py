"""Units of length."""

from cyclorama.core.errors import InputError, did_you_mean

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "um": 1e-6, "in": 0.0254, "ft": 0.3048}


def metres_per(unit: str) -> float:
    """Length of one ``unit`` in metres; a unit is a name or a positive number of metres.

    Raises:
        InputError: It is neither.
    """
    if unit in METRES:
        return METRES[unit]
    try:
        length = float(unit)
    except ValueError:
        raise InputError(
            f"unit '{unit}' is neither a name nor a number of metres.{did_you_mean(unit, METRES)}"
        ) from None
    if not 0 < length < float("inf"):
        raise InputError(f"unit '{unit}': expected a positive number of metres")
    return length
