import pytest
import torch
from torch import nn

import ptv_layers
from ptv_layers.hooks import ptv_convert


@pytest.mark.parametrize(
    ("dimensions", "shape"), [(1, (4, 3)), (2, (2, 3, 4, 4)), (3, (2, 3, 2, 4, 4))], ids=["1d", "2d", "3d"]
)
@pytest.mark.parametrize(
    "arguments", [{}, {"affine": False}, {"eps": 0.3, "momentum": None}, {"track_running_stats": False}]
)
def test_a_synchronized_norm_becomes_the_plain_one_with_its_statistics(dimensions, shape, arguments):
    norm = getattr(ptv_layers, f"NaiveSyncBatchNorm{dimensions}d")(3, **arguments).double()
    x = torch.randn(shape, dtype=torch.double) + 2
    norm(x)
    norm.eval()

    plain = ptv_convert(norm, "inference", "blocks.0.norm")

    assert type(plain) is getattr(nn, f"BatchNorm{dimensions}d")
    assert plain.momentum == norm.momentum
    assert not plain.training
    assert torch.equal(plain(x), norm(x))
    assert plain.state_dict().keys() == norm.state_dict().keys()


def test_the_original_is_left_alone():
    norm = ptv_layers.NaiveSyncBatchNorm3d(3)
    plain = ptv_convert(norm, "inference", "norm")
    plain.weight.data.zero_()
    plain.running_mean.add_(1)

    assert norm.weight.sum() == 3
    assert norm.running_mean.sum() == 0


def test_other_modules_and_targets_are_none_of_its_business():
    assert ptv_convert(nn.BatchNorm3d(3), "inference", "norm") is None
    assert ptv_convert(ptv_layers.NaiveSyncBatchNorm3d(3), "training", "norm") is None
