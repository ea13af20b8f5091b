"""convert_to_one_hot."""

import pytest
import torch

from ptv_registry.errors import ArgumentError
from ptv_transforms import functional as F


def test_labels_become_vectors_of_whole_numbers():
    assert torch.equal(F.convert_to_one_hot(torch.tensor([2, 0]), 3), torch.tensor([[0, 0, 1], [1, 0, 0]]))


def test_a_column_of_labels_is_accepted():
    assert F.convert_to_one_hot(torch.tensor([[2], [0]]), 3).shape == (2, 3)


def test_smoothing_spreads_a_share_over_all_classes():
    vectors = F.convert_to_one_hot(torch.tensor([1]), 4, label_smooth=0.2)

    torch.testing.assert_close(vectors, torch.tensor([[0.05, 0.85, 0.05, 0.05]]))


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0]])
def test_a_label_that_is_no_class_is_an_error(labels):
    with pytest.raises(ArgumentError, match=r"num_class=3 they must be in \[0, 2\]"):
        F.convert_to_one_hot(torch.tensor(labels), 3)


@pytest.mark.parametrize("smooth", [-0.1, 1.0])
def test_smoothing_must_be_a_share(smooth):
    with pytest.raises(ArgumentError, match="label_smooth"):
        F.convert_to_one_hot(torch.tensor([0]), 3, smooth)
