"""Blender's path tracer, inside the rendering process; the only room that knows Blender.

Importing this package does not import Blender: that happens when a ``Cycles`` is made.
"""

from cyclorama.render.engines.cycles.engine import Cycles

__all__ = ["Cycles"]
