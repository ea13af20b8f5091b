"""The contracts of norm, convolution, activation and pool, which networks have everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from ptv_layers.contracts.trials import BATCH, CHANNELS, FINITE, SIZES, STEADY, clip, leaves_alone, run, tensor_of
from ptv_registry.contracts import Contract, Probe, Sample, Scaffold, Trial

if TYPE_CHECKING:
    from torch import nn

_OUT: Final = 12


class NormMaker(Protocol):
    """Makes the norm of a feature map."""

    def __call__(self, *, num_features: int, eps: float = ..., momentum: float = ...) -> nn.Module:
        """A module from (B, num_features, T, H, W) to the same shape."""


class ConvMaker(Protocol):
    """Makes a convolution."""

    def __call__(
        self,
        *,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, int, int],
        stride: tuple[int, int, int],
        padding: tuple[int, int, int],
        dilation: tuple[int, int, int] = ...,
        groups: int = ...,
        bias: bool = ...,
        padding_mode: str = ...,
    ) -> nn.Module:
        """A module from (B, in_channels, T, H, W) to (B, out_channels, T', H', W')."""


class ActivationMaker(Protocol):
    """Makes an activation."""

    def __call__(self) -> nn.Module:
        """A module from any shape to the same shape."""


class PoolMaker(Protocol):
    """Makes a pool."""

    def __call__(
        self, *, kernel_size: tuple[int, int, int], stride: tuple[int, int, int], padding: tuple[int, int, int]
    ) -> nn.Module:
        """A module from (B, C, T, H, W) to (B, C, T', H', W')."""


def _input(trial: Trial) -> Any:
    return clip(_dims(trial))


def _dims(trial: Trial) -> int:
    return next(dims for dims, site in _SITES.items() if trial.sample.site == site)


_SITES: Final = {3: "a network of clips", 2: "a network of images", 1: "a network of sequences"}


def _samples(usual: bool = False, **passes: Any) -> tuple[Sample, ...]:
    """Clips first; then images and sequences, for what is made for those; adaptive pools get the size that others give."""

    def sized(name: str, value: Any, dims: int) -> Any:
        return (value,) * dims if name in ("kernel_size", "stride", "padding") else value

    return tuple(
        Sample(
            site,
            passes={name: sized(name, value, dims) for name, value in passes.items()},
            usual={"output_size": tuple(size // 2 for size in SIZES[-dims:])} if usual else {},
            use=run(lambda dims=dims: clip(dims)),  # type: ignore[misc]
        )
        for dims, site in _SITES.items()
    )


def _as_the_input(trial: Trial) -> tuple[int, ...]:
    return tuple(_input(trial).shape)


def _halved(channels: int) -> Any:
    def shape(trial: Trial) -> tuple[int, ...]:
        return (BATCH, channels, *(size // 2 for size in SIZES[-_dims(trial) :]))

    return shape


_SAME: Final = tensor_of(_as_the_input, "keeps_the_shape", "return a tensor of the shape of the input")


def _norm_probe() -> Any:
    import torch
    from torch import nn

    class NormProbe(nn.Module):
        """A norm to be found."""

        def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(num_features))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    return NormProbe


def _conv_probe() -> Any:
    from torch import nn

    return type("ConvProbe", (nn.Conv3d,), {"__doc__": "A convolution to be found."})


def _escaped(families: Any) -> Any:
    def escaped(model: Any, probe: Any) -> list[str]:
        modules = dict(model.named_modules()) if hasattr(model, "named_modules") else {}
        inside = tuple(f"{name}." for name, module in modules.items() if isinstance(module, probe))
        return [
            name
            for name, module in modules.items()
            if isinstance(module, families()) and not isinstance(module, probe) and not name.startswith(inside)
        ]

    return escaped


def _norms() -> tuple[type, ...]:
    from torch import nn

    return nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm


def _convs() -> tuple[type, ...]:
    from torch import nn

    return (nn.modules.conv._ConvNd,)


NORM: Final = Contract(
    kind="norm",
    words=(
        "Called once for every norm of a network with the number of channels, and with `eps` and `momentum` if it takes them. Makes a "
        "module from (B, C, T, H, W) to the same shape; in eval mode its output depends on nothing random."
    ),
    protocol=NormMaker,
    samples=_samples(num_features=CHANNELS),
    checks=(_SAME, STEADY, FINITE, leaves_alone(_input)),
    probe=Probe(_norm_probe, _escaped(_norms)),
    scaffold=Scaffold("ptv_layers.scaffolds.norm", "MineNorm", testing=("ptv-resnet",)),
)

CONV: Final = Contract(
    kind="conv",
    words=(
        "Called for every convolution with channels and, for each of time, height and width, the size of the kernel, stride and "
        "padding; with `dilation`, `groups`, `bias` and `padding_mode` if it takes them. Makes a module from (B, in_channels, T, H, W) to "
        "(B, out_channels, T', H', W') of the sizes that `torch.nn.Conv3d` gives for these arguments."
    ),
    protocol=ConvMaker,
    samples=_samples(in_channels=CHANNELS, out_channels=_OUT, kernel_size=3, stride=2, padding=1),
    checks=(
        tensor_of(
            _halved(_OUT),
            "gives_the_shape_of_a_convolution",
            "kernel size, stride and padding mean what they mean for torch.nn.Conv3d",
        ),
        STEADY,
        FINITE,
        leaves_alone(_input),
    ),
    probe=Probe(_conv_probe, _escaped(_convs)),
    scaffold=Scaffold("ptv_layers.scaffolds.conv", "MineConv", testing=("ptv-resnet",)),
)

ACTIVATION: Final = Contract(
    kind="activation",
    words=(
        "Called with nothing for every activation. Makes a module from any shape to the same shape that works elementwise; a head's "
        "activation may also work over the classes."
    ),
    protocol=ActivationMaker,
    samples=_samples(),
    checks=(_SAME, STEADY, FINITE, leaves_alone(_input)),
    scaffold=Scaffold("ptv_layers.scaffolds.activation", "MineActivation", testing=("ptv-resnet",)),
)

POOL: Final = Contract(
    kind="pool",
    words=(
        "Called with `kernel_size`, `stride` and `padding`, each (time, height, width); one that takes `output_size` is adaptive and is "
        "called with that alone. Makes a module from (B, C, T, H, W) to (B, C, T', H', W')."
    ),
    protocol=PoolMaker,
    samples=_samples(usual=True, kernel_size=3, stride=2, padding=1),
    checks=(
        tensor_of(
            _halved(CHANNELS),
            "gives_the_shape_of_a_pool",
            "kernel size, stride and padding mean what they mean for torch.nn.MaxPool3d",
        ),
        STEADY,
        FINITE,
        leaves_alone(_input),
    ),
    scaffold=Scaffold("ptv_layers.scaffolds.pool", "MinePool", testing=("ptv-resnet",)),
)
