"""From the graph of ``torch.export`` to a model of OpenVINO."""

from __future__ import annotations

import re
import warnings
from typing import Any

import openvino as ov
from openvino.frontend import GeneralFailure, OpConversionFailure

from ptv_deploy import Program


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
        return None, f"OpenVINO cannot convert {_operations(str(error))}"


def _operations(message: str) -> str:
    names = dict.fromkeys(re.findall(r"\b(?:aten|prims?|prim|torchvision|quantized)[:.]+\w+(?:\.\w+)?", message))
    if names:
        return ", ".join(names)
    return "the model: " + next((line.strip() for line in message.splitlines() if line.strip()), "no reason given")
