"""Renders are varied so that the gap to photographs looks small to a detector: ``augment`` does all of it."""
