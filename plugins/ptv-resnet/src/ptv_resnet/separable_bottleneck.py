"""The bottleneck for audio, whose convolution in the middle is split into one over time and one over frequency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Conv, Norm
from ptv_registry.errors import ArgumentError
from ptv_resnet.bottleneck import pointwise
from ptv_resnet.norm_and_pool import make_norm
from ptv_resnet.weight_init import init_resnet_weights


def create_acoustic_bottleneck_block(
    *,
    dim_in: int,
    dim_inner: int,
    dim_out: int,
    conv_a_kernel_size: Sequence[int] = (3, 1, 1),
    conv_a_stride: Sequence[int] = (2, 1, 1),
    conv_a_padding: Sequence[int] = (1, 0, 0),
    conv_a: Conv = nn.Conv3d,
    conv_b_kernel_size: Sequence[int] = (1, 1, 1),
    conv_b_stride: Sequence[int] = (1, 1, 1),
    conv_b_padding: Sequence[int] = (0, 0, 0),
    conv_b_num_groups: int = 1,
    conv_b_dilation: Sequence[int] = (1, 1, 1),
    conv_b: Conv = nn.Conv3d,
    conv_c: Conv = nn.Conv3d,
    norm: Norm = nn.BatchNorm3d,
    norm_eps: float = 1e-5,
    norm_momentum: float = 0.1,
    activation: Activation = nn.ReLU,
) -> SeparableBottleneckBlock:
    """Create a bottleneck for audio: as :func:`ptv_resnet.create_bottleneck_block`, with convolution b split in two and summed.

    One half filters over time, the other over frequency (H, W), side by side, each with its norm and activation.

    Args:
        dim_in: channels of the input.
        dim_inner: channels inside the bottleneck.
        dim_out: channels of the output.
        conv_a_kernel_size: (T, H, W) of convolution a.
        conv_a_stride: (T, H, W) of convolution a.
        conv_a_padding: (T, H, W) of convolution a.
        conv_a: makes convolution a.
        conv_b_kernel_size: (T, H, W); the temporal half takes T, the spatial half H and W.
        conv_b_stride: (T, H, W) of both halves.
        conv_b_padding: (T, H, W), split as the kernel size.
        conv_b_num_groups: channel groups of both halves.
        conv_b_dilation: (T, H, W), split as the kernel size.
        conv_b: makes each half of convolution b.
        conv_c: makes convolution c, of size 1.
        norm: makes each norm; ``None`` for none.
        norm_eps: epsilon of the norms.
        norm_momentum: momentum of the norms.
        activation: makes each activation; ``None`` for none.

    Returns:
        A block from (B, dim_in, T, 1, F) to (B, dim_out, T', 1, F').
    """
    spatial_then_temporal = [
        conv_b(
            in_channels=dim_inner,
            out_channels=dim_inner,
            kernel_size=_keep(axes, conv_b_kernel_size, 1),
            stride=tuple(conv_b_stride),
            padding=_keep(axes, conv_b_padding, 0),
            bias=False,
            groups=conv_b_num_groups,
            dilation=_keep(axes, conv_b_dilation, 1),
        )
        for axes in ((1, 2), (0,))
    ]
    block = SeparableBottleneckBlock(
        conv_a=conv_a(
            in_channels=dim_in,
            out_channels=dim_inner,
            kernel_size=tuple(conv_a_kernel_size),
            stride=tuple(conv_a_stride),
            padding=tuple(conv_a_padding),
            bias=False,
        ),
        norm_a=make_norm(norm, dim_inner, norm_eps, norm_momentum),
        act_a=make_activation(activation),
        conv_b=nn.ModuleList(spatial_then_temporal),
        norm_b=_module_list([make_norm(norm, dim_inner, norm_eps, norm_momentum) for _ in spatial_then_temporal]),
        act_b=_module_list([make_activation(activation) for _ in spatial_then_temporal]),
        conv_c=pointwise(conv_c, dim_inner, dim_out),
        norm_c=make_norm(norm, dim_out, norm_eps, norm_momentum),
    )
    return init_resnet_weights(block)


def _keep(axes: Sequence[int], sizes: Sequence[int], otherwise: int) -> tuple[int, ...]:
    return tuple(size if axis in axes else otherwise for axis, size in enumerate(sizes))


def _module_list(modules: Sequence[nn.Module | None]) -> nn.ModuleList | None:
    return None if any(module is None for module in modules) else nn.ModuleList(modules)  # type: ignore[arg-type]


class SeparableBottleneckBlock(nn.Module):
    """A bottleneck with several convolutions b side by side; made by :func:`create_acoustic_bottleneck_block`.

    Args:
        conv_a: convolution a, or ``None``.
        norm_a: norm after convolution a, or ``None``.
        act_a: activation after norm a, or ``None``.
        conv_b: the convolutions b.
        norm_b: one norm (or ``None``) for each convolution b; ``None`` for no norm at all.
        act_b: one activation (or ``None``) for each convolution b; ``None`` for no activation at all.
        conv_c: convolution c.
        norm_c: norm after convolution c, or ``None``; marked as the last one of the block, as in
            :class:`ptv_resnet.BottleneckBlock`.
        reduce_method: how the outputs of the convolutions b become one: ``"sum"``, or ``"cat"`` over channels.

    Raises:
        ArgumentError: if a convolution is missing, the lists differ in length or ``reduce_method`` is neither.
    """

    def __init__(
        self,
        *,
        conv_a: nn.Module | None,
        norm_a: nn.Module | None,
        act_a: nn.Module | None,
        conv_b: nn.ModuleList,
        norm_b: nn.ModuleList | None,
        act_b: nn.ModuleList | None,
        conv_c: nn.Module,
        norm_c: nn.Module | None,
        reduce_method: Literal["sum", "cat"] = "sum",
    ) -> None:
        super().__init__()
        if conv_b is None or conv_c is None:
            msg = f"conv_b and conv_c are needed, got {conv_b} and {conv_c}: pass a list of modules and a module"
            raise ArgumentError(msg)
        for name, modules in (("norm_b", norm_b), ("act_b", act_b)):
            if modules is not None and len(modules) != len(conv_b):
                msg = f"{name} has {len(modules)} entries for {len(conv_b)} convolutions conv_b: give one for each"
                raise ArgumentError(msg)
        if reduce_method not in ("sum", "cat"):
            msg = f"reduce_method is {reduce_method!r}; use 'sum' or 'cat'"
            raise ArgumentError(msg)
        self.conv_a = conv_a
        self.norm_a = norm_a
        self.act_a = act_a
        self.conv_b = conv_b
        self.norm_b = norm_b
        self.act_b = act_b
        self.conv_c = conv_c
        self.norm_c = norm_c
        self.reduce_method = reduce_method
        if norm_c is not None:
            norm_c.block_final_bn = True  # type: ignore[assignment]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, C, T, H, W) to (B, C', T', H', W')."""
        x = _in_order(x, self.conv_a, self.norm_a, self.act_a)
        branches = []
        for index, conv in enumerate(self.conv_b):
            norm = None if self.norm_b is None else self.norm_b[index]
            act = None if self.act_b is None else self.act_b[index]
            branches.append(_in_order(x, conv, norm, act))
        x = torch.stack(branches).sum(dim=0) if self.reduce_method == "sum" else torch.cat(branches, dim=1)
        return _in_order(x, self.conv_c, self.norm_c)


def _in_order(x: torch.Tensor, *modules: nn.Module | None) -> torch.Tensor:
    """Apply the modules that are there."""
    for module in modules:
        if module is not None:
            x = module(x)
    return x
