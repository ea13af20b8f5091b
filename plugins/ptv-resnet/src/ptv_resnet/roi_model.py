"""ResNets that score boxes in clips."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Channels, Classes, HeadWindow
from ptv_layers.slots import Activation, Head, Norm, Pool, Stage, Stem
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.model import StageBlocks, create_resnet, stage_depths
from ptv_resnet.net import DetectionBBoxNetwork, Net
from ptv_resnet.roi_head import create_res_roi_pooling_head
from ptv_resnet.stage import Sizes, create_res_stage
from ptv_resnet.stem import create_res_basic_stem


@takes_clips(ClipInput(4, 16, train_crop=224))
def create_resnet_with_roi_head(
    *,
    input_channel: Channels = 3,
    model_depth: int = 50,
    model_num_class: Classes = 80,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem_dim_out: int = 64,
    stem_conv_kernel_size: Sequence[int] = (1, 7, 7),
    stem_conv_stride: Sequence[int] = (1, 2, 2),
    stem_pool: Pool = nn.MaxPool3d,
    stem_pool_kernel_size: Sequence[int] = (1, 3, 3),
    stem_pool_stride: Sequence[int] = (1, 2, 2),
    stem: Stem = create_res_basic_stem,
    stage1_pool: Pool = None,
    stage1_pool_kernel_size: Sequence[int] = (2, 1, 1),
    stage_conv_a_kernel_size: Sizes | Sequence[Sizes] = ((1, 1, 1), (1, 1, 1), (3, 1, 1), (3, 1, 1)),
    stage_conv_b_kernel_size: Sizes = ((1, 3, 3), (1, 3, 3), (1, 3, 3), (1, 3, 3)),
    stage_conv_b_num_groups: Sequence[int] = (1, 1, 1, 1),
    stage_conv_b_dilation: Sizes = ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 2, 2)),
    stage_spatial_h_stride: Sequence[int] = (1, 2, 2, 1),
    stage_spatial_w_stride: Sequence[int] = (1, 2, 2, 1),
    stage_temporal_stride: Sequence[int] = (1, 1, 1, 1),
    bottleneck: StageBlocks = create_bottleneck_block,
    head: Head = create_res_roi_pooling_head,
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_size: HeadWindow = (4, 1, 1),
    head_output_size: Sequence[int] = (1, 1, 1),
    head_activation: Activation = nn.Sigmoid,
    head_output_with_global_average: bool = False,
    head_spatial_resolution: Sequence[int] = (7, 7),
    head_spatial_scale: float = 1.0 / 16.0,
    head_sampling_ratio: int = 0,
    stage: Stage = create_res_stage,
) -> DetectionBBoxNetwork | Net:
    """Build a ResNet that scores boxes in clips. Stem and stages are those of :func:`ptv_resnet.create_resnet`.

    Args:
        input_channel: channels of the clip.
        model_depth: 18 (one block a stage), 50, 101 or 152.
        model_num_class: number of classes.
        dropout_rate: probability of dropping a feature before the classifier in training.
        norm: makes each norm; ``None`` for none.
        activation: makes each activation of stem and stages; ``None`` for none.
        stem_dim_out: channels of the stem's output.
        stem_conv_kernel_size: (T, H, W) of the stem's convolution.
        stem_conv_stride: (T, H, W) of the stem's convolution.
        stem_pool: makes the stem's pool; ``None`` for no pool.
        stem_pool_kernel_size: (T, H, W) of the stem's pool.
        stem_pool_stride: (T, H, W) of the stem's pool.
        stem: makes the stem.
        stage1_pool: makes a pool after the first stage; ``None`` for no pool.
        stage1_pool_kernel_size: (T, H, W), both size and stride of that pool.
        stage_conv_a_kernel_size: sizes of the first convolution of the bottlenecks.
        stage_conv_b_kernel_size: sizes of the second convolution of the bottlenecks.
        stage_conv_b_num_groups: channel groups of the second convolution.
        stage_conv_b_dilation: dilations of the second convolution.
        stage_spatial_h_stride: strides over height.
        stage_spatial_w_stride: strides over width.
        stage_temporal_stride: strides over time.
        bottleneck: makes the residual branches; one for all stages or one for each.
        head: makes the head, which takes features and boxes; ``None`` for features instead of scores.
        head_pool: makes the pool of the head, which must leave one time step; ``None`` for no pool.
        head_pool_kernel_size: (T, H, W) of the head's pool unless that is adaptive.
        head_output_size: (T, H, W) after an adaptive pool of the head.
        head_activation: makes an activation of the scores; ``None`` for none.
        head_output_with_global_average: average the scores of a box over its positions.
        head_spatial_resolution: (H, W) to which each box is sampled.
        head_spatial_scale: pixels of the features per pixel of the clip.
        head_sampling_ratio: samples for each output sample along each side; 0 for as many as fit.
        stage: makes each stage.

    Returns:
        A network from clips (B, input_channel, T, H, W) and boxes (N, 5) to scores (N, model_num_class).

    Raises:
        ArgumentError: as :func:`ptv_resnet.create_resnet`.
    """
    model = create_resnet(
        input_channel=input_channel,
        model_depth=model_depth,
        norm=norm,
        activation=activation,
        stem_dim_out=stem_dim_out,
        stem_conv_kernel_size=stem_conv_kernel_size,
        stem_conv_stride=stem_conv_stride,
        stem_pool=stem_pool,
        stem_pool_kernel_size=stem_pool_kernel_size,
        stem_pool_stride=stem_pool_stride,
        stem=stem,
        stage1_pool=stage1_pool,
        stage1_pool_kernel_size=stage1_pool_kernel_size,
        stage_conv_a_kernel_size=stage_conv_a_kernel_size,
        stage_conv_b_kernel_size=stage_conv_b_kernel_size,
        stage_conv_b_num_groups=stage_conv_b_num_groups,
        stage_conv_b_dilation=stage_conv_b_dilation,
        stage_spatial_h_stride=stage_spatial_h_stride,
        stage_spatial_w_stride=stage_spatial_w_stride,
        stage_temporal_stride=stage_temporal_stride,
        bottleneck=bottleneck,
        head=None,
        stage=stage,
    )
    if head is None:
        return model
    detection_head = head(
        in_features=stem_dim_out * 2 ** (len(stage_depths(model_depth)) + 1),
        out_features=model_num_class,
        pool=head_pool,
        output_size=head_output_size,
        pool_kernel_size=head_pool_kernel_size,
        dropout_rate=dropout_rate,
        activation=head_activation,
        output_with_global_average=head_output_with_global_average,
        resolution=head_spatial_resolution,
        spatial_scale=head_spatial_scale,
        sampling_ratio=head_sampling_ratio,
    )
    return DetectionBBoxNetwork(model, detection_head)
