"""Schedules, against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from ptv_registry.errors import ArgumentError
from ptv_train.run.parts import part


def _factors(spec: str, steps: int, epochs: int = 1) -> list[float]:
    """The learning rate of each step, of an optimizer whose own is 1."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = part("schedule", spec).build(optimizer=optimizer, steps=steps, epochs=epochs)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("constant", [1, 1, 1, 1, 1, 1, 1, 1]),
        ("constant(warmup=0.5)", [0.25, 0.5, 0.75, 1, 1, 1, 1, 1]),
        ("linear(warmup=0)", [1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8]),
        ("linear(warmup=0.5, final=0.2)", [0.25, 0.5, 0.75, 1, 1, 0.8, 0.6, 0.4]),
        ("step(every=1)", [1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001]),
        ("step(every=1.5, factor=0.5, warmup=0.25)", [0.5, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]),
        ("multistep(milestones=[1, 3], factor=0.5)", [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]),
        ("multistep(milestones=[2.5], warmup=0.25)", [0.5, 1, 1, 1, 1, 0.1, 0.1, 0.1]),
    ],
)
def test_factors_of_eight_steps_in_four_epochs(spec: str, expected: list[float]) -> None:
    assert expected == pytest.approx(_factors(spec, 8, epochs=4))


def test_cosine_falls_from_one_to_its_final_factor() -> None:
    half = math.sqrt(0.5)  # of the cosine at an eighth of its period

    assert [0.5, 1, 1, (1 + half) / 2, 0.5, (1 - half) / 2] == pytest.approx(_factors("cosine(warmup=0.34)", 6))
    assert [1, 0.25 + 0.75 * (1 + half) / 2, 0.625, 0.25 + 0.75 * (1 - half) / 2] == pytest.approx(
        _factors("cosine(warmup=0, final=0.25)", 4)
    )


def test_groups_with_rates_of_their_own_keep_their_ratio() -> None:
    groups = [{"params": [nn.Parameter(torch.zeros(1))], "lr": lr} for lr in (1.0, 0.1)]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    part("schedule", "linear(warmup=0.5)").build(optimizer=optimizer, steps=4)

    assert [0.5, 0.05] == [group["lr"] for group in optimizer.param_groups]


@pytest.mark.parametrize(
    "spec",
    [
        "cosine(warmup=1.0)",
        "cosine(warmup=-0.1)",
        "linear(final=1.0)",
        "step(every=0)",
        "step(factor=-1)",
        "multistep(milestones=[2, 1])",
        "multistep",
    ],
)
def test_arguments_out_of_range_are_refused(spec: str) -> None:
    with pytest.raises(ArgumentError):
        _factors(spec, 4)
