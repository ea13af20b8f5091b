from __future__ import annotations

import pytest
import torch
from torch import nn

import ptv_registry
from ptv_cards.inspection import count, feature_names, features, forward_features, head_name, num_classes, reset_head
from ptv_registry.errors import ArgumentError, UnfreezableError

RESNET = "resnet(model_depth=18, stem_dim_out=4, model_num_class=5, head_pool=adaptive_avg)"
MODELS = {
    RESNET: ("blocks.5", (1, 128, 4, 2, 2)),
    "x3d(input_clip_length=4, input_crop_size=64, model_num_class=5)": ("blocks.5", (1, 192, 4, 2, 2)),
    "mvit(spatial_size=64, temporal_size=4, depth=2, head_num_classes=5)": ("head", (1, 513, 96)),
    "vmz_resnet(num_classes=5, stage_dims=[4, 4, 4, 8])": ("fc", (1, 8)),
}


@pytest.fixture(params=MODELS)
def model(request):
    return request.param, ptv_registry.build(request.param).eval()


@torch.no_grad()
def test_features_before_the_head_make_the_scores(model):
    spec, net = model
    name, shape = MODELS[spec]
    clip = torch.randn(1, 3, 4, 64, 64)

    found = forward_features(net, clip)

    assert name == head_name(net)
    assert shape == tuple(found.shape)
    if spec != "fc":
        assert torch.equal(net(clip), net.get_submodule(name)(found))
    assert not net.get_submodule(name)._forward_pre_hooks


def test_the_head_is_reset_and_nothing_else(model):
    _, net = model
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}

    new = reset_head(net, 7)

    assert 7 == num_classes(net)
    assert (1, 7) == tuple(net(torch.randn(1, 3, 4, 64, 64)).shape)
    assert {n for n, t in net.state_dict().items() if not torch.equal(t, before[n])} == set(new)
    with pytest.raises(UnfreezableError, match="head was reset to 7 classes"):
        ptv_registry.freeze(net)
    with pytest.raises(ArgumentError, match="num_classes is -1"):
        reset_head(net, -1)


@torch.no_grad()
def test_named_features_are_the_outputs_of_the_modules():
    net = ptv_registry.build(RESNET).eval()
    clip = torch.randn(1, 3, 4, 64, 64)

    found = features(net, clip, ["blocks.0", "blocks.2"])

    assert torch.equal(net.blocks[0](clip), found["blocks.0"])
    assert (1, 32, 4, 8, 8) == tuple(found["blocks.2"].shape)
    assert "blocks.4" in feature_names(net)
    assert not any(module._forward_hooks for module in net.modules())
    with pytest.raises(ArgumentError, match=r"no module 'blocks\.9'; there are blocks\."):
        features(net, clip, ["blocks.9"])
    with pytest.raises(ArgumentError, match="never called blocks"):
        features(net, clip, ["blocks"])


def test_a_model_without_a_head_gives_features_and_cannot_be_reset():
    net = ptv_registry.build("resnet(model_depth=18, stem_dim_out=4, head=none)").eval()

    assert (1, 128, 4, 2, 2) == tuple(forward_features(net, torch.randn(1, 3, 4, 64, 64)).shape)
    with pytest.raises(ArgumentError, match="no head"):
        reset_head(net, 7)


def test_operations_are_counted_by_module():
    net = nn.Sequential(nn.Conv3d(3, 4, 3, padding=1), nn.BatchNorm3d(4), nn.Sequential(nn.Flatten(), nn.Linear(32, 5)))
    net.train()

    rows = {row.name: row for row in count(net, torch.zeros(1, 3, 2, 2, 2))}

    assert (4 * 3 * 27 * 8, 0) == (rows["0"].macs, rows["0"].norm_ops)
    assert (0, 5 * 4 * 8) == (rows["1"].macs, rows["1"].norm_ops)
    assert 32 * 5 == rows["2"].macs == rows["2.1"].macs
    assert rows["0"].flops + rows["1"].flops + rows["2"].flops == rows[""].flops
    assert sum(p.numel() for p in net.parameters()) == rows[""].params
    assert net.training
    assert 0 == int(net[1].num_batches_tracked)


def test_containers_have_the_sum_of_what_is_in_them():
    rows = {row.name: row for row in count(ptv_registry.build(RESNET), torch.zeros(1, 3, 4, 32, 32))}

    assert rows[""].macs == rows["blocks"].macs == sum(rows[f"blocks.{i}"].macs for i in range(6))


def test_attention_and_layer_norms_are_counted():
    net = nn.Sequential(nn.LayerNorm(4))

    assert 5 * 12 == count(net, torch.zeros(3, 4))[0].norm_ops
