import pytest
import torch

VARIANTS = [
    {},
    {"pool_kv_stride_adaptive": (1, 4, 4)},
    {"norm": "batchnorm", "pool_kv_stride_adaptive": (1, 4, 4)},
    {"sep_pos_embed": False, "cls_embed_on": False},
    {"separate_qkv": False, "residual_pool": True},
    {"pool_first": True, "dim_mul_in_att": True},
    {"pooling_mode": "avg", "pool_kv_stride_adaptive": (1, 2, 2)},
]


@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
def test_it_exports_with_any_batch_size(small, clips, arguments):
    model = small(**arguments).eval()
    exported = torch.export.export(model, (clips,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    more = torch.randn(5, 3, 4, 16, 16)

    torch.testing.assert_close(model(more), exported.module()(more))


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is:FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
def test_it_scripts(small, clips, arguments):
    model = small(**arguments).eval()
    scripted = torch.jit.script(model)
    larger = torch.randn(1, 3, 6, 24, 24)

    torch.testing.assert_close(model(clips), scripted(clips))
    torch.testing.assert_close(model(larger), scripted(larger))
