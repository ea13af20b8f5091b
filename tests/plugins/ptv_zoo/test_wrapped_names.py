"""Prefixes that wrappers leave in names are found from the names."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ptv_zoo import load_weights
from ptv_zoo.errors import WeightsMismatchError


def net():
    return nn.Sequential(nn.Conv3d(3, 2, 1), nn.Sequential(nn.BatchNorm3d(2)))


def saved(tmp_path, state):
    torch.save(state, tmp_path / "weights.pth")
    return tmp_path / "weights.pth"


@pytest.mark.parametrize(
    "prefix",
    [
        "_orig_mod.",
        "module._orig_mod.",
        "model._orig_mod.",
        "net.",
        "backbone.",
        "encoder.",
        "_forward_module.model.",
        "a.b.c.",
    ],
)
def test_one_prefix_that_makes_all_names_fit_is_taken_off_and_said(tmp_path, prefix):
    source, model = net(), net()
    path = saved(tmp_path, {prefix + name: tensor for name, tensor in source.state_dict().items()})

    loaded = load_weights(model, path)

    assert (prefix,) == loaded.taken_off
    assert all(torch.equal(tensor, source.state_dict()[name]) for name, tensor in model.state_dict().items())


def test_what_a_compiled_part_leaves_inside_the_names_is_taken_off(tmp_path):
    source, model = net(), net()
    source[1] = torch.compile(source[1])
    state = {f"model.{name}": tensor for name, tensor in source.state_dict().items()}
    assert "model.1._orig_mod.0.weight" in state

    loaded = load_weights(model, saved(tmp_path, state))

    assert ("model.", "_orig_mod.") == loaded.taken_off
    assert torch.equal(source.state_dict()["0.weight"], model.state_dict()["0.weight"])


def test_a_model_and_its_average_in_one_file_are_refused(tmp_path):
    state = {prefix + name: tensor for prefix in ("online.", "target.") for name, tensor in net().state_dict().items()}

    with pytest.raises(WeightsMismatchError, match=r"several times, below 'online\.', 'target\.'"):
        load_weights(net(), saved(tmp_path, state))


def test_what_stands_beside_the_prefix_is_still_refused(tmp_path):
    state = {f"net.{name}": tensor for name, tensor in net().state_dict().items()} | {"other": torch.zeros(1)}

    with pytest.raises(WeightsMismatchError, match=r"'net\.' taken off"):
        load_weights(net(), saved(tmp_path, state))
