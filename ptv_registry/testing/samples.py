"""What the conformance suite calls components with, by kind. Imports torch only when a test needs it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

PROBED: Final = ("norm", "conv")
_SIZES: Final = (4, 8, 8)  # time, height, width; images have the last two, sequences the last one
_CHANNELS: Final = 8
_PROMISING: Final = ("norm", "activation", "conv", "pool")
_ARGUMENTS: Final[dict[str, dict[str, Any]]] = {
    "norm": {"num_features": _CHANNELS},
    "conv": {"in_channels": _CHANNELS, "out_channels": 12, "kernel_size": 3, "stride": 2, "padding": 1},
    "pool": {"kernel_size": 3, "stride": 2, "padding": 1},
}
# What a caller gives; a component takes those that it knows.
_OFFERED: Final[dict[str, dict[str, Any]]] = {"sampler": {"clip_duration": 1.0, "truncation_duration": 2.0}}


@frozen
class Sample:
    """What a component of a kind is called with.

    Attributes:
        kind: the component's.
        dims: 3 for clips (B, C, T, H, W), 2 for images, 1 for sequences.
    """

    kind: str
    dims: int = 3

    def arguments(self, takes: Callable[[str], bool] = lambda name: True) -> dict[str, Any]:
        """What a call site passes, and what of the usual a component takes."""
        required = {
            name: (value,) * self.dims if name in ("kernel_size", "stride", "padding") else value
            for name, value in _ARGUMENTS.get(self.kind, {}).items()
        }
        return required | {name: value for name, value in _OFFERED.get(self.kind, {}).items() if takes(name)}

    def clip(self) -> Any:
        """A small input."""
        import torch

        shape = (2, _CHANNELS, *_SIZES[-self.dims :])
        return torch.linspace(-1, 1, math.prod(shape)).reshape(shape)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The output's shape for :meth:`clip`, or ``None`` if the kind promises none."""
        if self.kind not in _PROMISING:
            return None
        sizes = _SIZES[-self.dims :]
        if self.kind in ("conv", "pool"):
            sizes = tuple(size // 2 for size in sizes)
        return (2, 12 if self.kind == "conv" else _CHANNELS, *sizes)


def candidates(kind: str) -> list[Sample]:
    """Clips first; then images and sequences, for what is made for those."""
    return [Sample(kind, dims) for dims in ((3, 2, 1) if kind in _PROMISING else (3,))]


def seed() -> None:
    """Make the next build repeatable."""
    import torch

    torch.manual_seed(0)


def same(left: Any, right: Any) -> bool:
    """Whether two outputs are equal to the bit."""
    import torch

    return torch.equal(left, right)


def device_of(kind: str) -> Any:
    """Whole models are built without memory; their parts are small."""
    if kind != "model":
        return contextlib.nullcontext()
    import torch

    return torch.device("meta")


def probe(kind: str) -> Any:
    """A component of this kind that can be recognised in a model."""
    from torch import nn

    if kind == "conv":
        return type("ConvProbe", (nn.Conv3d,), {"__doc__": "A convolution to be found."})

    class NormProbe(nn.Module):
        """A norm to be found."""

        def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
            super().__init__()
            self.scale = nn.Parameter(_ones(num_features))

        def forward(self, x: Any) -> Any:
            return x

    return NormProbe


def _ones(count: int) -> Any:
    import torch

    return torch.ones(count)


def escaped(model: Any, kind: str, probe: Any) -> list[str]:
    """The modules of a kind that are not the probe."""
    from torch import nn

    families: dict[str, Any] = {
        "norm": (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm),
        "conv": (nn.modules.conv._ConvNd,),
    }
    inside_probe = [name for name, module in model.named_modules() if isinstance(module, probe)]
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, families[kind])
        and not isinstance(module, probe)
        and not any(name.startswith(outer + ".") for outer in inside_probe)
    ]
