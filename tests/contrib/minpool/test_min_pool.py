import copy
import pickle

import pytest
import torch
from torch import nn

from ptv_minpool import MinPool3d


def test_each_window_gives_its_smallest_value():
    x = torch.randn(2, 3, 4, 6, 6)

    expected = x.reshape(2, 3, 2, 2, 3, 2, 3, 2).amin((3, 5, 7))

    assert torch.equal(MinPool3d(2)(x), expected)


@pytest.mark.parametrize(
    "arguments",
    [
        {"kernel_size": 2, "stride": 3},
        {"kernel_size": [1, 3, 3], "stride": [1, 2, 2], "padding": [0, 1, 1]},
        {"kernel_size": 2, "dilation": 2, "stride": 1},
        {"kernel_size": 2, "ceil_mode": True},
        {"kernel_size": (3, 3, 3), "padding": 1},
    ],
)
def test_every_argument_is_that_of_max_pooling(arguments):
    x = torch.randn(2, 3, 5, 7, 7)

    assert torch.equal(MinPool3d(**arguments)(x), -nn.MaxPool3d(**arguments)(-x))


def test_padding_is_never_the_minimum():
    x = torch.full((1, 1, 2, 2, 2), 5.0)

    assert torch.equal(MinPool3d(2, padding=1)(x), torch.full((1, 1, 2, 2, 2), 5.0))


def test_copies_and_exports():
    pool, x = MinPool3d(2), torch.randn(1, 2, 4, 4, 4)

    for twin in (copy.deepcopy(pool), pickle.loads(pickle.dumps(pool)), torch.export.export(pool, (x,)).module()):
        assert torch.equal(twin(x), pool(x))
