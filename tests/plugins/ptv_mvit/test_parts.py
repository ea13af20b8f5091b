from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional

from ptv_mvit import (
    AttentionPool,
    Mlp,
    MultiScaleAttention,
    MultiScaleBlock,
    SequencePool,
    TokenLayerNorm,
    create_vit_basic_head,
)


@pytest.mark.parametrize("separate", [True, False])
def test_attention_without_pools_is_plain_attention(separate):
    attention = MultiScaleAttention(8, num_heads=2, qkv_bias=True, residual_pool=False, separate_qkv=separate)
    x = torch.randn(2, 13, 8)
    q, k, v = (attention.q(x), attention.k(x), attention.v(x)) if separate else attention.qkv(x).chunk(3, -1)
    q, k, v = (y.reshape(2, 13, 2, 4).transpose(1, 2) for y in (q, k, v))
    expected = attention.proj(functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(2, 13, 8))
    actual, thw = attention(x, [3, 2, 2])

    assert thw == [3, 2, 2]
    torch.testing.assert_close(expected, actual)


def test_pooling_leaves_the_class_token_alone():
    pool = AttentionPool(nn.MaxPool3d(2), has_cls_embed=True)
    tokens = torch.randn(2, 3, 1 + 2 * 4 * 4, 5)
    pooled, thw = pool(tokens, [2, 4, 4])
    grid = tokens[:, :, 1:].reshape(2, 3, 2, 4, 4, 5)

    assert thw == [1, 2, 2]
    assert torch.equal(tokens[:, :, :1], pooled[:, :, :1])
    assert torch.equal(grid[:, :, :, :2, 2:].amax((2, 3, 4)), pooled[:, :, 2])


def test_a_norm_of_tokens_follows_the_pool_and_a_norm_of_videos_precedes_it():
    grid = torch.randn(1, 1, 8, 6)
    video = grid.transpose(2, 3).reshape(1, 6, 2, 2, 2)
    norm, pool = nn.BatchNorm3d(6), nn.AvgPool3d(2)
    after, _ = AttentionPool(pool, False, TokenLayerNorm(6))(grid, [2, 2, 2])
    before, _ = AttentionPool(pool, False, norm, nn.GELU())(grid, [2, 2, 2])

    torch.testing.assert_close(functional.layer_norm(grid.mean(2), (6,), eps=1e-6), after[:, :, 0])
    torch.testing.assert_close(pool(functional.gelu(norm(video))).flatten(), before.flatten())


def test_token_layer_norm_takes_tokens_and_videos():
    norm = TokenLayerNorm(6)
    video = torch.randn(2, 6, 2, 3, 3)
    tokens = video.flatten(2).transpose(1, 2)

    torch.testing.assert_close(functional.layer_norm(tokens, (6,), eps=1e-6), norm(tokens))
    torch.testing.assert_close(norm(tokens), norm(video).flatten(2).transpose(1, 2))


@pytest.mark.parametrize("norm", [nn.LayerNorm, partial(nn.LayerNorm, eps=1e-3), nn.RMSNorm, nn.BatchNorm3d, None])
def test_a_block_takes_every_norm_of_torch(norm):
    block = MultiScaleBlock(8, 16, num_heads=2, norm_layer=norm, attn_norm_layer=norm, stride_q=(1, 2, 2))
    out, thw = block(torch.randn(2, 1 + 2 * 4 * 4, 8), [2, 4, 4])

    assert thw == [2, 2, 2]
    assert out.shape == (2, 9, 16)


def test_batch_norm_sees_all_tokens_of_the_batch():
    block = MultiScaleBlock(8, 8, num_heads=2, norm_layer=nn.BatchNorm3d)
    tokens = torch.randn(2, 9, 8)
    block(tokens, [2, 2, 2])

    torch.testing.assert_close(0.1 * tokens.mean((0, 1)), block.norm1.running_mean)


def test_a_dropped_path_leaves_the_shortcut():
    block = MultiScaleBlock(8, 8, num_heads=2, droppath_rate=1.0)
    tokens = torch.randn(2, 9, 8)

    assert torch.equal(tokens, block(tokens, [2, 2, 2])[0])
    assert not torch.equal(tokens, block.eval()(tokens, [2, 2, 2])[0])


def test_the_perceptron_has_the_given_widths():
    mlp = Mlp(4, 6, 5, act_layer=None, bias_on=False)
    x = torch.randn(2, 3, 4)

    torch.testing.assert_close(x @ mlp.fc1.weight.T @ mlp.fc2.weight.T, mlp(x))
    assert Mlp(4)(x).shape == (2, 3, 4)


def test_a_sequence_is_its_class_token_or_its_mean():
    tokens = torch.randn(2, 3, 4)

    assert torch.equal(tokens[:, 0], SequencePool("cls")(tokens))
    assert torch.equal(tokens.mean(1), SequencePool("mean")(tokens))


@pytest.mark.parametrize(("pool", "shape"), [("cls", (2, 5)), ("mean", (2, 5)), ("none", (2, 3, 5))])
def test_a_softmax_head_sums_to_one_over_the_classes(pool, shape):
    head = create_vit_basic_head(in_features=4, out_features=5, seq_pool_type=pool, activation=nn.Softmax)
    out = head(torch.randn(2, 3, 4))

    assert out.shape == shape
    torch.testing.assert_close(torch.ones(shape[:-1]), out.sum(-1))
