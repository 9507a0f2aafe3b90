"""A recipe over many images: resumable, over several processes."""

from cyclorama.generate.generate import Summary, generate

__all__ = ["Summary", "generate"]
