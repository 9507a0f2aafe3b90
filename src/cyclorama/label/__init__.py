"""Labels computed from exact geometry: of objects (``objects/``) and of pixels (``maps/``), one kind per file."""
