"""What is frozen does not learn, and its norms do not go on either."""

from __future__ import annotations

import pytest
import torch

import ptv_registry
from ptv_registry.errors import ArgumentError
from ptv_train.run.parts import part
from ptv_train.training.classification import Classification
from ptv_train.training.freezing import freeze
from ptv_train.training.learner import Learner

RESNET = "resnet(model_depth=18, stem_dim_out=4, model_num_class=3, head_pool=adaptive_avg)"


def test_only_the_head_learns_on_a_frozen_backbone():
    model = ptv_registry.build(RESNET)
    freeze(model, "backbone")

    assert {"blocks.5.proj.weight", "blocks.5.proj.bias"} == {
        name for name, parameter in model.named_parameters() if parameter.requires_grad
    }


def test_the_norms_of_a_frozen_backbone_stay_as_they_are():
    model = ptv_registry.build(RESNET)
    at_rest = freeze(model, "backbone")
    parts = part("optimizer", "adamw"), part("schedule", "cosine")
    module = Learner(model, Classification(("a", "b", "c")), *parts, at_rest=at_rest)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    module.train()
    module(torch.rand(2, 3, 4, 32, 32)).sum().backward()

    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert model.blocks[5].training


def test_a_pattern_freezes_the_parameters_that_it_names():
    model = ptv_registry.build(RESNET)
    freeze(model, "blocks.[0-2].*")

    assert {"3", "4", "5"} == {n.split(".")[1] for n, p in model.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("what", ["nothing.*", "*"])
def test_a_pattern_that_means_none_or_all_is_refused(what):
    with pytest.raises(ArgumentError, match="parameter"):
        freeze(ptv_registry.build(RESNET), what)


def test_a_model_that_does_not_name_its_head_needs_a_pattern():
    with pytest.raises(ArgumentError, match="head_path"):
        freeze(torch.nn.Linear(2, 2), "backbone")
