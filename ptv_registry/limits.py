"""Limits on what a file from elsewhere may ask for; exceeding one is a typed error, before anything is read or built.

Change one for the whole process by assigning to it: ``ptv_registry.limits.MODEL_BYTES = 64 << 30``.
"""

from __future__ import annotations

RECORD_BYTES = 64 << 20
"""Of a lock, the record of an artifact, or the JSON of a graph: text that is read as a whole."""

RECORD_DEPTH = 200
"""Levels of nesting in a record."""

LIST_BYTES = 1 << 30
"""Of a label file, an annotation file or a manifest, after decompression."""

PICKLE_BYTES = 64 << 20
"""Of a pickle without the tensors that it refers to: the structure of a checkpoint."""

MODEL_BYTES = 16 << 30
"""Of the parameters of a model that a lock in somebody else's file describes, where the file does not hold them."""

SIGNATURE_ELEMENTS = 1 << 28
"""Numbers in one clip of an artifact's inputs, which are made when it is loaded."""

PICTURE_PIXELS = 50_000_000
"""Of a frame or an image, as its file states them; 8K video has 33 million."""

COMPONENTS = 20_000
"""That one build may make; the largest published model has a tenth."""

NESTED_TENSORS = 1000
"""Tensors that a model takes or gives."""
