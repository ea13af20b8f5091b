"""Published implementations as data: weights from parameter names, inputs from labels, and the outputs they must give.

Two implementations with the same parameter names hold the same weights after :func:`fill_`, so their outputs can be
compared without sharing code or checkpoints.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ptv_cards.published_weights import published_models

DATA = Path(__file__).parent / "reference_data"
DETECTION_BOXES = torch.tensor([[0.0, 10, 20, 120, 220], [0, 64, 64, 192, 192]])


def record(collection: str, name: str) -> dict[str, Any]:
    """The reference of one model; ``collection`` is ``zoo`` or ``vmz``."""
    return json.loads((DATA / collection / f"{name}.json").read_text())


def published(package: str) -> list[str]:
    """The published models of a family whose original is recorded here."""
    recorded = {file.stem for file in DATA.glob("*/*.json")}
    return [name for name in published_models(package) if name in recorded]


def tables() -> dict[str, list[dict[str, Any]]]:
    """Every row of the published tables, by table."""
    return json.loads((DATA / "tables.json").read_text())


def _rng(name: str) -> np.random.RandomState:
    return np.random.RandomState(zlib.crc32(name.encode()) & 0xFFFFFFFF)


def _values(name: str, tensor: torch.Tensor) -> np.ndarray:
    values = _rng(name).standard_normal(tensor.numel()).reshape(tuple(tensor.shape))
    leaf = name.rsplit(".", 1)[-1]
    if leaf == "running_var":
        return 1.0 + 0.25 * np.abs(values)
    if leaf == "running_mean":
        return 0.1 * values
    if tensor.ndim <= 1:
        return 1.0 + 0.1 * values if leaf == "weight" else 0.1 * values
    return values * (1.5 / max(1, tensor[0].numel())) ** 0.5


@torch.no_grad()
def fill_(model: nn.Module) -> nn.Module:
    """Fill every parameter and floating buffer of ``model`` from its name alone."""
    fill_tensors_(model.state_dict())
    return model


@torch.no_grad()
def fill_tensors_(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Fill tensors from their names alone."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point():
            tensor.copy_(torch.from_numpy(np.ascontiguousarray(_values(name, tensor))).to(tensor.dtype))
        else:
            tensor.zero_()
    return tensors


def clip(name: str, *shape: int) -> torch.Tensor:
    """A deterministic float32 input of the given shape, about standard normal."""
    return torch.from_numpy(_rng("input:" + name).standard_normal(shape).astype(np.float32))


def inputs(name: str, reference: dict[str, Any]) -> list[Any]:
    """The positional arguments that the reference outputs were made with."""
    clips = [clip(f"{name}/{i}", *shape) for i, shape in enumerate(reference["inputs"])]
    arguments: list[Any] = [clips[0] if len(clips) == 1 else clips]
    return [*arguments, DETECTION_BOXES] if name.endswith("_detection") else arguments


def assert_same_state_dict(model: nn.Module, reference: dict[str, Any]) -> None:
    """Names, shapes and order of the state dict are the published ones."""
    expected = [(name, tuple(shape)) for name, shape in reference["state_dict"].items()]
    actual = [(name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()]

    assert expected == actual


@torch.no_grad()
def assert_same_output(name: str, model: nn.Module, reference: dict[str, Any], tolerance: float = 1e-4) -> None:
    """The filled model gives the published output, within ``tolerance`` of the largest published value."""
    output = fill_(model).eval()(*inputs(name, reference))
    head = torch.tensor(reference["output_head"])
    flat = output.flatten()
    scale = max(head.abs().max().item(), flat.abs().max().item())

    assert tuple(reference["output_shape"]) == tuple(output.shape)
    assert (flat[: head.numel()] - head).abs().max().item() <= tolerance * scale
    assert abs(flat.sum().item() - reference["output_sum"]) <= tolerance * scale * flat.numel() ** 0.5 * 4
    assert abs(flat.square().sum().item() - reference["output_sqsum"]) <= 4 * tolerance * reference["output_sqsum"]
    assert reference["argmax"] == int(flat.argmax())
