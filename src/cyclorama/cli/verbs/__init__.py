"""One verb per file: ``verbs/convert.py`` holds the function ``convert``."""
