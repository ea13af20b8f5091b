"""ResNets for video and audio, and the stems, blocks, stages, heads and nets that other families build on."""

from typing import TYPE_CHECKING

from ptv_registry.lazy import lazy_package

if TYPE_CHECKING:
    from ptv_resnet.acoustic_model import create_acoustic_resnet
    from ptv_resnet.block import ResBlock, create_res_block
    from ptv_resnet.bottleneck import BottleneckBlock, create_bottleneck_block
    from ptv_resnet.head import ResNetBasicHead, create_res_basic_head
    from ptv_resnet.model import create_resnet
    from ptv_resnet.net import DetectionBBoxNetwork, MultiPathWayWithFuse, Net
    from ptv_resnet.published import c2d_r50, i3d_r50, slow_r50, slow_r50_detection
    from ptv_resnet.roi_head import ResNetRoIHead, create_res_roi_pooling_head
    from ptv_resnet.roi_model import create_resnet_with_roi_head
    from ptv_resnet.separable_bottleneck import SeparableBottleneckBlock, create_acoustic_bottleneck_block
    from ptv_resnet.stage import ResStage, create_res_stage
    from ptv_resnet.stem import (
        PatchEmbed,
        ResNetBasicStem,
        create_acoustic_res_basic_stem,
        create_conv_patch_embed,
        create_res_basic_stem,
    )
    from ptv_resnet.weight_init import init_resnet_weights

__all__ = [
    "BottleneckBlock",
    "DetectionBBoxNetwork",
    "MultiPathWayWithFuse",
    "Net",
    "PatchEmbed",
    "ResBlock",
    "ResNetBasicHead",
    "ResNetBasicStem",
    "ResNetRoIHead",
    "ResStage",
    "SeparableBottleneckBlock",
    "c2d_r50",
    "create_acoustic_bottleneck_block",
    "create_acoustic_res_basic_stem",
    "create_acoustic_resnet",
    "create_bottleneck_block",
    "create_conv_patch_embed",
    "create_res_basic_head",
    "create_res_basic_stem",
    "create_res_block",
    "create_res_roi_pooling_head",
    "create_res_stage",
    "create_resnet",
    "create_resnet_with_roi_head",
    "i3d_r50",
    "init_resnet_weights",
    "slow_r50",
    "slow_r50_detection",
]

__getattr__, __dir__ = lazy_package(__name__)
