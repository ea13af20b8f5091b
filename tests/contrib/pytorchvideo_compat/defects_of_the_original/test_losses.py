"""Defects of the original's losses, which its release 0.1.5 does not have."""

import pytest
import torch
from torch.nn import functional as F

LOGITS = torch.tensor([[1.0, 2, 0], [0, 1, 3], [2, 1, 0]])


@pytest.mark.defect(38, there="has no attribute 'ignore_idx'|index -100 is out of bounds", main=True)
@pytest.mark.parametrize("ignored", [1, -100])
def test_samples_of_the_ignored_class_do_not_count(ignored):
    from pytorchvideo.losses.soft_target_cross_entropy import SoftTargetCrossEntropyLoss

    target = torch.tensor([0, ignored, 2])

    found = SoftTargetCrossEntropyLoss(ignore_index=ignored)(LOGITS, target)

    assert float(found) == pytest.approx(float(F.cross_entropy(LOGITS, target, ignore_index=ignored)), rel=1e-5)
