"""``convert`` with the documented arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ptv_mobile import EfficientBlock

__all__ = ["DocumentedConvert"]


class DocumentedConvert(EfficientBlock):
    """Gives a block of ``ptv-mobile`` the documented arguments of ``convert``: to be named before it as a base.

    Every block of that class of ``ptv-mobile``, such as one that the transmuter made, counts as an instance.
    """

    def convert(
        self,
        input_blob_size: Sequence[int] = (),
        convert_for_quantize: bool = False,
        native_conv3d_op_qnnpack: bool = False,
        *,
        keep_conv3d: bool = False,
        fixed_batch: bool = False,
    ) -> None:
        """Turn the block into its deployable form.

        Args:
            input_blob_size: size of the inputs from now on, (B, C, T, H, W); what is the same for every size needs none.
            convert_for_quantize: the block is going to be quantized.
            native_conv3d_op_qnnpack: the runtime has 3-D convolutions in int8. Only if both are so, 3-D convolutions
                are kept.
            keep_conv3d: the same in one word.
            fixed_batch: accept batches of B clips only, instead of any number.

        Raises:
            AlreadyConvertedError: it is in that form already.
            ArgumentError: the block needs a size, and this is none.
        """
        keep = keep_conv3d or (convert_for_quantize and native_conv3d_op_qnnpack)
        super().convert(input_blob_size, keep_conv3d=keep, fixed_batch=fixed_batch)  # type: ignore[safe-super]

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        own = next((base for base in cls.__mro__ if base.__module__.partition(".")[0] == "ptv_mobile"), None)
        if cls is DocumentedConvert or own is None or own not in cls.__bases__:
            return NotImplemented
        return own in other.__mro__ or NotImplemented
