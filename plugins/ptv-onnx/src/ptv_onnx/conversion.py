"""From the graph of ``torch.export`` to a model of ONNX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy
import torch

from ptv_deploy import Program
from ptv_deploy.program import first_line
from ptv_onnx.running import OrtError, open_session


def convert(program: Program) -> tuple[Any, str]:
    """The model (``onnx.ModelProto``), or ``None`` and what stood in the way.

    A session is opened as well: ONNX has operations and types that ONNX Runtime does not run on a CPU.
    """
    exported = program.exported
    try:
        # The weights of a plan are memory that nothing was written to, and norms are folded with NumPy. What overflows
        # in a real model shows when outputs are compared.
        with numpy.errstate(all="ignore"):
            converted = torch.onnx.export(exported, dynamo=True, verbose=False)
    except Exception as error:  # noqa: BLE001 - not only its own exceptions: its passes raise whatever they meet
        return None, f"torch.onnx cannot convert {_operation(error)}"
    if converted is None:
        return None, "torch.onnx gave no model"
    model = converted.model_proto
    try:
        session = open_session(model.SerializeToString(), threads=1)
    except OrtError as error:
        return None, f"ONNX Runtime cannot run the model: {first_line(error)}"
    for value in (*session.get_inputs(), *session.get_outputs()):
        if value.type == "tensor(bfloat16)":
            return (
                None,
                f"{value.name} is bfloat16, and ONNX Runtime takes and gives NumPy arrays, which have no such type",
            )
    return model, ""


def _operation(error: BaseException) -> str:
    # The outermost exception explains the exporter, the innermost one what happened.
    messages = [str(cause) for cause in _causes(error)][::-1]
    for message in messages:
        if found := re.search(r"OpOverload\(op='([\w.]+)'|torch\.ops\.([\w.]+)", message):
            return found[1] or found[2]
    return (
        f"the model: {next((message.splitlines()[0] for message in messages if message.strip()), type(error).__name__)}"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
