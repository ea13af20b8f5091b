"""What the conformance suite calls components with, by kind. Imports torch only when a test needs it."""

from __future__ import annotations

import contextlib
from typing import Any, Final

PROBED: Final = ("norm", "conv")
_CLIP: Final = (2, 8, 4, 8, 8)
_ARGUMENTS: Final[dict[str, dict[str, Any]]] = {
    "norm": {"num_features": 8},
    "conv": {"in_channels": 8, "out_channels": 12, "kernel_size": (3, 3, 3), "stride": (1, 2, 2), "padding": (1, 1, 1)},
    "pool": {"kernel_size": (1, 3, 3), "stride": (1, 2, 2), "padding": (0, 1, 1)},
}
_SHAPES: Final = {"norm": _CLIP, "activation": _CLIP, "conv": (2, 12, 4, 4, 4), "pool": (2, 8, 4, 4, 4)}


def arguments(kind: str) -> dict[str, Any]:
    """What a call site of this kind passes."""
    return dict(_ARGUMENTS.get(kind, {}))


def expected_shape(kind: str) -> tuple[int, ...] | None:
    """The output's shape for :func:`clip`, or ``None`` if the kind promises none."""
    return _SHAPES.get(kind)


def clip() -> Any:
    """A small input, (B, C, T, H, W)."""
    import torch

    return torch.linspace(-1, 1, 2 * 8 * 4 * 8 * 8).reshape(_CLIP)


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
