"""Tools of the datasets: layouts, time stamps, samplers of workers, tables of dataclasses, writing videos."""

from __future__ import annotations

import csv
import dataclasses
import logging
import math
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import attrs
import numpy as np
import torch
from torch.utils.data import Sampler

from ptv_registry.errors import PtvError
from ptv_video.containers.source import path_manager
from ptv_video.encoded_array import export_video_array
from ptv_video.video import channels_first as thwc_to_cthw

__all__ = [
    "DataclassFieldCaster",
    "MultiProcessSampler",
    "export_video_array",
    "get_logger",
    "load_dataclass_dict_from_csv",
    "logger",
    "optional_threaded_foreach",
    "pts_to_secs",
    "save_dataclass_objs_to_headered_csv",
    "secs_to_pts",
    "thwc_to_cthw",
]

logger = logging.getLogger(__name__)

_ROUNDED: Final = {"floor": math.floor, "ceil": math.ceil}


class RecordError(PtvError, ValueError, AssertionError):
    """A record, or a table of records, is not as its class says."""


class RoundModeError(PtvError, ValueError, AssertionError):
    """The way of rounding is unknown."""


def secs_to_pts(time_in_seconds: Any, time_base: Any, start_pts: int, round_mode: str = "floor") -> Any:
    """Time in seconds since the start as a time stamp; infinity stays.

    Args:
        time_in_seconds: the time.
        time_base: seconds of a tick.
        start_pts: time stamp of the start.
        round_mode: ``"floor"`` or ``"ceil"``.

    Raises:
        RoundModeError: it is neither.
    """
    if round_mode not in _ROUNDED:
        raise RoundModeError(f"round_mode={round_mode!r}; choose from {', '.join(_ROUNDED)}")
    if time_in_seconds == math.inf:
        return math.inf
    return _ROUNDED[round_mode](time_in_seconds / time_base) + start_pts


def pts_to_secs(pts: Any, time_base: Any, start_pts: int) -> Any:
    """A time stamp as seconds since the start; infinity stays."""
    return math.inf if pts == math.inf else int(pts - start_pts) * time_base


class MultiProcessSampler(Sampler[int]):
    """The part of a sampler's indices that falls to this worker of a loader: stretches of the same length.

    Args:
        sampler: the sampler, whose order is the same in every worker.
    """

    def __init__(self, sampler: Sampler[int]) -> None:
        self._sampler = sampler

    def __iter__(self) -> Iterator[int]:
        worker = torch.utils.data.get_worker_info()
        if worker is None or worker.num_workers == 0:
            return iter(self._sampler)
        total = len(self._sampler)  # type: ignore[arg-type]
        part = np.array_split(range(total), worker.num_workers)[worker.id]
        if not len(part):
            logger.warning("%d workers and only %d videos: worker %d has none", worker.num_workers, total, worker.id)
            return iter(())
        return islice(iter(self._sampler), int(part[0]), int(part[-1]) + 1)


def optional_threaded_foreach(
    target: Callable[..., Any], args_iterable: Iterable[Sequence[Any]], multithreaded: bool
) -> None:
    """Call a function with each tuple of arguments, on request each in a thread of its own."""
    if not multithreaded:
        for arguments in args_iterable:
            target(*arguments)
        return
    threads = [threading.Thread(target=target, args=tuple(arguments)) for arguments in args_iterable]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class DataclassFieldCaster:
    """Base of dataclasses whose fields are cast to their annotated types, such as the numbers of a row of text."""

    COMPLEX_INITIALIZER = "DataclassFieldCaster__complex_initializer"

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value, kind = getattr(self, field.name), field.type
            make = field.metadata.get(self.COMPLEX_INITIALIZER)
            if make is not None:
                value = make(value)
                if isinstance(kind, type) and not isinstance(value, kind):
                    raise RecordError(f"{field.name}: its initializer made {value!r}, which is no {kind.__name__}")
                setattr(self, field.name, value)
            elif isinstance(kind, type) and not isinstance(value, kind):
                setattr(self, field.name, kind(value))

    @staticmethod
    def complex_initialized_dataclass_field(field_initializer: Callable[[Any], Any], **kwargs: Any) -> Any:
        """A field whose value is what a function makes of the given one; further arguments go to ``dataclasses.field``."""
        metadata = dict(kwargs.pop("metadata", None) or {})
        if DataclassFieldCaster.COMPLEX_INITIALIZER in metadata:
            raise RecordError("the field has an initializer already")
        metadata[DataclassFieldCaster.COMPLEX_INITIALIZER] = field_initializer
        return dataclasses.field(metadata=metadata, **kwargs)


def load_dataclass_dict_from_csv(
    input_csv_file_path: str, dataclass_class: type, dict_key_field: str, list_per_key: bool = False
) -> dict[Any, Any]:
    """The rows of a CSV file with a header as objects of a class, by one of their fields.

    Args:
        input_csv_file_path: path or URI.
        dataclass_class: a dataclass, or an attrs class, with a field per column.
        dict_key_field: the field.
        list_per_key: a list of objects for each key, instead of one.

    Raises:
        RecordError: two rows have one key.
    """
    found: dict[Any, Any] = defaultdict(list) if list_per_key else {}
    names = _field_names(dataclass_class)
    with path_manager.open(input_csv_file_path, "r") as file:
        for row in csv.DictReader(file):
            record = dataclass_class(*(row[name] for name in names))
            key = getattr(record, dict_key_field)
            if list_per_key:
                found[key].append(record)
            elif key in found:
                raise RecordError(f"{input_csv_file_path}: two rows have the {dict_key_field} {key!r}")
            else:
                found[key] = record
    return found


def save_dataclass_objs_to_headered_csv(dataclass_objs: list[Any], file_name: str) -> None:
    """Write objects of one class, a dataclass or an attrs class, to a CSV file with a header."""
    names = _field_names(type(dataclass_objs[0]))
    with open(file_name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(record, name) for name in names] for record in dataclass_objs)


def _field_names(kind: Any) -> list[str]:
    fields: Any = attrs.fields(kind) if attrs.has(kind) else dataclasses.fields(kind)
    return [field.name for field in fields]


def get_logger(name: str) -> logging.Logger:
    """A logger that tells what it is told from INFO on, on standard output if nobody else handles it."""
    found = logging.getLogger(name)
    found.setLevel(logging.INFO)
    if not found.hasHandlers():
        handler = logging.StreamHandler(sys.stdout)
        layout = "[%(asctime)s] %(levelname)s %(message)s \t[%(filename)s.%(funcName)s:%(lineno)d]"
        handler.setFormatter(logging.Formatter(layout, datefmt="%y%m%d %H:%M:%S"))
        found.addHandler(handler)
    return found
