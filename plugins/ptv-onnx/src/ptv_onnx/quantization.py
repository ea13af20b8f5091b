"""int8 after training, with the ranges of calibration clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from ptv_deploy.signature import leaves


class _Clips(CalibrationDataReader):
    def __init__(self, names: Sequence[str], calibration: Sequence[tuple[Any, ...]]) -> None:
        self._feeds = self._each(names, calibration)

    def get_next(self) -> Any:
        return next(self._feeds, None)

    @staticmethod
    def _each(names: Sequence[str], calibration: Sequence[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
        for args in calibration:
            arrays = [leaf.detach().contiguous().numpy() for leaf in leaves(args)]
            yield dict(zip(names, arrays, strict=True))
