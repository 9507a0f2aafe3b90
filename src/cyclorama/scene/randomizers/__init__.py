"""randomizers."""
