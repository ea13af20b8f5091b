"""int8 of a model that one layer spoils: the layer is found, is not quantised, and is named."""

from __future__ import annotations

import copy
from pathlib import Path

import openvino as ov
import pytest
import torch
from torch import nn

import ptv_registry
from ptv_deploy import About, Artifact
from ptv_openvino import OpenVINO
from ptv_openvino.core import has_bf16
from ptv_openvino.layers import quantised_layers
from ptv_openvino.quantization import Int8Warning
from ptv_registry.errors import ArgumentError

CLASSES = 5
COLOURS = torch.randn(CLASSES, 3, 1, 1, 1, generator=torch.Generator().manual_seed(0))


class OneHugeFeature(nn.Module):
    """Tells colours apart. The head sees 8 features that decide, and one of 10,000 times their size that does not.

    One scale for all nine leaves the 8 nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.features = nn.Sequential(
            nn.Conv3d(3, 8, 3, padding=1), nn.BatchNorm3d(8), nn.ReLU(), nn.AdaptiveAvgPool3d(1), nn.Flatten()
        )
        self.widen = nn.Linear(8, 9)
        self.head = nn.Linear(9, CLASSES)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(self.widen(self.features(clips)))
        return scores


@pytest.fixture(scope="module")
def model() -> nn.Module:
    """It has learned: the head is the least-squares solution."""
    made = OneHugeFeature().eval()
    with torch.no_grad():
        made.features[0].weight.mul_(3)
        made.widen.weight[:8] = torch.eye(8)
        made.widen.weight[8] = 1e4
        made.widen.bias.zero_()
        features = made.widen(made.features(torch.cat(clips(200, seed=9))))[:, :8]
        wanted = nn.functional.one_hot(torch.tensor(labels(200)), CLASSES).float()
        solution = torch.linalg.lstsq(torch.cat([features, torch.ones(200, 1)], 1), wanted).solution
        made.head.weight[:, :8], made.head.bias[:] = solution[:8].T, solution[8]
        made.head.weight[:, 8] = 1e-6
    return made


def labels(count: int) -> list[int]:
    return [number % CLASSES for number in range(count)]


def clips(count: int, seed: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [COLOURS[label][None] + 0.1 * torch.randn(1, 3, 4, 8, 8, generator=generator) for label in labels(count)]


def export(model: nn.Module, path: Path, backend: OpenVINO, **options: object) -> Artifact:
    calibration = clips(32, seed=1)
    return backend.export(model, calibration[0], path, "int8", calibration, compare_on=clips(40, seed=2), **options)


def int8_layers(artifact: Artifact) -> set[str]:
    return set(quantised_layers(ov.Core().read_model(artifact.folder / "model.xml"))) & {"features.0", "widen", "head"}


def test_the_layer_that_costs_decisions_is_not_quantised_and_is_named(model: nn.Module, tmp_path: Path) -> None:
    spoiled = export(model, tmp_path / "spoiled", OpenVINO(agreement=0))
    kept = export(model, tmp_path / "kept", OpenVINO())

    assert spoiled.parity.top1_agreement < 0.8
    assert [] == spoiled.not_quantised
    assert {"features.0", "widen", "head"} == int8_layers(spoiled)
    assert kept.parity.top1_agreement >= 0.97
    assert ["head"] == kept.not_quantised
    assert {"features.0", "widen"} == int8_layers(kept)
    assert kept.settings["control"]["agreement"] >= 0.98


class TwoOfThem(nn.Module):
    """Neither can be quantised, one after the other."""

    def __init__(self, one: nn.Module) -> None:
        super().__init__()
        self.one, self.other = one, copy.deepcopy(one)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.one(clips) + self.other(clips.flip(2))
        return scores


def test_too_few_tries_are_said(model: nn.Module, tmp_path: Path) -> None:
    with pytest.warns(Int8Warning, match=r"after 1 tries at .*, where agreement=0.98 was asked for"):
        artifact = export(TwoOfThem(model), tmp_path / "once", OpenVINO(tries=1, weight_bits=8))

    assert artifact.settings["control"]["agreement"] < 0.98


class Offset(nn.Module):
    """A difference of colours on top of a thousand, which bf16 rounds away; what is left of it decides."""

    def __init__(self, one: nn.Module) -> None:
        super().__init__()
        self.lift = nn.Conv3d(3, 3, 1, groups=3)
        nn.init.ones_(self.lift.weight)
        nn.init.constant_(self.lift.bias, 1000)
        self.features, self.head = copy.deepcopy(one.features), copy.deepcopy(one.head)

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        lifted = self.lift(clips)
        features = self.features(lifted - lifted.mean((1, 2, 3, 4), keepdim=True))
        scores: torch.Tensor = nn.functional.linear(features, self.head.weight[:, :8], self.head.bias)
        return scores


def test_the_rest_is_calculated_in_bf16_unless_that_costs_decisions(model: nn.Module, tmp_path: Path) -> None:
    """On a processor with bf16; without it there is nothing to choose."""
    unspoiled = export(model, tmp_path / "unspoiled", OpenVINO(keep=["head"]))
    offset = export(Offset(model), tmp_path / "offset", OpenVINO())

    assert ("bf16" if has_bf16() else "fp32") == unspoiled.settings["rest"]
    assert "fp32" == offset.settings["rest"]
    assert [] == offset.not_quantised
    assert offset.settings["control"]["agreement"] >= 0.98
    if has_bf16():
        forced = export(Offset(model), tmp_path / "forced", OpenVINO(rest="bf16", agreement=0))
        assert forced.parity.top1_agreement < 0.9


class OfAllKinds(nn.Module):
    """A residual block of a dense and a depthwise convolution; attention over what it found."""

    def __init__(self) -> None:
        super().__init__()
        self.dense, self.depthwise = nn.Conv3d(3, 8, 1), nn.Conv3d(8, 8, 3, padding=1, groups=8)
        self.project, self.norm, self.query, self.head = (
            nn.Conv3d(8, 3, 1),
            nn.LayerNorm(3),
            nn.Linear(3, 3),
            nn.Linear(3, 5),
        )

    def forward(self, clips: torch.Tensor) -> torch.Tensor:
        found = clips + self.project(nn.functional.silu(self.depthwise(self.dense(clips).relu())))
        tokens = self.norm(found.flatten(2).transpose(1, 2))
        weights = (self.query(tokens) @ tokens.transpose(1, 2)).softmax(-1)
        scores: torch.Tensor = self.head((tokens + weights @ tokens).mean(1))
        return scores


def test_only_what_gains_from_8_bits_is_quantised(tmp_path: Path) -> None:
    inputs = torch.randn(1, 3, 4, 8, 8)
    OpenVINO(agreement=0).export(OfAllKinds().eval(), inputs, tmp_path / "artifact", "int8", [inputs])
    graph = ov.Core().read_model(tmp_path / "artifact" / "model.xml")
    kinds = {node.get_friendly_name(): node.get_type_name() for node in graph.get_ordered_ops()}
    found = {name: kinds[name] for name in quantised_layers(graph)}

    sums = {name for name, kind in found.items() if kind == "Add"}
    assert {"dense", "project", "query", "head"} == set(found) - sums
    assert 1 == len(sums), "the one of the residual block, not the one of the attention"


def test_labels_make_it_mind_the_accuracy(model: nn.Module, tmp_path: Path) -> None:
    lenient = export(model, tmp_path / "lenient", OpenVINO(agreement=0.01))
    strict = export(model, tmp_path / "strict", OpenVINO(agreement=0.01), labels=labels(32))
    before, after = strict.settings["control"]["accuracy"]

    assert [] == lenient.not_quantised
    assert ["head"] == strict.not_quantised
    assert 1.0 == before
    assert after >= 0.99


def test_nothing_is_looked_for_in_random_weights(model: nn.Module, tmp_path: Path) -> None:
    artifact = export(model, tmp_path / "random", OpenVINO(), about=About(weights="random"))

    assert [] == artifact.not_quantised
    assert "control" not in artifact.settings


def test_modules_can_be_kept_by_name(model: nn.Module, tmp_path: Path) -> None:
    backend = ptv_registry.build("openvino(keep=['features', head], agreement=0)", kind="backend")
    artifact = export(model, tmp_path / "kept", backend)

    assert ["features.0", "head"] == artifact.not_quantised
    assert {"widen"} == int8_layers(artifact)


def test_a_name_that_means_no_layer_is_an_error_with_those_that_do(model: nn.Module, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"'haed'.*head"):
        export(model, tmp_path / "none", OpenVINO(keep=["haed"]))


def test_as_many_labels_as_clips_are_needed(model: nn.Module, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="3 labels for 32"):
        export(model, tmp_path / "none", OpenVINO(), labels=[0, 1, 2])


@pytest.mark.parametrize("arguments", [{"agreement": 1.5}, {"tries": 0}])
def test_shares_and_counts_are_checked(arguments: dict[str, float]) -> None:
    with pytest.raises(ArgumentError):
        OpenVINO(**arguments)
