import copy
import pickle

import pytest
import torch
from torch import nn

from ptv_ghost_norm import GhostBatchNorm3d
from ptv_registry.errors import ArgumentError


@pytest.mark.parametrize(
    ("batch", "ghost_batch_size", "parts"),
    [
        (6, 2, [2, 2, 2]),
        (7, 3, [4, 3]),
        (5, 4, [5]),
        (2, 4, [2]),
        (8, 3, [4, 4]),
        (11, 3, [4, 4, 3]),
        (3, 1, [1, 1, 1]),
    ],
)
def test_each_ghost_batch_is_normalized_by_its_own_statistics(batch, ghost_batch_size, parts):
    norm = GhostBatchNorm3d(3, ghost_batch_size=ghost_batch_size)
    x = torch.randn(batch, 3, 2, 4, 4) * torch.arange(1, batch + 1).view(-1, 1, 1, 1, 1)

    expected = torch.cat([nn.BatchNorm3d(3)(part) for part in x.split(parts)])

    torch.testing.assert_close(norm(x), expected)


@pytest.mark.parametrize("momentum", [0.1, 0.6, None])
def test_running_statistics_take_in_one_ghost_batch_after_the_other(momentum):
    norm, reference = GhostBatchNorm3d(3, momentum=momentum, ghost_batch_size=2), nn.BatchNorm3d(3, momentum=momentum)
    x = torch.randn(6, 3, 2, 4, 4) + 3

    norm(x)
    for part in x.split(2):
        reference(part)

    torch.testing.assert_close(norm.state_dict(), reference.state_dict())


def test_evaluation_is_batch_norm_with_one_set_of_statistics():
    norm, reference = GhostBatchNorm3d(3, eps=0.3, ghost_batch_size=2), nn.BatchNorm3d(3, eps=0.3)
    norm(torch.randn(6, 3, 2, 4, 4) + 3)
    reference.load_state_dict(norm.state_dict())
    x = torch.randn(5, 3, 2, 4, 4)

    torch.testing.assert_close(norm.eval()(x), reference.eval()(x))


def test_gradients_flow_within_a_ghost_batch_only():
    norm = GhostBatchNorm3d(3, ghost_batch_size=2)
    x = torch.randn(4, 3, 2, 4, 4, requires_grad=True)

    norm(x)[:2].pow(3).sum().backward()

    assert x.grad[:2].abs().sum() > 0
    assert x.grad[2:].abs().sum() == 0


def test_clips_of_one_position_are_put_together():
    norm, x = GhostBatchNorm3d(3, ghost_batch_size=1), torch.randn(5, 3, 1, 1, 1)

    torch.testing.assert_close(norm(x), torch.cat([nn.BatchNorm3d(3)(part) for part in x.split([3, 2])]))


def test_scale_shift_and_statistics_may_be_left_out():
    norm = GhostBatchNorm3d(3, affine=False, track_running_stats=False, ghost_batch_size=2)

    assert not norm.state_dict()
    assert norm(torch.randn(4, 3, 2, 4, 4)).shape == (4, 3, 2, 4, 4)


def test_a_ghost_batch_has_at_least_one_clip():
    with pytest.raises(ArgumentError, match="ghost_batch_size=0"):
        GhostBatchNorm3d(3, ghost_batch_size=0)


def test_copies_and_exports():
    norm, x = GhostBatchNorm3d(3).eval(), torch.randn(8, 3, 2, 4, 4)

    for twin in (copy.deepcopy(norm), pickle.loads(pickle.dumps(norm)), torch.export.export(norm, (x,)).module()):
        torch.testing.assert_close(twin(x), norm(x))
