"""``EfficientBlock``: a layer with a form to train and an equivalent form to deploy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from attrs import frozen
from torch import nn

from ptv_registry.errors import ArgumentError, PtvError


class AlreadyConvertedError(PtvError, RuntimeError):
    """A block is converted that is in its deployable form already."""


class CalibratedSizeError(ArgumentError):
    """A block in its deployable form is given an input of another size than it was converted for."""


class EfficientBlock(nn.Module, ABC):
    """Base of the blocks that can be converted for a device.

    A new block is in its original form, made for training. :meth:`convert` turns it, in place and once, into its
    deployable form: the same function for inputs of one size, made of operators that the device is good at.
    :func:`ptv_mobile.convert_to_deployable_form` converts every block of a copy of a model and compares the outputs.

    A subclass implements ``forward`` and ``convert``, and calls :meth:`begin_conversion` first in the latter.

    Attributes:
        convert_flag: whether the block is in its deployable form.
    """

    convert_flag: bool = False

    @abstractmethod
    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Turn the block into its deployable form.

        Args:
            input_size: size of the inputs from now on, (B, C, T, H, W), or (B, C, H, W) for a block of images.
            keep_conv3d: fold norms into 3-D convolutions but leave those what they are, for runtimes that have them
                (QNNPACK's int8 ones for instance).
            fixed_batch: accept batches of B clips only, instead of any number.

        Raises:
            AlreadyConvertedError: it is in that form already.
        """

    def begin_conversion(self) -> None:
        """Note that the block is converted from now on, and leave training mode.

        Raises:
            AlreadyConvertedError: it was converted before.
        """
        if self.convert_flag:
            msg = f"{type(self).__name__} is in its deployable form already; convert a copy of the original block"
            raise AlreadyConvertedError(msg)
        self.convert_flag = True
        self.eval()


class NoOpConvertBlock(EfficientBlock):
    """Wraps a module that is as good for the device as it is.

    Args:
        model: the module.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def convert(self, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False) -> None:
        """Change nothing."""
        self.begin_conversion()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply the wrapped module."""
        return self.model(x)


def convert_part(
    part: nn.Module, input_size: Sequence[int], *, keep_conv3d: bool = False, fixed_batch: bool = False
) -> None:
    """Convert a part of a block if it is an efficient block too; any other module stays what it is."""
    if isinstance(part, EfficientBlock):
        part.convert(input_size, keep_conv3d=keep_conv3d, fixed_batch=fixed_batch)


@frozen
class CalibratedSize:
    """The size of input that a deployable form was made for, (B, C, ...)."""

    size: tuple[int, ...]
    fixed_batch: bool = False

    @classmethod
    def of(cls, input_size: Sequence[int], dims: int, fixed_batch: bool = False) -> CalibratedSize:
        """Check a size that a block of ``dims``-dimensional tensors is converted for."""
        size = tuple(int(extent) for extent in input_size)
        if len(size) != dims or min(size) < 1:
            form = "(B, C, T, H, W)" if dims == 5 else "(B, C, H, W)"
            msg = f"input_size={tuple(input_size)} is not the size of an input, {form}"
            raise ArgumentError(msg, argument="input_size", value=size)
        return cls(size, fixed_batch)

    def check(self, x: torch.Tensor, time_first: bool = False) -> None:
        """Raise :class:`CalibratedSizeError` unless ``x`` has this size, whatever its batch size if that is free.

        ``time_first`` says that ``x`` is (B, T, C, H, W).
        """
        size = tuple(x.shape)
        if time_first and len(size) == 5:
            size = (size[0], size[2], size[1], *size[3:])
        known = 0 if self.fixed_batch else 1
        if size[known:] == self.size[known:]:
            return
        expected = ", ".join(map(str, self.size if self.fixed_batch else ("B", *self.size[1:])))
        msg = (
            f"this block was converted for inputs of size ({expected}) and got {size}; give it inputs of that "
            "size, or convert the original model again with an example of the new one"
        )
        raise CalibratedSizeError(msg, expected=self.size, value=size)
