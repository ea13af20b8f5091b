"""The detection head: scores for boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import torch
from torch import nn

from ptv_layers.activations import make_activation
from ptv_layers.slots import Activation, Pool
from ptv_registry import Slot
from ptv_registry.errors import ArgumentError
from ptv_resnet.head import make_dropout
from ptv_resnet.norm_and_pool import check_pool_fits, make_pool
from ptv_resnet.roi_align import RoIAlign

RegionLayer = Annotated[Callable[..., nn.Module] | None, Slot("layer")]
"""What cuts boxes out of (B, C, H, W), or pools them."""


def create_res_roi_pooling_head(
    *,
    in_features: int,
    out_features: int,
    resolution: Sequence[int],
    spatial_scale: float,
    sampling_ratio: int = 0,
    roi: RegionLayer = RoIAlign,
    pool: Pool = nn.AvgPool3d,
    output_size: Sequence[int] = (1, 1, 1),
    pool_kernel_size: Sequence[int] = (1, 7, 7),
    pool_stride: Sequence[int] = (1, 1, 1),
    pool_padding: Sequence[int] = (0, 0, 0),
    pool_spatial: RegionLayer = nn.MaxPool2d,
    dropout_rate: float = 0.5,
    activation: Activation = None,
    output_with_global_average: bool = True,
) -> ResNetRoIHead:
    """Create a detection head: pool over time, cut out the boxes, pool each, dropout, projection, activation, average.

    Args:
        in_features: channels of the features.
        out_features: number of classes.
        resolution: (H, W) to which each box is sampled.
        spatial_scale: pixels of the features per pixel of the clip, such as 1/16.
        sampling_ratio: samples for each output sample along each side; 0 for as many as fit.
        roi: makes what cuts out the boxes, from ``output_size``, ``spatial_scale`` and ``sampling_ratio``;
            ``None`` to score the whole clip.
        pool: makes the pool before the boxes are cut out, which must leave one time step; ``None`` for no pool.
        output_size: (T, H, W) after an adaptive pool.
        pool_kernel_size: (T, H, W) of any other pool.
        pool_stride: (T, H, W) of any other pool.
        pool_padding: (T, H, W) of any other pool.
        pool_spatial: makes the 2D pool over each box, of size ``resolution``; ``None`` for no pool.
        dropout_rate: probability of dropping a feature in training; 0 for no dropout.
        activation: makes the activation, over classes where it is a softmax; ``None`` for none.
        output_with_global_average: average the scores over time and space.

    Returns:
        A head from (B, in_features, T, H, W) and boxes (N, 5) to scores (N, out_features), or
        (N, out_features, T', H', W') without average.
    """
    return ResNetRoIHead(
        pool=make_pool(pool, pool_kernel_size, pool_stride, pool_padding, output_size),
        pool_spatial=make_pool(pool_spatial, resolution, (1, 1), (0, 0), (1, 1)),
        roi_layer=None
        if roi is None
        else roi(output_size=tuple(resolution), spatial_scale=spatial_scale, sampling_ratio=sampling_ratio),
        dropout=make_dropout(dropout_rate),
        proj=nn.Linear(in_features, out_features),
        activation=make_activation(activation),
        output_pool=nn.AdaptiveAvgPool3d(1) if output_with_global_average else None,
    )


class ResNetRoIHead(nn.Module):
    """Pool, boxes, 2D pool, dropout, projection, activation, average; made by :func:`create_res_roi_pooling_head`.

    Args:
        pool: pools the features to one time step.
        pool_spatial: pools each box.
        roi_layer: cuts the boxes out of (B, C, H, W); ``None`` to score the whole clip.
        dropout: drops features.
        proj: projects the channels, the last dimension of its input.
        activation: acts on the scores (N, classes, T, H, W).
        output_pool: averages the scores over time and space; the output then is flat.

    Raises:
        ArgumentError: if no projection is given.
    """

    def __init__(
        self,
        pool: nn.Module | None = None,
        pool_spatial: nn.Module | None = None,
        roi_layer: nn.Module | None = None,
        dropout: nn.Module | None = None,
        proj: nn.Module | None = None,
        activation: nn.Module | None = None,
        output_pool: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if proj is None:
            msg = "proj is None, but a head needs a projection: pass a module such as nn.Linear(2048, 80)"
            raise ArgumentError(msg)
        self.pool = pool
        self.pool_spatial = pool_spatial
        self.roi_layer = roi_layer
        self.dropout = dropout
        self.proj = proj
        self.activation = activation
        self.output_pool = output_pool

    def forward(self, x: torch.Tensor, bboxes: torch.Tensor) -> torch.Tensor:
        """Score the boxes.

        Args:
            x: features (B, C, T, H, W).
            bboxes: (N, 5), each row (index in the batch, x1, y1, x2, y2) in pixels of the clip; for a layer of
                rotated boxes (N, 6), each row (index, centre x, centre y, width, height, angle in degrees).

        Returns:
            Scores (N, classes), or (N, classes, T', H', W') without ``output_pool``.

        Raises:
            ArgumentError: if the features are smaller than the window of the pool or have several time steps after
                it, or if the boxes are not of this form.
        """
        if self.pool is not None:
            if not torch.jit.is_scripting():
                check_pool_fits(self.pool, x)
            x = self.pool(x)
        if self.roi_layer is not None:
            if not torch.jit.is_scripting():
                check_one_time_step(x)
                check_boxes(bboxes, x.shape[0])
            x = self.roi_layer(x.squeeze(2), bboxes)
            if self.pool_spatial is not None:
                x = self.pool_spatial(x)
            x = x.unsqueeze(2)
        if self.dropout is not None:
            x = self.dropout(x)
        x = self.proj(x.permute(0, 2, 3, 4, 1)).permute(0, 4, 1, 2, 3)
        if self.activation is not None:
            x = self.activation(x)
        if self.output_pool is not None:
            x = self.output_pool(x).flatten(1)
        return x


def check_one_time_step(x: torch.Tensor) -> None:
    """Refuse pooled features (B, C, T, H, W) of several time steps.

    Raises:
        ArgumentError: names the arguments that change it.
    """
    if x.shape[2] != 1:
        msg = (
            f"the features have {x.shape[2]} time steps after the pool, but boxes are cut out of 1: let "
            "head_pool_kernel_size span all time steps of the features, or use head_pool=nn.AdaptiveAvgPool3d"
        )
        raise ArgumentError(msg)


def check_boxes(bboxes: torch.Tensor, batch_size: int) -> None:
    """Refuse boxes that are not (N, 5) with corners in order or (N, 6), or whose index is outside the batch.

    The values are looked at only where they are at hand: not on the meta device and not while a graph is traced.

    Raises:
        ArgumentError: names what was found and what is accepted.
    """
    if not isinstance(bboxes, torch.Tensor) or bboxes.ndim != 2 or bboxes.shape[1] not in (5, 6):
        got = f"a tensor {tuple(bboxes.shape)}" if isinstance(bboxes, torch.Tensor) else type(bboxes).__name__
        msg = f"bboxes is {got}; pass (N, 5), rows (index in the batch, x1, y1, x2, y2), or (N, 6) for rotated boxes"
        raise ArgumentError(msg)
    if bboxes.is_meta or torch.compiler.is_compiling() or torch.jit.is_tracing() or bboxes.shape[0] == 0:
        return
    index = bboxes[:, 0]
    if not bool(((index >= 0) & (index < batch_size) & (index == index.round())).all()):
        msg = (
            f"bboxes[:, 0] holds {index.tolist()}, but must be an index in the batch: whole, from 0 to {batch_size - 1}"
        )
        raise ArgumentError(msg)
    if bboxes.shape[1] == 5 and not bool((bboxes[:, 3:] >= bboxes[:, 1:3]).all()):
        wrong = bboxes[~(bboxes[:, 3:] >= bboxes[:, 1:3]).all(dim=1)][0, 1:].tolist()
        msg = f"the box {wrong} ends before it starts; boxes are (x1, y1, x2, y2) in pixels, not (x, y, width, height)"
        raise ArgumentError(msg)
