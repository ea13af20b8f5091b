"""ExecuTorch on small X3D models: fp32, int8, what the delegate takes, what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import ptv_registry
from ptv_deploy import Artifact, ArtifactError, UnsupportedError
from ptv_executorch import ExecuTorch
from ptv_mobile import AdaptiveAvgPool3dOutSize1, Conv3d5x1x1BnAct, Conv3dTemporalKernel1BnAct, X3dBottleneckBlock

X3D = (
    "x3d(input_clip_length=4, input_crop_size=32, depth_factor=0.1, stem_dim_in=4, model_num_class=5, head_dim_out=16)"
)
MVIT = (
    "mvit(spatial_size=32, temporal_size=4, depth=1, head_num_classes=5, embed_dim_mul=[], atten_head_mul=[], "
    "pool_q_stride_size=[], pool_kv_stride_adaptive=[1, 4, 4], pool_kvq_kernel=[3, 3, 3])"
)
FRESH = """
import sys, torch, ptv_deploy
for folder in sys.argv[1:]:
    clips, wanted = torch.load(folder + ".pt")
    print(ptv_deploy.compare([wanted], [ptv_deploy.load(folder, trust=True)(clips)]).max_rel_diff)
print([name for name in sys.modules if name.startswith(("ptv_x3d.", "ptv_mobile.", "ptv_layers.", "ptv_executorch.oper")) and not name.endswith(".hooks")])
"""


def efficient_x3d() -> nn.Module:
    """The parts of EfficientX3D, few of each."""
    torch.manual_seed(0)
    acts = ("relu", "swish", "relu")
    return nn.Sequential(
        Conv3dTemporalKernel1BnAct(3, 8, spatial_kernel=3, spatial_stride=2, spatial_padding=1, use_bn=False),
        Conv3d5x1x1BnAct(8, 8, groups=8),
        X3dBottleneckBlock(8, 18, 8, spatial_stride=2, se_ratio=0.5, act_functions=acts),
        X3dBottleneckBlock(8, 18, 8, se_ratio=0.0, act_functions=acts),
        AdaptiveAvgPool3dOutSize1(),
        nn.Flatten(),
        nn.Linear(8, 5),
    ).eval()


def test_x3d_and_efficient_x3d_are_whole_in_the_delegate_and_run_in_a_fresh_process(tmp_path: Path) -> None:
    torch.manual_seed(0)
    models = {"x3d": ptv_registry.build(X3D).eval(), "efficient": efficient_x3d()}
    folders = []
    for batch, (name, model) in enumerate(models.items(), start=1):
        folder = str(tmp_path / name)
        artifact = ExecuTorch().export(model, torch.randn(batch, 3, 4, 32, 32), folder)
        delegate = artifact.settings["delegate"]

        assert batch == artifact.signature.batch
        if batch == 1:
            assert (1.0, 1, {}) == (delegate["share"], delegate["calls"], delegate["others"])
        assert delegate["share"] > 0.95  # of more clips than one the delegate does not repeat a gate in time
        assert 30 < delegate["delegated"] < 200

        clips = torch.randn(2 * batch, 3, 4, 32, 32)
        with torch.no_grad():
            torch.save((clips, model(clips)), folder + ".pt")
        folders.append(folder)
    done = subprocess.run(
        [sys.executable, "-c", FRESH, *folders], capture_output=True, text=True, timeout=300, check=False
    )

    assert 0 == done.returncode, done.stderr
    *differences, imported = done.stdout.splitlines()
    assert 2 == len(differences)
    assert all(float(difference) <= 1e-4 for difference in differences), differences
    assert "[]" == imported


def test_int8_is_smaller_near_and_whole_in_the_delegate(tmp_path: Path) -> None:
    model = nn.Sequential(*list(efficient_x3d())[:1], nn.Conv3d(8, 64, (3, 1, 1), padding=(1, 0, 0)), nn.ReLU())
    model = nn.Sequential(model, nn.Conv3d(64, 64, 1), nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(64, 5)).eval()
    calibration = [torch.randn(1, 3, 4, 32, 32) for _ in range(4)]
    artifact = ExecuTorch().export(
        model, calibration[0], tmp_path / "int8", "int8", calibration, compare_on=calibration
    )
    size = 4 * sum(tensor.numel() for tensor in model.state_dict().values())

    assert 1.0 == artifact.settings["delegate"]["share"]
    assert artifact.parity is not None
    assert 0 < artifact.parity.max_rel_diff < 0.1
    assert artifact.bytes < size


def test_what_it_cannot_do_is_named_before_anything_is_lowered(tmp_path: Path) -> None:
    support = ExecuTorch().supports(MVIT, example_inputs=torch.randn(1, 3, 4, 32, 32))

    assert not support
    assert "aten.flatten" in support.reason
    model, clips = ptv_registry.build(MVIT), torch.randn(1, 3, 4, 32, 32)
    with pytest.raises(UnsupportedError, match="flatten"):
        ExecuTorch().export(model, clips, tmp_path / "artifact")
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_no_whole_program_is_a_typed_error_though_its_checksum_is_right(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv3d(3, 4, 1), nn.AdaptiveAvgPool3d(1), nn.Flatten()).eval()
    artifact = ExecuTorch().export(model, torch.randn(1, 3, 2, 4, 4), tmp_path / "artifact")
    file = artifact.folder / "model.pte"
    whole = file.read_bytes()
    for content in (b"", b"ET12", bytes(range(256)) * 9, whole[:-500], whole[:200]):
        file.write_bytes(content)
        Artifact.read(artifact.folder, verify=False).with_files().write()

        with pytest.raises(ArtifactError, match=r"model\.pte|cannot open"):
            ExecuTorch().load(artifact.folder, trust=True)
