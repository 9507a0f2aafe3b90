"""What layouts share: where things fit, fall, stand and are seen, and what rooms and shelves are made of."""
