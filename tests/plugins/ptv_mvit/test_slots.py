import pytest
import torch
from torch import nn

import ptv_registry as ptv

TINY = (
    "mvit(spatial_size=16, temporal_size=4, depth=2, patch_embed_dim=16, embed_dim_mul=[[1, 2.0]], "
    "pool_q_stride_size=[[1, 1, 2, 2]], pool_kv_stride_adaptive=[1, 4, 4], head_num_classes=5)"
)


@pytest.mark.parametrize(
    "norm", ["token_layer(eps=1e-3)", "layer", "group(num_groups=4)", "batch", "instance", "none", "naive_sync"]
)
def test_every_norm_works_among_tokens(clips, norm):
    assert ptv.build(TINY, norm=norm)(clips).shape == (2, 5)


def test_the_norm_of_a_spec_keeps_its_arguments():
    model = ptv.build(TINY, norm="token_layer(eps=1e-3)")
    norms = [module for module in model.modules() if isinstance(module, nn.LayerNorm)]

    assert {1e-3} == {norm.eps for norm in norms}
    assert len(norms) == 2 * 2 + 2 * 2 + 1 + 1


@pytest.mark.parametrize(
    ("kind", "replaced", "extra"),
    [
        ("norm", (nn.LayerNorm,), {"enable_patch_embed_norm": True}),
        ("conv", (nn.Conv3d,), {}),
        ("activation", (nn.GELU,), {}),
        ("activation", (nn.GELU,), {"norm": "batch"}),
        ("pool", (nn.MaxPool3d,), {}),
        ("pool", (nn.MaxPool3d, nn.AvgPool3d), {"pooling_mode": "avg"}),
        ("pool", (nn.MaxPool3d,), {"pooling_mode": "max"}),
    ],
)
def test_a_part_given_to_the_model_reaches_every_place(clips, kind, replaced, extra):
    registry = ptv.Registry()
    probes = {"norm": NormProbe, "conv": ConvProbe, "activation": ActivationProbe, "pool": PoolProbe}
    registry.register(kind, "probe")(probes[kind])
    count = sum(isinstance(module, replaced) for module in ptv.build(TINY, **extra).modules())
    model = ptv.build(TINY, registry=registry, **{kind: "probe"}, **extra)

    assert count == sum(isinstance(module, probes[kind]) for module in model.modules()) > 0
    assert [m for m in model.modules() if isinstance(m, replaced) and not isinstance(m, probes[kind])] == []
    assert model(clips).shape == (2, 5)


class NormProbe(nn.Identity):
    """A norm to be found."""

    channels_last = True

    def __init__(self, num_features: int) -> None:
        super().__init__()


class ConvProbe(nn.Conv3d):
    """A convolution to be found."""


class ActivationProbe(nn.ReLU):
    """An activation to be found."""


class PoolProbe(nn.MaxPool3d):
    """A pool to be found."""


def test_a_lock_builds_the_same_model(clips):
    torch.manual_seed(0)
    first = ptv.build(TINY, norm="group(num_groups=4)").eval()
    torch.manual_seed(0)
    second = ptv.build(ptv.freeze(first)).eval()

    assert torch.equal(first(clips), second(clips))


def test_a_published_model_takes_every_argument_of_its_builder():
    with torch.device("meta"):
        model = ptv.build("mvit_base_16(droppath_rate_block=0.2, head_num_classes=3)", norm="layer")

    assert model.blocks[15].drop_path.drop_prob == pytest.approx(0.2)
    assert model.head.proj.out_features == 3
    assert type(model.blocks[0].norm1).__name__ == "ChannelLayerNorm"
