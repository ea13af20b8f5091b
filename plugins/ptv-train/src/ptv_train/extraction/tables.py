"""Tables of features, part by part: a part is whole or not there, and what is there need not be done again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
from attrs import frozen

from ptv_registry.errors import ArgumentError
from ptv_registry.files import clear_temporaries, write_bytes, write_text

Format = Literal["parquet", "npy", "safetensors"]
RECORD: Final = "extract.json"
FAILURES: Final = "failures.csv"
_PART: Final = "part-{:05}"
_COLUMNS: Final = ("video", "window", "start_s", "end_s")


@frozen
class Rows:
    """The windows of one video.

    Attributes:
        video: its path.
        spans: start and end of each, in seconds; of a pooled video, of all of it.
        features: by layer, float32 (windows, C).
    """

    video: str
    spans: tuple[tuple[float, float], ...]
    features: Mapping[str, np.ndarray]


class FeatureTables:
    """The folder of an extraction.

    ``part-00000.parquet`` and so on have a row for each window, with the columns video, window, start_s, end_s, and one
    for each layer. As ``npy`` and ``safetensors`` a part is a CSV of the first four, and beside it the features:
    ``part-00000.LAYER.npy``, or one ``part-00000.safetensors`` with a tensor (rows, C) for each layer. The CSV comes last:
    a part without it is not there. ``extract.json`` says what was asked for, ``failures.csv`` which videos could not be
    read.

    Args:
        folder: made if need be.
        format: of the parts.
        settings: what was asked for; a folder that was begun with others is refused.
        rows: windows after which a part is written.

    Raises:
        ArgumentError: the folder was begun with other settings, the format is unknown, or pyarrow is not installed.
        OutputError: the folder cannot be written.
    """

    def __init__(self, folder: Path, format: Format, settings: Mapping[str, Any], rows: int = 4096) -> None:
        if format not in get_args(Format):
            raise ArgumentError(f"format={format!r} must be one of {', '.join(get_args(Format))}")
        if format == "parquet":
            try:
                import pyarrow.parquet  # noqa: F401
            except ImportError as error:
                raise ArgumentError("Parquet needs pyarrow: pip install pyarrow; or take another --format") from error
        self.folder, self._format, self._rows = folder, format, rows
        record = {"format": format, **settings}
        path = folder / RECORD
        if path.exists():
            before = json.loads(path.read_text(encoding="utf-8"))
            differing = [name for name in record if before.get(name) != record[name]]
            if differing:
                name = differing[0]
                raise ArgumentError(
                    f"{folder} was begun with {name}={before.get(name)!r}, and now it is {record[name]!r}; go on with that, "
                    "or choose another folder"
                )
        else:
            folder.mkdir(parents=True, exist_ok=True)
            write_text(path, json.dumps(record, indent=1) + "\n")
        clear_temporaries([folder])
        self._waiting: list[Rows] = []
        self._failures: dict[str, str] = {}
        self.parts = sorted(path.stem for path in folder.glob(f"part-*.{self._last}"))
        self.done = {video for part in self.parts for video in self._videos(part)}

    def add(self, rows: Rows) -> None:
        """Take in a video; a part is written when there are enough windows."""
        self._waiting.append(rows)
        if sum(len(each.spans) for each in self._waiting) >= self._rows:
            self.flush()

    def fail(self, video: str, problem: str) -> None:
        """Take note of a video that cannot be read."""
        self._failures[video] = problem

    def flush(self) -> None:
        """Write what waits.

        Raises:
            OutputError: it cannot be written.
        """
        if self._waiting:
            name = _PART.format(len(self.parts))
            self._write(name)
            self.parts.append(name)
            self._waiting = []
        if self._failures or (self.folder / FAILURES).exists():
            write_text(self.folder / FAILURES, _csv(("video", "error"), list(self._failures.items())))

    @property
    def _last(self) -> str:
        """The suffix of the file whose presence makes a part whole."""
        return "parquet" if self._format == "parquet" else "csv"

    def _write(self, name: str) -> None:
        index = [
            (rows.video, number, start, end) for rows in self._waiting for number, (start, end) in enumerate(rows.spans)
        ]
        layers = {
            layer: np.concatenate([rows.features[layer] for rows in self._waiting])
            for layer in self._waiting[0].features
        }
        if self._format == "parquet":
            write_bytes(self.folder / f"{name}.parquet", _parquet(index, layers))
            return
        if self._format == "npy":
            for layer, features in layers.items():
                buffer = io.BytesIO()
                np.save(buffer, features)
                write_bytes(self.folder / f"{name}.{layer}.npy", buffer.getvalue())
        else:
            from safetensors.numpy import save

            write_bytes(self.folder / f"{name}.safetensors", save(layers))
        write_text(self.folder / f"{name}.csv", _csv(_COLUMNS, index))

    def _videos(self, part: str) -> set[str]:
        path = self.folder / f"{part}.{self._last}"
        if self._format == "parquet":
            import pyarrow.parquet

            return set(pyarrow.parquet.read_table(path, columns=["video"])["video"].to_pylist())
        with path.open(encoding="utf-8", newline="") as file:
            return {row["video"] for row in csv.DictReader(file)}


def _parquet(index: Sequence[tuple[Any, ...]], layers: Mapping[str, np.ndarray]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    columns: dict[str, Any] = {name: [row[place] for row in index] for place, name in enumerate(_COLUMNS)}
    for layer, features in layers.items():
        flat = pyarrow.array(np.ascontiguousarray(features, np.float32).reshape(-1))
        columns[layer] = pyarrow.FixedSizeListArray.from_arrays(flat, features.shape[1])
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()


def _csv(header: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
