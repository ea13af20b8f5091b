import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_slowfast import FastToSlowFusionBuilder, FuseFastToSlow, PoolConcatPathway, create_fast_to_slow_fusion

SLOW, FAST = torch.randn(1, 16, 2, 4, 4), torch.randn(1, 2, 8, 4, 4)


def test_the_fast_pathway_is_convolved_and_concatenated_to_the_slow_one():
    fusion = create_fast_to_slow_fusion(fusion_dim_in=16, stage_idx=0).eval()
    x = [SLOW, FAST]
    slow, fast = fusion(x)

    assert torch.equal(SLOW, slow[:, :16])
    assert torch.equal(fusion.activation(fusion.norm(fusion.conv_fast_to_slow(FAST))), slow[:, 16:])
    assert fast is FAST
    assert x[0] is SLOW


def test_stages_after_the_last_one_are_not_fused():
    assert isinstance(create_fast_to_slow_fusion(fusion_dim_in=16, stage_idx=4), nn.Identity)


def test_a_ratio_that_is_no_whole_number_rounds_down():
    fusion = create_fast_to_slow_fusion(fusion_dim_in=24, stage_idx=0, conv_fusion_channel_ratio=1.5)

    assert 4 == fusion.norm.num_features == fusion.conv_fast_to_slow.out_channels


def test_the_builder_makes_the_same_module():
    builder = FastToSlowFusionBuilder(8, 2, (5, 1, 1), (4, 1, 1), norm=None, norm_eps=1e-3, activation=nn.SiLU)

    assert repr(builder.create_module(16, 1)) == repr(
        create_fast_to_slow_fusion(
            fusion_dim_in=16, stage_idx=1, conv_kernel_size=(5, 1, 1), norm=None, activation=nn.SiLU
        )
    )


def test_frames_that_do_not_match_are_refused():
    fusion = create_fast_to_slow_fusion(fusion_dim_in=16, stage_idx=0)

    with pytest.raises(ArgumentError, match=r"\(7, 4, 4\), becomes \(2, 4, 4\).*\(3, 4, 4\)"):
        fusion([torch.randn(1, 16, 3, 4, 4), torch.randn(1, 2, 7, 4, 4)])


def test_norm_and_activation_of_a_fusion_may_be_missing():
    fusion = FuseFastToSlow(nn.Conv3d(2, 4, (7, 1, 1), (4, 1, 1), (3, 0, 0)))

    assert torch.equal(fusion.conv_fast_to_slow(FAST), fusion([SLOW, FAST])[0][:, 16:])


@pytest.mark.parametrize(("dim", "shape"), [(1, (2, 8, 3, 4, 4)), (2, (2, 4, 6, 4, 4)), (-1, (2, 4, 3, 4, 8))])
def test_pathways_are_concatenated_along_the_dimension_that_was_asked_for(dim, shape):
    x = [torch.randn(2, 4, 3, 4, 4)] * 2

    assert shape == tuple(PoolConcatPathway(dim=dim)(x).shape)


def test_pathways_are_pooled_and_the_list_of_the_caller_stays():
    x = [torch.randn(1, 16, 2, 4, 4), None, torch.randn(1, 2, 8, 4, 4)]
    kept = list(x)
    model = PoolConcatPathway(True, nn.ModuleList([nn.AvgPool3d((2, 4, 4)), None, nn.AvgPool3d((8, 4, 4))]))
    [output] = model(x)

    torch.testing.assert_close(torch.cat([x[0].mean((2, 3, 4)), x[2].mean((2, 3, 4))], 1), output.flatten(1))
    assert all(a is b for a, b in zip(x, kept, strict=True))


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        (None, "differ in more than dimension 1"),
        (nn.ModuleList([nn.AvgPool3d(1)]), "2 pathways, but 1 pools"),
        (nn.ModuleList([nn.AvgPool3d((8, 4, 4)), None]), r"\(8, 4, 4\), but its input is \(2, 4, 4\)"),
    ],
    ids=["sizes", "count", "window"],
)
def test_pathways_that_do_not_fit_are_refused(pool, message):
    with pytest.raises(ArgumentError, match=message):
        PoolConcatPathway(pool=pool)([SLOW, FAST])
