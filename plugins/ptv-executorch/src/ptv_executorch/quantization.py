"""int8 after training, by what PyTorch and ExecuTorch have for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import fx

from ptv_deploy.artifacts.signature import leaves
from ptv_deploy.muted_logging import quietly

with quietly():
    from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
        XNNPACKQuantizer,
        get_symmetric_quantization_config,
    )
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e


def quantize(exported: torch.export.ExportedProgram, calibration: Sequence[tuple[Any, ...]]) -> fx.GraphModule:
    """The graph with quantised weights, one scale per channel, and activations in the ranges of the clips."""
    quantizer = XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))
    with quietly(), torch.no_grad():
        prepared = prepare_pt2e(exported.module(check_guards=False), quantizer)
        for args in calibration:
            prepared(*leaves(args))
        return convert_pt2e(prepared)
