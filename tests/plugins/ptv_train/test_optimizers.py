"""Optimizers: which parameter learns how fast, and decays how much."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import ptv_registry
from ptv_registry.errors import ArgumentError, PtvError
from ptv_train.components.parameter_groups import layers_of, parameter_groups
from ptv_train.run.parts import part
from ptv_train.training.classification import Classification
from ptv_train.training.learner import Learner

RESNET = "resnet(model_depth=18, stem_dim_out=4, model_num_class=3, head_pool=adaptive_avg)"
MVIT = "mvit(spatial_size=32, temporal_size=4, depth=3, patch_embed_dim=8, num_heads=1, head_num_classes=3)"


def _optimizer(model: nn.Module, spec: str) -> torch.optim.Optimizer:
    optimizer: torch.optim.Optimizer = part("optimizer", spec).build(params=parameter_groups(model), model=model)
    return optimizer


def _rates(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, float]:
    of = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    return {name: of[id(parameter)] for name, parameter in model.named_parameters()}


def test_layer_decay_of_a_resnet_goes_from_the_head_to_the_stem() -> None:
    model = ptv_registry.build(RESNET)
    rates = _rates(model, _optimizer(model, "adamw(lr=0.8, layer_decay=0.5)"))

    assert {"0": 0.025, "1": 0.05, "2": 0.1, "3": 0.2, "4": 0.4, "5": 0.8} == {
        name.split(".")[1]: pytest.approx(rate) for name, rate in rates.items()
    }


def test_layer_decay_of_a_transformer_counts_its_blocks_between_embedding_and_head() -> None:
    model = ptv_registry.build(MVIT)
    rates = _rates(model, _optimizer(model, "sgd(lr=1.0, layer_decay=0.5)"))
    by_part: dict[str, set[float]] = {}
    for name, rate in rates.items():
        part_of = ".".join(name.split(".")[:2]) if name.startswith("blocks.") else name.split(".")[0]
        by_part.setdefault(part_of, set()).add(rate)

    assert {
        "patch_embed": {0.0625},
        "cls_positional_encoding": {0.0625},
        "blocks.0": {0.125},
        "blocks.1": {0.25},
        "blocks.2": {0.5},
        "norm_embed": {1.0},
        "head": {1.0},
    } == by_part


def test_the_layers_of_a_model_without_a_list_are_its_parts() -> None:
    class Mine(nn.Module):
        head_path = "top"

        def __init__(self) -> None:
            super().__init__()
            self.top = nn.Linear(2, 2)
            self.first = nn.Linear(2, 2)
            self.second = nn.Linear(2, 2)

    layers = layers_of(Mine())

    assert layers["first.weight"] < layers["second.weight"] <= layers["top.weight"]


def test_layer_decay_finds_the_layers_below_a_wrapper() -> None:
    wrapped = nn.Module()
    wrapped.inner = nn.Module()
    wrapped.inner.blocks = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))

    assert {0, 1} == set(layers_of(wrapped).values())


def test_a_model_of_one_layer_has_no_layer_decay() -> None:
    with pytest.raises(ArgumentError, match="one layer"):
        _optimizer(nn.Linear(2, 2), "adamw(layer_decay=0.5)")


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
def test_norms_and_biases_do_not_decay(name: str) -> None:
    model = nn.Sequential(nn.Conv3d(3, 4, 1), nn.BatchNorm3d(4), nn.Linear(4, 2))
    optimizer = _optimizer(model, f"{name}(weight_decay=0.5, layer_decay=0.5)")
    decay = {id(p): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}

    assert {"0.weight": 0.5, "0.bias": 0, "1.weight": 0, "1.bias": 0, "2.weight": 0.5, "2.bias": 0} == {
        name: decay[id(p)] for name, p in model.named_parameters()
    }


def test_sgd_has_nesterov_momentum_as_documented() -> None:
    weight = nn.Parameter(torch.tensor([[1.0]]))
    optimizer = part("optimizer", "sgd(lr=0.1, momentum=0.5, weight_decay=0.0)").build(params=[{"params": [weight]}])
    for _ in range(2):
        weight.grad = torch.tensor([[1.0]])
        optimizer.step()

    # buffer 1, then 1.5; steps of gradient + 0.5 * buffer: 1.5 and 1.75.
    assert 1 - 0.1 * (1.5 + 1.75) == pytest.approx(weight.item())


@pytest.mark.parametrize(
    "spec",
    [
        "adamw(lr=0)",
        "adamw(lr=-1.0)",
        "adamw(weight_decay=-0.1)",
        "adamw(layer_decay=0)",
        "adamw(layer_decay=1.5)",
        "adam(betas=[0.9, 1.0])",
        "adam(betas=[0.9])",
        "sgd(momentum=1.0)",
        "sgd(momentun=0.9)",
        "nonsense",
    ],
)
def test_arguments_out_of_range_are_refused(spec: str) -> None:
    with pytest.raises(PtvError):
        _optimizer(ptv_registry.build(RESNET), spec)


@pytest.fixture
def strangers() -> Any:
    """Names that a test gives in this process are forgotten after it."""
    registry = ptv_registry.default_registry()
    before = dict(registry._local)
    yield ptv_registry.register
    registry._local.clear()
    registry._local.update(before)


def test_a_strangers_optimizer_may_be_torchs_own_class(strangers: Any) -> None:
    strangers("optimizer", "adagrad")(torch.optim.Adagrad)
    learner = Learner(
        ptv_registry.build(RESNET),
        Classification(("a", "b", "c")),
        part("optimizer", "adagrad(lr=0.3)", weight_decay=0.2),
        part("schedule", "constant"),
    )
    optimizer, _ = learner._optimizer_for(10)

    assert type(optimizer) is torch.optim.Adagrad
    assert [(0.3, 0.2), (0.3, 0.0)] == [(group["lr"], group["weight_decay"]) for group in optimizer.param_groups]


def test_what_torch_refuses_is_one_line_that_names_the_optimizer(strangers: Any) -> None:
    strangers("optimizer", "adagrad")(torch.optim.Adagrad)
    with pytest.raises(PtvError, match="optimizer:adagrad of this process: ValueError: Invalid learning rate"):
        _optimizer(nn.Linear(2, 2), "adagrad(lr=-1.0)")
