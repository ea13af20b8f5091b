"""Attention whose queries, keys and values are pooled over the grid that the tokens come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, ClassVar, Literal

import torch
from torch import nn
from torch.nn import functional

from ptv_layers.slots import Activation, Conv, Norm, Pool
from ptv_mvit.mlp import vit_linear
from ptv_mvit.norm import TokenLayerNorm, build_norm, normalizes_tokens
from ptv_mvit.relative_positions import position_table, relative_bias
from ptv_registry.errors import ArgumentError

POOLED = ("q", "k", "v")


class AttentionPool(nn.Module):
    """Pool tokens over their grid of places (T, H, W); a class token passes unchanged.

    A norm of tokens follows the pool and sees the class token too. A norm of videos, such as batch norm, precedes it on
    the grid without the class token, and the activation stands between the two.

    Args:
        pool: Pool or convolution of (B, C, T, H, W); ``None``: the tokens pass unchanged.
        has_cls_embed: Whether the first token is a class token.
        norm: Norm of the pooled tokens; ``None``: none.
        activation: Activation between a norm of videos and the pool; ``None``: none.
    """

    def __init__(
        self,
        pool: nn.Module | None,
        has_cls_embed: bool,
        norm: nn.Module | None = None,
        activation: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.pool = pool
        self.has_cls_embed = has_cls_embed
        self.norm = norm
        self.norm_before_pool = norm is not None and not normalizes_tokens(norm)
        self.activation = activation if self.norm_before_pool else None

    def forward(self, tokens: torch.Tensor, thw_shape: list[int]) -> tuple[torch.Tensor, list[int]]:
        """Pool ``tokens`` (B, heads, N, C); gives the pooled tokens and their grid."""
        if self.pool is None:
            return tokens, thw_shape
        cls_token = tokens[:, :, :1]
        if self.has_cls_embed:
            tokens = tokens[:, :, 1:]
        batch, heads, _, channels = tokens.shape
        # Reshape first and permute next to the pool: compilers then see clips whose channels are last in memory.
        grid = tokens.flatten(0, 1).unflatten(1, thw_shape).permute(0, 4, 1, 2, 3)
        if self.norm_before_pool and self.norm is not None:
            grid = self.norm(grid)
            if self.activation is not None:
                grid = self.activation(grid)
        grid = self.pool(grid)
        thw_shape = [grid.shape[2], grid.shape[3], grid.shape[4]]
        tokens = grid.permute(0, 2, 3, 4, 1).reshape(batch, heads, thw_shape[0] * thw_shape[1] * thw_shape[2], channels)
        if self.has_cls_embed:
            tokens = torch.cat((cls_token, tokens), dim=2)
        if self.norm is not None and not self.norm_before_pool:
            tokens = self.norm(tokens)
        return tokens, thw_shape


class MultiScaleAttention(nn.Module):
    """Multi-head attention with pooled queries, keys and values; without pools it is plain attention.

    Fan et al. 2021, https://arxiv.org/abs/2104.11227. The pools are registered once, under ``_attention_pool_{q,k,v}``.
    The state dict has them also under the published names ``pool_{q,k,v}`` and ``norm_{q,k,v}``, as copies; loading
    takes either name, and prefers the first where a checkpoint has both.

    Args:
        dim: Channels of the input.
        dim_out: Channels of the output; ``None``: as many as the input has.
        num_heads: Number of heads; it divides the channels.
        qkv_bias: Whether the projections to queries, keys and values have biases.
        dropout_rate: Dropout of the output.
        kernel_q: Kernel (T, H, W) of the pool of the queries; no pool if kernel and stride are 1 or empty.
        kernel_kv: Kernel of the pools of keys and values.
        stride_q: Stride (T, H, W) of the pool of the queries.
        stride_kv: Stride of the pools of keys and values.
        norm_layer: Norm of what a convolution pooled, see :class:`AttentionPool`; ``None``: none.
        has_cls_embed: Whether the first token is a class token, which no pool touches.
        pool_mode: ``"conv"`` (learned), ``"avg"`` or ``"max"``; the last two have no norm.
        pool_first: Whether to pool before the projection instead of after it.
        residual_pool: Whether to add the pooled queries to the output (Li et al. 2022, https://arxiv.org/abs/2112.01526).
        residual_pool_cls: Whether ``residual_pool`` adds the query of the class token as well; MViTv2 leaves it out.
        rel_pos_spatial: Whether distances in height and width add to the attention, see :mod:`ptv_mvit.relative_positions`.
        rel_pos_temporal: Whether distances in time do.
        rel_pos_zero_init: Whether the tables of distances begin with zeros, not at random.
        input_size: Grid of tokens (T, H, W) that the tables of distances are for; others interpolate them.
        depthwise_conv: Whether pooling convolutions treat each channel alone.
        bias_on: Whether the output projection has a bias.
        separate_qkv: Whether queries, keys and values have a projection each; always so with ``pool_first``.
        conv: Convolution of the pool mode ``"conv"``.
        avg_pool: Pool of the mode ``"avg"``.
        max_pool: Pool of the mode ``"max"``.
        act_layer: Activation between a norm of videos and a pooling convolution; ``None``: none.

    Raises:
        ArgumentError: If the pool mode is another, a kernel or stride has not three entries, the heads do not
            divide the channels, or relative positions have no ``input_size``.
    """

    _version = 3
    __jit_unused_properties__: ClassVar[list[str]] = [f"{part}_{side}" for part in ("pool", "norm") for side in POOLED]

    def __init__(
        self,
        dim: int,
        dim_out: int | None = None,
        num_heads: int = 8,
        qkv_bias: bool = False,
        dropout_rate: float = 0.0,
        kernel_q: Sequence[int] = (1, 1, 1),
        kernel_kv: Sequence[int] = (1, 1, 1),
        stride_q: Sequence[int] = (1, 1, 1),
        stride_kv: Sequence[int] = (1, 1, 1),
        norm_layer: Norm = TokenLayerNorm,
        has_cls_embed: bool = True,
        pool_mode: Literal["conv", "avg", "max"] = "conv",
        pool_first: bool = False,
        residual_pool: bool = True,
        depthwise_conv: bool = True,
        bias_on: bool = True,
        separate_qkv: bool = True,
        *,
        residual_pool_cls: bool = True,
        rel_pos_spatial: bool = False,
        rel_pos_temporal: bool = False,
        rel_pos_zero_init: bool = False,
        input_size: Sequence[int] | None = None,
        conv: Conv = nn.Conv3d,
        avg_pool: Pool = nn.AvgPool3d,
        max_pool: Pool = nn.MaxPool3d,
        act_layer: Activation = nn.GELU,
    ) -> None:
        super().__init__()
        dim_out = dim_out or dim
        if pool_mode not in ("conv", "avg", "max"):
            msg = f"pool_mode is {pool_mode!r}; pass 'conv', 'avg' or 'max'"
            raise ArgumentError(msg, pool_mode=pool_mode)
        if dim_out % num_heads or dim % num_heads:
            msg = f"num_heads is {num_heads}, which does not divide the {dim} -> {dim_out} channels; pass a divisor"
            raise ArgumentError(msg, num_heads=num_heads)

        self.num_heads = num_heads
        self.dim_out = dim_out
        self.scale = (dim_out // num_heads) ** -0.5
        self.pool_first = pool_first
        self.residual_pool = residual_pool
        self.has_cls_embed = has_cls_embed
        self.residual_pool_cls = residual_pool_cls or not has_cls_embed
        self.separate_qkv = separate_qkv or pool_first
        # TorchScript compiles both ways to project, so the one not taken needs its names as well.
        separate = self.separate_qkv
        self.q = vit_linear(dim, dim_out, bias=qkv_bias) if separate else nn.Identity()
        self.k = vit_linear(dim, dim_out, bias=qkv_bias) if separate else nn.Identity()
        self.v = vit_linear(dim, dim_out, bias=qkv_bias) if separate else nn.Identity()
        self.qkv = nn.Identity() if separate else vit_linear(dim, dim_out * 3, bias=qkv_bias)
        self.proj = vit_linear(dim_out, dim_out, bias=bias_on)
        self.proj_drop = nn.Dropout(dropout_rate) if dropout_rate > 0.0 else nn.Identity()

        channels = (dim if pool_first else dim_out) // num_heads

        def attention_pool(kernel: Sequence[int], stride: Sequence[int]) -> AttentionPool:
            if prod(kernel) == 1 and prod(stride) == 1:
                return AttentionPool(None, has_cls_embed)
            if pool_mode != "conv":
                return AttentionPool(
                    build_pool(avg_pool if pool_mode == "avg" else max_pool, kernel, stride), has_cls_embed
                )
            groups = channels if depthwise_conv else 1
            widths = {"in_channels": channels, "out_channels": channels}
            return AttentionPool(
                build_pool(conv, kernel, stride, groups=groups, bias=False, **widths),
                has_cls_embed,
                build_norm(norm_layer, channels),
                None if act_layer is None else act_layer(),
            )

        self._attention_pool_q = attention_pool(kernel_q, stride_q)
        self._attention_pool_k = attention_pool(kernel_kv, stride_kv)
        self._attention_pool_v = attention_pool(kernel_kv, stride_kv)

        self.rel_pos_h: nn.Parameter | None = None
        self.rel_pos_w: nn.Parameter | None = None
        self.rel_pos_t: nn.Parameter | None = None
        if (rel_pos_spatial or rel_pos_temporal) and (input_size is None or len(input_size) != 3):
            msg = f"input_size is {input_size!r}; relative positions need the grid of tokens (T, H, W)"
            raise ArgumentError(msg, input_size=input_size)
        if rel_pos_spatial and input_size is not None:
            of_grid = [
                max(size // by for by in (_along(stride_q, axis), _along(stride_kv, axis)))
                for axis, size in ((1, input_size[1]), (2, input_size[2]))
            ]
            head = dim_out // num_heads
            self.rel_pos_h = position_table(of_grid[0], head, zero_init=rel_pos_zero_init)
            self.rel_pos_w = position_table(of_grid[1], head, zero_init=rel_pos_zero_init)
        if rel_pos_temporal and input_size is not None:
            self.rel_pos_t = position_table(input_size[0], dim_out // num_heads, zero_init=rel_pos_zero_init)

    @property
    def pool_q(self) -> nn.Module | None:
        """The pool of the queries, as it is published."""
        return self._attention_pool_q.pool

    @property
    def pool_k(self) -> nn.Module | None:
        """The pool of the keys, as it is published."""
        return self._attention_pool_k.pool

    @property
    def pool_v(self) -> nn.Module | None:
        """The pool of the values, as it is published."""
        return self._attention_pool_v.pool

    @property
    def norm_q(self) -> nn.Module | None:
        """The norm of the pooled queries, as it is published."""
        return self._attention_pool_q.norm

    @property
    def norm_k(self) -> nn.Module | None:
        """The norm of the pooled keys, as it is published."""
        return self._attention_pool_k.norm

    @property
    def norm_v(self) -> nn.Module | None:
        """The norm of the pooled values, as it is published."""
        return self._attention_pool_v.norm

    def forward(self, x: torch.Tensor, thw_shape: list[int]) -> tuple[torch.Tensor, list[int]]:
        """Attend among tokens ``x`` (B, N, C) of the grid ``thw_shape`` (T, H, W); gives tokens and their grid."""
        weights, q, v, q_shape, _ = self._attend(x, thw_shape)
        x = weights @ v
        if self.residual_pool:
            x = x + q if self.residual_pool_cls else torch.cat((x[:, :, :1], x[:, :, 1:] + q[:, :, 1:]), dim=2)
        return self.proj_drop(self.proj(x.transpose(1, 2).flatten(2))), q_shape

    def attention_weights(self, x: torch.Tensor, thw_shape: list[int]) -> tuple[torch.Tensor, list[int], list[int]]:
        """How much each query attends to each key: (B, heads, queries, keys), and the grids (T, H, W) of both.

        A class token, if there is one, is the first query and the first key, and belongs to no grid.
        """
        weights, _, _, q_shape, k_shape = self._attend(x, thw_shape)
        return weights, q_shape, k_shape

    def _attend(
        self, x: torch.Tensor, thw_shape: list[int]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[int], list[int]]:
        if self.pool_first:
            heads = self._split_heads(x)
            q, q_shape = self._attention_pool_q(heads, thw_shape)
            k, k_shape = self._attention_pool_k(heads, thw_shape)
            v, _ = self._attention_pool_v(heads, thw_shape)
            q = self._split_heads(self.q(q.transpose(1, 2).flatten(2)))
            k = self._split_heads(self.k(k.transpose(1, 2).flatten(2)))
            v = self._split_heads(self.v(v.transpose(1, 2).flatten(2)))
        else:
            if self.separate_qkv:
                q, k, v = self.q(x), self.k(x), self.v(x)
            else:
                q, k, v = self.qkv(x).chunk(3, dim=-1)
            q, q_shape = self._attention_pool_q(self._split_heads(q), thw_shape)
            k, k_shape = self._attention_pool_k(self._split_heads(k), thw_shape)
            v, _ = self._attention_pool_v(self._split_heads(v), thw_shape)

        attention = (q * self.scale) @ k.transpose(-2, -1)
        height, width, time = self.rel_pos_h, self.rel_pos_w, self.rel_pos_t
        if height is not None or time is not None:
            places = q[:, :, 1:] if self.has_cls_embed else q
            bias = relative_bias(places, q_shape, k_shape, time, height, width)
            attention = attention + (functional.pad(bias, [1, 0, 1, 0]) if self.has_cls_embed else bias)
        return attention.softmax(dim=-1), q, v, q_shape, k_shape

    def _split_heads(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(2, [self.num_heads, -1]).transpose(1, 2)

    def current_name(self, name: str) -> str:
        """The name of a parameter, of either that it is published under: ``pool_q.weight`` is a pool's short one."""
        for side in POOLED:
            for part in ("pool", "norm"):
                if name.startswith(f"{part}_{side}."):
                    return f"_attention_pool_{side}.{part}.{name.partition('.')[2]}"
        return name

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        for key in [key for key in state_dict if key.startswith(prefix)]:
            current = prefix + self.current_name(key.removeprefix(prefix))
            if current != key:
                tensor = state_dict.pop(key)
                state_dict.setdefault(current, tensor)
        super()._load_from_state_dict(state_dict, prefix, *args)


def build_pool(
    pool: Callable[..., nn.Module] | None, kernel: Sequence[int], stride: Sequence[int], **settings: Any
) -> nn.Module:
    """Build a pool over (T, H, W) that keeps the size of the grid but for the stride.

    Raises:
        ArgumentError: If kernel or stride does not have three entries, or no pool can be built.
    """
    if len(kernel) != 3 or len(stride) != 3:
        msg = f"kernel {kernel!r} and stride {stride!r} of a pool need three entries each (T, H, W)"
        raise ArgumentError(msg, kernel=kernel, stride=stride)
    if pool is None:
        msg = (
            f"the pool is none where kernel {kernel!r} and stride {stride!r} ask for one; pass a pool, or ones for both"
        )
        raise ArgumentError(msg, kernel=kernel, stride=stride)
    padding = tuple(size // 2 for size in kernel)
    return pool(kernel_size=tuple(kernel), stride=tuple(stride), padding=padding, **settings)


def kernel_of_stride(stride: Sequence[int]) -> list[int]:
    """The kernel that covers each stride with one place of overlap."""
    return [size + 1 if size > 1 else size for size in stride]


def _along(stride: Sequence[int], axis: int) -> int:
    """The stride of a pool along an axis; 1 without a pool."""
    return stride[axis] if len(stride) else 1
