"""The block of a multiscale vision transformer."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Literal

import torch
from torch import nn

from ptv_layers.drop_path import DropPath
from ptv_layers.slots import Activation, Layer, Norm, Pool
from ptv_mvit.attention import AttentionPool, MultiScaleAttention, build_pool, kernel_of_stride
from ptv_mvit.mlp import Mlp, vit_linear
from ptv_mvit.norm import TokenLayerNorm, build_norm, normalizes_tokens
from ptv_mvit.relative_positions import arguments_asked_for


class MultiScaleBlock(nn.Module):
    """Attention that may pool the tokens, then a perceptron, each with a norm before it and a shortcut around it.

    Fan et al. 2021, https://arxiv.org/abs/2104.11227.

    Args:
        dim: Channels of the input.
        dim_out: Channels of the output.
        num_heads: Number of attention heads.
        mlp_ratio: Hidden channels of the perceptron, as a multiple of its input's.
        qkv_bias: Whether the projections to queries, keys and values have biases.
        dropout_rate: Dropout of the attention's output and in the perceptron.
        droppath_rate: Probability of dropping the attention or the perceptron of a sample.
        act_layer: Activation of the perceptron.
        norm_layer: Norm of the tokens; a norm of videos sees them as (B, C, N, 1, 1). ``None``: none.
        attn_norm_layer: Norm in the attention; ``None``: none.
        dim_mul_in_att: Whether the attention changes the number of channels, instead of the perceptron.
        kernel_q: Kernel (T, H, W) of the pool of the queries; no pool if kernel and stride are 1 or empty.
        kernel_kv: Kernel of the pools of keys and values.
        stride_q: Stride (T, H, W) of the pool of the queries and of the shortcut's.
        stride_kv: Stride of the pools of keys and values.
        pool_mode: ``"conv"`` (learned), ``"avg"`` or ``"max"``.
        has_cls_embed: Whether the first token is a class token.
        pool_first: Whether to pool before the projection to queries, keys and values.
        residual_pool: Whether to add the pooled queries to the attention's output.
        depthwise_conv: Whether pooling convolutions treat each channel alone.
        bias_on: Whether linear layers other than those of queries, keys and values have biases.
        separate_qkv: Whether queries, keys and values have a projection each.
        residual_pool_cls: Whether ``residual_pool`` adds the query of the class token as well; MViTv2 leaves it out.
        rel_pos_spatial: Whether distances in height and width add to the attention.
        rel_pos_temporal: Whether distances in time do.
        rel_pos_zero_init: Whether the tables of distances begin with zeros, not at random.
        input_size: Grid of tokens (T, H, W) that the tables of distances are for.
        attention: The attention.
        mlp: The perceptron.
        skip_pool: Pool of the first shortcut, where the queries are pooled.
    """

    def __init__(
        self,
        dim: int,
        dim_out: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
        qkv_bias: bool = False,
        dropout_rate: float = 0.0,
        droppath_rate: float = 0.0,
        act_layer: Activation = nn.GELU,
        norm_layer: Norm = TokenLayerNorm,
        attn_norm_layer: Norm = TokenLayerNorm,
        dim_mul_in_att: bool = False,
        kernel_q: Sequence[int] = (1, 1, 1),
        kernel_kv: Sequence[int] = (1, 1, 1),
        stride_q: Sequence[int] = (1, 1, 1),
        stride_kv: Sequence[int] = (1, 1, 1),
        pool_mode: Literal["conv", "avg", "max"] = "conv",
        has_cls_embed: bool = True,
        pool_first: bool = False,
        residual_pool: bool = False,
        depthwise_conv: bool = True,
        bias_on: bool = True,
        separate_qkv: bool = True,
        *,
        residual_pool_cls: bool = True,
        rel_pos_spatial: bool = False,
        rel_pos_temporal: bool = False,
        rel_pos_zero_init: bool = False,
        input_size: Sequence[int] | None = None,
        attention: Layer = MultiScaleAttention,
        mlp: Layer = Mlp,
        skip_pool: Pool = nn.MaxPool3d,
    ) -> None:
        super().__init__()
        attention_dim = dim_out if dim_mul_in_att else dim
        self.norm1 = build_norm(norm_layer, dim) or nn.Identity()
        self.attn = attention(
            dim=dim,
            dim_out=attention_dim,
            num_heads=num_heads,
            qkv_bias=qkv_bias,
            dropout_rate=dropout_rate,
            kernel_q=kernel_q,
            kernel_kv=kernel_kv,
            stride_q=stride_q,
            stride_kv=stride_kv,
            norm_layer=attn_norm_layer,
            has_cls_embed=has_cls_embed,
            pool_mode=pool_mode,
            pool_first=pool_first,
            residual_pool=residual_pool,
            depthwise_conv=depthwise_conv,
            bias_on=bias_on,
            separate_qkv=separate_qkv,
            **arguments_asked_for(residual_pool_cls, rel_pos_spatial, rel_pos_temporal, rel_pos_zero_init, input_size),
        )
        self.drop_path = DropPath(droppath_rate) if droppath_rate > 0.0 else nn.Identity()
        self.norm2 = build_norm(norm_layer, attention_dim) or nn.Identity()
        self.norms_see_tokens = norm_layer is None or normalizes_tokens(self.norm1)
        self.mlp = mlp(
            in_features=attention_dim,
            hidden_features=int(attention_dim * mlp_ratio),
            out_features=dim_out,
            act_layer=act_layer,
            dropout_rate=dropout_rate,
            bias_on=bias_on,
        )
        self.proj_after_norm1 = dim_mul_in_att and dim != dim_out
        self.proj_after_norm2 = not dim_mul_in_att and dim != dim_out
        self.proj = vit_linear(dim, dim_out, bias=bias_on) if dim != dim_out else nn.Identity()

        pool: nn.Module | None = None
        if prod(stride_q) > 1:
            pool = build_pool(skip_pool, kernel_of_stride(stride_q), stride_q)
        self._attention_pool = AttentionPool(pool, has_cls_embed)

    def forward(self, x: torch.Tensor, thw_shape: list[int]) -> tuple[torch.Tensor, list[int]]:
        """Transform tokens ``x`` (B, N, C) of the grid ``thw_shape`` (T, H, W); gives tokens and their pooled grid."""
        if self.norms_see_tokens:
            normalized = self.norm1(x)
        else:
            normalized = self.norm1(x.transpose(1, 2)[..., None, None]).flatten(2).transpose(1, 2)
        attended, pooled_shape = self.attn(normalized, thw_shape)
        shortcut = self.proj(normalized) if self.proj_after_norm1 else x
        x = self._attention_pool(shortcut.unsqueeze(1), thw_shape)[0].squeeze(1) + self.drop_path(attended)

        if self.norms_see_tokens:
            normalized = self.norm2(x)
        else:
            normalized = self.norm2(x.transpose(1, 2)[..., None, None]).flatten(2).transpose(1, 2)
        shortcut = self.proj(normalized) if self.proj_after_norm2 else x
        return shortcut + self.drop_path(self.mlp(normalized)), pooled_shape
