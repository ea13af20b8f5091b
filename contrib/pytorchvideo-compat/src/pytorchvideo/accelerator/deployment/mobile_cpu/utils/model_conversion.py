"""From a model with efficient blocks to its deployable form."""

from __future__ import annotations

from typing import Any

from torch import nn

import ptv_mobile
from pytorchvideo.accelerator.efficient_blocks.efficient_block_base import EfficientBlockBase

__all__ = ["EfficientBlockBase", "convert_to_deployable_form"]


def convert_to_deployable_form(
    model: nn.Module,
    input_tensor: Any,
    convert_for_quantize: bool = False,
    native_conv3d_op_qnnpack: bool = False,
) -> nn.Module:
    """Return a copy of a model whose efficient blocks are in their deployable form, for clips of one size.

    The outputs before and after are compared: :func:`ptv_mobile.convert_and_compare` has the figures, and the copy has
    them as ``conversion_report``. The model itself stays as it is, in training mode too.

    Args:
        model: the model, with efficient blocks anywhere in it.
        input_tensor: an input of the model; clips of another size are an error from now on, batches of another size
            are not. Lists (SlowFast's pathways) and tuples of all the arguments are fine.
        convert_for_quantize: the result is going to be quantized.
        native_conv3d_op_qnnpack: the runtime has 3-D convolutions in int8. Only if both are so, 3-D convolutions are kept.

    Raises:
        ArgumentError: the model has no efficient block in its original form.
        ParityError: the outputs changed.
    """
    keep = convert_for_quantize and native_conv3d_op_qnnpack
    return ptv_mobile.convert_to_deployable_form(model, input_tensor, keep_conv3d=keep)
