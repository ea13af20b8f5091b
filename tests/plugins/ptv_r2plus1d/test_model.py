import copy
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from ptv_r2plus1d import create_2plus1d_bottleneck_block, create_r2plus1d, r2plus1d_r50
from ptv_registry.errors import ArgumentError
from ptv_resnet.bottleneck import create_bottleneck_block
from tests.support import reference_models
from tests.support.fingerprint import assert_every_argument_has_an_effect

CLIP = (2, 3, 4, 64, 64)
ONES = (1, 1, 1)


class OtherConv(nn.Conv3d):
    pass


class OtherPart(nn.Module):
    def __init__(self, **_):
        super().__init__()


OTHERS = {
    "input_channel": 1,
    "model_depth": 101,
    "model_num_class": 7,
    "dropout_rate": 0.1,
    "norm": nn.InstanceNorm3d,
    "norm_eps": 1e-3,
    "norm_momentum": 0.3,
    "activation": nn.SiLU,
    "stem_dim_out": 16,
    "stem_conv_kernel_size": (3, 5, 5),
    "stem_conv_stride": (2, 1, 1),
    "stage_conv_a_kernel_size": (ONES, (3, 1, 1), ONES, ONES),
    "stage_conv_b_kernel_size": ((3, 3, 3), (5, 3, 3), (3, 3, 3), (3, 3, 3)),
    "stage_conv_b_num_groups": (1, 2, 2, 2),
    "stage_conv_b_dilation": (ONES, ONES, ONES, (1, 2, 2)),
    "stage_spatial_stride": (2, 2, 2, 1),
    "stage_temporal_stride": (1, 2, 2, 1),
    "stage_bottleneck": (create_2plus1d_bottleneck_block,) * 3 + (OtherPart,),
    "head_pool": nn.MaxPool3d,
    "head_pool_kernel_size": (2, 2, 2),
    "head_output_size": (1, 2, 2),
    "head_activation": nn.Tanh,
    "head_output_with_global_average": False,
    "stem": OtherPart,
    "stage": OtherPart,
    "stage_conv_b": OtherConv,
    "head": OtherPart,
}
PLAIN = {"stage_conv_b": nn.Conv3d}
TOGETHER = {
    "stage_conv_b_num_groups": PLAIN,
    "stage_conv_b_dilation": PLAIN,
    "head_output_size": {"head_pool": nn.AdaptiveAvgPool3d},
}


def small(**arguments):
    torch.manual_seed(0)
    sizes = {"model_depth": 18, "stem_dim_out": 8, "model_num_class": 5, "head_pool_kernel_size": (1, 2, 2)}
    return create_r2plus1d(**{**sizes, **arguments})


def test_every_argument_has_an_effect():
    assert_every_argument_has_an_effect(create_r2plus1d, {"model_depth": 18, "stem_dim_out": 8}, OTHERS, TOGETHER)


def test_every_argument_of_the_published_model_may_be_given_anew():
    assert_every_argument_has_an_effect(r2plus1d_r50, {}, OTHERS, TOGETHER)


def test_epsilon_and_momentum_reach_every_norm():
    norms = [m for m in small(norm_eps=1e-3, norm_momentum=0.3).modules() if isinstance(m, nn.BatchNorm3d)]

    assert 21 == len(norms)
    assert {(1e-3, 0.3)} == {(norm.eps, norm.momentum) for norm in norms}


def test_the_documented_model_gives_probabilities():
    scores = small().eval()(torch.randn(CLIP))

    assert (2, 5) == tuple(scores.shape)
    torch.testing.assert_close(torch.ones(2), scores.sum(dim=1))


def test_one_bottleneck_serves_all_stages():
    assert repr(small()) == repr(small(stage_bottleneck=create_2plus1d_bottleneck_block))


def test_plain_bottlenecks_take_the_split_convolution_too():
    model = small(stage_bottleneck=[create_2plus1d_bottleneck_block] * 3 + [create_bottleneck_block])

    assert ["Conv2plus1d"] * 4 == [type(s.res_blocks[0].branch2.conv_b).__name__ for s in model.blocks[1:5]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stage_bottleneck": (create_bottleneck_block,) * 3}, "stage_bottleneck has 3 entries"),
        ({"stage_conv_b_dilation": (ONES, ONES)}, "stage_conv_b_dilation has 2 entries"),
        ({"stage_conv_b_num_groups": (1, 2, 2, 2)}, "groups=2"),
        ({"model_depth": 34}, "model_depth is 34"),
    ],
)
def test_what_cannot_be_built_is_refused(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        small(**arguments)


def test_a_dilated_plain_convolution_keeps_the_size():
    dilations = (ONES, (1, 2, 2), ONES, (3, 3, 3))
    model = small(stage_conv_b=nn.Conv3d, stage_conv_b_dilation=dilations, head=None)

    assert small(head=None)(torch.randn(CLIP)).shape == model(torch.randn(CLIP)).shape


def test_without_norms_and_activations_it_runs():
    assert (2, 5) == tuple(small(norm=None, activation=None, head_activation=None)(torch.randn(CLIP)).shape)


@pytest.mark.parametrize(
    "twin", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"]
)
def test_it_deep_copies_and_pickles(twin):
    model, x = small().eval(), torch.randn(CLIP)

    assert torch.equal(model(x), twin(model)(x))


def test_it_exports():
    model, x = small().eval(), torch.randn(CLIP)

    torch.testing.assert_close(model(x), torch.export.export(model, (x,)).module()(x))


def test_its_gradients_are_finite():
    model = small()
    for norm in model.modules():
        if getattr(norm, "block_final_bn", False):
            nn.init.ones_(norm.weight)
    model(torch.randn(CLIP)).log().sum().backward()

    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_it_saves_to_safetensors(tmp_path):
    model, x = small().eval(), torch.randn(CLIP)
    save_file(model.state_dict(), tmp_path / "r2plus1d.safetensors")
    other = small().eval()
    for parameter in other.parameters():
        nn.init.zeros_(parameter)
    other.load_state_dict(load_file(tmp_path / "r2plus1d.safetensors"))

    assert torch.equal(model(x), other(x))


def test_the_published_model_runs_on_meta_under_its_published_names():
    with torch.device("meta"):
        model = r2plus1d_r50()
        output = model(torch.empty(1, 3, 16, 256, 256))

    assert (1, 400) == tuple(output.shape)
    reference_models.assert_same_state_dict(model, reference_models.record("zoo", "r2plus1d_r50"))


@pytest.mark.slow
def test_outputs_are_the_published_ones():
    reference_models.assert_same_output("r2plus1d_r50", r2plus1d_r50(), reference_models.record("zoo", "r2plus1d_r50"))
