"""Randomizers: ``randomizers/camera.py`` holds ``Camera``."""
