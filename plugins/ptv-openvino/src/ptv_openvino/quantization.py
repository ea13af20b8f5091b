"""int8 by NNCF, after training."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import nncf
from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters
from nncf.quantization.range_estimator import RangeEstimatorParametersSet

from ptv_deploy.signature import leaves


def quantize(model: Any, calibration: Sequence[tuple[Any, ...]], activation_range: str) -> Any:
    """The model with quantised weights and activations, whose ranges are those of the calibration clips."""
    logging.getLogger("nncf").setLevel(logging.WARNING)
    advanced = AdvancedQuantizationParameters(disable_bias_correction=True)
    if activation_range == "minmax":
        advanced.activations_range_estimator_params = RangeEstimatorParametersSet.MINMAX
    clips = [[leaf.detach().contiguous().numpy() for leaf in leaves(args)] for args in calibration]
    return nncf.quantize(
        model,
        nncf.Dataset(clips, lambda arrays: dict(enumerate(arrays))),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(clips),
        advanced_parameters=advanced,
    )
