"""Plans and locks of real models: a lock is that of the model as it is, or there is none."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

import ptv_registry as ptv
from ptv_registry.errors import ArgumentError, UnfreezableError

SPEC = "resnet(model_depth=18, stem_dim_out=4, head_pool_kernel_size=[1, 1, 1])"


def build() -> nn.Module:
    model: nn.Module = ptv.build(SPEC)
    return model


def another_head(model: nn.Module) -> nn.Module:
    head = model.get_submodule("blocks.5")
    head.proj = nn.Linear(head.proj.in_features, 7)  # type: ignore[arg-type, union-attr]
    return model


def another_norm(model: nn.Module) -> nn.Module:
    converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    return converted


def one_module_more(model: nn.Module) -> nn.Module:
    model.get_submodule("blocks.5").add_module("adapter", nn.Linear(2, 2))
    return model


def other_parameters(model: nn.Module) -> nn.Module:
    parametrizations.weight_norm(model.get_submodule("blocks.5.proj"))
    return model


@pytest.mark.parametrize(
    "through", [lambda model: model, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
@pytest.mark.parametrize("change", [another_head, another_norm, one_module_more, other_parameters])
def test_a_model_that_was_changed_has_no_lock(
    change: Callable[[nn.Module], nn.Module], through: Callable[[nn.Module], nn.Module]
) -> None:
    model = change(through(build()))

    with pytest.raises(UnfreezableError, match=r"changed after it was built.*blocks\.\d.*, and is "):
        ptv.freeze(model)


@pytest.mark.parametrize(
    "kept", [lambda m: m.half(), lambda m: m.eval().requires_grad_(False), torch.compile, copy.deepcopy]
)
def test_what_leaves_the_modules_alone_keeps_the_lock(kept: Callable[[nn.Module], nn.Module]) -> None:
    model = build()

    assert ptv.freeze(model) == ptv.freeze(kept(model))


def test_a_plan_that_is_built_twice_has_records_of_each() -> None:
    plan = ptv.resolve(SPEC)
    one, two = ptv.plan_of(ptv.build(plan)), ptv.plan_of(ptv.build(plan))

    assert one is not None
    assert two is not None
    assert plan is not one
    assert one is not two
    assert one.records is not two.records
    assert {} == plan.records
    assert ptv.plan_of(object()) is None


def test_a_build_option_is_shown_and_suggested() -> None:
    assert "weights" in ptv.describe("slowfast_r50").options
    with pytest.raises(ArgumentError, match=r"weigths.*Did you mean weights"):
        ptv.resolve("slowfast_r50", weigths="kinetics400")
