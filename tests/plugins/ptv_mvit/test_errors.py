import pytest

from ptv_mvit import MultiScaleAttention, SequencePool, create_vit_basic_head
from ptv_registry.errors import ArgumentError

WRONG = [
    ({"use_2d_patch": True}, "temporal_size is 4 with use_2d_patch"),
    ({"pool_kv_stride_adaptive": (1, 2, 2), "pool_kv_stride_size": [[0, 1, 2, 2]]}, "both given"),
    ({"norm": "instancenorm"}, "norm is 'instancenorm'; pass 'layernorm' or 'batchnorm'"),
    ({"pooling_mode": "sum"}, "pool_mode is 'sum'; pass 'conv', 'avg' or 'max'"),
    ({"num_heads": 3}, "num_heads is 3, which does not divide"),
    ({"embed_dim_mul": [[0, 2.0]]}, r"embed_dim_mul has the row \[0, 2.0\].* 1..2"),
    ({"embed_dim_mul": [[1, 2.0, 3.0]]}, "embed_dim_mul has the row"),
    ({"atten_head_mul": [[2, 2.0]]}, "atten_head_mul has the row .* 0..1"),
    ({"pool_q_stride_size": [[1, 2, 2]]}, "pool_q_stride_size has the row"),
    ({"pool_kv_stride_size": [[7, 1, 2, 2]]}, "pool_kv_stride_size has the row"),
    ({"pool_kv_stride_adaptive": (2, 2)}, r"pool_kv_stride_adaptive is \(2, 2\); pass three entries"),
    ({"pool_kvq_kernel": (3, 3)}, "pool_kvq_kernel"),
    ({"conv_patch_embed_kernel": (7, 7)}, "conv_kernel_size of the patch embedding is .* pass 3 entries"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_a_wrong_argument_is_named(small, arguments, message):
    with pytest.raises(ArgumentError, match=message):
        small(**arguments)


def test_a_pool_that_is_needed_cannot_be_none():
    with pytest.raises(ArgumentError, match="the pool is none where"):
        MultiScaleAttention(8, kernel_q=(3, 3, 3), stride_q=(1, 2, 2), pool_mode="max", max_pool=None)


def test_a_kernel_needs_three_numbers():
    with pytest.raises(ArgumentError, match=r"\(T, H, W\)"):
        MultiScaleAttention(8, kernel_q=(3, 3))


def test_a_sequence_is_pooled_in_two_ways():
    with pytest.raises(ArgumentError, match="'max'; pass 'cls' or 'mean'"):
        SequencePool("max")


def test_a_head_has_three_pools():
    with pytest.raises(ArgumentError, match="'max'; pass 'cls', 'mean' or 'none'"):
        create_vit_basic_head(in_features=4, out_features=2, seq_pool_type="max")
