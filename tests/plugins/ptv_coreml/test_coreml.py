"""Core ML packages are written on any system, and say that they were not compared where they cannot run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import ptv_registry
from ptv_coreml import CoreML
from ptv_deploy import UnsupportedError

X3D = (
    "x3d(input_clip_length=4, input_crop_size=32, depth_factor=0.1, stem_dim_in=4, model_num_class=5, head_dim_out=16)"
)


@pytest.mark.skipif(sys.platform == "darwin", reason="here it runs, and is compared")
def test_an_x3d_becomes_a_package_that_cannot_be_run_here(tmp_path: Path) -> None:
    model = ptv_registry.build(X3D).eval()
    artifact = CoreML().export(model, torch.randn(1, 3, 4, 32, 32), tmp_path / "artifact")

    assert artifact.parity is None
    assert "macOS" in artifact.settings["not_compared"]
    assert 1 == artifact.signature.batch
    assert {"model.mlpackage/Manifest.json", "model.mlpackage/Data/com.apple.CoreML/model.mlmodel"} <= set(
        artifact.files
    )
    weights = 4 * sum(tensor.numel() for tensor in model.parameters())
    assert artifact.bytes > weights
    with pytest.raises(UnsupportedError, match="macOS"):
        CoreML().load(artifact.folder)


def test_the_package_has_the_inputs_and_outputs_of_the_model(tmp_path: Path) -> None:
    coremltools = pytest.importorskip("coremltools")
    model = nn.Sequential(nn.Conv3d(3, 4, 3), nn.AdaptiveAvgPool3d(1), nn.Flatten()).eval()
    artifact = CoreML().export(model, torch.randn(2, 3, 4, 8, 8), tmp_path / "artifact")
    package = coremltools.models.MLModel(str(artifact.folder / "model.mlpackage"), skip_model_load=True)
    (given,), (taken,) = package.get_spec().description.output, package.get_spec().description.input

    assert [2, 3, 4, 8, 8] == list(taken.type.multiArrayType.shape)
    assert [2, 4] == list(given.type.multiArrayType.shape)


class _Decomposes(nn.Module):
    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return torch.linalg.qr(clips.mean((1, 2)))[0]


def test_what_cannot_be_converted_is_named() -> None:
    support = CoreML().supports(_Decomposes(), example_inputs=torch.randn(2, 3, 4, 8, 8))

    assert not support
    assert "linalg_qr" in support.reason


def test_without_coremltools_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert "ptv-coreml[export]" in CoreML().supports(nn.Identity()).reason
