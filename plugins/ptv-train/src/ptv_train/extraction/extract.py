"""``extract_features``: tables of what layers of a model make of videos, which goes on where it was broken off."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from attrs import frozen
from tqdm import tqdm

from ptv_registry.errors import ArgumentError, PtvError
from ptv_train.extraction.features import FEATURES, FeatureReader
from ptv_train.extraction.tables import FeatureTables, Format, Rows
from ptv_train.model_source import ModelSource


@frozen
class Extraction:
    """What an extraction did.

    Attributes:
        folder: of the tables.
        videos: that are in them, also from before.
        earlier: how many of these were there already.
        windows: rows that were added.
        failures: videos that could not be read, with the cause.
    """

    folder: Path
    videos: int
    earlier: int
    windows: int
    failures: dict[str, str]


def extract_features(
    source: ModelSource,
    videos: Sequence[str],
    out: str | Path,
    *,
    layers: Sequence[str] = (FEATURES,),
    pool: bool = False,
    stride_s: float | None = None,
    format: Format = "parquet",
    decoder: str | None = None,
    batch_size: int = 8,
    rows_per_part: int = 4096,
    progress: bool = True,
) -> Extraction:
    """Write the features of videos, a row for each window.

    What is in the folder already, from the same settings, is not read again, however the process before ended. A video is
    in one part, with all of its windows, or in none.

    Args:
        source: the model, see :func:`ptv_train.model_source.load_source`.
        videos: paths or addresses, each once.
        out: folder of the tables, see :class:`FeatureTables`.
        layers: see :class:`FeatureReader`.
        pool: one row for each video, the mean over its windows.
        stride_s: seconds from one window to the next; a window's length by default.
        format: of the tables.
        decoder: name of a decoder instead of the one that the file asks for.
        batch_size: how many windows go through the model at once.
        rows_per_part: rows after which a part is written.
        progress: whether to show a progress bar, where standard error is a terminal.

    Raises:
        ArgumentError: an argument is out of range, or the folder was begun with other settings.
        OutputError: a table cannot be written.
    """
    if rows_per_part < 1:
        raise ArgumentError(f"rows_per_part={rows_per_part!r} must be at least 1")
    if stride_s is not None and not stride_s > 0:
        raise ArgumentError(f"stride_s={stride_s!r} must be above 0")
    reader = FeatureReader(source, layers, batch_size=batch_size)
    settings = {
        "model": source.name,
        "weights": source.weights,
        "state": _fingerprint(source.model),
        "layers": list(layers),
        "pool": pool,
        "stride_s": stride_s,
        "seconds": source.recipe.seconds,
        "transform": source.recipe.transform,
    }
    tables = FeatureTables(Path(out), format, settings, rows_per_part)
    left = [video for video in dict.fromkeys(videos) if video not in tables.done]
    failures: dict[str, str] = {}
    windows = 0
    try:
        with reader.watching(), tqdm(total=len(left), desc="videos", disable=None if progress else True) as bar:
            for video in left:
                try:
                    rows = _rows(reader, video, pool, stride_s, decoder)
                except (PtvError, OSError) as error:
                    if isinstance(error, ArgumentError) and not reader.widths:
                        raise  # of the model, not of the video
                    failures[video] = " ".join(str(error).split())
                    tables.fail(video, failures[video])
                else:
                    windows += len(rows.spans)
                    tables.add(rows)
                bar.update()
    finally:  # also after Ctrl-C
        tables.flush()
    return Extraction(Path(out), len(tables.done) + len(left) - len(failures), len(tables.done), windows, failures)


def _rows(reader: FeatureReader, video: str, pool: bool, stride_s: float | None, decoder: str | None) -> Rows:
    found = reader.predict(video, stride_s=stride_s, decoder=decoder)
    spans = tuple((window.start_s, window.end_s) for window in found.windows)
    features = torch.stack([window.scores for window in found.windows])
    if pool:
        spans, features = ((0.0, found.duration_s),), features.mean(0, keepdim=True)
    parts = features.split([reader.widths[layer] for layer in reader.layers], 1)
    return Rows(video, spans, {n: np.ascontiguousarray(p.numpy()) for n, p in zip(reader.layers, parts, strict=True)})


def _fingerprint(model: Any) -> str | None:
    """A checksum of a model's weights, so that features of two models do not end in one table."""
    if not isinstance(model, torch.nn.Module):
        return None
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
