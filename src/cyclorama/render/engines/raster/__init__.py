"""Rasterized light through OpenGL: many pictures an hour, also without a graphics card."""

from cyclorama.render.engines.raster.engine import Raster

__all__ = ["Raster"]
