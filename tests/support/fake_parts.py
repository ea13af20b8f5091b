"""Fake components without torch: each keeps what it was called with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from ptv_registry import Kind, Slot

Norm = Annotated[Callable[..., Any] | None, Slot("norm")]
Conv = Annotated[Callable[..., Any] | None, Slot("conv")]
Activation = Annotated[Callable[..., Any] | None, Slot("activation")]
Block = Annotated[Callable[..., Any], Slot("block")]
Stage = Annotated[Callable[..., Any], Slot("stage")]
Stem = Annotated[Callable[..., Any], Slot("stem")]
Head = Annotated[Callable[..., Any] | None, Slot("head")]
Transform = Annotated[Any, Slot("transform", built=True)]
Norms = Annotated[Callable[..., Any] | None, Slot("norm", many=True)]

OWN_KIND = Kind("flavour", "what it tastes of", ("sweetness",))


class Part:
    """Compares by what it was made with."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.made_with() == other.made_with()

    def made_with(self) -> dict[str, Any]:
        """Its attributes, without what the kernel remembers."""
        return {name: value for name, value in vars(self).items() if not name.startswith("__")}

    __hash__ = None  # type: ignore[assignment]


class BatchNorm(Part):
    """A norm."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.num_features, self.eps, self.momentum = num_features, eps, momentum


class Batch(BatchNorm):
    """The default norm."""


class Ghost(BatchNorm):
    """Another norm."""


class NoMomentum(Part):
    """A norm that takes nothing that the kind offers."""

    def __init__(self, num_features: int, groups: int = 1) -> None:
        self.num_features, self.groups = num_features, groups


class BrokenContract(Part):
    """Takes another name than call sites pass."""

    def __init__(self, channels: int) -> None:
        self.channels = channels


class Conv3d(Part):
    """A convolution."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int = 1, stride: int = 1, padding: int = 0
    ) -> None:
        self.channels, self.rest = (in_channels, out_channels), (kernel_size, stride, padding)


class Relu(Part):
    """An activation."""


class Swish(Part):
    """Another activation."""

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = beta


def _conv(conv: Any) -> Any:
    return conv and conv(in_channels=2, out_channels=2, kernel_size=1, stride=1, padding=0)


class BlockPart(Part):
    """A block: norm, conv and activation."""

    def __init__(self, norm: Norm = Batch, conv: Conv = Conv3d, activation: Activation = Relu, width: int = 2) -> None:
        self.norm = norm and norm(num_features=width, eps=0.5, momentum=0.25)
        self.conv = _conv(conv)
        self.activation = activation and activation()


class TwoActsPart(Part):
    """Has a parameter named after the kind and another slot of it."""

    def __init__(self, activation: Activation = Relu, inner_act: Activation = Swish) -> None:
        self.activation, self.inner_act = activation and activation(), inner_act and inner_act()


class ConvABCPart(Part):
    """Slots of one kind under other names, one of them empty."""

    def __init__(self, conv_a: Conv = Conv3d, conv_b: Conv = Conv3d, conv_c: Conv = None) -> None:
        self.convs = [_conv(conv) for conv in (conv_a, conv_b, conv_c)]


class StagePart(Part):
    """Passes nothing on to its block."""

    def __init__(self, depth: int = 1, block: Block = BlockPart) -> None:
        self.blocks = [block() for _ in range(depth)]


class StemPart(Part):
    """A stem."""

    def __init__(self, norm: Norm = Batch, width: int = 3) -> None:
        self.norm = norm and norm(num_features=width, eps=1e-3, momentum=0.5)


class NormlessStemPart(Part):
    """A stem without a norm, unless one is asked for."""

    def __init__(self, norm: Norm = None) -> None:
        self.norm = norm and norm(num_features=1, eps=1, momentum=1)


class HeadPart(Part):
    """A head."""

    def __init__(self, classes: int = 4, activation: Activation = Relu) -> None:
        self.classes, self.activation = classes, activation and activation()


class NetPart(Part):
    """A model; its stem's width is the call site's."""

    def __init__(
        self,
        classes: int = 4,
        norm: Norm = Batch,
        stem: Stem = StemPart,
        stage: Stage = StagePart,
        head: Head = HeadPart,
    ) -> None:
        self.stem = stem(norm=norm, width=7)
        self.stage = stage()
        self.head = head and head(classes=classes)


class PathwaysPart(Part):
    """Lists and nested lists of slots."""

    def __init__(
        self,
        stem_function: tuple[Stem, ...] = (StemPart, StemPart),
        stages: tuple[tuple[Stage, ...], ...] = ((StagePart, StagePart), (StagePart,)),
        norms: tuple[Norm, ...] = (Batch, None),
        many: Norms = Batch,
    ) -> None:
        self.stems = [stem() for stem in stem_function]
        self.stages = [[stage() for stage in row] for row in stages]
        self.norms = [norm and norm(num_features=1, eps=1, momentum=1) for norm in norms]
        every: Any = many if isinstance(many, tuple) else (many,)
        self.many = [one(num_features=1) for one in every]


class LiteralsPart(Part):
    """Every sort of plain argument."""

    def __init__(
        self,
        mode: Literal["nearest", "linear"] = "nearest",
        text: str = "",
        path: str | None = None,
        number: int = 0,
        ratio: float = 0.0,
        sizes: tuple[int, ...] = (),
        pair: tuple[int, int] = (1, 2),
        words: list[str] | None = None,
        modes: tuple[Literal["a", "b"], ...] = (),
        anything=None,
        function: Callable[..., Any] | None = None,
        flag: bool = False,
    ) -> None:
        self.all = {k: v for k, v in locals().items() if k != "self"}


class FlipPart(Part):
    """A transform: a finished object is wanted."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, value: Any) -> Any:
        """The value."""
        return value


class ComposePart(Part):
    """Holds transforms."""

    def __init__(self, transform: Transform = None, transforms: tuple[Transform, ...] = ()) -> None:
        self.transform, self.transforms = transform, transforms
