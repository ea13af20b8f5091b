"""The errors of weights: where they come from, what is in the file, and whether they fit the model."""

from __future__ import annotations

from ptv_registry.errors import PtvError, PtvWarning
from ptv_remote.errors import DownloadError, OfflineError
from ptv_remote.errors import TamperedFileError as TamperedWeightsError

__all__ = [
    "DownloadError",
    "HeadDroppedWarning",
    "OfflineError",
    "TamperedWeightsError",
    "UnknownWeightsError",
    "UnsafeWeightsError",
    "WeightsFileError",
    "WeightsMismatchError",
]


class UnknownWeightsError(PtvError, LookupError):
    """The model has no published weights of this name."""


class WeightsFileError(PtvError, ValueError):
    """The file is missing, damaged, or of a layout that nobody knows."""


class UnsafeWeightsError(WeightsFileError):
    """The file holds code, which is never run."""


class WeightsMismatchError(PtvError, ValueError):
    """The weights do not fit the model; the message lists what is missing, unexpected or of another shape."""


class HeadDroppedWarning(PtvWarning):
    """The weights are for other classes, so that the model's head keeps its random weights."""
