import copy
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from ptv_csn import create_csn, csn_r101
from ptv_registry.errors import ArgumentError
from ptv_resnet.separable_bottleneck import create_acoustic_bottleneck_block
from tests.support import reference_models
from tests.support.fingerprint import assert_every_argument_has_an_effect

CLIP = (2, 3, 8, 32, 32)


class OtherPart(nn.Module):
    def __init__(self, **_):
        super().__init__()


OTHERS = {
    "input_channel": 1,
    "model_depth": 50,
    "model_num_class": 7,
    "dropout_rate": 0.1,
    "norm": nn.InstanceNorm3d,
    "activation": nn.SiLU,
    "stem_dim_out": 16,
    "stem_conv_kernel_size": (5, 5, 5),
    "stem_conv_stride": (2, 1, 1),
    "stem_pool": nn.AvgPool3d,
    "stem_pool_kernel_size": (3, 5, 5),
    "stem_pool_stride": (2, 1, 1),
    "stage_conv_a_kernel_size": (3, 1, 1),
    "stage_conv_b_kernel_size": (5, 3, 3),
    "stage_conv_b_width_per_group": 2,
    "stage_spatial_stride": (1, 2, 2, 1),
    "stage_temporal_stride": (1, 2, 2, 1),
    "bottleneck": create_acoustic_bottleneck_block,
    "bottleneck_ratio": 2,
    "head_pool": nn.MaxPool3d,
    "head_pool_kernel_size": (2, 2, 2),
    "head_output_size": (1, 2, 2),
    "head_activation": nn.Tanh,
    "head_output_with_global_average": False,
    "stem": OtherPart,
    "stage": OtherPart,
    "head": OtherPart,
}
TOGETHER = {
    "stem_pool_kernel_size": {"stem_pool": nn.MaxPool3d},
    "stem_pool_stride": {"stem_pool": nn.MaxPool3d},
    "head_output_size": {"head_pool": nn.AdaptiveAvgPool3d},
}


def small(**arguments):
    torch.manual_seed(0)
    sizes = {"model_depth": 18, "stem_dim_out": 8, "model_num_class": 5, "head_pool_kernel_size": (1, 2, 2)}
    return create_csn(**{**sizes, **arguments})


def test_every_argument_has_an_effect():
    assert_every_argument_has_an_effect(create_csn, {"model_depth": 18, "stem_dim_out": 8}, OTHERS, TOGETHER)


def test_every_argument_of_the_published_model_may_be_given_anew():
    assert_every_argument_has_an_effect(csn_r101, {}, OTHERS, TOGETHER)


def test_spatiotemporal_convolutions_are_depthwise():
    convs = [block.branch2.conv_b for stage in small().blocks[1:5] for block in stage.res_blocks]

    assert [8, 16, 32, 64] == [conv.groups for conv in convs]
    assert [conv.groups for conv in convs] == [conv.in_channels for conv in convs]


def test_the_width_of_groups_is_their_number_of_channels():
    convs = [
        block.branch2.conv_b
        for stage in small(stage_conv_b_width_per_group=4).blocks[1:5]
        for block in stage.res_blocks
    ]

    assert {4} == {conv.weight.shape[1] for conv in convs}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stage_conv_b_width_per_group": 3}, "stage_conv_b_width_per_group is 3, but must divide the 8 channels"),
        ({"bottleneck_ratio": 5}, "bottleneck_ratio is 5, but must divide the 32 channels"),
        ({"bottleneck_ratio": 0}, "bottleneck_ratio is 0"),
        ({"model_depth": 34}, "model_depth is 34"),
        ({"stage_temporal_stride": (1, 2, 2)}, "stage_temporal_stride has 3 entries"),
    ],
)
def test_what_cannot_be_built_is_refused(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        small(**arguments)


def test_it_scores_clips():
    assert (2, 5) == tuple(small()(torch.randn(CLIP)).shape)


def test_without_head_it_gives_features():
    assert (2, 256, 1, 2, 2) == tuple(small(head=None)(torch.randn(CLIP)).shape)


def test_without_norms_and_activations_it_runs():
    assert (2, 5) == tuple(small(norm=None, activation=None)(torch.randn(CLIP)).shape)


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
    model(torch.randn(CLIP)).square().sum().backward()

    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_it_saves_to_safetensors(tmp_path):
    model, x = small().eval(), torch.randn(CLIP)
    save_file(model.state_dict(), tmp_path / "csn.safetensors")
    other = small().eval()
    for parameter in other.parameters():
        nn.init.zeros_(parameter)
    other.load_state_dict(load_file(tmp_path / "csn.safetensors"))

    assert torch.equal(model(x), other(x))


def test_the_published_model_runs_on_meta_under_its_published_names():
    with torch.device("meta"):
        model = csn_r101()
        output = model(torch.empty(1, 3, 32, 256, 256))

    assert (1, 400) == tuple(output.shape)
    reference_models.assert_same_state_dict(model, reference_models.record("zoo", "csn_r101"))


@pytest.mark.slow
def test_outputs_are_the_published_ones():
    reference_models.assert_same_output("csn_r101", csn_r101(), reference_models.record("zoo", "csn_r101"))
