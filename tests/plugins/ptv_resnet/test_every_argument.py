import operator

import pytest
from torch import nn
from torchvision.ops import RoIPool

from ptv_resnet.acoustic_model import create_acoustic_resnet
from ptv_resnet.block import create_res_block
from ptv_resnet.bottleneck import create_bottleneck_block
from ptv_resnet.head import create_res_basic_head
from ptv_resnet.model import create_resnet
from ptv_resnet.roi_head import create_res_roi_pooling_head
from ptv_resnet.roi_model import create_resnet_with_roi_head
from ptv_resnet.separable_bottleneck import create_acoustic_bottleneck_block
from ptv_resnet.stage import create_res_stage
from ptv_resnet.stem import create_acoustic_res_basic_stem, create_conv_patch_embed, create_res_basic_stem
from tests.support.fingerprint import assert_every_argument_has_an_effect


class OtherConv(nn.Conv3d):
    pass


class OtherHead(nn.Module):
    def __init__(self, **_):
        super().__init__()


def other_stem(*, in_channels, out_channels, **_):
    return OtherConv(in_channels, out_channels, 1)


def other_stage(*, dim_in, dim_out, **_):
    return OtherConv(dim_in, dim_out, 1)


DIMS = {"dim_in": 8, "dim_inner": 4, "dim_out": 8}
NORM = {"norm": nn.InstanceNorm3d, "norm_eps": 1e-3, "norm_momentum": 0.3}
STEM = {
    "in_channels": 1,
    "out_channels": 16,
    "conv_kernel_size": (5, 5, 5),
    "conv_stride": (2, 2, 2),
    "conv_padding": (0, 0, 0),
    "conv_bias": True,
    "conv": OtherConv,
    "pool": nn.AvgPool3d,
    "pool_kernel_size": (1, 5, 5),
    "pool_stride": (1, 1, 1),
    "pool_padding": (0, 0, 0),
    **NORM,
    "activation": nn.SiLU,
}
BOTTLENECK = {
    "dim_in": 16,
    "dim_inner": 2,
    "dim_out": 16,
    "conv_a_kernel_size": (5, 1, 1),
    "conv_a_stride": (3, 1, 1),
    "conv_a_padding": (2, 0, 0),
    "conv_a": OtherConv,
    "conv_b_kernel_size": (3, 5, 5),
    "conv_b_stride": (2, 3, 3),
    "conv_b_padding": (1, 2, 2),
    "conv_b_num_groups": 2,
    "conv_b_dilation": (2, 2, 2),
    "conv_b": OtherConv,
    "conv_c": OtherConv,
    **NORM,
}
HEAD = {
    "in_features": 16,
    "out_features": 7,
    "pool": nn.MaxPool3d,
    "output_size": (1, 2, 2),
    "pool_kernel_size": (2, 2, 2),
    "pool_stride": (2, 2, 2),
    "pool_padding": (0, 1, 1),
    "dropout_rate": 0.1,
    "activation": nn.Sigmoid,
    "output_with_global_average": False,
}
ADAPTIVE = {"output_size": {"pool": nn.AdaptiveAvgPool3d}, "head_output_size": {"head_pool": nn.AdaptiveAvgPool3d}}
RESNET = {
    "input_channel": 2,
    "model_depth": 50,
    "model_num_class": 7,
    "dropout_rate": 0.1,
    "norm": nn.InstanceNorm3d,
    "activation": nn.SiLU,
    "stem_dim_out": 16,
    "stem_conv_kernel_size": (5, 5, 5),
    "stem_conv_stride": (2, 1, 1),
    "stem_pool": nn.AvgPool3d,
    "stem_pool_kernel_size": (1, 5, 5),
    "stem_pool_stride": (2, 1, 1),
    "stem": other_stem,
    "stage1_pool": nn.AvgPool3d,
    "stage1_pool_kernel_size": (4, 1, 1),
    "stage_conv_a_kernel_size": (5, 1, 1),
    "stage_conv_b_kernel_size": (1, 5, 5),
    "stage_conv_b_num_groups": (1, 2, 2, 2),
    "stage_conv_b_dilation": (1, 3, 3),
    "stage_spatial_h_stride": (2, 2, 1, 2),
    "stage_spatial_w_stride": (2, 2, 1, 2),
    "stage_temporal_stride": (1, 1, 2, 1),
    "bottleneck": create_acoustic_bottleneck_block,
    "head": OtherHead,
    "head_pool": nn.MaxPool3d,
    "head_pool_kernel_size": (2, 2, 2),
    "head_output_size": (1, 2, 2),
    "head_activation": nn.Tanh,
    "head_output_with_global_average": False,
    "stage": other_stage,
}
ROI = {"head_spatial_resolution": (5, 5), "head_spatial_scale": 0.5, "head_sampling_ratio": 2}
SMALL = {"model_depth": 18, "stem_dim_out": 8}
STAGE1 = {"stage1_pool_kernel_size": {"stage1_pool": nn.MaxPool3d}}
STEM_POOL = {"stem_pool_kernel_size": {"stem_pool": nn.MaxPool3d}, "stem_pool_stride": {"stem_pool": nn.MaxPool3d}}
CASES = {
    create_res_basic_stem: ({"in_channels": 3, "out_channels": 8}, STEM),
    create_acoustic_res_basic_stem: ({"in_channels": 3, "out_channels": 8}, STEM),
    create_conv_patch_embed: (
        {"in_channels": 3, "out_channels": 8},
        {name: value for name, value in STEM.items() if name == "in_channels" or name.startswith(("out", "conv"))}
        | {"conv_bias": False},
    ),
    create_bottleneck_block: (DIMS, {**BOTTLENECK, "activation": nn.SiLU}),
    create_acoustic_bottleneck_block: (DIMS, {**BOTTLENECK, "activation": nn.SiLU}),
    create_res_block: (
        {**DIMS, "bottleneck": create_bottleneck_block, "conv_a_stride": (1, 1, 1), "conv_b_stride": (1, 1, 1)},
        {
            **BOTTLENECK,
            "bottleneck": create_acoustic_bottleneck_block,
            "use_shortcut": True,
            "branch_fusion": operator.sub,
            "conv_skip": OtherConv,
            "activation_bottleneck": nn.SiLU,
            "activation_block": nn.SiLU,
        },
        {"conv_skip": {"use_shortcut": True}},
    ),
    create_res_stage: (
        {**DIMS, "depth": 2, "bottleneck": create_bottleneck_block},
        {
            **BOTTLENECK,
            "depth": 3,
            "bottleneck": create_acoustic_bottleneck_block,
            "conv_skip": OtherConv,
            "res_block": other_stage,
            "activation": nn.SiLU,
        },
    ),
    create_res_basic_head: ({"in_features": 8, "out_features": 5}, HEAD, ADAPTIVE),
    create_res_roi_pooling_head: (
        {"in_features": 8, "out_features": 5, "resolution": (7, 7), "spatial_scale": 1.0},
        {
            **HEAD,
            "resolution": (5, 5),
            "spatial_scale": 0.5,
            "sampling_ratio": 2,
            "roi": lambda output_size, spatial_scale, sampling_ratio: RoIPool(output_size, spatial_scale),
            "pool_spatial": nn.AvgPool2d,
        },
        ADAPTIVE,
    ),
    create_resnet: (SMALL, RESNET, ADAPTIVE | STAGE1),
    create_resnet_with_roi_head: (
        SMALL,
        {**RESNET, **ROI, "head_output_with_global_average": True, "head_activation": None},
        ADAPTIVE | STAGE1,
    ),
    create_acoustic_resnet: (SMALL, RESNET, ADAPTIVE | STAGE1 | STEM_POOL),
}


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_every_argument_of_a_builder_has_an_effect(build):
    assert_every_argument_has_an_effect(build, *CASES[build])
