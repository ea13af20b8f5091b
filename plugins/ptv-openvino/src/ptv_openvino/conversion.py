"""From the graph of ``torch.export`` to a model of OpenVINO."""

from __future__ import annotations

import re
import warnings
from typing import Any

import openvino as ov
from openvino.frontend import GeneralFailure, OpConversionFailure

from ptv_deploy import Program
from ptv_deploy.program import first_line


def convert(program: Program) -> tuple[Any, str]:
    """The model, or ``None`` and what stood in the way.

    The graph is traced with a free batch size before it is converted: OpenVINO's own tracing bakes the batch into
    SlowFast, and MViT then fails for any other.
    """
    exported = program.exported
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ov.convert_model(exported), ""
    except (GeneralFailure, OpConversionFailure, RuntimeError, ValueError) as error:
        return None, f"OpenVINO cannot convert {_operations(error)}"


def _operations(error: Exception) -> str:
    names = dict.fromkeys(re.findall(r"\b(?:aten|prims?|prim|torchvision|quantized)[:.]+\w+(?:\.\w+)?", str(error)))
    if names:
        return ", ".join(names)
    return f"the model: {first_line(error)}"
