"""int8 after training, with the ranges of calibration clips."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from ptv_deploy.artifacts.signature import arrays_of
from ptv_deploy.weight_bits import WeightBits

_WEIGHTED: Final = ("Conv", "Gemm", "MatMul")
# Fused into the convolution before it.
_FUSED: Final = ("Clip", "Relu")
# Lets a convolutional network stay in int8 from one convolution to the next. The sums of a transformer are its residual
# stream, whose few large values leave no steps for the others.
_BETWEEN: Final = ("Add", "AveragePool", "Concat", "MaxPool")
_FORMS: Final = ("QuantizeLinear", "DequantizeLinear")


def quantize(
    model: onnx.ModelProto, file: Path, calibration: Sequence[tuple[Any, ...]], weight_bits: WeightBits
) -> dict[str, Any]:
    """Write the model with quantised weights and activations, whose ranges are those of the calibration clips.

    Returns:
        What was quantised, as the record of the artifact keeps it: how many operations of which type compute on
        quantised inputs, and how many stay in fp32.
    """
    with tempfile.TemporaryDirectory(prefix="ptv-onnx-") as folder:
        plain, prepared = Path(folder, "plain.onnx"), Path(folder, "prepared.onnx")
        onnx.save(model, plain)
        # The symbolic shapes are those of torch.export already, and finding them again fails for MViT.
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        graph = onnx.load(prepared).graph
        attention = _products_of_activations(graph)
        quantize_static(
            prepared,
            file,
            _Clips([given.name for given in graph.input], calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=[*_WEIGHTED, *_FUSED, *(() if attention else _BETWEEN)],
            nodes_to_exclude=attention,
            per_channel=True,
            # The fastest pair on x86: unsigned weights, which never saturate, took 1.7 times as long for X3D, 9 for MViT.
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=weight_bits == 7,  # of weights alone
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm", "MatMul"]},
        )
    return {"activation_range": "minmax", "weight_bits": weight_bits, **_census(onnx.load(file).graph)}


def _products_of_activations(graph: onnx.GraphProto) -> list[str]:
    constant = {tensor.name for tensor in graph.initializer}
    return [node.name for node in graph.node if node.op_type == "MatMul" and not constant & set(node.input)]


def _census(graph: onnx.GraphProto) -> dict[str, dict[str, int]]:
    dequantized = {node.output[0] for node in graph.node if node.op_type == "DequantizeLinear"}
    found: dict[str, Counter[str]] = {"int8": Counter(), "fp32": Counter()}
    for node in graph.node:
        if node.op_type not in _FORMS:
            found["int8" if dequantized & set(node.input) else "fp32"][node.op_type] += 1
    return {"operations_" + form: dict(sorted(count.items())) for form, count in found.items()}


class _Clips(CalibrationDataReader):
    def __init__(self, names: Sequence[str], calibration: Sequence[tuple[Any, ...]]) -> None:
        self._feeds = self._each(names, calibration)

    def get_next(self) -> Any:
        """The inputs of the next clip by name; ``None`` after the last."""
        return next(self._feeds, None)

    @staticmethod
    def _each(names: Sequence[str], calibration: Sequence[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
        for args in calibration:
            arrays = arrays_of(args)
            yield dict(zip(names, arrays, strict=True))
