"""What detections are worth: one measure per file. Plain data in and out; knows nothing of torch."""
