"""Labels of objects: ``objects/box.py`` holds ``Box``."""
