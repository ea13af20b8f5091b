import pytest
import torch
from torch import nn

from ptv_mvit import AttentionPool

VARIANTS = [
    {},
    {"pool_kv_stride_adaptive": (1, 4, 4)},
    {"norm": "batchnorm", "pool_kv_stride_adaptive": (1, 4, 4)},
    {"sep_pos_embed": False, "cls_embed_on": False},
    {"separate_qkv": False, "residual_pool": True},
    {"pool_first": True, "dim_mul_in_att": True},
    {"rel_pos_spatial": True, "rel_pos_temporal": True, "residual_pool": True, "residual_pool_cls": False},
    {"pooling_mode": "avg", "pool_kv_stride_adaptive": (1, 2, 2)},
]


@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
def test_it_exports_with_any_batch_size(small, clips, arguments):
    model = small(**arguments).eval()
    exported = torch.export.export(model, (clips,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    more = torch.randn(5, 3, 4, 16, 16)

    torch.testing.assert_close(model(more), exported.module()(more))


@pytest.mark.parametrize("has_cls_embed", [True, False])
def test_compilers_see_a_permutation_on_both_sides_of_a_pool(has_cls_embed):
    # A reshape between the two costs OpenVINO two copies of all tokens.
    pool = AttentionPool(nn.Conv3d(6, 6, 3, padding=1, groups=6), has_cls_embed).eval()
    tokens = torch.randn(1, 2, 8 + has_cls_embed, 6)
    nodes = torch.export.export(pool, (tokens, [2, 2, 2])).graph.nodes
    (conv,) = (node for node in nodes if node.target is torch.ops.aten.conv3d.default)

    neighbours = [conv.args[0], *conv.users]
    assert [torch.ops.aten.permute.default] * 2 == [node.target for node in neighbours]


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is:FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
def test_it_scripts(small, clips, arguments):
    model = small(**arguments).eval()
    scripted = torch.jit.script(model)
    larger = torch.randn(1, 3, 6, 24, 24)

    torch.testing.assert_close(model(clips), scripted(clips))
    torch.testing.assert_close(model(larger), scripted(larger))
