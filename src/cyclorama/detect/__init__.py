"""Detectors: trained on datasets, judged on photographs. The only room with torch."""
