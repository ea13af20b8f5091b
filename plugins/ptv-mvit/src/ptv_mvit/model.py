"""Multiscale vision transformers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import torch
from torch import nn

from ptv_cards.classifier import Classifier
from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Channels, Classes, Frames, PixelSizes
from ptv_layers import SpatioTemporalClsPositionalEncoding
from ptv_layers.slots import Activation, Block, Conv, Head, Stem
from ptv_mvit.block import MultiScaleBlock
from ptv_mvit.blocks_table import block_channels, block_grids, block_pools
from ptv_mvit.class_token import ClassToken
from ptv_mvit.head import create_vit_basic_head
from ptv_mvit.norm import TokenLayerNorm, TokenNorm, build_norm, norm_by_name, normalizes_tokens
from ptv_mvit.relative_positions import arguments_asked_for
from ptv_registry import Slot
from ptv_registry.errors import ArgumentError
from ptv_resnet.stem import create_conv_patch_embed

EncodingLayer = Annotated[Callable[..., nn.Module] | None, Slot("layer")]


class MultiscaleVisionTransformers(Classifier, nn.Module):
    """Patches, their encoding, dropout, norm, blocks, norm, head; Fan et al. 2021, https://arxiv.org/abs/2104.11227.

    The builder is :func:`create_multiscale_vision_transformers`.

    Args:
        patch_embed: Turns videos or images into tokens (B, N, C); ``None``: the input is tokens.
        cls_positional_encoding: Adds class token and positional encoding; it has a method ``patch_embed_shape()`` that
            gives its grid of patches (T, H, W).
        pos_drop: Dropout after that.
        blocks: Blocks that take tokens and their grid, and give both.
        norm_embed: Norm of the tokens before the head.
        head: Turns tokens into logits; ``None``: the model gives tokens.
        norm_patch_embed: Norm of the tokens before the blocks.
        patching: Kernel, stride and padding, (T, H, W) each, by which ``patch_embed`` makes patches. With it the model
            takes inputs of other sizes than its encoding's; ``None``: the grid is always that of the encoding.

    Raises:
        ArgumentError: If the encoding does not tell its grid.
    """

    def __init__(
        self,
        *,
        patch_embed: nn.Module | None,
        cls_positional_encoding: nn.Module,
        pos_drop: nn.Module | None,
        blocks: nn.ModuleList,
        norm_embed: nn.Module | None,
        head: nn.Module | None,
        norm_patch_embed: nn.Module | None = None,
        patching: Sequence[Sequence[int]] | None = None,
    ) -> None:
        super().__init__()
        if not hasattr(cls_positional_encoding, "patch_embed_shape"):
            name = type(cls_positional_encoding).__name__
            msg = f"{name} has no method patch_embed_shape(); add one that gives the grid [T, H, W]"
            raise ArgumentError(msg)
        self.patch_embed = patch_embed or nn.Identity()
        self.cls_positional_encoding = cls_positional_encoding
        self.pos_drop = pos_drop or nn.Identity()
        self.norm_patch_embed = norm_patch_embed or nn.Identity()
        self.blocks = blocks
        self.norm_embed = norm_embed or nn.Identity()
        self.head = head or nn.Identity()
        self.takes_any_size = patching is not None
        kernel, stride, padding = patching or ((1, 1, 1),) * 3
        self.patch_kernel, self.patch_stride, self.patch_padding = list(kernel), list(stride), list(padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits (B, classes) of videos (B, C, T, H, W), images (B, C, H, W) or, without patches, tokens (B, N, C)."""
        return self.head(self.forward_features(x))

    def forward_features(self, x: torch.Tensor) -> torch.Tensor:
        """What the head sees: tokens (B, N, C), the class token first if there is one."""
        thw = self._patch_grid(x)
        x = self.cls_positional_encoding(self.patch_embed(x), thw)
        x = self.norm_patch_embed(self.pos_drop(x))
        for block in self.blocks:
            x, thw = block(x, thw)
        return self.norm_embed(x)

    def _patch_grid(self, x: torch.Tensor) -> list[int]:
        if not self.takes_any_size:
            return self.cls_positional_encoding.patch_embed_shape()  # type: ignore[operator]
        size = [1] * (5 - x.ndim) + list(x.shape[2:])
        return patch_grid(size, self.patch_kernel, self.patch_stride, self.patch_padding)


def patch_grid(size: list[int], kernel: list[int], stride: list[int], padding: list[int]) -> list[int]:
    """The number of patches (T, H, W) that a convolution makes of an input of ``size`` (T, H, W)."""
    return [(size[i] + 2 * padding[i] - kernel[i]) // stride[i] + 1 for i in range(3)]


@takes_clips(ClipInput(16, 4, crop=224))
def create_multiscale_vision_transformers(
    *,
    spatial_size: PixelSizes,
    temporal_size: Frames,
    cls_embed_on: bool = True,
    sep_pos_embed: bool = True,
    depth: int = 16,
    norm: TokenNorm = TokenLayerNorm,
    # Patches.
    enable_patch_embed: bool = True,
    input_channels: Channels = 3,
    patch_embed_dim: int = 96,
    conv_patch_embed_kernel: Sequence[int] = (3, 7, 7),
    conv_patch_embed_stride: Sequence[int] = (2, 4, 4),
    conv_patch_embed_padding: Sequence[int] = (1, 3, 3),
    enable_patch_embed_norm: bool = False,
    use_2d_patch: bool = False,
    # Blocks.
    num_heads: int = 1,
    mlp_ratio: float = 4.0,
    qkv_bias: bool = True,
    dropout_rate_block: float = 0.0,
    droppath_rate_block: float = 0.0,
    pooling_mode: Literal["conv", "avg", "max"] = "conv",
    pool_first: bool = False,
    residual_pool: bool = False,
    depthwise_conv: bool = True,
    bias_on: bool = True,
    separate_qkv: bool = True,
    residual_pool_cls: bool = True,
    rel_pos_spatial: bool = False,
    rel_pos_temporal: bool = False,
    rel_pos_zero_init: bool = False,
    embed_dim_mul: Sequence[Sequence[float]] | None = None,
    atten_head_mul: Sequence[Sequence[float]] | None = None,
    dim_mul_in_att: bool = False,
    pool_q_stride_size: Sequence[Sequence[int]] | None = None,
    pool_kv_stride_size: Sequence[Sequence[int]] | None = None,
    pool_kv_stride_adaptive: Sequence[int] | None = None,
    pool_kvq_kernel: Sequence[int] | None = None,
    # Head.
    head: Head = create_vit_basic_head,
    head_dropout_rate: float = 0.5,
    head_activation: Activation = None,
    head_num_classes: Classes = 400,
    # Parts.
    stem: Stem = create_conv_patch_embed,
    image_conv: Conv = nn.Conv2d,
    positional_encoding: EncodingLayer = SpatioTemporalClsPositionalEncoding,
    block: Block = MultiScaleBlock,
) -> nn.Module:
    """Build a multiscale vision transformer (MViT) for recognition; Fan et al. 2021, https://arxiv.org/abs/2104.11227.

    A vision transformer is the case in which nothing is pooled. Inputs may have other sizes than ``spatial_size`` and
    ``temporal_size``: the positional encoding is interpolated.

    Args:
        spatial_size: Height and width of the input in pixels; one number for a square.
        temporal_size: Frames of the input; 1 for images.
        cls_embed_on: Whether a class token decides; otherwise the mean of the tokens does.
        sep_pos_embed: Whether time and space have a positional encoding each.
        depth: Number of blocks.
        norm: Norm of the tokens. ``"layernorm"`` is the default; ``"batchnorm"``, like any norm of videos
            (B, C, T, H, W), stands before the pools instead of after them, and not before the head. ``None``: none.
        enable_patch_embed: Whether to make patches; otherwise the input is tokens (B, N, C), one per place of
            ``temporal_size`` x ``spatial_size``.
        input_channels: Channels of the input.
        patch_embed_dim: Channels of the first block.
        conv_patch_embed_kernel: Kernel (T, H, W) of the convolution that makes patches; (H, W) with ``use_2d_patch``.
        conv_patch_embed_stride: Its stride.
        conv_patch_embed_padding: Its padding.
        enable_patch_embed_norm: Whether a norm precedes the first block.
        use_2d_patch: Whether the input is images (B, C, H, W), whose patches a 2-D convolution makes.
        num_heads: Attention heads of the first block.
        mlp_ratio: Hidden channels of a perceptron, as a multiple of its input's.
        qkv_bias: Whether the projections to queries, keys and values have biases.
        dropout_rate_block: Dropout of the blocks and of the encoded patches.
        droppath_rate_block: Probability of dropping a part of the last block; it grows linearly from 0 in the first.
        pooling_mode: ``"conv"`` (learned), ``"avg"`` or ``"max"``.
        pool_first: Whether to pool before the projection to queries, keys and values.
        residual_pool: Whether to add the pooled queries to the attention's output.
        depthwise_conv: Whether pooling convolutions treat each channel alone.
        bias_on: Whether the other linear layers of the blocks have biases.
        separate_qkv: Whether queries, keys and values have a projection each.
        residual_pool_cls: Whether ``residual_pool`` adds the query of the class token as well; MViTv2 leaves it out.
        rel_pos_spatial: Whether distances in height and width add to the attention of every block (MViTv2).
        rel_pos_temporal: Whether distances in time do (MViTv2).
        rel_pos_zero_init: Whether the tables of distances begin with zeros, not at random.
        embed_dim_mul: Pairs [i, factor]: block i has so many times the channels of the block before it.
        atten_head_mul: Pairs [i, factor]: block i has so many times the heads of the block before it.
        dim_mul_in_att: Whether the attention of block i makes its additional channels, instead of the perceptron of the
            block before it.
        pool_q_stride_size: Rows [i, T, H, W]: stride of the pool of the queries of block i.
        pool_kv_stride_size: Rows [i, T, H, W]: stride of the pools of keys and values of block i.
        pool_kv_stride_adaptive: Stride (T, H, W) of the pools of keys and values of the first block; it falls by the
            factor of each pool of the queries. Instead of ``pool_kv_stride_size``.
        pool_kvq_kernel: Kernel (T, H, W) of all pools; ``None``: one more than the stride where that is above 1.
        head: The head; ``None``: the model gives tokens.
        head_dropout_rate: Dropout in the head.
        head_activation: Activation of the logits; ``None``: none.
        head_num_classes: Number of classes.
        stem: Makes the patches.
        image_conv: The convolution of the stem with ``use_2d_patch``; that of videos is the stem's own.
        positional_encoding: Adds the class token and the positional encoding; ``None``: the class token alone.
        block: The block.

    Raises:
        ArgumentError: If a value is out of range, or two contradict each other.
    """
    if use_2d_patch and temporal_size != 1:
        msg = f"temporal_size is {temporal_size} with use_2d_patch, which takes images; pass temporal_size=1"
        raise ArgumentError(msg, temporal_size=temporal_size)
    norm = norm_by_name(norm)
    height, width = (spatial_size, spatial_size) if isinstance(spatial_size, int) else spatial_size
    grid = [temporal_size, height, width]

    patch_embed: nn.Module | None = None
    patching: list[list[int]] | None = None
    if enable_patch_embed:
        geometry = {
            "conv_kernel_size": tuple(conv_patch_embed_kernel),
            "conv_stride": tuple(conv_patch_embed_stride),
            "conv_padding": tuple(conv_patch_embed_padding),
        }
        dimensions = 2 if use_2d_patch else 3
        for name, values in geometry.items():
            if len(values) != dimensions:
                msg = f"{name} of the patch embedding is {values!r}; pass {dimensions} entries"
                raise ArgumentError(msg, values=values)
        channels = {"in_channels": input_channels, "out_channels": patch_embed_dim}
        patch_embed = stem(**channels, **geometry, conv=image_conv) if use_2d_patch else stem(**channels, **geometry)
        single_frame: list[list[int]] = [[1], [1], [0]] if use_2d_patch else [[], [], []]
        patching = [[*first, *rest] for first, rest in zip(single_frame, geometry.values(), strict=True)]
        grid = patch_grid(grid, *patching)

    heads, widths = block_channels(
        depth, num_heads, patch_embed_dim, atten_head_mul, embed_dim_mul, in_attention=dim_mul_in_att
    )
    pools = block_pools(depth, pool_q_stride_size, pool_kv_stride_size, pool_kv_stride_adaptive, pool_kvq_kernel)
    grids = block_grids(grid, pools)
    encoding = (
        ClassToken(patch_embed_dim, grid, has_cls=cls_embed_on)
        if positional_encoding is None
        else positional_encoding(
            embed_dim=patch_embed_dim, patch_embed_shape=grid, sep_pos_embed=sep_pos_embed, has_cls=cls_embed_on
        )
    )
    blocks = nn.ModuleList(
        block(
            dim=widths[i],
            dim_out=widths[i + 1],
            num_heads=heads[i],
            mlp_ratio=mlp_ratio,
            qkv_bias=qkv_bias,
            dropout_rate=dropout_rate_block,
            droppath_rate=droppath_rate_block * i / max(depth - 1, 1),
            norm_layer=norm,
            attn_norm_layer=norm,
            dim_mul_in_att=dim_mul_in_att,
            pool_mode=pooling_mode,
            has_cls_embed=cls_embed_on,
            pool_first=pool_first,
            residual_pool=residual_pool,
            depthwise_conv=depthwise_conv,
            bias_on=bias_on,
            separate_qkv=separate_qkv,
            **pools[i],
            **arguments_asked_for(residual_pool_cls, rel_pos_spatial, rel_pos_temporal, rel_pos_zero_init, grids[i]),
        )
        for i in range(depth)
    )
    norm_embed = build_norm(norm, widths[-1])
    return MultiscaleVisionTransformers(
        patch_embed=patch_embed,
        cls_positional_encoding=encoding,
        pos_drop=nn.Dropout(dropout_rate_block) if dropout_rate_block > 0.0 else None,
        norm_patch_embed=build_norm(norm, patch_embed_dim) if enable_patch_embed_norm else None,
        blocks=blocks,
        norm_embed=norm_embed if normalizes_tokens(norm_embed) else None,
        head=None
        if head is None
        else head(
            in_features=widths[-1],
            out_features=head_num_classes,
            seq_pool_type="cls" if cls_embed_on else "mean",
            dropout_rate=head_dropout_rate,
            activation=head_activation,
        ),
        patching=patching,
    )
