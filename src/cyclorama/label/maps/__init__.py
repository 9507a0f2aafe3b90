"""Labels of pixels: ``maps/depth.py`` holds ``Depth``."""
