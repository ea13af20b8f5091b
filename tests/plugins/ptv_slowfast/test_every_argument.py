import pytest
from torch import nn

from ptv_resnet import create_acoustic_bottleneck_block
from ptv_slowfast import create_fast_to_slow_fusion, create_slowfast, create_slowfast_with_roi_head
from tests.support.fingerprint import assert_every_argument_has_an_effect


class OtherConv(nn.Conv3d):
    pass


class OtherHead(nn.Module):
    def __init__(self, **_):
        super().__init__()


def other_fusion(**_):
    return nn.Identity()


def other_stem(*, in_channels, out_channels, **_):
    return OtherConv(in_channels, out_channels, 1)


def other_stage(*, dim_in, dim_out, **_):
    return OtherConv(dim_in, dim_out, 1)


SMALL = {"model_depth": 18, "stem_dim_outs": (16, 2)}
USUAL = {
    "input_channels": (2, 3),
    "model_num_class": 7,
    "dropout_rate": 0.1,
    "norm": nn.InstanceNorm3d,
    "activation": nn.SiLU,
    "fusion_builder": other_fusion,
    "fusion": other_fusion,
    "stem_function": other_stem,
    "stem_pool": nn.AvgPool3d,
    "bottleneck": create_acoustic_bottleneck_block,
    "stage": other_stage,
    "head": OtherHead,
    "head_pool": nn.MaxPool3d,
    "head_pool_kernel_sizes": ((2, 2, 2), (2, 2, 2)),
    "head_activation": nn.Tanh,
    "head_output_with_global_average": False,
}
SLOWFAST = {
    **USUAL,
    "slowfast_channel_reduction_ratio": 9,
    "slowfast_conv_channel_fusion_ratio": 3,
    "slowfast_fusion_conv_kernel_size": (5, 1, 1),
    "slowfast_fusion_conv_stride": (2, 1, 1),
    "model_depth": 50,
    "stem_dim_outs": (32, 4),
    "stem_conv_kernel_sizes": ((1, 5, 5), (3, 5, 5)),
    "stem_conv_strides": ((1, 1, 1), (1, 1, 1)),
    "stem_pool_kernel_sizes": ((1, 5, 5), (1, 5, 5)),
    "stem_pool_strides": ((1, 1, 1), (1, 1, 1)),
    "stage_conv_a_kernel_sizes": (((5, 1, 1),) * 4,) * 2,
    "stage_conv_b_kernel_sizes": (((1, 5, 5),) * 4,) * 2,
    "stage_conv_b_num_groups": ((2,) * 4, (1,) * 4),
    "stage_conv_b_dilations": (((1, 3, 3),) * 4,) * 2,
    "stage_spatial_strides": ((1, 1, 1, 1), (1, 1, 1, 1)),
    "stage_temporal_strides": ((1, 2, 1, 1), (1, 2, 1, 1)),
    "head_output_size": (1, 2, 2),
}
ROI = {"head_spatial_resolution": (5, 5), "head_spatial_scale": 0.5, "head_sampling_ratio": 2}
FOR_DETECTION = {"head_output_with_global_average": True}
TOGETHER = {
    "head_output_size": {"head_pool": nn.AdaptiveAvgPool3d},
    "slowfast_channel_reduction_ratio": {"stem_dim_outs": (18, 2)},  # fits ratios 8 and 9
}
CASES = {
    create_fast_to_slow_fusion: (
        {"fusion_dim_in": 16, "stage_idx": 0},
        {
            "fusion_dim_in": 32,
            "stage_idx": 4,
            "slowfast_channel_reduction_ratio": 4,
            "conv_fusion_channel_ratio": 3,
            "conv_kernel_size": (5, 1, 1),
            "conv_stride": (8, 1, 1),
            "norm": nn.InstanceNorm3d,
            "norm_eps": 1e-3,
            "norm_momentum": 0.3,
            "activation": nn.SiLU,
            "max_stage_idx": -1,
            "conv": OtherConv,
        },
    ),
    create_slowfast: (SMALL, SLOWFAST, TOGETHER),
    create_slowfast_with_roi_head: (SMALL, SLOWFAST | ROI | FOR_DETECTION, TOGETHER),
}


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_every_argument_of_a_builder_has_an_effect(build):
    assert_every_argument_has_an_effect(build, *CASES[build])
