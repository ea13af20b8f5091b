"""ONNX Runtime on real models of every family: any batch size, several pathways, int8, and what it cannot do by name."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from torch import nn

import ptv_registry
from ptv_deploy import Artifact, ArtifactError, UnsupportedError
from ptv_onnx import OnnxRuntime
from ptv_onnx.running import open_session
from ptv_registry.errors import ArgumentError
from tests.support.small_models import MODELS, Saturates, clips_of

FRESH = """
import sys, torch, ptv_deploy
for folder in sys.argv[1:]:
    clips, wanted = torch.load(folder + ".pt")
    parity = ptv_deploy.compare(wanted, [ptv_deploy.load(folder)(item) for item in clips])
    print(parity.max_rel_diff)
absent = ("ptv_slowfast", "ptv_x3d", "ptv_mvit", "ptv_layers.slots", "onnx", "onnxscript", "onnxruntime.quantization")
print([name for name in absent if name in sys.modules])
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    """The artifacts of all models in fp32."""
    folder = tmp_path_factory.mktemp("plain")
    return {
        name: OnnxRuntime().export(build(name), clips_of(shapes, 1), folder / name)
        for name, (_, shapes) in MODELS.items()
    }


def build(name: str) -> nn.Module:
    torch.manual_seed(0)
    model: nn.Module = ptv_registry.build(MODELS[name][0])
    return model.eval()


def small() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv3d(3, 4, 1), nn.AdaptiveAvgPool3d(1), nn.Flatten())


def operations(folder: Path) -> set[str]:
    return {node.op_type for node in onnx.load(folder / "model.onnx").graph.node}


def test_slowfast_x3d_and_mvit_run_in_a_fresh_process_for_any_batch_size(
    plain: dict[str, Artifact], tmp_path: Path
) -> None:
    folders = []
    for name, artifact in plain.items():
        model = build(name)
        folder = shutil.copytree(artifact.folder, tmp_path / name)
        clips = [clips_of(MODELS[name][1], batch) for batch in (1, 2, 5)]
        with torch.no_grad():
            torch.save((clips, [model(item) for item in clips]), f"{folder}.pt")
        folders.append(str(folder))
    done = subprocess.run(
        [sys.executable, "-c", FRESH, *folders], capture_output=True, text=True, timeout=300, check=False
    )

    assert 0 == done.returncode, done.stderr
    *differences, imported = done.stdout.splitlines()
    assert len(MODELS) == len(differences)
    assert all(float(difference) <= 1e-4 for difference in differences), differences
    assert "[]" == imported


def test_the_export_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    OnnxRuntime().export(
        small(), torch.randn(1, 3, 2, 4, 4), tmp_path / "artifact", "int8", [torch.randn(1, 3, 2, 4, 4)]
    )

    assert ("", "") == tuple(capfd.readouterr())


class _Decomposes(nn.Module):
    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        return torch.linalg.eigvals(clips.mean((1, 2))).real


def test_what_onnx_has_no_operation_for_is_named_before_anything_runs(tmp_path: Path) -> None:
    clips = torch.randn(2, 3, 4, 8, 8)
    support = OnnxRuntime().supports(_Decomposes(), example_inputs=clips)

    assert "torch.onnx cannot convert aten.linalg_eig" == support.reason
    with pytest.raises(UnsupportedError, match="linalg_eig"):
        OnnxRuntime().export(_Decomposes(), clips, tmp_path / "artifact")
    assert [] == list(tmp_path.iterdir())


class _InBfloat16(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv3d(3, 4, 3).bfloat16()

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.convolution(clips.bfloat16()).float().mean((2, 3, 4))
        return scores


def test_what_onnx_runtime_has_no_kernel_for_is_named_too() -> None:
    support = OnnxRuntime().supports(_InBfloat16(), example_inputs=torch.randn(2, 3, 4, 8, 8))

    assert "bfloat16" in support.reason
    assert "Conv" in support.reason


def test_inputs_that_numpy_has_no_type_for_are_named() -> None:
    support = OnnxRuntime().supports(nn.Flatten(), example_inputs=torch.ones(2, 3, 4, 8, 8).bfloat16())

    assert "input is bfloat16" in support.reason


def test_weights_that_nothing_was_written_to_do_not_warn() -> None:
    model = nn.Sequential(nn.Conv3d(3, 4, 1), nn.BatchNorm3d(4))
    for tensor in model.state_dict().values():
        tensor.fill_(3e38 if tensor.is_floating_point() else 0)

    assert OnnxRuntime().supports(model, example_inputs=torch.randn(1, 3, 2, 4, 4)).ok


def test_the_export_without_onnx_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "onnx" else find_spec(name))
    reason = OnnxRuntime().supports(nn.Identity()).reason

    assert "needs onnx," in reason
    assert "ptv-onnx[export]" in reason


def test_int8_quantises_convolutions_and_leaves_the_size_a_third(plain: dict[str, Artifact], tmp_path: Path) -> None:
    shapes = MODELS["x3d"][1]
    model = build("x3d")
    calibration = [clips_of(shapes, 1) for _ in range(4)]
    artifact = OnnxRuntime().export(
        model, calibration[0], tmp_path / "int8", "int8", calibration, compare_on=[clips_of(shapes, 3)]
    )

    assert "QuantizeLinear" in operations(artifact.folder)
    assert artifact.bytes < plain["x3d"].bytes / 3
    assert artifact.settings["operations_int8"]["Conv"] >= 30
    assert "Conv" not in artifact.settings["operations_fp32"]
    assert artifact.parity is not None
    assert 0 < artifact.parity.max_rel_diff < 0.05
    assert 4 == artifact.parity.clips


def test_int8_leaves_attention_in_fp32(tmp_path: Path) -> None:
    shapes = MODELS["mvit"][1]
    calibration = [clips_of(shapes, 1) for _ in range(4)]
    artifact = OnnxRuntime().export(
        build("mvit"), calibration[0], tmp_path / "int8", "int8", calibration, compare_on=[clips_of(shapes, 3)]
    )
    quantised, plain = artifact.settings["operations_int8"], artifact.settings["operations_fp32"]

    assert 4 == plain["MatMul"]  # the two products of each of the two blocks
    assert quantised["MatMul"] >= 10
    assert {"Softmax", "LayerNormalization", "Gelu", "Add"} <= set(plain) - set(quantised)
    assert {"Conv", "Gemm"} <= set(quantised) - set(plain)
    assert artifact.parity is not None
    assert 0 < artifact.parity.max_rel_diff < 0.15


def largest_weights(folder: Path) -> list[int]:
    """Of each layer: the largest 8-bit number among its weights."""
    tensors = map(onnx.numpy_helper.to_array, onnx.load(folder / "model.onnx").graph.initializer)
    return [int(abs(array.astype(int)).max()) for array in tensors if array.dtype == "int8" and array.ndim > 1]


def test_no_sum_of_two_int8_products_overflows_16_bits(tmp_path: Path) -> None:
    """Processors without VNNI add two products in 16 bits: 2 * 255 * 64 fits, 2 * 255 * 127 does not."""
    model, clips = Saturates().eval(), torch.ones(2, 3, 4, 8, 8)
    artifact = OnnxRuntime().export(model, clips, tmp_path / "portable", "int8", [clips])
    wide = OnnxRuntime(weight_bits=8).export(model, clips, tmp_path / "wide", "int8", [clips])

    assert [64, 64] == largest_weights(artifact.folder)
    assert [127, 127] == largest_weights(wide.folder)
    assert [7, 8] == [artifact.settings["weight_bits"], wide.settings["weight_bits"]]
    assert artifact.parity is not None
    assert artifact.parity.max_rel_diff < 0.02


def test_weights_have_seven_or_eight_bits() -> None:
    with pytest.raises(ArgumentError, match=r"weight_bits=6 must be 7.*or 8"):
        OnnxRuntime(weight_bits=6)  # type: ignore[arg-type]


def test_a_whole_file_that_is_no_model_is_a_damaged_artifact(tmp_path: Path) -> None:
    artifact = OnnxRuntime().export(small(), torch.randn(1, 3, 2, 4, 4), tmp_path / "artifact")
    (artifact.folder / "model.onnx").write_bytes(b"no model")
    artifact.with_files().write()

    with pytest.raises(ArtifactError, match=r"ONNX Runtime cannot open .*model\.onnx"):
        OnnxRuntime().load(artifact.folder)


def test_it_uses_as_many_threads_as_it_is_told_to_or_else_as_pytorch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    OnnxRuntime().export(small(), torch.randn(1, 3, 2, 4, 4), tmp_path / "artifact")
    asked: list[int] = []

    def note(model: Any, *, threads: int) -> Any:
        asked.append(threads)
        return open_session(model, threads=threads)

    monkeypatch.setattr("ptv_onnx.backend.open_session", note)
    OnnxRuntime().load(tmp_path / "artifact")
    OnnxRuntime(threads=3).load(tmp_path / "artifact")

    assert [torch.get_num_threads(), 3] == asked
