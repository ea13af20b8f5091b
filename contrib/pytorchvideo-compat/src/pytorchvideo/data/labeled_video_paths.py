"""Videos and labels from a file or a folder."""

from ptv_datasets import LabeledVideoPaths

__all__ = ["LabeledVideoPaths"]
