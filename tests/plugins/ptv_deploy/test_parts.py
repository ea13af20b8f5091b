"""Folding, the allocator, comparison, supports of plans, the choice of a backend."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest
import torch
from torch import nn

import ptv_deploy
import ptv_registry
from ptv_deploy import ArtifactError, ParityError, Program, UnsupportedError, backend_choice, compare, keep_memory
from ptv_deploy.testing_models import OnePathway, clips_for
from ptv_deploy.torch_backends.eager import Eager
from ptv_deploy.torch_backends.folding import fold_batch_norms
from ptv_deploy.torch_backends.torch_export import TorchExport


class _OnlyOneNormCanBeFolded(nn.Module):
    """The output of the second convolution is read twice; the third norm follows no convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv3d(3, 3, 1) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm3d(3) for _ in range(3))
        for norm in self.norms:
            nn.init.uniform_(norm.running_mean)
            nn.init.uniform_(norm.running_var, 0.5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norms[0](self.convs[0](x))
        y = self.convs[1](x)
        return self.norms[2](self.norms[1](y) + y)


def test_folding_takes_only_norms_whose_convolution_nothing_else_reads() -> None:
    clips = torch.randn(2, 3, 2, 4, 4)
    program = Program(_OnlyOneNormCanBeFolded(), clips)
    module = program.exported.module(check_guards=False)

    assert 1 == fold_batch_norms(module)
    assert compare([program.outputs], [module(clips)]).max_rel_diff < 1e-5
    assert not any("norms.0" in name for name, _ in [*module.named_parameters(), *module.named_buffers()])


def test_a_graph_for_one_clip_is_traced_on_the_first_of_the_example() -> None:
    model = OnePathway()
    clips = clips_for(model, 3)
    program = Program(model, clips, batch="clip")

    assert torch.equal(clips[:1], program.args[0])
    assert (1, [[1, 3, 4, 16, 16]]) == (program.signature.batch, program.signature.input_shapes)
    assert (3, None) == tuple(Program(model, clips, batch=batch).signature.batch for batch in ("example", "free"))


class _Scaled(nn.Module):
    def forward(self, clips: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        return clips.mean((2, 3, 4)) * scale


def test_arguments_of_other_batch_sizes_stay_whole() -> None:
    clips, scale = clips_for(OnePathway(), 2), torch.ones(3)

    assert 2 == Program(_Scaled(), (clips, scale), batch="clip").signature.batch


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "batch"), [("", 1), ("free_batch=true", None)])
def test_aot_inductor_compiles_for_one_clip_or_for_any_batch(tmp_path: Path, arguments: str, batch: int | None) -> None:
    model = OnePathway().eval()
    backend = ptv_registry.build(f"aot_inductor({arguments})", kind="backend")
    artifact = backend.export(model, clips_for(model, 2), tmp_path / "artifact")
    clips = clips_for(model, 3, seed=1)
    given = ptv_deploy.load(artifact.folder, trust=True)(clips)

    assert (batch, 2) == (artifact.signature.batch, artifact.parity.clips)
    assert compare([model(clips)], [given]).max_rel_diff < 1e-5


def test_what_eager_does_can_be_left_out(tmp_path: Path) -> None:
    model = OnePathway()
    backend = ptv_registry.build("eager(fold=false, channels_last=false, allocator=false)", kind="backend")
    artifact = backend.export(model, clips_for(model, 1), tmp_path / "plain")

    assert {"folded": 0, "channels_last": False} == artifact.settings
    assert {"fold": False, "channels_last": False, "allocator": False} == artifact.backend["arguments"]
    assert 2 == Eager().export(model, clips_for(model, 1), tmp_path / "folded").settings["folded"]


def test_malloc_keeps_memory_where_the_c_library_is_glibc() -> None:
    assert keep_memory() is (platform.libc_ver()[0] == "glibc")


def test_parity_is_relative_to_the_largest_output_and_counts_first_classes() -> None:
    parity = compare(
        [torch.tensor([[1.0, 4.0], [2.0, 1.0]])],
        [torch.tensor([[1.0, 4.4], [0.0, 1.0]])],
    )

    assert (pytest.approx(0.5), 0.5, 2) == (parity.max_rel_diff, parity.top1_agreement, parity.clips)


def test_outputs_that_are_not_finite_are_no_parity() -> None:
    with pytest.raises(ParityError, match="finite"):
        compare([torch.ones(1, 2)], [torch.tensor([[1.0, torch.nan]])])


def test_an_export_that_differs_too_much_leaves_nothing(tmp_path: Path) -> None:
    model = OnePathway()
    with pytest.raises(ParityError, match="tolerance"):
        TorchExport().export(model, clips_for(model, 1), tmp_path / "artifact", "bf16", tolerance=1e-9)

    assert [] == list(tmp_path.iterdir())


def test_a_plan_is_judged_by_the_clips_that_its_builder_describes() -> None:
    assert TorchExport().supports("x3d_xs").ok
    assert "int8" in TorchExport().supports("x3d_xs", precision="int8").reason


def test_a_record_that_was_edited_is_refused(tmp_path: Path) -> None:
    model = OnePathway()
    TorchExport().export(model, clips_for(model, 1), tmp_path / "artifact")
    path = tmp_path / "artifact" / "artifact.json"
    data = json.loads(path.read_text())
    data["files"]["../secret"] = data["files"].pop("model.pt2")
    path.write_text(json.dumps(data))

    with pytest.raises(ArtifactError, match="changed after the export"):
        ptv_deploy.load(tmp_path / "artifact")


def test_a_folder_that_is_no_artifact_says_so(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"artifact\.json is missing"):
        ptv_deploy.load(tmp_path)


def test_without_openvino_the_default_is_eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend_choice, "PREFERRED", ("nothing_like_it", "eager"))

    assert "eager" == ptv_deploy.default_backend().name
    with pytest.raises(UnsupportedError, match="ptv-nothing_like_it"):
        ptv_deploy.default_backend("int8")
