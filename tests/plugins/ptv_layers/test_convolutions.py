import pytest
import torch
from torch import nn

from ptv_layers import Conv2plus1d, ConvReduce3D, create_conv_2plus1d, create_conv_reduce
from ptv_registry.errors import ArgumentError

# Each way in which models call a convolution.
CALLS = [
    {"kernel_size": 1, "stride": 1, "padding": 0},
    {"kernel_size": (1, 1, 1), "stride": (1, 2, 2), "padding": (0, 0, 0), "bias": False},
    {"kernel_size": (3, 1, 1), "stride": (2, 1, 1), "padding": (1, 0, 0), "bias": True},
    {"kernel_size": (1, 3, 3), "stride": [1, 2, 2], "padding": [0, 1, 1], "dilation": (1, 1, 1), "groups": 1},
    {"kernel_size": [5, 7, 7], "stride": (1, 2, 2), "padding": (2, 3, 3), "dilation": 1},
    {"kernel_size": 3, "stride": 1, "padding": "same"},
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("build", [create_conv_2plus1d, create_conv_reduce])
def test_convolutions_can_stand_where_conv3d_does(build, call):
    x = torch.randn(2, 4, 4, 9, 9)

    conv = build(in_channels=4, out_channels=6, **call)

    assert conv(x).shape == nn.Conv3d(4, 6, **call)(x).shape


def test_conv_2plus1d_is_temporal_norm_activation_spatial():
    conv = create_conv_2plus1d(in_channels=3, out_channels=8, inner_channels=5, norm_eps=0.5).eval()
    x = torch.randn(2, 3, 4, 8, 8)
    conv.norm.running_mean.normal_()

    y = nn.functional.conv3d(x, conv.conv_t.weight, stride=(2, 1, 1), padding=(1, 0, 0))
    y = (y - conv.norm.running_mean.view(-1, 1, 1, 1)) / 1.5**0.5
    y = nn.functional.conv3d(y.clamp(min=0), conv.conv_xy.weight, stride=(1, 2, 2), padding=(0, 1, 1))

    torch.testing.assert_close(conv(x), y)
    assert conv.conv_t.weight.shape == (5, 3, 3, 1, 1)
    assert conv.conv_xy.weight.shape == (8, 5, 1, 3, 3)


def test_conv_2plus1d_can_be_spatial_first():
    conv = create_conv_2plus1d(
        in_channels=3, out_channels=8, inner_channels=5, conv_xy_first=True, norm=None, activation=None
    )
    x = torch.randn(2, 3, 4, 8, 8)

    assert conv.conv_xy.weight.shape == (5, 3, 1, 3, 3)
    assert conv.conv_t.weight.shape == (8, 5, 3, 1, 1)
    torch.testing.assert_close(conv(x), conv.conv_t(conv.conv_xy(x)))


def test_every_argument_of_conv_2plus1d_has_an_effect():
    conv = create_conv_2plus1d(in_channels=2, out_channels=2, bias=True, norm_momentum=0.7, activation=nn.Sigmoid)

    assert conv.conv_t.bias is not None
    assert conv.conv_xy.bias is not None
    assert conv.norm.momentum == 0.7
    assert isinstance(conv.activation, nn.Sigmoid)
    assert list(conv.state_dict())[:3] == ["conv_t.weight", "conv_t.bias", "norm.weight"]


def test_softmax_between_the_convolutions_is_over_the_channels():
    assert create_conv_2plus1d(in_channels=2, out_channels=2, activation=nn.Softmax).activation.dim == 1


@pytest.mark.parametrize("arguments", [{"groups": 2}, {"dilation": (1, 2, 2)}, {"kernel_size": (3, 3)}])
def test_conv_2plus1d_refuses_what_it_does_not_support(arguments):
    (name,) = arguments
    with pytest.raises(ArgumentError, match=name):
        create_conv_2plus1d(in_channels=4, out_channels=4, **arguments)


@pytest.mark.parametrize("missing", ["conv_t", "conv_xy"])
def test_conv2plus1d_needs_both_convolutions(missing):
    convs = {"conv_t": nn.Identity(), "conv_xy": nn.Identity()} | {missing: None}
    with pytest.raises(ArgumentError, match=missing):
        Conv2plus1d(**convs)


ARGUMENTS = {
    "kernel_size": ((3, 3, 3), 1, (1, 3, 3)),
    "stride": (2, (2, 2, 2), [2, 2, 2]),
    "padding": ((2, 2, 2), None, (0, 1, 1)),
    "padding_mode": ("circular", "zeros", None),
    "dilation": (2, None, None),
    "groups": (1, 2, None),
    "bias": (True, False, None),
}


def test_conv_reduce_sums_its_convolutions():
    reduce = ConvReduce3D(in_channels=4, out_channels=6, **ARGUMENTS)
    x = torch.randn(2, 4, 6, 6, 6)

    torch.testing.assert_close(reduce(x), sum(conv(x) for conv in reduce.convs))
    first, second, third = reduce.convs
    assert (first.padding_mode, first.dilation, first.padding) == ("circular", (2, 2, 2), (2, 2, 2))
    assert (second.groups, second.bias, second.stride) == (2, None, (2, 2, 2))
    assert (third.kernel_size, third.bias is None, third.stride) == ((1, 3, 3), False, (2, 2, 2))


def test_conv_reduce_can_concatenate():
    reduce = ConvReduce3D(in_channels=4, out_channels=6, **ARGUMENTS, reduction_method="cat")
    x = torch.randn(2, 4, 6, 6, 6)

    torch.testing.assert_close(reduce(x), torch.cat([conv(x) for conv in reduce.convs], dim=1))


def test_a_flat_tuple_of_the_class_holds_one_size_per_convolution():
    assert [conv.kernel_size for conv in ConvReduce3D(in_channels=1, out_channels=1, kernel_size=(1, 3, 5)).convs] == [
        (1, 1, 1),
        (3, 3, 3),
        (5, 5, 5),
    ]


def test_plain_values_of_the_component_are_one_convolution():
    reduce = create_conv_reduce(in_channels=4, out_channels=6, kernel_size=(1, 3, 3), padding=(0, 1, 1), bias=False)

    assert [(conv.kernel_size, conv.padding, conv.bias) for conv in reduce.convs] == [((1, 3, 3), (0, 1, 1), None)]


@pytest.mark.parametrize("sequence", [list, tuple])
def test_lists_of_the_component_are_one_value_per_convolution(sequence):
    kernels, paddings = sequence([(1, 3, 3), (3, 1, 1)]), sequence([[0, 1, 1], [1, 0, 0]])

    reduce = create_conv_reduce(
        in_channels=4, out_channels=6, kernel_size=kernels, stride=(1, 2, 2), padding=paddings, groups=[2, 1]
    )

    assert [conv.kernel_size for conv in reduce.convs] == [(1, 3, 3), (3, 1, 1)]
    assert [conv.stride for conv in reduce.convs] == [(1, 2, 2)] * 2
    assert [conv.groups for conv in reduce.convs] == [2, 1]
    assert reduce(torch.randn(1, 4, 4, 8, 8)).shape == (1, 6, 4, 4, 4)


@pytest.mark.parametrize(
    ("build", "arguments", "named"),
    [
        (ConvReduce3D, {"kernel_size": (1, 3), "stride": (1,)}, "stride"),
        (ConvReduce3D, {"kernel_size": 3}, "kernel_size"),
        (ConvReduce3D, {"kernel_size": ()}, "kernel_size"),
        (ConvReduce3D, {"kernel_size": (1, 3), "reduction_method": "mean"}, "reduction_method"),
        (create_conv_reduce, {"kernel_size": [[1, 3, 3], [3, 1, 1]], "bias": [True]}, "bias"),
    ],
)
def test_conv_reduce_names_what_does_not_fit(build, arguments, named):
    with pytest.raises(ArgumentError, match=named):
        build(in_channels=1, out_channels=1, **arguments)
