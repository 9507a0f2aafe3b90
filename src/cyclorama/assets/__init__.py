"""3D models, environment maps, textures and photographs: loaded, checked, cached by content; and built-in ones."""
