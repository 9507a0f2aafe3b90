"""From a 3D model to an object detector that works on real photographs, with no hand labelling."""

__version__ = "0.1.0"
