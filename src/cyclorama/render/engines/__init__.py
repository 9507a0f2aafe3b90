"""Engines: ``engines/cycles`` holds ``Cycles``."""
