"""Labelled images on disk: read any layout of the field, convert, split, verify."""

from cyclorama.dataset.conversion import Conversion, convert
from cyclorama.dataset.reading import read_dataset
from cyclorama.dataset.splitting import split
from cyclorama.dataset.verification import Report, Violation, verify

__all__ = ["Conversion", "Report", "Violation", "convert", "read_dataset", "split", "verify"]
