"""Pictures and pages for people: drawn boxes, contact sheets, curves, reports."""
