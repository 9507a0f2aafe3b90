"""Instances that look alike because they are parts of one thing, or the same thing several times."""

from collections.abc import Callable, Iterable

from cyclorama.core.scene import Instance, Surface


def surfaces_by_part(instances: Iterable[Instance], draw: Callable[[Instance], Surface]) -> dict[int, Surface]:
    """By instance id; all that share a part have what was drawn for the first of them."""
    parts: dict[str, Surface] = {}
    found: dict[int, Surface] = {}
    for instance in instances:
        found[instance.id] = parts[instance.part] if instance.part in parts else draw(instance)
        if instance.part:
            parts.setdefault(instance.part, found[instance.id])
    return found
