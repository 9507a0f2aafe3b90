"""The types that flow between the rooms, geometry on arrays, and plugin lookup. NumPy only."""
