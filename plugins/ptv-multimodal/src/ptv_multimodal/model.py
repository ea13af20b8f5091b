"""Audiovisual SlowFast."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from torch import nn

from ptv_cards.clip_input import ClipInput, takes_clips
from ptv_cards.roles import Classes, HeadWindows
from ptv_layers.slots import Activation, Block, Fusion, Head, Norm, Pool, Stage, Stem
from ptv_multimodal.fusion import AUDIO_STRIDES, create_audio_to_slow_fast_fusion
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.model import per_stage, stage_depths
from ptv_resnet.net import Net
from ptv_resnet.separable_bottleneck import create_acoustic_bottleneck_block
from ptv_resnet.stage import Sizes, create_res_stage
from ptv_resnet.stem import create_acoustic_res_basic_stem, create_res_basic_stem
from ptv_slowfast import create_slowfast


@takes_clips(ClipInput(32, 2, crop=224, alpha=4, mel_steps=128))
def create_audio_visual_slowfast(
    *,
    slowfast_channel_reduction_ratio: Sequence[int] = (8, 2),
    slowfast_conv_channel_fusion_ratio: int = 2,
    fusion_builder: Fusion = None,
    input_channels: Sequence[int] = (3, 3, 1),
    model_depth: int = 50,
    model_num_class: Classes = 400,
    dropout_rate: float = 0.5,
    norm: Norm = nn.BatchNorm3d,
    activation: Activation = nn.ReLU,
    stem_dim_outs: Sequence[int] = (64, 8, 32),
    stem_conv_kernel_sizes: Sequence[Sequence[int]] = ((1, 7, 7), (5, 7, 7), (9, 1, 9)),
    stem_conv_strides: Sequence[Sequence[int]] = ((1, 2, 2), (1, 2, 2), (1, 1, 1)),
    stem_pool: tuple[Pool, ...] = (nn.MaxPool3d, nn.MaxPool3d, None),
    stem_pool_kernel_sizes: Sequence[Sequence[int]] = ((1, 3, 3), (1, 3, 3), (1, 3, 3)),
    stem_pool_strides: Sequence[Sequence[int]] = ((1, 2, 2), (1, 2, 2), (1, 1, 1)),
    stage_conv_a_kernel_sizes: Sequence[Sequence[Sizes]] = (
        ((1, 1, 1), (1, 1, 1), (3, 1, 1), (3, 1, 1)),
        ((3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 1, 1)),
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    ),
    stage_conv_b_kernel_sizes: Sequence[Sequence[Sequence[int]]] = (
        ((1, 3, 3), (1, 3, 3), (1, 3, 3), (1, 3, 3)),
        ((1, 3, 3), (1, 3, 3), (1, 3, 3), (1, 3, 3)),
        ((3, 1, 3), (3, 1, 3), (3, 1, 3), (3, 1, 3)),
    ),
    stage_conv_b_num_groups: Sequence[Sequence[int]] = ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1, 1, 1)),
    stage_conv_b_dilations: Sequence[Sequence[Sequence[int]]] = (
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
        ((1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    ),
    stage_spatial_strides: Sequence[Sequence[int]] = ((1, 2, 2, 2), (1, 2, 2, 2), (1, 2, 2, 2)),
    stage_temporal_strides: Sequence[Sequence[int]] = ((1, 1, 1, 1), (1, 1, 1, 1), (1, 2, 2, 2)),
    bottleneck: tuple[tuple[Block, ...], ...] = (
        (create_bottleneck_block, create_bottleneck_block, create_bottleneck_block, create_bottleneck_block),
        (create_bottleneck_block, create_bottleneck_block, create_bottleneck_block, create_bottleneck_block),
        (
            create_acoustic_bottleneck_block,
            create_acoustic_bottleneck_block,
            create_bottleneck_block,
            create_bottleneck_block,
        ),
    ),
    head_pool: Pool = nn.AvgPool3d,
    head_pool_kernel_sizes: HeadWindows = ((8, 7, 7), (32, 7, 7), (16, 1, 10)),
    head_output_size: Sequence[int] = (1, 1, 1),
    head_activation: Activation = None,
    head_output_with_global_average: bool = True,
    stem_function: tuple[Stem, ...] = (
        create_res_basic_stem,
        create_res_basic_stem,
        create_acoustic_res_basic_stem,
    ),
    stage: Stage = create_res_stage,
    head: Head = create_res_basic_head,
    fusion: Fusion = create_audio_to_slow_fast_fusion,
) -> Net:
    """Build an audiovisual SlowFast network (https://arxiv.org/abs/2001.08740): slow, fast and audio, fused into slow.

    Arguments in the plural, ``stem_function``, ``stem_pool`` and ``bottleneck`` have one entry for each pathway: slow,
    fast, audio; those named ``stage_...`` and ``bottleneck`` have in each of these one entry for each stage.

    Args:
        slowfast_channel_reduction_ratio: channels of the slow pathway per channel of the fast and of the audio one.
        slowfast_conv_channel_fusion_ratio: channels fused into the slow pathway per channel of the fast one.
        fusion_builder: makes the fusion of a stage from ``fusion_dim_in``, the channels of the slow pathway, and
            ``stage_idx``, 0 for the stem; ``None`` for ``fusion``.
        input_channels: channels of each input.
        model_depth: 18 (one block a stage), 50, 101 or 152.
        model_num_class: number of classes.
        dropout_rate: probability of dropping a feature before the classifier in training.
        norm: makes each norm; ``None`` for none.
        activation: makes each activation of stems, stages and fusions; ``None`` for none.
        stem_dim_outs: channels of each stem's output.
        stem_conv_kernel_sizes: (T, H, W) of each stem's convolution.
        stem_conv_strides: (T, H, W) of each stem's convolution.
        stem_pool: makes the pool of each stem; ``None`` for no pool.
        stem_pool_kernel_sizes: (T, H, W) of each stem's pool.
        stem_pool_strides: (T, H, W) of each stem's pool.
        stage_conv_a_kernel_sizes: sizes of the first convolution of the bottlenecks.
        stage_conv_b_kernel_sizes: sizes of the second convolution of the bottlenecks.
        stage_conv_b_num_groups: channel groups of the second convolution; more than 1 for a ResNeXt.
        stage_conv_b_dilations: dilations of the second convolution.
        stage_spatial_strides: strides over height and width; for audio, over frequency.
        stage_temporal_strides: strides over time.
        bottleneck: makes the residual branches.
        head_pool: makes the pool of each pathway before the head; ``None`` for no pools.
        head_pool_kernel_sizes: (T, H, W) of each of these pools unless they are adaptive.
        head_output_size: (T, H, W) after adaptive pools.
        head_activation: makes an activation of the scores; ``None`` for none.
        head_output_with_global_average: average the scores over time and space.
        stem_function: makes the stem of each pathway.
        stage: makes each stage.
        head: makes the head; ``None`` for features instead of scores.
        fusion: makes each fusion unless ``fusion_builder`` does; ``None`` for none.

    Returns:
        A network from a list of two clips (B, C, T, H, W), slow and fast, and a spectrogram (B, C, T, 1, F), time and
        frequency, to (B, model_num_class). The defaults fit 8 and 32 frames of 224 x 224 and a spectrogram of 128 x 80.

    Raises:
        ArgumentError: as :func:`ptv_slowfast.create_slowfast`, and if there are not three pathways.
    """
    per_stage("input_channels", input_channels, 3)
    fast_ratio, audio_ratio = per_stage("slowfast_channel_reduction_ratio", slowfast_channel_reduction_ratio, 2)
    stages = len(stage_depths(model_depth))

    if fusion_builder is None and fusion is not None:
        fusion_builder = partial(
            fusion,
            slowfast_channel_reduction_ratio=fast_ratio,
            slowfast_audio_reduction_ratio=audio_ratio,
            conv_fusion_channel_ratio=slowfast_conv_channel_fusion_ratio,
            conv_kernel_size=(7, 1, 1),
            conv_kernel_size_a=(5, 1, 1),
            conv_stride=(4, 1, 1),
            conv_stride_a=AUDIO_STRIDES,
            norm=norm,
            activation=activation,
            max_stage_idx=stages - 1,
        )

    return create_slowfast(
        slowfast_channel_reduction_ratio=slowfast_channel_reduction_ratio,
        slowfast_conv_channel_fusion_ratio=slowfast_conv_channel_fusion_ratio,
        fusion_builder=fusion_builder,
        input_channels=input_channels,
        model_depth=model_depth,
        model_num_class=model_num_class,
        dropout_rate=dropout_rate,
        norm=norm,
        activation=activation,
        stem_function=stem_function,
        stem_dim_outs=stem_dim_outs,
        stem_conv_kernel_sizes=stem_conv_kernel_sizes,
        stem_conv_strides=stem_conv_strides,
        stem_pool=stem_pool,
        stem_pool_kernel_sizes=stem_pool_kernel_sizes,
        stem_pool_strides=stem_pool_strides,
        stage_conv_a_kernel_sizes=stage_conv_a_kernel_sizes,
        stage_conv_b_kernel_sizes=stage_conv_b_kernel_sizes,
        stage_conv_b_num_groups=stage_conv_b_num_groups,
        stage_conv_b_dilations=stage_conv_b_dilations,
        stage_spatial_strides=stage_spatial_strides,
        stage_temporal_strides=stage_temporal_strides,
        bottleneck=bottleneck,
        head=head,
        head_pool=head_pool,
        head_pool_kernel_sizes=head_pool_kernel_sizes,
        head_output_size=head_output_size,
        head_activation=head_activation,
        head_output_with_global_average=head_output_with_global_average,
        stage=stage,
        fusion=None,
    )
