import inspect
from functools import partial

import pytest
import torch
from torch import nn

from ptv_mvit import (
    MultiScaleBlock,
    SpatioTemporalClsPositionalEncoding,
    create_conv_patch_embed,
    create_multiscale_vision_transformers,
)

IMAGES = {
    "use_2d_patch": True,
    "temporal_size": 1,
    "conv_patch_embed_kernel": (7, 7),
    "conv_patch_embed_stride": (4, 4),
    "conv_patch_embed_padding": (3, 3),
}


class Doubled(SpatioTemporalClsPositionalEncoding):
    def forward(self, x, thw_shape=None):
        return 2 * super().forward(x, thw_shape)


CHANGES = [
    {"spatial_size": (16, 32)},
    {"temporal_size": 8},
    {"cls_embed_on": False},
    {"sep_pos_embed": False},
    {"depth": 3},
    {"norm": "batchnorm"},
    {"enable_patch_embed": False},
    {"input_channels": 1},
    {"patch_embed_dim": 24},
    {"conv_patch_embed_kernel": (1, 7, 7), "conv_patch_embed_padding": (0, 3, 3)},
    {"conv_patch_embed_stride": (1, 4, 4)},
    {"conv_patch_embed_padding": (0, 3, 3)},
    {"enable_patch_embed_norm": True},
    {"use_2d_patch": True, **IMAGES},
    {"num_heads": 2},
    {"mlp_ratio": 2.0},
    {"qkv_bias": False},
    {"dropout_rate_block": 0.5},
    {"droppath_rate_block": 0.9},
    {"pooling_mode": "max"},
    {"pool_first": True},
    {"residual_pool": True},
    {"depthwise_conv": False},
    {"bias_on": False},
    {"separate_qkv": False},
    {"residual_pool_cls": False, "residual_pool": True},
    {"rel_pos_spatial": True},
    {"rel_pos_temporal": True},
    {"rel_pos_zero_init": True, "rel_pos_spatial": True},
    {"embed_dim_mul": None},
    {"atten_head_mul": [[1, 2.0]]},
    {"dim_mul_in_att": True},
    {"pool_q_stride_size": None},
    {"pool_kv_stride_size": [[0, 1, 2, 2]]},
    {"pool_kv_stride_adaptive": (1, 2, 2)},
    {"pool_kvq_kernel": (1, 1, 1)},
    {"head": None},
    {"head_dropout_rate": 0.0},
    {"head_activation": nn.Softmax},
    {"head_num_classes": 7},
    {"stem": partial(create_conv_patch_embed, conv_bias=False)},
    {"positional_encoding": Doubled},
    {"block": partial(MultiScaleBlock, act_layer=nn.ReLU)},
]


def shapes(model):
    return [(name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_argument_has_an_effect(small, clips, change):
    usual, changed = small(), small(**change)
    if shapes(usual) != shapes(changed):
        return
    torch.manual_seed(0)
    expected = usual(clips)
    torch.manual_seed(0)
    actual = changed(clips)

    assert expected.shape != actual.shape or not torch.allclose(expected, actual)


def test_the_convolution_of_images_has_an_effect(small):
    model = small(image_conv=partial(nn.Conv2d, padding_mode="reflect"), **IMAGES)

    assert model.patch_embed.patch_model.padding_mode == "reflect"


def test_no_argument_is_left_untested():
    tested = {next(iter(change)) for change in CHANGES} | {"image_conv"}

    assert set(inspect.signature(create_multiscale_vision_transformers).parameters) == tested


@pytest.mark.parametrize("wrap", [tuple, list])
def test_tuples_and_lists_mean_the_same(small, clips, wrap):
    model = small(
        embed_dim_mul=wrap([wrap([1, 2.0])]),
        pool_q_stride_size=wrap([wrap([1, 1, 2, 2])]),
        pool_kv_stride_adaptive=wrap([1, 4, 4]),
        pool_kvq_kernel=wrap([3, 3, 3]),
        conv_patch_embed_kernel=wrap([3, 7, 7]),
        conv_patch_embed_stride=wrap([2, 4, 4]),
        conv_patch_embed_padding=wrap([1, 3, 3]),
        spatial_size=wrap([16, 16]),
    )
    strides = [block.attn._attention_pool_k.pool.stride for block in model.blocks]

    assert strides == [(1, 4, 4), (1, 2, 2)]
    assert model(clips).shape == (2, 5)


def test_images_are_classified(small):
    assert small(**IMAGES)(torch.randn(2, 3, 16, 16)).shape == (2, 5)


def test_tokens_are_classified_without_a_patch_embedding(small):
    model = small(enable_patch_embed=False, spatial_size=4, temporal_size=2)

    assert model(torch.randn(2, 32, 16)).shape == (2, 5)


def test_without_a_head_the_tokens_come_out(small, clips):
    with_head = small().eval()
    without = small(head=None).eval()
    without.load_state_dict(with_head.state_dict(), strict=False)

    assert torch.equal(with_head.forward_features(clips), without(clips))
    assert without(clips).shape == (2, 1 + 2 * 2 * 2, 32)


def test_a_size_that_the_stride_does_not_divide_is_taken(small):
    model = small(spatial_size=18, temporal_size=5)

    assert model.cls_positional_encoding.patch_embed_shape() == [3, 5, 5]
    assert model(torch.randn(1, 3, 5, 18, 18)).shape == (1, 5)
