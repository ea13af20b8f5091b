"""The conformance suite of backends: what kind ``backend`` guarantees, checked with small models and real artifacts.

``pytest --ptv-dist NAME`` runs it for a distribution that provides backends (install ``ptv-deploy[testing]``).
"""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import ptv_deploy
import ptv_registry
from ptv_deploy import (
    Artifact,
    ArtifactError,
    ArtifactExistsError,
    InputMismatchError,
    UnsupportedError,
    UntrustedArtifactError,
)
from ptv_deploy.testing_models import OnePathway, TwoPathways, Untraceable, clips_for
from ptv_registry.errors import ArgumentError

_LARGEST_DIFFERENCE = {"fp32": 1e-4, "bf16": 0.05, "int8": 0.2}
_FRESH = """
import sys, torch, ptv_deploy
loaded = ptv_deploy.load(sys.argv[1], trust=True)
outputs = [loaded(clips) for clips in torch.load(sys.argv[2])]
foreign = [name for name in sys.modules if name in sys.argv[4:]]
if foreign:
    sys.exit(f"imported {foreign}")
torch.save(outputs, sys.argv[3])
"""


def pytest_generate_tests(metafunc: Any) -> None:
    """One test per backend of the distributions that are asked for, else of all that are installed."""
    if "ptv_backend" not in metafunc.fixturenames:
        return
    asked = metafunc.config.getoption("--ptv-dist", default=[])
    found = [c for c in ptv_registry.components("backend") if not asked or c.dist in asked]
    specs = [ptv_registry.Spec(c.name, {}, "backend", c.dist) for c in found]
    metafunc.parametrize("ptv_backend", specs, ids=[spec.name for spec in specs], scope="session")


@pytest.fixture(scope="session")
def backend(ptv_backend: ptv_registry.Spec) -> Any:
    """The backend."""
    return ptv_registry.build(ptv_backend)


@pytest.fixture(scope="session")
def exported(
    backend: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[type[nn.Module], str], tuple[nn.Module, Path]]:
    """A model and its artifact, made once per precision."""
    made: dict[tuple[type[nn.Module], str], tuple[nn.Module, Path]] = {}

    def export(kind: type[nn.Module], precision: str) -> tuple[nn.Module, Path]:
        if (kind, precision) not in made:
            model = kind().train()
            before = copy.deepcopy(model.state_dict())
            if reason := backend.describe()["missing"].get(precision):
                pytest.skip(reason)
            path = tmp_path_factory.mktemp(backend.name) / "artifact"
            calibration = [clips_for(model, 1, seed) for seed in range(1, 9)] if precision == "int8" else None
            backend.export(model, clips_for(model, 1), path, precision, calibration, compare_on=[clips_for(model, 3)])
            # What is true of every export is checked here, as some take long.
            assert model.training
            assert all(parameter.requires_grad for parameter in model.parameters())
            assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
            if reason := backend.cannot_run():
                artifact = Artifact.read(path)
                assert (None, reason) == (artifact.parity, artifact.settings["not_compared"])
                with pytest.raises(UnsupportedError, match=re.escape(reason)):
                    backend.load(path, trust=True)
            made[kind, precision] = model.eval(), path
        return made[kind, precision]

    return export


@pytest.fixture
def runnable(backend: Any) -> Any:
    """The backend, if this machine can run what it writes."""
    if reason := backend.cannot_run():
        pytest.skip(reason)
    return backend


def _difference(model: nn.Module, clips: Any, given: torch.Tensor) -> float:
    with torch.no_grad():
        return ptv_deploy.compare([model(clips)], [given]).max_rel_diff


def test_it_describes_itself(backend: Any, ptv_backend: ptv_registry.Spec) -> None:
    facts = backend.describe()

    assert ptv_backend.name == facts["name"]
    assert facts["summary"].strip()
    assert set(facts["precisions"]) <= {"fp32", "bf16", "int8"}
    assert all(facts["versions"].values())


def test_it_says_whether_its_artifacts_are_code_which_is_loaded_only_when_asked(runnable: Any, exported: Any) -> None:
    _, path = exported(OnePathway, "fp32")

    assert runnable.describe()["artifacts"] in ("data", "code")
    if runnable.artifacts == "code":
        with pytest.raises(UntrustedArtifactError, match="--trust"):
            runnable.load(path)
    else:
        assert runnable.load(path) is not None


def test_it_supports_a_plain_model(backend: Any) -> None:
    model = OnePathway()
    support = backend.supports(model, example_inputs=clips_for(model, 1))

    assert support.ok, support.reason


def test_what_it_does_not_support_has_a_reason(backend: Any, tmp_path: Path) -> None:
    model = Untraceable()
    support = backend.supports(model, example_inputs=clips_for(model, 1))
    if support.ok:
        pytest.skip("it does even this")

    assert support.reason
    with pytest.raises(UnsupportedError):
        backend.export(model, clips_for(model, 1), tmp_path / "artifact")
    assert [] == list(tmp_path.iterdir())


def test_a_precision_that_it_lacks_is_refused_with_those_that_it_has(backend: Any) -> None:
    for precision in {"fp32", "bf16", "int8"} - set(backend.precisions):
        assert backend.precisions[0] in backend.supports(OnePathway(), precision=precision).reason
    with pytest.raises(ArgumentError, match="fp64"):
        backend.supports(OnePathway(), precision="fp64")


@pytest.mark.parametrize("kind", [OnePathway, TwoPathways])
def test_outputs_are_those_of_the_model_for_any_batch_size(runnable: Any, exported: Any, kind: type[nn.Module]) -> None:
    model, path = exported(kind, "fp32")
    loaded = runnable.load(path, trust=True)
    for batch in (1, 3):
        clips = clips_for(model, batch, seed=batch)
        given = loaded(clips)

        assert (torch.float32, (batch, 5)) == (given.dtype, tuple(given.shape))
        assert _difference(model, clips, given) <= _LARGEST_DIFFERENCE["fp32"]


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_a_lower_precision_is_near(runnable: Any, exported: Any, precision: str) -> None:
    if precision not in runnable.precisions:
        pytest.skip(f"it does not do {precision}")
    model, path = exported(OnePathway, precision)
    clips = clips_for(model, 2, seed=20)
    difference = _difference(model, clips, runnable.load(path, trust=True)(clips))

    assert 0 < difference <= _LARGEST_DIFFERENCE[precision]


def test_the_record_says_what_the_artifact_is(backend: Any, exported: Any) -> None:
    _, path = exported(OnePathway, "fp32")
    artifact = Artifact.read(path)

    assert (backend.name, "fp32") == (artifact.backend["name"], artifact.precision)
    assert [[1, 3, 4, 16, 16]] == artifact.signature.input_shapes
    assert artifact.files
    if not backend.cannot_run():
        assert artifact.parity is not None
        assert artifact.parity.clips == 4
        assert artifact.parity.max_rel_diff <= _LARGEST_DIFFERENCE["fp32"]


@pytest.mark.usefixtures("runnable")
def test_a_moved_artifact_runs_in_a_fresh_process_without_the_model(exported: Any, tmp_path: Path) -> None:
    model, path = exported(TwoPathways, "fp32")
    moved = tmp_path / "elsewhere" / "moved"
    shutil.copytree(path, moved)
    clips = clips_for(model, 3, seed=30)
    torch.save([clips], tmp_path / "clips.pt")
    words = [sys.executable, "-c", _FRESH, moved, tmp_path / "clips.pt", tmp_path / "outputs.pt"]
    done = subprocess.run(
        [*map(str, words), "ptv_deploy.testing_models"], capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stderr
    assert _difference(model, clips, torch.load(tmp_path / "outputs.pt")[0]) <= _LARGEST_DIFFERENCE["fp32"]


def test_a_damaged_artifact_is_an_error_that_names_the_file(backend: Any, exported: Any, tmp_path: Path) -> None:
    _, path = exported(OnePathway, "fp32")
    for name in [*Artifact.read(path).files, "artifact.json"]:
        for damage in (_flip, _cut, Path.unlink):
            shutil.rmtree(tmp_path / "damaged", ignore_errors=True)
            shutil.copytree(path, tmp_path / "damaged")
            damage(tmp_path / "damaged" / name)

            with pytest.raises(ArtifactError) as caught:
                backend.load(tmp_path / "damaged", trust=True)
            assert name == caught.value.fields["file"]
            assert name in str(caught.value)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] if path.suffix != ".json" else path.read_bytes()[:-10])


def test_other_inputs_than_those_of_the_export_are_refused(runnable: Any, exported: Any) -> None:
    model, path = exported(OnePathway, "fp32")
    loaded = runnable.load(path, trust=True)
    clips = clips_for(model, 2)
    for wrong in (clips[:, :, :2], clips[0], clips.double(), [clips], clips[:0]):
        with pytest.raises(InputMismatchError):
            loaded(wrong)


def test_nothing_is_overwritten_unasked(backend: Any, exported: Any) -> None:
    model, path = exported(OnePathway, "fp32")
    with pytest.raises(ArtifactExistsError):
        backend.export(model, clips_for(model, 1), path)
