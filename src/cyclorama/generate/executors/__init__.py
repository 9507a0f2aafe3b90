"""Executors: ``executors/local.py`` holds ``Local``."""
