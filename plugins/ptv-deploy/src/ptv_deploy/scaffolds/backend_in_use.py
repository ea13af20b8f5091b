"""The backend mine, from a model to an artifact that gives the same."""

from pathlib import Path

import pytest
import torch
from torch import nn

import ptv_deploy
import ptv_registry as ptv
from ptv_deploy import UntrustedArtifactError


class Small(nn.Module):
    """One convolution and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv3d(3, 4, 1), nn.Linear(4, 5)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        """(B, 3, T, H, W) to (B, 5)."""
        scores: torch.Tensor = self.head(self.conv(clips).relu().mean((2, 3, 4)))
        return scores


def test_mine_gives_what_the_model_gives_for_any_batch(tmp_path: Path) -> None:
    model = Small().eval()
    artifact = ptv.build("backend:mine").export(model, torch.rand(1, 3, 2, 4, 4), tmp_path / "artifact")
    loaded = ptv_deploy.load(tmp_path / "artifact", trust=True)
    clips = torch.rand(3, 3, 2, 4, 4)

    assert artifact.parity is not None
    assert artifact.parity.max_rel_diff < 1e-4
    with torch.no_grad():
        assert torch.allclose(model(clips), loaded(clips), atol=1e-5)


def test_code_is_loaded_only_when_asked(tmp_path: Path) -> None:
    ptv.build("backend:mine").export(Small().eval(), torch.rand(1, 3, 2, 4, 4), tmp_path / "artifact")

    with pytest.raises(UntrustedArtifactError):
        ptv_deploy.load(tmp_path / "artifact")
