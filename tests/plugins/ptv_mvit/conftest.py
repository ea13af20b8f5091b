"""A multiscale vision transformer small enough to run in milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn

from ptv_mvit import create_multiscale_vision_transformers

SMALL: dict[str, Any] = {
    "spatial_size": 16,
    "temporal_size": 4,
    "depth": 2,
    "patch_embed_dim": 16,
    "embed_dim_mul": [[1, 2.0]],
    "pool_q_stride_size": [[1, 1, 2, 2]],
    "head_num_classes": 5,
}


@pytest.fixture(autouse=True)
def repeatable() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def small() -> Callable[..., nn.Module]:
    """Builds the small model with other arguments; the same seed each time."""

    def build(**arguments: Any) -> nn.Module:
        torch.manual_seed(0)
        return create_multiscale_vision_transformers(**{**SMALL, **arguments})

    return build


@pytest.fixture
def clips() -> torch.Tensor:
    return torch.randn(2, 3, 4, 16, 16, generator=torch.Generator().manual_seed(1))
