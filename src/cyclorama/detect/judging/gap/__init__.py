"""What separates renders from photographs, in figures. Plain data in and out; knows nothing of torch."""
