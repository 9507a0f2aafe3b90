"""Layouts: ``layouts/floating.py`` holds ``Floating``."""
