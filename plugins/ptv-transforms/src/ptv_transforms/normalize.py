"""Normalisation of pixel values."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_transforms.frame_pushdown import Pushdown
from ptv_transforms.functional import div_255


class Normalize(nn.Module):
    """Subtracts a mean from each channel of a clip and divides by a standard deviation.

    A uint8 clip is scaled to [0, 1] first, unless the mean or the deviation is above 1 and so counts in pixel values.

    Args:
        mean: one value per channel, or one for all.
        std: one value per channel, or one for all.
        inplace: changes a float clip in place.

    Raises:
        ArgumentError: if ``mean`` and ``std`` differ in length, or a deviation is 0.
    """

    def __init__(self, mean: Sequence[float] | float, std: Sequence[float] | float, inplace: bool = False) -> None:
        mean, std = _values(mean), _values(std)
        if len(mean) != len(std) or 0 in std:
            raise ArgumentError(f"mean is {mean} and std is {std}; each channel needs a mean and a std other than 0")
        nn.Module.__init__(self)  # not super(): that of pytorchvideo-compat is also torchvision's, as documented there
        self.mean, self.std = mean, std
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Takes (C, T, H, W), uint8 or float, and returns it as float.

        Raises:
            ArgumentError: if the channels do not match, or the dtype is another.
        """
        channels = len(self.mean)
        if channels != 1 and x.shape[0] != channels:
            raise ArgumentError(
                f"the clip has {x.shape[0]} channels and there are {len(self.mean)} means; it must be (C, T, H, W)"
            )
        inplace = self.inplace
        if x.dtype == torch.uint8:
            x = div_255(x) if max(self.mean) <= 1.0 and max(self.std) <= 1.0 else x.to(torch.float32)
            inplace = True
        elif not x.is_floating_point():
            raise ArgumentError(f"the clip has the dtype {x.dtype}; it must be uint8 or float")
        if x.dim() != 4:
            raise ArgumentError(f"the clip has {x.dim()} dimensions; it must be (C, T, H, W)")
        shape = [len(self.mean), 1, 1, 1]
        mean = torch.tensor(self.mean, dtype=x.dtype, device=x.device).reshape(shape)
        std = torch.tensor(self.std, dtype=x.dtype, device=x.device).reshape(shape)
        return (x.sub_(mean) if inplace else x.sub(mean)).div_(std)

    def extra_repr(self) -> str:
        """Shows the arguments."""
        return f"mean={self.mean}, std={self.std}, inplace={self.inplace}"

    @torch.jit.unused
    def clip_pushdown(self) -> Pushdown:
        """Normalises every frame alike, and in place what nobody else has."""
        ours = type(self).forward is Normalize.forward and not self.inplace
        overwriting = Normalize(self.mean, self.std, inplace=True) if ours else None
        return Pushdown(rest=self, fresh=ours, overwriting=overwriting, by_rows=ours)


def _values(given: Sequence[float] | float) -> list[float]:
    """The values as a list; those of a tensor or an array too."""
    listed = getattr(given, "tolist", lambda: given)()
    return [float(value) for value in listed] if isinstance(listed, Sequence) else [float(listed)]
