import copy
import itertools
import pickle

import pytest
import torch
from torch import nn
from torch.nn import functional

from ptv_octconv import OctConv3d
from ptv_registry.errors import ArgumentError


def test_output_is_the_sum_of_the_paths_at_each_frequency():
    conv, x = OctConv3d(8, 12, 3, padding=1, alpha=0.25), torch.randn(2, 8, 3, 6, 6)

    high, low = x[:, :6], functional.avg_pool3d(x[:, 6:], (1, 2, 2))
    up = nn.Upsample(scale_factor=(1, 2, 2))
    to_high = conv.high_to_high(high) + up(conv.low_to_high(low))
    to_low = conv.high_to_low(functional.avg_pool3d(high, (1, 2, 2))) + conv.low_to_low(low)

    torch.testing.assert_close(conv(x), torch.cat([to_high, up(to_low)], dim=1))
    assert to_low.shape == (2, 3, 3, 3, 3)


CALLS = [
    {"kernel_size": 1},
    {"kernel_size": (1, 1, 1), "stride": (1, 2, 2), "padding": (0, 0, 0), "bias": False},
    {"kernel_size": [5, 7, 7], "stride": [1, 2, 2], "padding": [2, 3, 3]},
    {"kernel_size": (3, 3, 3)},
    {"kernel_size": 3, "dilation": (1, 2, 2), "padding": (1, 2, 2), "stride": 2},
    {"kernel_size": 3, "padding": "same"},
    {"kernel_size": 3, "padding": "valid", "padding_mode": "replicate"},
    {"kernel_size": 3, "padding": 1, "padding_mode": "reflect"},
    {"kernel_size": (3, 5, 5), "padding": (1, 2, 2), "padding_mode": "circular"},
]
EXTENTS = [(4, 8, 8), (3, 7, 5), (1, 1, 1), (5, 1, 9), (3, 3, 3), (2, 2, 2)]
CHANNELS = [(8, 8, 1), (3, 64, 1), (1, 1, 1), (2, 8, 1), (8, 2, 1), (8, 8, 8), (8, 16, 4), (4, 4, 2)]


@pytest.mark.parametrize("alpha", [0, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_shapes_are_those_of_conv3d_wherever_that_works(call, alpha):
    compared = 0
    for (c_in, c_out, groups), extents in itertools.product(CHANNELS, EXTENTS):
        x = torch.randn(2, c_in, *extents)
        try:
            expected = nn.Conv3d(c_in, c_out, groups=groups, **call)(x)
        except RuntimeError:  # the kernel or the padding does not fit the input
            continue
        assert OctConv3d(c_in, c_out, groups=groups, **call, alpha=alpha)(x).shape == expected.shape
        compared += 1
    assert compared >= 16


@pytest.mark.parametrize(("channels", "groups", "alpha"), [((3, 3), 1, 0.25), ((8, 8), 1, 0), ((6, 6), 3, 0.25)])
def test_without_low_channels_it_is_conv3d(channels, groups, alpha):
    conv, x = (
        OctConv3d(*channels, 3, stride=2, padding=1, groups=groups, alpha=alpha),
        torch.randn(1, channels[0], 4, 7, 7),
    )

    weight, bias = conv.high_to_high.weight, conv.high_to_high.bias

    assert torch.equal(conv(x), functional.conv3d(x, weight, bias, stride=2, padding=1, groups=groups))


def test_groups_do_not_mix():
    conv = OctConv3d(8, 16, 3, padding=1, groups=4, alpha=0.5)
    x = torch.randn(1, 8, 2, 6, 6)
    changed = x.clone()
    changed[:, 4:6] += 1

    differs = (conv(changed) - conv(x)).abs().amax((0, 2, 3, 4)) > 1e-6

    assert differs.tolist() == [False] * 8 + [True] * 4 + [False] * 4


@pytest.mark.parametrize("groups", [1, 2])
def test_each_output_channel_has_one_bias(groups):
    conv = OctConv3d(8, 8, 3, groups=groups, alpha=0.5)

    assert sum(p.numel() for name, p in conv.named_parameters() if name.endswith("bias")) == 8
    assert not any(name.endswith("bias") for name in OctConv3d(8, 8, 3, groups=groups, bias=False).state_dict())


def test_low_channels_see_no_detail():
    conv = OctConv3d(4, 4, 1, alpha=0.5)
    x = torch.zeros(1, 4, 1, 2, 2)
    x[:, 2:, :, 0, 0], x[:, 2:, :, 0, 1] = 1, -1

    assert torch.equal(conv(x), conv(torch.zeros_like(x)))


def test_a_single_clip_needs_no_batch():
    conv, x = OctConv3d(8, 8, 3, padding=1), torch.randn(8, 3, 6, 6)

    torch.testing.assert_close(conv(x), conv(x.unsqueeze(0))[0])


def test_parameters_have_the_asked_type():
    assert {p.dtype for p in OctConv3d(8, 8, 3, dtype=torch.double, device="cpu").parameters()} == {torch.double}


@pytest.mark.parametrize("arguments", [{"alpha": 1}, {"alpha": -0.1}, {"groups": 3}])
def test_what_is_out_of_range_is_named(arguments):
    (name,) = arguments
    with pytest.raises(ArgumentError, match=name):
        OctConv3d(8, 8, 3, **arguments)


@pytest.mark.parametrize("extent", [6, 7])
def test_copies_and_exports(extent):
    conv, x = OctConv3d(8, 8, 3, stride=2, padding=1), torch.randn(1, 8, 2, extent, extent)

    for twin in (copy.deepcopy(conv), pickle.loads(pickle.dumps(conv)), torch.export.export(conv, (x,)).module()):
        torch.testing.assert_close(twin(x), conv(x))


def test_gradients_reach_every_path():
    conv = OctConv3d(8, 8, 3, padding=1)

    conv(torch.randn(1, 8, 2, 6, 6)).square().sum().backward()

    assert all(parameter.grad.abs().sum() > 0 for parameter in conv.parameters())
