"""Where the backends of PyTorch run. The tests on a GPU need one; all else is shown without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import ptv_deploy
import ptv_registry
from ptv_deploy import UnsupportedError
from ptv_deploy.artifacts.loaded_model import LoadedModel
from ptv_deploy.artifacts.signature import leaves
from ptv_deploy.bench.run import Settings, run
from ptv_deploy.bench.worker import _backend
from ptv_deploy.testing_models import OnePathway, TwoPathways, clips_for
from ptv_deploy.torch_backends.device import absent, best_device, device_of
from ptv_deploy.torch_backends.eager import Eager
from ptv_registry.errors import ArgumentError
from tests.support import command_line

BACKENDS = ["torch_export", "eager", "compile", "aot_inductor"]
ELSEWHERE = "xpu" if best_device() == "mps" else "mps"

on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.mark.parametrize("name", BACKENDS)
def test_a_device_that_does_not_exist_is_named(name: str) -> None:
    with pytest.raises(ArgumentError, match="device='cudda' is not a PyTorch device"):
        ptv_registry.build(name, kind="backend", device="cudda")


def test_an_artifact_for_a_device_of_another_machine_is_written_and_not_compared(tmp_path: Path) -> None:
    model = OnePathway()
    backend = Eager(device=ELSEWHERE)
    artifact = backend.export(model, clips_for(model, 1), tmp_path / "artifact")

    assert artifact.parity is None
    assert f"PyTorch finds no {ELSEWHERE} on this machine" in artifact.settings["not_compared"]
    with pytest.raises(UnsupportedError, match=f"no {ELSEWHERE} on this machine.*device=cpu"):
        backend.load(artifact.folder)
    clips = clips_for(model, 2)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(clips), Eager(device="cpu").load(artifact.folder)(clips))


def test_a_library_cannot_be_compiled_for_a_device_of_another_machine() -> None:
    support = ptv_registry.build("aot_inductor", kind="backend", device=ELSEWHERE).supports(
        OnePathway(), example_inputs=clips_for(OnePathway(), 1)
    )

    assert not support
    assert f"no {ELSEWHERE}" in support.reason


def test_a_device_that_is_not_here_ends_the_benchmark_before_it_begins() -> None:
    done = command_line.run(["ptv", "bench", "x3d_xs", "--device", ELSEWHERE, "--backend", "eager"])

    assert 0 != done.returncode
    assert f"no {ELSEWHERE} on this machine" in done.stderr
    with pytest.raises(ArgumentError, match="is not a PyTorch device"):
        run(["x3d_xs"], ["eager"], ["fp32"], Settings(device="cudda"))


def test_the_benchmark_moves_backends_that_have_a_choice_and_leaves_what_a_spec_says() -> None:
    assert device_of(ELSEWHERE) == _backend("eager", ELSEWHERE).device
    assert device_of("cpu") == _backend("eager(device=cpu)", ELSEWHERE).device
    assert device_of("cpu") == _backend("openvino", ELSEWHERE).device


def test_the_cpu_is_always_there() -> None:
    assert "" == absent(device_of("cpu"))
    assert "" == absent(device_of(best_device()))


def test_what_runs_is_given_tensors_on_its_device_and_gives_them_where_the_inputs_were(tmp_path: Path) -> None:
    model = TwoPathways()
    artifact = Eager().export(model, clips_for(model, 1), tmp_path / "artifact")
    given: list[str] = []

    def runner(args: tuple[Any, ...]) -> torch.Tensor:
        given.extend(leaf.device.type for leaf in leaves(args))
        return torch.zeros(2, 3)

    outputs = LoadedModel(artifact, runner, torch.device("meta"))(clips_for(model, 2))

    assert ["meta", "meta"] == given
    assert "cpu" == outputs.device.type


@on_a_gpu
@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("kind", [OnePathway, TwoPathways])
def test_on_a_gpu_inputs_may_be_anywhere_and_outputs_are_where_they_were(
    name: str, precision: str, kind: type[torch.nn.Module], tmp_path: Path
) -> None:
    model = kind()
    backend = ptv_registry.build(name, kind="backend", device="cuda")
    artifact = backend.export(model, clips_for(model, 1), tmp_path / "artifact", precision, tolerance=0.05)
    loaded = ptv_deploy.load(artifact.folder, trust=True)
    clips = clips_for(model, 3)
    there = [clip.cuda() for clip in clips] if isinstance(clips, list) else clips.cuda()

    with torch.no_grad():
        wanted = model.eval()(clips)
    assert ["cpu"] == [leaf.device.type for leaf in leaves(loaded(clips))]
    assert ["cuda"] == [leaf.device.type for leaf in leaves(loaded(there))]
    assert ptv_deploy.compare([wanted], [loaded(clips)]).max_rel_diff < 0.05
    torch.testing.assert_close(loaded(clips), loaded(there).cpu())


@on_a_gpu
def test_a_model_on_a_gpu_is_exported_and_stays_there(tmp_path: Path) -> None:
    model = OnePathway().cuda()
    artifact = Eager().export(model, clips_for(model, 1).cuda(), tmp_path / "artifact")

    assert artifact.parity is not None
    assert all(parameter.is_cuda for parameter in model.parameters())


@on_a_gpu
def test_the_benchmark_runs_on_a_gpu_when_there_is_one() -> None:
    options = ["--backend", "eager,openvino", "--clips", "1", "--rounds", "1", "--json"]
    done = command_line.run(["ptv", "bench", "x3d_xs", *options])

    assert 0 == done.returncode, done.stderr
    assert ["cuda", "cuda", "cuda", "cpu"] == [row["device"] for row in json.loads(done.stdout)]
