import copy
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_vmz import (
    create_filter_2d,
    create_filter_2plus1d,
    create_filter_3d,
    create_interaction_preserved_filter,
    create_interaction_reduced_filter,
    create_vmz_2plus1d_stem,
    create_vmz_basic_block,
    create_vmz_bottleneck_block,
    create_vmz_resnet,
    create_vmz_stem,
)
from tests.support.fingerprint import assert_every_argument_has_an_effect

CLIP = (2, 3, 4, 32, 32)
FILTERS = [
    create_filter_3d,
    create_filter_2d,
    create_filter_2plus1d,
    create_interaction_reduced_filter,
    create_interaction_preserved_filter,
]


class OtherConv(nn.Conv3d):
    pass


class OtherPart(nn.Module):
    def __init__(self, **_):
        super().__init__()


NORM = {"norm": nn.InstanceNorm3d, "norm_eps": 1e-5, "norm_momentum": 0.3, "activation": nn.SiLU}
STEM = {"in_channels": 1, "out_channels": 8, "use_pool1": True, **NORM, "conv": OtherConv, "pool": nn.AvgPool3d}
BLOCK = {
    "dim_in": 8,
    "dim_inner": 16,
    "expansion": 2,
    "stride": (2, 2, 2),
    "filter": OtherPart,
    "share_inner_channels": True,
    **NORM,
    "conv": OtherConv,
}
SPLIT = {"filter": create_filter_2plus1d}
DIMS = {"dim_in": 4, "dim_inner": 8}
CASES = {
    create_vmz_stem: ({}, STEM, {"pool": {"use_pool1": True}}),
    create_vmz_2plus1d_stem: ({}, {**STEM, "inner_channels": 30}, {"pool": {"use_pool1": True}}),
    create_vmz_basic_block: (DIMS, BLOCK, {"share_inner_channels": SPLIT}),
    create_vmz_bottleneck_block: (DIMS, BLOCK, {"share_inner_channels": SPLIT}),
    create_filter_2plus1d: (
        {"in_channels": 4, "out_channels": 8},
        {"in_channels": 8, "out_channels": 4, "stride": (2, 2, 2), "inner_channels": 5, **NORM, "conv": OtherConv},
    ),
    create_vmz_resnet: (
        {"stage_dims": (4, 8, 8, 8), "stage_depths": (1, 1, 1, 1)},
        {
            "num_classes": 7,
            "input_channel": 1,
            "stage_depths": (1, 2, 1, 1),
            "stage_dims": (8, 8, 8, 8),
            "stage_expansion": 2,
            "stage_filter": [create_filter_2d] * 4,
            "stage_spatial_stride": (1, 2, 2, 1),
            "stage_temporal_stride": (1, 2, 2, 1),
            "share_inner_channels": True,
            "use_pool1": True,
            **NORM,
            "stem": OtherPart,
            "block": OtherPart,
        },
        {"share_inner_channels": {"stage_filter": create_filter_2plus1d}},
    ),
}


def small(**arguments):
    torch.manual_seed(0)
    sizes = {"num_classes": 5, "stage_dims": (8, 8, 16, 16), "stage_depths": (1, 2, 1, 1)}
    return create_vmz_resnet(**{**sizes, **arguments})


def csn(filter):
    return small(stage_filter=filter, block=create_vmz_bottleneck_block, stage_expansion=4)


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_every_argument_of_a_builder_has_an_effect(build):
    assert_every_argument_has_an_effect(build, *CASES[build])


@pytest.mark.parametrize("filter", FILTERS, ids=lambda filter: filter.__name__)
def test_every_filter_keeps_the_size_but_for_its_stride(filter):
    made = filter(in_channels=4, out_channels=4, stride=(2, 1, 1), norm=None, activation=None)

    assert (1, 4, 2, 6, 6) == tuple(made(torch.randn(1, 4, 4, 6, 6)).shape)


@pytest.mark.parametrize("filter", FILTERS[3:], ids=lambda filter: filter.__name__)
def test_a_channel_separated_filter_does_not_change_the_channels(filter):
    with pytest.raises(ArgumentError, match="not 4 and 8"):
        filter(in_channels=4, out_channels=8)


@pytest.mark.parametrize("filter", FILTERS, ids=lambda filter: filter.__name__)
def test_a_model_of_every_filter_trains_with_finite_gradients(filter):
    model = csn(filter)
    model(torch.randn(CLIP)).square().sum().backward()

    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_without_norms_and_activations_it_runs():
    assert (2, 5) == tuple(small(norm=None, activation=None)(torch.randn(CLIP)).shape)


def test_it_gives_features():
    model = small().eval()
    x = torch.randn(CLIP)
    features = model.forward_features(x)

    assert (2, 16, 1, 2, 2) == tuple(features.shape)
    assert torch.equal(model(x), model.fc(features.mean(dim=(2, 3, 4), keepdim=True).flatten(1)))


def test_a_stage_too_few_is_refused():
    with pytest.raises(ArgumentError, match="stage_filter has 3 entries"):
        small(stage_filter=[create_filter_3d] * 3)


@pytest.mark.parametrize(
    "twin", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"]
)
def test_it_deep_copies_and_pickles(twin):
    model, x = small(stage_filter=create_filter_2plus1d).eval(), torch.randn(CLIP)

    assert torch.equal(model(x), twin(model)(x))


def test_it_exports():
    model, x = small(stage_filter=create_filter_2plus1d).eval(), torch.randn(CLIP)

    torch.testing.assert_close(model(x), torch.export.export(model, (x,)).module()(x))


def test_it_saves_to_safetensors(tmp_path):
    model, x = small().eval(), torch.randn(CLIP)
    save_file(model.state_dict(), tmp_path / "vmz.safetensors")
    other = small().eval()
    for parameter in other.parameters():
        nn.init.zeros_(parameter)
    other.load_state_dict(load_file(tmp_path / "vmz.safetensors"))

    assert torch.equal(model(x), other(x))
